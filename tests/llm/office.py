"""A workspace whose items are labelled by a model on this machine: the real jobs, the real SDK, real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import aiohttp
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.llm import OpenAIModel
from bot.loops.jobs import JobRunner
from bot.loops.labels import Labels
from bot.metrics import Metrics
from bot.slack.client import make_client
from domain.llm.budget import LlmSet, LlmUse, load_use
from domain.themes import find_or_add_theme
from domain.voc.items import log_line
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_job_kinds
from storage import jobs
from storage.models import Job, Theme, VocItem, VocProposal
from tests.llm.server import ModelServer
from tests.progress import until
from tests.world import World

KEY = "sk-of-the-tests-0123456789"


@dataclass
class Office:
    """Ana and bo log; the model at `server` is asked. `tokens`: the month's budget; `seconds`: the model's patience."""

    world: World
    server: ModelServer
    clock: WallClock
    tandem: Tandem
    http: aiohttp.ClientSession
    metrics: Metrics = field(default_factory=Metrics)
    tokens: int = 2_000_000
    seconds: float = 30.0

    def theme(self, slug: str) -> int:
        return self.world.run(find_or_add_theme, self.world.workspace_id, slug, at=self.clock.now()).id

    def log(self, line: str, by: str = "ana", *, ago: timedelta = timedelta(hours=1)) -> int:
        """Log a line, some time ago; the item's id."""
        at = self.clock.now() - ago
        return self.world.run(log_line, line, by=self.world.member(by), at=at).item.id

    def item(self, item_id: int) -> VocItem:
        def read(session: Session) -> VocItem:
            return session.get_one(VocItem, item_id)

        return self.world.run(read)

    def proposals(self) -> dict[int, VocProposal]:
        """What is kept of what the model said, by item."""
        return self.world.run(
            lambda session: {one.item_id: one for one in session.scalars(select(VocProposal).order_by(VocProposal.id))}
        )

    def proposed(self) -> dict[int, str | None]:
        """By item the theme that is proposed, None for none."""
        themes = self.world.run(lambda session: {one.id: one.slug for one in session.scalars(select(Theme))})
        return {
            number: themes[one.theme_id] if one.theme_id is not None and one.state == "proposed" else None
            for number, one in self.proposals().items()
        }

    def use(self) -> LlmUse:
        return self.world.run(load_use, self.world.workspace_id, at=self.clock.now())

    def job_states(self) -> list[tuple[str, str | None]]:
        return self.world.run(
            lambda session: [(one.state, one.error) for one in session.scalars(select(Job).order_by(Job.id))]
        )

    @property
    def model(self) -> OpenAIModel:
        chosen = LlmSet("tiny", "127.0.0.1", self.tokens)
        return OpenAIModel(KEY, chosen, self.metrics, self.clock, address=self.server.url, seconds=self.seconds)

    async def look(self) -> None:
        """What the schedule does every minute."""
        await Labels(self.tandem).look()
        self.world.db.rouse(jobs.TOPIC)

    async def labelled(self) -> None:
        """Let what waits be labelled, to the end of its job."""
        async with self.running():
            await self.look()
            await self.done()

    async def done(self) -> None:
        """Wait until no job is open."""
        seen: list[Any] = []

        async def ended() -> bool:
            seen[:] = self.job_states()
            return not await self.world.db.read(jobs.open_jobs)

        await until(ended, lambda: (tuple(seen), len(self.server.asked)), what="the labelling", still=30, pause=0.01)

    async def put_off(self, reason: str) -> None:
        """Wait until the job waits for another try, for this reason."""
        seen: list[Any] = []

        async def waits() -> bool:
            seen[:] = self.job_states()
            return seen[-1:] == [("waiting", reason)]

        await until(waits, lambda: (tuple(seen), len(self.server.asked)), what=reason, still=30, pause=0.01)

    async def rested(self) -> None:
        """Wait until nothing is to be done at this moment."""
        seen: list[Any] = []

        def waiting(session: Session) -> bool:
            rows = session.scalars(select(Job).where(Job.due_at.is_not(None))).all()
            seen[:] = [(one.state, one.due_at, one.attempts) for one in rows]
            return all(one.state == "waiting" and one.due_at > self.clock.now() for one in rows if one.due_at)

        async def rests() -> bool:
            return await self.world.db.read(waiting)

        await until(rests, lambda: (tuple(seen), len(self.server.asked)), what="a rest", still=30, pause=0.01)

    async def later(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))
        self.world.db.rouse(jobs.TOPIC)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[JobRunner]:
        """A process that does jobs."""
        client = make_client("xoxb-1", "http://127.0.0.1:9/", self.http)
        model = self.model
        runner = JobRunner(
            self.tandem, all_job_kinds(), self.metrics, client_of=lambda _workspace: client, http=self.http, llm=model
        )
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            await runner.stop()
            await asyncio.wait_for(task, 60)
            await model.close()

    def with_budget(self, tokens: int) -> Office:
        """The same office with another budget."""
        return replace(self, tokens=tokens)
