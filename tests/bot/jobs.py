"""A runner of jobs, its one kind of job, and the step that a test gives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import aiohttp
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.loops.jobs import JobRunner
from bot.metrics import Metrics
from bot.slack.client import make_client
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.jobs import AnyKind, JobKind, RunningJob, Tools
from storage import jobs
from storage.models import AuditEvent, Job
from tests.progress import until
from tests.world import World


@dataclass(frozen=True)
class Errand:
    kind: ClassVar[str] = "errand"

    what: str = ""


@dataclass
class Bench:
    """A runner, and the step that the test gives it. `done`: what was recorded, in audit events."""

    world: World
    tandem: Tandem
    clock: WallClock
    metrics: Metrics
    http: aiohttp.ClientSession
    runner: JobRunner = field(init=False)
    steps: list[RunningJob[Errand]] = field(default_factory=list)
    do: Callable[[RunningJob[Errand]], Awaitable[str]] | None = None
    break_record: int = 0

    def kind(self, **more: Any) -> AnyKind:
        return JobKind(Errand, self.step, self.record, what="an errand", remedy="Look at the shop.", **more)

    def make_runner(self, **more: Any) -> JobRunner:
        kind = self.kind(**more)
        client = make_client("xoxb-1", "http://127.0.0.1:9/", self.http)
        return JobRunner(
            self.tandem, {kind.name: kind}, self.metrics, client_of=lambda _workspace: client, http=self.http, lease=45
        )

    async def step(self, job: RunningJob[Errand], _tools: Tools) -> str:
        self.steps.append(job)
        return await self.do(job) if self.do is not None else job.arguments.what

    def record(self, session: Session, job: RunningJob[Errand], result: str, at: datetime) -> None:
        if self.break_record:
            self.break_record -= 1
            raise OperationalError("COMMIT", None, _Full())
        session.add(
            AuditEvent(workspace_id=job.workspace_id, at=at, action="errand", subject=result, subject_id=job.id)
        )

    async def ask(self, what: str = "milk", **more: Any) -> int:
        at = self.clock.now()
        return await self.world.db.run(jobs.enqueue, self.world.workspace_id, Errand(what), at=at, **more)

    async def states(self) -> list[tuple[str, str | None]]:
        return await self.world.db.read(
            lambda session: [(one.state, one.error) for one in session.scalars(select(Job).order_by(Job.id))]
        )

    async def stands(self, *states: tuple[str, str | None]) -> None:
        """Wait until the jobs stand so."""
        seen: list[Any] = []

        async def stand() -> bool:
            seen[:] = await self.states()
            return seen == list(states)

        await until(stand, lambda: (tuple(seen), len(self.steps)), what=f"{states}", still=20, pause=0.01)

    async def tried(self, times: int, *states: tuple[str, str | None]) -> None:
        """Wait until so many steps were begun, and the jobs stand so."""
        await until(lambda: len(self.steps) == times, lambda: len(self.steps), what=f"{times} tries", pause=0.01)
        await self.stands(*states)

    async def recorded(self) -> list[str]:
        return await self.world.db.read(
            lambda session: list(
                session.scalars(select(AuditEvent.subject).where(AuditEvent.action == "errand").order_by(AuditEvent.id))
            )
        )

    async def later(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))
        self.world.db.rouse(jobs.TOPIC)

    @asynccontextmanager
    async def running(self, **more: Any) -> AsyncIterator[JobRunner]:
        runner = self.make_runner(**more)
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            await runner.stop()
            await asyncio.wait_for(task, 60)


class _Full(Exception):
    sqlite_errorname = "SQLITE_FULL"
    sqlstate = "53100"
