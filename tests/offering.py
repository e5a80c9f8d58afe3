"""Tandem offered to several workspaces, without any token: each installs it by clicking in the playground.

`Offer` is what tests hold: the playground with its workspaces, the program, a browser, and the clock they go by.
"""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from unittest.mock import patch

import httpx
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.installations.app import redirect_uri
from bot.program import Program
from bot.settings import Settings
from domain.wall import WallClock
from handlers import arrival
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from playground.client import Slack
from storage.database import Database
from storage.jobs import open_jobs
from storage.models import Delivery, Installation, Workspace
from tests.progress import until
from tests.running import ACK_WITHIN, ANSWER_WITHIN, KEY, TUESDAY_TEN

SECONDS = 10


@dataclass
class Offer:
    """Two workspaces: Northwind, which is `slack` itself, and `globex`, with ana its owner; the app is nowhere yet."""

    slack: Playground
    globex: Slack
    program: Program
    clock: WallClock
    browser: httpx.AsyncClient

    async def install(
        self, place: str, *, without: Collection[str] = (), by: str | None = None, link: str = "/slack/install"
    ) -> httpx.Response:
        """Click through: our page, its button, Slack's page, and back. `by`: the installer's Slack id."""
        return await install(self.browser, self.slack, place, without=without, by=by, link=link)

    async def later(self, **duration: float) -> None:
        """Move time on for Slack and for the program, and let the program look at what is due."""
        self.clock.advance(timedelta(**duration))
        self.slack.tick()
        await self.program.look_again()

    async def idle(self) -> None:
        """Wait until all that was to be said and done has been, in all workspaces that are not stopped."""
        left = 1, 1

        async def said() -> bool:
            nonlocal left
            left = await self.program.db.read(_waiting), await self.program.db.read(open_jobs)
            return not any(left)

        await until(said, lambda: left, what="an empty outbox and no job", still=30, pause=0.02)

    async def state(self, place: Slack | None = None) -> tuple[str, str]:
        """The states of the workspace (globex) and of its installation."""
        return await state_of(self.program.db, place or self.globex)

    async def becomes(self, *wanted: str, place: Slack | None = None) -> None:
        """Wait until the workspace (globex) and its installation are in those states."""
        await until_state(self.program.db, place or self.globex, *wanted)


def _waiting(session: Session) -> int:
    """How many messages wait that may go out."""
    waits = Delivery.state.in_(("pending", "sending")), Workspace.state == "active"
    asked = select(func.count()).select_from(Delivery).join(Workspace, Workspace.id == Delivery.workspace_id)
    return session.scalar(asked.where(*waits)) or 0


async def state_of(db: Database, place: Slack) -> tuple[str, str]:
    """The states of a workspace and of its installation."""
    asked = (
        select(Workspace.state, Installation.state)
        .join(Installation, Installation.id == Workspace.installation_id)
        .where(Workspace.slack_team_id == place.team_id)
    )
    workspace, installation = await db.read(lambda session: session.execute(asked).one())
    return workspace, installation


async def until_state(db: Database, place: Slack, *wanted: str) -> None:
    """Wait until a workspace and its installation are in those states."""
    seen: tuple[str, ...] = ()

    async def reached() -> bool:
        nonlocal seen
        seen = await state_of(db, place)
        return seen == wanted

    await until(reached, lambda: seen, what=" and ".join(wanted), still=SECONDS, pause=0.05)


async def install(
    browser: httpx.AsyncClient,
    slack: Playground,
    place: str,
    *,
    without: Collection[str] = (),
    by: str | None = None,
    link: str = "/slack/install",
) -> httpx.Response:
    """Click through: our page, its button, Slack's page, and back."""
    page = await browser.get(link)
    button = re.search(r'class="button" href="([^"]*)"', page.text)
    assert button is not None, page.text
    to_slack = await browser.get(unescape(button.group(1)))
    return await browser.get(slack.allow(to_slack.headers["location"], place, without=without, by=by))


def offered_manifest(public_url: str, *, rotating: bool = False) -> dict[str, Any]:
    """The manifest of the app as it is offered to several workspaces."""
    manifest = make_manifest(all_listeners(), public_url=public_url, redirect_url=redirect_uri(public_url))
    manifest["settings"]["token_rotation_enabled"] = rotating
    return manifest


def offered_settings(slack: Playground, database_url: str, public_url: str, **more: Any) -> Settings:
    """The settings of a Tandem that has no token and is offered to several workspaces."""
    app = slack.installation.app
    given: dict[str, Any] = {
        "slack_client_id": app.client_id,
        "slack_client_secret": SecretStr(app.client_secret),
        "slack_signing_secret": SecretStr(slack.signing_secret),
        "slack_api_url": slack.api_url,
        "database_url": database_url,
        "public_url": public_url,
        "port": int(public_url.rpartition(":")[2]),
        "tandem_secret_key": SecretStr(KEY),
    }
    return Settings(_env_file=None, **(given | more))


@asynccontextmanager
async def offered(database_url: str, *, rotating: bool = False, **settings: Any) -> AsyncIterator[Offer]:
    """Start the playground and a Tandem that nobody has installed; stop both at the end. `settings`: more of them."""
    clock = WallClock(TUESDAY_TEN)
    public_url = f"http://127.0.0.1:{free_port()}"
    async with Playground(
        offered_manifest(public_url, rotating=rotating),
        mode="http",
        now=lambda: clock.now().timestamp(),
        team_name="Northwind",
        installed=False,
    ) as slack:
        slack.answer_within, slack.settle, slack.patience = 2.5, 0.8, 15.0
        slack.delivery.ack_within = ACK_WITHIN
        globex = slack.add_workspace("Globex")
        globex.add_member("ana", real_name="Ana Ruiz", is_admin=True, is_primary_owner=True, tz="Europe/Madrid")
        made = offered_settings(slack, database_url, public_url, **settings)
        program = Program(made, clock=clock, pace=0, host="127.0.0.1")
        await program.start()
        slack.events_url = f"{public_url}/slack/events"
        try:
            async with httpx.AsyncClient(base_url=public_url) as browser:
                with patch.object(arrival, "ANSWER_WITHIN", ANSWER_WITHIN):
                    yield Offer(slack, globex, program, clock, browser)
        finally:
            await program.stop()


def free_port() -> int:
    """A port of this computer that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
