"""The one place that knows tokens: which workspaces are served, and who speaks for each.

SLACK_BOT_TOKEN is one fixed entry; installations by OAuth are rows (domain/installations.py). Whoever adds, changes or
removes a row wakes the topic INSTALLATIONS, and the registry of every process reads the rows anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.seal import BadKey, CannotUnseal, Sealer
from bot.slack.client import TOKEN_UNREADABLE, TokenOf, make_client
from domain.installations import INSTALLATIONS, Granted, Served, find_granted, find_served, meet_workspace
from domain.wall import WallClock
from storage.database import Database

log = structlog.get_logger()

COARSE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Installed:
    """A workspace that is served, and who speaks for it. `team_id` and `enterprise_id`: what Slack calls them.

    `scopes`: those that Slack granted. `client` asks for its token before each call, so it may be kept.
    `installation_id` None: SLACK_BOT_TOKEN speaks.
    """

    workspace_id: int
    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str
    scopes: frozenset[str]
    client: AsyncWebClient
    installation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """The token of an installation, unsealed. `expires_at` (aware UTC): when Slack will refuse it, None: never."""

    text: str
    expires_at: datetime | None


class Installations:
    """The registry of one process. Lookups cost nothing: the rows are read by `refresh`, not by them."""

    def __init__(
        self, db: Database, clock: WallClock, sealer: Sealer, *, api_url: str, session: aiohttp.ClientSession
    ) -> None:
        self.db = db
        self.clock = clock
        self.sealer = sealer
        self.api_url = api_url
        self.session = session
        self.fixed: Installed | None = None
        self.renew: Callable[[int], Awaitable[None]] | None = None
        """Called before each call of an installation whose token expires; it calls `refresh` once it renewed it."""
        self._by_workspace: dict[int, Installed] = {}
        self._by_team: dict[str, Installed] = {}
        self._orgs: dict[str, Granted] = {}
        self._granted: dict[int, Granted] = {}
        self._tokens: dict[str, str | None] = {}
        self._used: dict[int, str] = {}
        """By installation: the token that was asked for last, sealed."""
        self._watchers: list[Callable[[], None]] = []
        self._reading = asyncio.Lock()

    def of_team(self, team_id: str) -> Installed | None:
        """Who speaks for the workspace that Slack calls so; None: Tandem is not installed there."""
        return self._by_team.get(team_id)

    def of_workspace(self, workspace_id: int) -> Installed | None:
        """Who speaks for our workspace."""
        return self._by_workspace.get(workspace_id)

    def client_of(self, workspace_id: int) -> AsyncWebClient | None:
        """The client of our workspace, None when nobody speaks for it."""
        found = self._by_workspace.get(workspace_id)
        return found.client if found is not None else None

    async def speaks_anew(self, workspace_id: int) -> bool:
        """Whether another token speaks for the workspace than the one that was asked for last.

        Slack refuses a token that was replaced a moment ago, before this process has heard of the new one.
        """
        one = self._by_workspace.get(workspace_id)
        if one is None or one.installation_id is None:
            return False
        used = self._used.get(one.installation_id)
        await self.refresh()
        granted = self._granted.get(one.installation_id)
        return granted is not None and used is not None and granted.sealed_token != used

    def all(self) -> Sequence[Installed]:
        """Everything that is served, in the order in which it was met."""
        return tuple(self._by_workspace.values())

    def fixed_id(self) -> int | None:
        """The workspace that SLACK_BOT_TOKEN speaks for."""
        return self.fixed.workspace_id if self.fixed is not None else None

    async def meet(self, team_id: str, enterprise_id: str | None, seen: datetime | None = None) -> Installed | None:
        """`of_team`, after a look at the rows where none was known.

        A workspace of an organization that installed us as a whole becomes known by it.

        `seen` (aware UTC, by Slack's clock; None: now): when something came from there. None: Tandem is installed
        neither there nor in the organization, or the organization took the workspace from it later than that.
        """
        if team_id and self.of_team(team_id) is None:
            await self.refresh()  # another process may have stored it just now
        found = self.of_team(team_id)
        org = self._orgs.get(enterprise_id or "")
        if found is not None or org is None or not team_id:
            return found
        await self.db.run(meet_workspace, org.id, team_id, at=self.clock.now(), seen=seen)
        await self.refresh()
        return self.of_team(team_id)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` in the event loop whenever other workspaces are served than before."""
        self._watchers.append(changed)

    async def keep(self) -> None:
        """Read the rows anew whenever somebody changed them, and now and then; runs until cancelled."""
        woken = asyncio.Event()
        self.db.on_wake(INSTALLATIONS, woken.set)
        while True:
            try:
                async with asyncio.timeout(COARSE_SECONDS):
                    await woken.wait()
            except TimeoutError:
                pass
            woken.clear()
            try:
                await self.refresh()
            except Exception as error:
                log.warning("installations could not be read", error=type(error).__name__)

    async def refresh(self) -> None:
        """Read the rows. Clients stay the same while their workspace is served by the same installation."""
        async with self._reading:
            granted, served = await self.db.read(_read, self.fixed_id())
            before = self._by_workspace
            self._granted = {one.id: one for one in granted}
            self._orgs = {one.enterprise_id: one for one in granted if one.team_id is None and one.enterprise_id}
            self._tokens = self._unsealed(granted)
            found = (self._installed(one, before) for one in served)
            self._by_workspace = {one.workspace_id: one for one in found}
            self._by_team = {one.team_id: one for one in self._by_workspace.values()}
        if self._by_workspace.keys() != before.keys():
            log.info("workspaces served", count=len(self._by_workspace))
            for changed in self._watchers:
                changed()

    def _installed(self, one: Served, before: Mapping[int, Installed]) -> Installed:
        granted = self._granted.get(one.installation_id or 0)
        if granted is None:
            # Neither by OAuth nor removed: the query finds it only because SLACK_BOT_TOKEN speaks for it.
            assert self.fixed is not None
            return self.fixed
        known = before.get(one.workspace_id)
        same = known is not None and known.installation_id == granted.id
        return Installed(
            one.workspace_id,
            one.team_id,
            one.enterprise_id,
            granted.bot_user_id,
            granted.bot_id,
            granted.scopes,
            known.client if known is not None and same else self._client(granted, one.team_id),
            granted.id,
        )

    def _client(self, granted: Granted, team_id: str) -> AsyncWebClient:
        org = granted.team_id is None
        token_of = self._token_of(granted.id)
        return make_client(token_of, self.api_url, self.session, team_id=team_id if org else None)

    def token(self, installation_id: int) -> Token | None:
        """The token of an installation as it was read last; None when it was removed, or cannot be unsealed."""
        granted = self._granted.get(installation_id)
        text = self._tokens.get(granted.sealed_token) if granted is not None else None
        return Token(text, granted.expires_at) if granted is not None and text is not None else None

    def _token_of(self, installation_id: int) -> TokenOf:
        async def token_of() -> str:
            found = self.token(installation_id)
            if found is not None and found.expires_at is not None and self.renew is not None:
                await self.renew(installation_id)
                found = self.token(installation_id)
            if installation_id in self._granted:
                self._used[installation_id] = self._granted[installation_id].sealed_token
            if found is None:
                removed = installation_id not in self._granted
                error = "account_inactive" if removed else TOKEN_UNREADABLE
                raise SlackApiError(error, {"ok": False, "error": error})  # type: ignore[no-untyped-call]
            return found.text

        return token_of

    def _unsealed(self, granted: Sequence[Granted]) -> dict[str, str | None]:
        """The tokens, by their sealed texts; None for what the key does not unseal, which is said once."""
        found: dict[str, str | None] = {}
        for one in granted:
            if one.sealed_token in self._tokens:
                found[one.sealed_token] = self._tokens[one.sealed_token]
                continue
            try:
                found[one.sealed_token] = self.sealer.unseal(one.sealed_token)
            except (BadKey, CannotUnseal) as error:
                found[one.sealed_token] = None
                log.error("a token cannot be used", installation=one.id, team=one.team_id, reason=str(error))
        return found


def _read(session: Session, fixed: int | None) -> tuple[Sequence[Granted], Sequence[Served]]:
    return find_granted(session), find_served(session, fixed)
