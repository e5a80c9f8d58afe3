"""Workers for tests of one kind of job: they do what is due, and one of them may die in the middle of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.loops.jobs import JobRunner
from bot.metrics import Metrics
from bot.slack.client import make_client
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.jobs import AnyKind
from storage import crash
from tests.progress import until
from tests.world import World


class Killed(BaseException):
    """Stands for the end of a process: nobody catches it, so nothing is put back."""


class Workers:
    """Workers of one company, which know the jobs `kinds`."""

    kinds: Iterable[AnyKind] = ()
    world: World
    tandem: Tandem
    clock: WallClock
    http: aiohttp.ClientSession
    metrics: Metrics

    def do(self, use_case: Any, *args: Any, by: str = "ana", **more: Any) -> Any:
        """Somebody does something now."""
        self.world.now = self.clock.now()
        return self.world.run(use_case, *args, by=self.world.member(by), at=self.world.now, **more)

    def make_runner(self) -> JobRunner:
        """One of any number of workers."""
        client = make_client("xoxb-1", "http://127.0.0.1:9/", self.http)
        known = {kind.name: kind for kind in self.kinds}
        return JobRunner(
            self.tandem, known, self.metrics, client_of=lambda _workspace: client, http=self.http, lease=45
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[JobRunner]:
        """A worker does what is due."""
        runner = self.make_runner()
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            await runner.stop()
            await asyncio.wait_for(task, 60)

    @asynccontextmanager
    async def dying_at(
        self, point: str, monkeypatch: pytest.MonkeyPatch, progress: Callable[[], object]
    ) -> AsyncIterator[None]:
        """A worker begins, and is gone at this point of storage/crash.py, without a word to anybody."""
        died = asyncio.Event()

        def kill(name: str) -> None:
            if name == point and not died.is_set():
                died.set()
                raise Killed

        monkeypatch.setattr(crash, "hook", kill)
        task = asyncio.create_task(self.make_runner().run())
        yield
        await until(died.is_set, progress, what=point, pause=0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
