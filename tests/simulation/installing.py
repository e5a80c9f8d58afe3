"""Whoever installs Tandem in a workspace by clicking, removes it, and installs it again, in a history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from playground.client import Slack
from storage.models import Installation
from tests.chaos.installing import INSTALLED
from tests.chaos.records import Violation
from tests.chaos.tenant import let_token_end
from tests.running import KEY
from tests.simulation.choices import Choices
from tests.simulation.process import Births, Living
from tests.simulation.slack import MemorySlack
from tests.simulation.wire import Reply

GRACE: Final = 600.0
"""Seconds in which a refresh token answers again: a reply of Slack's may be lost."""
BREATH: Final = 2.0
MOST_TRIES: Final = 200
AWAY: Final = (5.0, 20.0, 60.0)


class Installer:
    """An admin of one workspace, with a browser."""

    def __init__(self, world: MemorySlack, slack: Slack, births: Births, choose: Choices) -> None:
        self.world = world
        self.slack = slack
        self.births = births
        self.choose = choose

    async def install(self) -> None:
        """Click through until the page says that Tandem is installed; whatever breaks off, the admin begins again."""
        for _ in range(MOST_TRIES):
            try:
                if await self._click():
                    break
            except ConnectionError:
                pass
            await asyncio.sleep(BREATH)
        else:
            raise AssertionError("nobody can install the app")
        self.slack.installation.app.tokens.grace = GRACE

    async def be_away(self) -> None:
        """Remove the app, of which Slack tells in one order or the other, and install it again a while later."""
        self.world.playground.grants.revoked_first = self.choose("what is told first", (False, True))
        self.world.away.add(self.slack.team_id)
        self.slack.uninstall_app()
        await asyncio.sleep(self.choose("how long it is away", AWAY))
        await self.install()
        self.world.away.discard(self.slack.team_id)

    def let_token_end(self, session: Session, at: datetime) -> None:
        """From now on the token must be renewed."""
        let_token_end(session, self.slack.team_id, at)

    def look(self, session: Session) -> Iterator[Violation]:
        """The pair of tokens that is kept is the one that Slack gave last: another serves for hours at the most.

        But for a pair that Slack made after the call for it was given up: nobody can know of that one.
        """
        if any("oauth.v2.access" in one.key and str(one.chosen).startswith("stored late") for one in self.choose.made):
            return
        row = session.scalars(
            select(Installation).where(Installation.team_id == self.slack.team_id, Installation.state == "active")
        ).one_or_none()
        if row is None or row.sealed_refresh_token is None:
            return
        given, unseal = self.slack.installation.app.tokens, Sealer(KEY).unseal
        if unseal(row.sealed_token) != given.current:
            yield Violation(
                "lost", f"the token that is kept of {self.slack.team_id} is not the one that Slack gave last"
            )
        if unseal(row.sealed_refresh_token) != given.refresh:
            yield Violation("lost", f"the refresh token that is kept of {self.slack.team_id} has served already")

    async def _click(self) -> bool:
        to_slack = await self.births.call(self._anybody(), "/slack/install?start=1", {}, method="GET")
        if not to_slack.location:
            return False
        back = urlsplit(self.world.playground.allow(to_slack.location, self.slack.team_id))
        page = await self._back(f"{back.path}?{back.query}", to_slack.cookie)
        return page.status == 200 and INSTALLED in page.body.decode()

    async def _back(self, address: str, cookie: str) -> Reply:
        return await self.births.call(self._anybody(), address, {"cookie": cookie}, method="GET")

    def _anybody(self) -> Living:
        living = self.births.living
        if not living:
            self.births.begin()
            raise ConnectionRefusedError
        return living[self.choose.stream("whom a browser reaches").randrange(len(living))]
