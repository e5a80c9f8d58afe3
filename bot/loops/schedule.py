"""What runs by the calendar: digests every minute's look, housekeeping, and a coarse rouse behind the wake-ups.

APScheduler keeps the time and never the memory: what is due stands in rows, so a missed minute costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.orm import Session

from bot.metrics import Metrics
from digests.editions import due_audiences, publish_if_due
from domain import refusals
from domain.folding import fold, workspaces_to_fold
from domain.keys import renew_keys
from domain.wall import local_time
from handlers.arrival import Tandem
from storage import inbox, jobs, outbox
from storage.crash import crash_point
from storage.trace import new_request_id, traced

log = structlog.get_logger()

INBOX_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=30)
FOLD_SECONDS = 2.0
FOLDED_AT_ONCE = 64  # items: what somebody waits for goes in between
JOBS_KEPT = timedelta(days=7)
DEAD_JOBS_KEPT = timedelta(days=90)
TIDIED_AT_ONCE = 1000  # rows: what somebody waits for goes in between


class Schedule:
    """The jobs of one worker process. Two workers may run them at once: each claims rows under lock."""

    def __init__(
        self,
        tandem: Tandem,
        metrics: Metrics,
        check_token: Callable[[], Awaitable[None]],
    ) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self._check_token = check_token
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, seconds: float, job: Callable[[], Awaitable[None]], name: str) -> None:
        """Run one more job, time and again."""
        self._scheduler.add_job(self._guard(job), "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Start all jobs in the running event loop."""
        add = self._scheduler.add_job
        add(self._guard(self.publish), "cron", second=0, id="editions")
        add(self._guard(self.publish), id="editions-at-start")
        add(self._guard(self.renew), id="keys-at-start")
        add(self._guard(self._rouse), "interval", seconds=15, id="rouse")
        self.every(FOLD_SECONDS, self.fold, "tallies")
        add(self._guard(self.tidy), "cron", hour=3, minute=17, id="tidy")
        add(self._guard(self._check_token), "interval", minutes=1, id="token")
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def look_anew(self) -> None:
        """This computer's clock was stepped: APScheduler goes by it, and would wait until time has caught up."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=local_time())

    async def publish(self) -> None:
        """Make the editions that are due, each in a transaction of its own: one that fails harms no others."""
        at = self.tandem.clock.now()
        for audience_id in await self.tandem.db.read(due_audiences, at=at):
            try:
                await self._publish(audience_id, at)
            except Exception:
                log.exception("an edition could not be made", audience=audience_id)

    async def _publish(self, audience_id: int, at: datetime) -> None:
        def publish(session: Session) -> list[int]:
            made = publish_if_due(session, audience_id, at=at)
            if made:
                crash_point("edition.before_commit")
            return made

        began = time.perf_counter()
        with traced(new_request_id("edition")):
            made = await self.tandem.db.run(publish)
            if made:
                crash_point("edition.committed")
                log.info("editions made", editions=made)
                self.metrics.editions.observe(time.perf_counter() - began)

    async def renew(self) -> None:
        """Make the keys of what an earlier release wrote, so that words compare as they do now."""
        while await self.tandem.db.run(renew_keys, limit=TIDIED_AT_ONCE):
            pass

    async def fold(self) -> None:
        """Count what was logged and changed, and take off what grew too old; each workspace in turn.

        One that fails harms no others.
        """
        at = self.tandem.clock.now()
        left = list(await self.tandem.db.read(workspaces_to_fold, at))
        while left:
            still = []
            for workspace_id in left:
                began = time.perf_counter()
                try:
                    count = await self.tandem.db.run(fold, workspace_id, at=at, limit=FOLDED_AT_ONCE)
                except Exception:
                    log.exception("items could not be counted", workspace=workspace_id)
                    continue
                if count >= FOLDED_AT_ONCE:
                    still.append(workspace_id)
                    await asyncio.sleep(time.perf_counter() - began)  # as long for everybody else
            left = still

    async def tidy(self) -> None:
        """Forget what no redelivery can ask for any more."""
        at = self.tandem.clock.now()
        await self.renew()
        while await self.tandem.db.run(inbox.forget_before, at - INBOX_KEPT, limit=TIDIED_AT_ONCE):
            pass
        while await self.tandem.db.run(outbox.forget_before, at - DELIVERIES_KEPT, limit=TIDIED_AT_ONCE):
            pass
        while await self.tandem.db.run(
            jobs.forget_jobs_before, at - JOBS_KEPT, at - DEAD_JOBS_KEPT, limit=TIDIED_AT_ONCE
        ):
            pass
        await self.tandem.db.run(refusals.forget_before, at - DELIVERIES_KEPT)

    async def _rouse(self) -> None:
        self.tandem.db.rouse("courier")
        self.tandem.db.rouse("ticker")
        self.tandem.db.rouse(jobs.TOPIC)

    def _guard(self, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        name = getattr(job, "__name__", "job")

        async def guarded() -> None:
            try:
                await job()
            except asyncio.CancelledError:
                log.debug("a scheduled job was broken off", job=name)  # APScheduler would call it an error
            except Exception:
                log.exception("a scheduled job failed", job=name)

        return guarded
