"""A courier between a real database and the playground, with a renderer that says what the test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.courier.courier import Courier
from bot.metrics import Metrics
from bot.slack.client import make_client
from domain.people import Profile, ensure_workspace, sync_members
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.manifest import make_manifest
from handlers.messages import Rendering, Subject
from playground import Playground
from storage import outbox
from storage.database import Database
from storage.models import Delivery, Workspace
from storage.outbox import Priority
from tests.bot.jobs import Bench
from tests.world import World

PATIENCE = 60.0
"""Seconds: far more than a busy machine needs, since only a test that fails waits so long."""


@dataclass
class Post:
    """A courier at work, and the words it will find for each subject."""

    db: Database
    slack: Playground
    clock: WallClock
    courier: Courier
    workspace_id: int
    client: AsyncWebClient
    words: dict[int, str | None] = field(default_factory=dict)

    async def card(self, subject: int, words: str | None, place: str = "#leads") -> None:
        """Queue a card of a subject, which then says `words` (None: nothing is left to say)."""
        self.words[subject] = words
        await self.db.run(outbox.put_card, self.workspace_id, "card", subject, self.place(place), at=self.clock.now())

    async def note(self, subject: int, words: str, place: str = "#leads", *, urgent: bool = False) -> None:
        """Queue a message that is posted once."""
        self.words[subject] = words
        priority = Priority.ALARM if urgent else Priority.DIGEST
        await self.db.run(
            outbox.put_notice,
            self.workspace_id,
            "note",
            subject,
            self.place(place),
            at=self.clock.now(),
            priority=priority,
        )

    def place(self, name: str) -> str:
        return self.slack.channel(name).id if name.startswith("#") else self.slack.member(name).id

    def say(self, _session: Session, subject: Subject) -> Rendering | None:
        words = self.words.get(subject.id)
        return Rendering(words) if words is not None else None

    async def states(self) -> list[tuple[str, str | None]]:
        """State and error of every delivery, oldest first."""
        return await self.db.read(
            lambda session: [(row.state, row.error) for row in session.scalars(select(Delivery).order_by(Delivery.id))]
        )

    async def tries(self) -> list[int]:
        """How often each delivery was tried, oldest first."""
        return await self.db.read(
            lambda session: list(session.scalars(select(Delivery.attempts).order_by(Delivery.id)))
        )

    async def idle(self) -> None:
        """Wait until nothing waits any more: the courier's own wake-up tells when to look."""
        async with asyncio.timeout(PATIENCE):
            while await self.db.read(outbox.waiting):
                await self._next_change()

    async def until(self, state: str, error: str) -> None:
        """Wait until the latest delivery stands so."""
        async with asyncio.timeout(PATIENCE):
            while (await self.states())[-1] != (state, error):
                await self._next_change()

    async def stopped(self) -> str:
        """Wait until the workspace is stopped; why it is."""
        async with asyncio.timeout(PATIENCE):
            while True:
                reason = await self.db.read(lambda session: session.scalars(select(Workspace.stopped_reason)).one())
                if reason is not None:
                    return reason
                await self._next_change()

    async def _next_change(self) -> None:
        """Until an API call is answered, or a moment has passed; the courier has had its turn in any case."""
        await asyncio.sleep(0)  # waiting for an event that is set already lets nobody else run
        try:
            async with asyncio.timeout(0.05):
                await self.courier._wake.wait()
        except TimeoutError:
            pass

    def texts(self, place: str = "#leads") -> list[str]:
        return [message.text for message in self.slack.channel(place).messages]


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    manifest: dict[str, Any] = make_manifest([])
    clock = WallClock()
    async with Playground(manifest, now=lambda: clock.now().timestamp()) as slack:
        slack.add_member("mia", is_admin=True, is_primary_owner=True)
        slack.add_member("ana")
        slack.add_channel("#leads", app=True)
        slack.add_channel("#other", app=True)
        slack.add_channel("#open")
        workspace_id = await db.run(ensure_workspace, slack.workspace.team_id, name="Test", at=clock.now())
        profiles = [
            Profile(slack.member(name).id, name, None, "UTC", name == "mia", False, True, False)
            for name in ("mia", "ana")
        ]
        await db.run(sync_members, workspace_id, profiles, clock.now())
        async with aiohttp.ClientSession() as session:
            client = make_client(slack.bot_token, slack.api_url, session)
            tandem = Tandem(db, clock)
            post = Post(
                db, slack, clock, Courier(tandem, lambda _: client, {}, Metrics(), pace=0), workspace_id, client
            )
            post.courier.renderers = {"card": post.say, "note": post.say, "delivery_failed": _failure}
            running = asyncio.create_task(post.courier.run())
            yield post
            await post.courier.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _failure(_session: Session, subject: Subject) -> Rendering:
    return Rendering(f"failed: {subject.data['error']}")


@pytest.fixture
async def bench(world: World) -> AsyncIterator[Bench]:
    clock = WallClock(world.now)
    async with aiohttp.ClientSession() as http:
        yield Bench(world, Tandem(world.db, clock), clock, Metrics(), http)
