"""What runs by itself, in one process: courier, ticker, jobs, calendar, and who is in each workspace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from bot.courier.courier import Courier
from bot.llm import make_llm
from bot.loops.audit import AUDIT_SECONDS, Audit
from bot.loops.clock import Timekeeper, go_on, take_up
from bot.loops.erasure import ERASURE_SECONDS, Erasure
from bot.loops.jobs import JobRunner
from bot.loops.labels import LABELS_SECONDS, Labels
from bot.loops.members import MembersKeeper
from bot.loops.schedule import Schedule
from bot.loops.ticker import Ticker
from bot.loops.tokens import TokenChecks
from bot.process import Process
from bot.web.watching import stalled
from domain.installations import stop_unserved
from handlers.catalog import all_job_kinds

log = structlog.get_logger()

FIRST_MEMBERS_SECONDS = 5.0


class Worker:
    """The loops of one process, for all workspaces that it serves. `pace`: seconds between two posts in a channel."""

    def __init__(self, process: Process, timekeeper: Timekeeper, *, pace: float) -> None:
        self.process = process
        settings, tandem, metrics = process.settings, process.tandem, process.metrics
        self.lease = timedelta(seconds=settings.tandem_lease_seconds)
        client_of = process.installations.client_of
        self.courier = Courier(
            tandem,
            client_of,
            tandem.renderers,
            metrics,
            pace=pace,
            limits=settings.tandem_slack_limits if pace else 0.0,
            lease=settings.tandem_lease_seconds,
            speaks_anew=process.installations.speaks_anew,
        )
        self.ticker = Ticker(tandem, metrics, self.courier)
        self.llm = make_llm(settings, metrics, tandem.clock)
        self.jobs = JobRunner(
            tandem,
            all_job_kinds(),
            metrics,
            client_of=client_of,
            http=process.http,
            lease=settings.tandem_lease_seconds,
            llm=self.llm,
        )
        self.tokens = TokenChecks(tandem, process.installations)
        self.schedule = Schedule(tandem, metrics, self.tokens.look)
        self.audit = Audit(tandem, metrics)
        self.schedule.every(AUDIT_SECONDS, self.audit.look, "audit")
        if self.llm is not None:
            self.schedule.every(LABELS_SECONDS, Labels(tandem).look, "labels")
        if (days := process.settings.tandem_erase_after_days) is not None:
            erasure = Erasure(tandem, timedelta(days=days), process.installations.fixed_id)
            self.schedule.every(ERASURE_SECONDS, erasure.look, "erasure")
        self.members = MembersKeeper(tandem, process.installations)
        self.timekeeper = timekeeper
        self._tasks: list[asyncio.Task[Any]] = []
        self._scheduled = False

    async def meet_members(self, new: int | None) -> None:
        """Begin to keep the members of every workspace. For a `new` one's list a moment is waited: who clicks first is
        known then; but nothing else waits for a list of thousands."""
        self.members.follow()
        if new is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.members.first_read(new), FIRST_MEMBERS_SECONDS)

    async def start(self) -> None:
        """Take up what was left, and start all loops."""
        tandem, installations = self.process.tandem, self.process.installations
        for workspace_id in await tandem.db.run(stop_unserved, installations.fixed_id()):
            log.warning("a workspace is stopped: nobody speaks for it", workspace=workspace_id)
        await tandem.db.run(take_up, tandem.clock.now, self.lease, alone=tandem.db.is_sqlite)
        self.timekeeper.put_back = partial(go_on, tandem, self.courier.lease)
        self.timekeeper.moved = self.schedule.look_anew
        for work in (self.courier.run(), self.ticker.run(), self.jobs.run()):
            self._spawn(work)
        self.schedule.start()
        self._scheduled = True

    async def stop(self, within: float) -> None:
        """Take nothing more, and finish within so many seconds what is on its way."""
        self._stop_schedule()
        await self.ticker.stop()
        await asyncio.gather(self.courier.stop(within), self.jobs.stop(within))
        await self.abandon()

    async def abandon(self) -> None:
        """Break everything off."""
        self._stop_schedule()
        await self.members.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.llm is not None:
            await self.llm.close()

    def problems(self) -> dict[str, str]:
        """What keeps the loops from doing their work."""
        found = {"loops": "a loop has ended"} if any(task.done() for task in self._tasks) else {}
        if self._tasks:
            found |= stalled({"ticker": self.ticker, "courier": self.courier, "jobs": self.jobs})
        return found

    def _stop_schedule(self) -> None:
        if self._scheduled:
            self.schedule.stop()
            self._scheduled = False

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.append(asyncio.create_task(work))
