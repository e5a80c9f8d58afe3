"""Where something comes from: of a payload's many team ids, the one in which the app is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slack_sdk.web.async_client import AsyncWebClient


@dataclass(frozen=True, slots=True)
class Origin:
    """The workspace whose installation Slack means, "" when it names none, and its organization.

    `org_wide`: Slack says that the whole organization installed the app, so each of its workspaces is ours.
    """

    team_id: str
    enterprise_id: str | None
    org_wide: bool


class Speaker(Protocol):
    """Who speaks for an installed workspace."""

    @property
    def bot_user_id(self) -> str: ...

    @property
    def client(self) -> AsyncWebClient: ...


class Speakers(Protocol):
    """Which workspaces are served, and who speaks for each (bot/installations/registry.py)."""

    def of_team(self, team_id: str) -> Speaker | None:
        """None: Tandem is not installed there, as far as is known."""

    async def meet(self, team_id: str, enterprise_id: str | None) -> Speaker | None:
        """The same, once a workspace of an organization that is installed as a whole was met."""


def origin_of(body: Mapping[str, Any]) -> Origin:
    """Where a payload comes from.

    An event of a shared channel names the team in which it happened, and, first among its authorizations, the one whose
    installation sees it. A form that was opened in a shared channel names the latter as `app_installed_team_id`. For an
    app that an organization installed, clicks may have no `team`: then the person's own is meant.
    """
    seen_by = next(iter(body.get("authorizations") or ()), None) or {}
    team, user, view = body.get("team") or {}, body.get("user") or {}, body.get("view") or {}
    team_id = (
        view.get("app_installed_team_id")
        or seen_by.get("team_id")
        or body.get("team_id")
        or team.get("id")
        or user.get("team_id")
        or view.get("team_id")
    )
    org = seen_by or body
    enterprise = body.get("enterprise") or {}
    enterprise_id = org.get("enterprise_id") or enterprise.get("id") or team.get("enterprise_id")
    org_wide = str(org.get("is_enterprise_install")).lower() == "true"
    return Origin(str(team_id or ""), str(enterprise_id) if enterprise_id else None, org_wide)
