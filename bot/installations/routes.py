"""`GET /slack/install` and `GET /slack/oauth_redirect`: an admin installs Tandem in a workspace by clicking.

The page that begins stores nothing. Its button makes a state, binds it to the browser by a cookie, and leads to Slack.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.installations import pages
from bot.installations.app import OAuthApp
from bot.installations.exchange import BadGrant, exchange
from bot.installations.registry import Installations
from bot.slack.client import Meaning, sort_error
from domain.installing import GOOD_FOR, Return, begin_installing, come_back, finish_installing
from domain.text import shorten
from handlers.arrival import Tandem
from handlers.intake.allowance import Allowance
from handlers.scopes import OPTIONAL_NAMES, OPTIONAL_SCOPES, OptionalScope, required_scopes
from storage.crash import crash_point
from storage.trace import note

log = structlog.get_logger()

BEGUN_PER_MINUTE: Final = 120
BEGUN_AT_ONCE: Final = 60
EVERYBODY: Final = 0
OUR_MISTAKES: Final = ("bad_redirect_uri", "bad_client_secret", "invalid_client_id", "oauth_authorization_url_mismatch")
Endpoint = Callable[[Request], Awaitable[Response]]
_TEAM: Final = re.compile(r"[TE][A-Z0-9]{2,20}")
_COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class UnknownScope(Exception):
    """Somebody asks for an optional scope that there is not."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for: optional scopes (all, where nothing is said), and which workspace to propose."""

    optional: tuple[OptionalScope, ...]
    team: str | None

    @property
    def query(self) -> dict[str, str]:
        asked = {} if len(self.optional) == len(OPTIONAL_SCOPES) else {"optional": ",".join(self.names)}
        return asked | ({"team": self.team} if self.team else {})

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.optional]


class Installing:
    """The two routes. Tokens are sealed before they reach the database."""

    def __init__(self, app: OAuthApp, tandem: Tandem, installations: Installations) -> None:
        self.app = app
        self.tandem = tandem
        self.installations = installations
        # A name that begins so is refused by browsers unless it came from this very host, over https.
        self.cookie = "__Host-tandem-install" if app.is_https else "tandem-install"
        self._begun = Allowance(BEGUN_PER_MINUTE, BEGUN_AT_ONCE)

    def routes(self) -> list[Route]:
        return [
            Route("/slack/install", self._answered(self.install), methods=["GET"]),
            Route("/slack/oauth_redirect", self._answered(self.return_from_slack), methods=["GET"]),
        ]

    def _answered(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, with a page for when the database cannot be asked."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except DBAPIError:
                log.exception("an installation could not go on")
                sentence = (
                    "Tandem cannot reach its memory. Please begin again in a minute; installing twice does no harm."
                )
                return pages.trouble_page("Tandem was not installed", sentence, self.app.install_url(), 503)

        return answer

    async def install(self, request: Request) -> Response:
        """A page with one button; with `start` what the button does, which is also Slack's “direct install URL”."""
        try:
            wish = _wish(request)
        except UnknownScope as unknown:
            sentence = (
                f"Tandem has no optional scope called “{unknown}”. There are: {', '.join(sorted(OPTIONAL_NAMES))}."
            )
            return pages.trouble_page("This link is not right", sentence, self.app.install_url(), 400)
        if "start" not in request.query_params:
            # By the name that Slack leads back to: the cookie is of that host, by whatever name this page was opened.
            href = f"{self.app.install_url()}?{urlencode({**wish.query, 'start': '1'})}"
            return pages.install_page(href, wish.optional)
        if self._begun.seconds_to_wait(EVERYBODY):
            again = self.app.install_url(wish.team)
            return pages.trouble_page("Too many at once", "Please try again in a minute.", again, 429)
        browser = self._browser(request) or secrets.token_urlsafe(32)
        state = await self.tandem.db.run(begin_installing, browser, at=self.tandem.clock.now())
        scopes = sorted(required_scopes(self.tandem.listeners) | set(wish.names))
        answer = RedirectResponse(
            self.app.consent_url(state, ",".join(scopes), wish.team), status_code=302, headers=pages.HEADERS
        )
        answer.set_cookie(
            self.cookie,
            browser,
            max_age=int(GOOD_FOR.total_seconds()),
            path="/",
            secure=self.app.is_https,
            httponly=True,
            samesite="lax",
        )
        return answer

    async def return_from_slack(self, request: Request) -> Response:
        """Somebody comes back from Slack's page: with a code, or with the reason why there is none."""
        asked = request.query_params
        how = await self.tandem.db.run(
            come_back, asked.get("state", ""), self._browser(request) or "", at=self.tandem.clock.now()
        )
        again = self.app.install_url()
        if how is not Return.GOOD:
            note(outcome="refused", reason=how)
            return pages.came_back_page(how, again)
        error, code = asked.get("error"), asked.get("code")
        if error == "access_denied":
            note(outcome="refused", reason=error)
            return pages.refused_page(again)
        if error or not code:
            said = shorten(error or "no code", 60)
            note(outcome="refused", reason=said)
            return pages.trouble_page("Tandem was not installed", f"Slack says: {said}.", again, 400)
        return await self._exchange(code, again)

    async def _exchange(self, code: str, again: str) -> Response:
        try:
            seal, at = self.installations.sealer.seal, self.tandem.clock.now()
            done = await exchange(self.app, self.installations.session, code, seal=seal, at=at)
        except BadGrant:
            log.error("Slack's answer to a code lacks a bot token, a bot user or a workspace")
            return pages.trouble_page(
                "Tandem was not installed",
                "Slack’s answer was incomplete, so nothing was kept. Please begin again.",
                again,
                502,
            )
        except (SlackApiError, aiohttp.ClientError, OSError, TimeoutError) as error:
            return self._not_exchanged(error, again)
        crash_point("oauth.exchanged")
        number = await self.tandem.db.run(finish_installing, done.grant, done.teams, at=self.tandem.clock.now())
        await self.installations.refresh()  # whoever reads the page may type a command at once
        is_org = done.grant.team_id is None
        log.info("installed", installation=number, team=done.grant.team_id, enterprise=done.grant.enterprise_id)
        opened = self.app.open_url(done.grant.app_id, done.grant.team_id)
        return pages.done_page(done.name, opened, is_org=is_org)

    def _not_exchanged(self, error: Exception, again: str) -> Response:
        outcome = sort_error(error)
        note(outcome="refused", reason=outcome.name)
        log.warning("a code was not exchanged", error=outcome.name)
        if outcome.meaning in (Meaning.LIMITED, Meaning.TRANSIENT, Meaning.UNSURE):
            sentence = "Slack did not answer in time. Nothing was installed that you could lose."
            return pages.trouble_page("Slack does not answer", sentence, again, 503)
        if outcome.name in OUR_MISTAKES:
            sentence = (
                f"Slack says {outcome.name}: whoever runs Tandem has to correct its client id, secret or PUBLIC_URL."
            )
            return pages.trouble_page("Tandem was not installed", sentence, again, 502)
        sentence = f"Slack does not take this code any more ({outcome.name})."
        return pages.trouble_page("Tandem was not installed", sentence, again, 400)

    def _browser(self, request: Request) -> str | None:
        """The cookie that we gave this browser; several tabs share it."""
        found = request.cookies.get(self.cookie, "")
        return found if _COOKIE.fullmatch(found) else None


def _wish(request: Request) -> Wish:
    """What the address asks for. Raises UnknownScope."""
    team = request.query_params.get("team", "")
    given = request.query_params.get("optional")
    if given is None:
        return Wish(OPTIONAL_SCOPES, team if _TEAM.fullmatch(team) else None)
    named = {one.strip() for one in given.split(",") if one.strip()}
    if strange := named - OPTIONAL_NAMES:
        raise UnknownScope(shorten(min(strange), 60))
    return Wish(tuple(one for one in OPTIONAL_SCOPES if one.name in named), team if _TEAM.fullmatch(team) else None)
