"""What Slack is asked while Tandem is installed: the token for a code, who we are there, which workspaces there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.installations.answers import lifetime_in, name_of, texts_in, token_in
from bot.installations.app import OAuthApp
from bot.slack.client import make_client, sort_error
from domain.installations import Grant
from domain.installing import Team

log = structlog.get_logger()

MOST_PAGES: Final = 100


class BadGrant(Exception):
    """Slack's answer to a code lacks what an installation is made of."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What came of a code. `teams`: the workspaces that it speaks for; `name`: of the workspace or organization."""

    grant: Grant
    teams: list[Team]
    name: str


async def exchange(
    app: OAuthApp, http: aiohttp.ClientSession, code: str, *, seal: Callable[[str], str], at: datetime
) -> Exchanged:
    """The token for a code of Slack's consent page, sealed, with what belongs to it; `at`: now (aware UTC).

    Raises what the Web API client raises when Slack refuses the code or does not answer, and BadGrant.
    """
    anonymous = make_client("", app.api_url, http)
    answer: Any = (
        await anonymous.oauth_v2_access(
            client_id=app.client_id, client_secret=app.client_secret, code=code, redirect_uri=app.redirect_uri
        )
    ).data
    token, bot_user_id = token_in(answer, "access_token"), name_of(answer.get("bot_user_id"))
    team, enterprise = texts_in(answer.get("team")), texts_in(answer.get("enterprise"))
    org = bool(answer.get("is_enterprise_install"))
    team_id = None if org else team.get("id")
    if not token or not bot_user_id or not (team_id or (org and enterprise.get("id"))):
        raise BadGrant
    client = make_client(token, app.api_url, http)
    refresh = token_in(answer, "refresh_token")
    grant = Grant(
        app_id=name_of(answer.get("app_id")),
        bot_user_id=bot_user_id,
        scopes=frozenset(one.strip() for one in str(answer.get("scope") or "").split(",") if one.strip()),
        sealed_token=seal(token),
        team_id=team_id,
        team_name=team.get("name", ""),
        enterprise_id=enterprise.get("id"),
        bot_id=await _bot_id(client),
        sealed_refresh_token=seal(refresh) if refresh else None,
        expires_at=at + lifetime_in(answer) if refresh else None,
        installed_by=texts_in(answer.get("authed_user")).get("id", ""),
    )
    teams = [] if team_id else await _teams(client)
    return Exchanged(grant, teams, enterprise.get("name", "") if org else team.get("name", ""))


async def _bot_id(client: AsyncWebClient) -> str:
    """Who we are as an author of messages; the exchange does not tell. Nothing depends on it that could not wait."""
    try:
        return str((await client.auth_test()).get("bot_id") or "")
    except Exception as error:
        log.warning("Slack did not say who the new bot is", error=sort_error(error).name)
        return ""


async def _teams(client: AsyncWebClient) -> list[Team]:
    """The workspaces of an organization in which the app is. Those not named here are met when Slack names them."""
    found: list[Team] = []
    cursor: str | None = None
    try:
        for _ in range(MOST_PAGES):
            page = await client.auth_teams_list(limit=100, cursor=cursor)
            named = [texts_in(one) for one in page.get("teams") or ()]
            found += [Team(one["id"], one.get("name", "")) for one in named if one.get("id")]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
    except Exception as error:
        log.warning("the organization's workspaces could not be listed", error=sort_error(error).name)
    return found
