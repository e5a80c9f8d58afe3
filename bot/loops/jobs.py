"""Does the jobs: takes them under a lease, runs each one's step outside any transaction, and records what came of it.

The rows are the memory. A step may be done twice, after a crash; its record counts once, since the fence is checked in
the same transaction.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.loops.turns import Places, Turns
from bot.metrics import Metrics
from bot.slack.client import Meaning, sort_error
from domain.dead_jobs import bury_job
from handlers.arrival import Tandem
from handlers.jobs import AnyKind, Impossible, Retry, RunningJob, Tools, open_secret
from handlers.llm import Llm
from storage import jobs
from storage.crash import crash_point
from storage.database import trouble_of
from storage.jobs import HeldJob, Queue, Unreadable
from storage.trace import traced

log = structlog.get_logger()

LEASE_SECONDS: Final = 45.0
COARSE_SECONDS: Final = 5.0
BREATH_SECONDS: Final = 0.01
RENEWED_IN_A_LEASE: Final = 3
LOST_TRIES: Final = 5
"""A job of which so many processes were never heard again has ended them: it ends dead."""
LOST: Final = "its process ended, or stood still, while it was done"
RECORD_TRIES: Final = 5
RECORD_PAUSE: Final = 1.0
GIVE_UP_AFTER: Final = timedelta(hours=24)
"""How long whoever is asked may go on asking for patience."""
TOKEN_PAUSE: Final = timedelta(minutes=1)


@dataclass(slots=True)
class _Run:
    """A job that is being done. Its lease is renewed until `deadline` (loop time), in case its step never ends, and
    while nothing is being recorded."""

    held: HeldJob
    deadline: float
    task: asyncio.Task[None] | None = None
    recording: bool = False
    taken_over: bool = False


@dataclass(slots=True)
class _Taken:
    """What one transaction took. `buried`: jobs that ended dead there; `due`: when the next is due; `again`: now."""

    held: list[HeldJob] = field(default_factory=list)
    buried: list[HeldJob] = field(default_factory=list)
    due: datetime | None = None
    again: bool = False


class JobRunner:
    """One of any number of runners on the same jobs.

    `kinds`: those that this process knows, by name; others are left to whoever knows them. `client_of`: the Web API
    client of a workspace, None for one that this process does not serve. `lease`: seconds for which a job is held;
    what a dead process held waits so long. `llm`: a language model, if there is one.
    """

    def __init__(
        self,
        tandem: Tandem,
        kinds: Mapping[str, AnyKind],
        metrics: Metrics,
        *,
        client_of: Callable[[int], AsyncWebClient | None],
        http: aiohttp.ClientSession,
        lease: float = LEASE_SECONDS,
        places: Places | None = None,
        llm: Llm | None = None,
    ) -> None:
        self.tandem = tandem
        self.kinds = kinds
        self.metrics = metrics
        self.client_of = client_of
        self.http = http
        self.llm = llm
        self.lease = timedelta(seconds=lease)
        self.turns = Turns(places or Places())
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.looked_at = time.monotonic()  # when the jobs were last read, for whoever watches
        self._wake = asyncio.Event()
        # By job and fence: the next try may begin before the task of this one has ended.
        self._runs: dict[tuple[int, int], _Run] = {}
        self._running: asyncio.Task[Any] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Do jobs until `stop`. A database that fails for a while is tried again."""
        self._running = asyncio.current_task()
        self.tandem.db.on_wake(jobs.TOPIC, self._wake.set)
        renewing = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    taken = await self._take()
                except Exception:
                    log.exception("jobs could not be read")
                    await asyncio.sleep(1)
                    continue
                self.looked_at = time.monotonic()
                await self._rest(taken)
            while self._runs:
                await asyncio.wait([run.task for run in self._runs.values() if run.task is not None])
        finally:
            renewing.cancel()

    async def stop(self, within: float = 10.0) -> None:
        """Take nothing more. What is under way goes back at once, to be done by whoever is there next."""
        self._stopping = True
        self._wake.set()
        try:
            async with asyncio.timeout(within):
                await asyncio.sleep(0)  # what was just taken has begun: a task that never began gives nothing back
                for run in list(self._runs.values()):
                    if run.task is not None and not run.recording:
                        run.task.cancel()
                if self._running is not None:
                    await asyncio.wait({self._running})
        except TimeoutError:
            log.warning(
                "jobs that do not end are left to their leases", jobs=sorted(job_id for job_id, _ in self._runs)
            )

    # Taking.

    async def _take(self) -> _Taken:
        at = self.tandem.clock.now()
        taken = await self.tandem.db.run(self._hold, at)
        for held in taken.buried:
            self._count(held, "dead")
            log.error("job dead: its process ended or stood still time and again", kind=held.kind, job=held.id)
        if taken.held:
            crash_point("jobs.claimed")
        for held in taken.held:
            if self._stopping:
                await self._give_back(held)
                continue
            self.turns.occupy(held)
            patience = self.kinds[held.kind].patience + self.lease
            run = _Run(held, asyncio.get_running_loop().time() + patience.total_seconds())
            self._runs[held.id, held.fence] = run
            with traced(held.request_id):
                run.task = asyncio.create_task(self._do(run))
        return taken

    def _hold(self, session: Session, at: datetime) -> _Taken:
        taken = _Taken()
        awaited = {name: kind.awaited for name, kind in self.kinds.items()}
        queues = [one for one in jobs.open_queues(session, self.kinds) if self._serves(one)]
        due = [one for one in queues if one.due_at <= at]

        def take(queue: Queue) -> HeldJob | None:
            hold = partial(jobs.hold_job, session, holder=self.holder, at=at, lease=self.lease)
            while (held := hold(queue.kind, queue.workspace_id)) is not None:
                if held.lost >= LOST_TRIES:
                    self._bury(session, held, LOST, at)
                    taken.buried.append(held)
                elif held.just_lost and held.lost > 1:
                    # One that ends its process takes others with it. Apart from them, it is found out.
                    jobs.put_back(session, held, due_at=at + backoff(held.lost), error=LOST, tried=False)
                else:
                    return held
            return None

        taken.held = self.turns.deal(due, awaited, take)
        if taken.held:
            crash_point("jobs.claim.before_commit")
        taken.due = min((one.due_at for one in queues if one.due_at > at), default=None)
        # Due, and with a place free, but in other hands for a moment; or more of the same queue is due.
        taken.again = any(self.turns.has_room(one, awaited=awaited[one.kind]) for one in due)
        return taken

    def _serves(self, queue: Queue) -> bool:
        usable = not queue.stopped or self.kinds[queue.kind].without_token
        return usable and self.client_of(queue.workspace_id) is not None

    async def _rest(self, taken: _Taken) -> None:
        """Until something is due or wakes us; the end of a job does, as its place is free then."""
        seconds = COARSE_SECONDS
        if taken.due is not None:
            seconds = max(0.0, min(seconds, (taken.due - self.tandem.clock.now()).total_seconds()))
        if taken.again:
            seconds = BREATH_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    # Doing: the step, then its record.

    async def _do(self, run: _Run) -> None:
        held, kind = run.held, self.kinds[run.held.kind]
        began = time.perf_counter()
        try:
            await self._step(run, kind)
        except asyncio.CancelledError as error:
            if run.taken_over:
                log.warning("job taken over by another process", kind=held.kind, job=held.id)
                self._count(held, "lost")
            elif self._stopping:
                await self._give_back(held)
            else:
                await self._failed(held, kind, error)
        except Retry as again:
            await self._put_off(held, kind, again)
        except Impossible as error:
            await self._dies(held, kind, str(error))
        except Exception as error:
            await self._failed(held, kind, error)
        finally:
            self.metrics.job_seconds.labels(held.kind).observe(time.perf_counter() - began)
            del self._runs[held.id, held.fence]
            self.turns.leave(held)
            self._wake.set()

    async def _step(self, run: _Run, kind: AnyKind) -> None:
        held = run.held
        job = self._job(held, kind)
        client = self.client_of(held.workspace_id)
        if client is None:
            raise Retry(TOKEN_PAUSE, "this process does not serve the workspace any more")
        async with asyncio.timeout(kind.patience.total_seconds()):
            result = await kind.step(job, Tools(self.tandem, client, self.http, self.kinds, self.llm))
        run.recording = True
        crash_point("jobs.before_record")

        def record(session: Session, at: datetime) -> bool:
            if not jobs.end_job(session, held, "done", at=at):
                return False
            kind.record(session, job, result, at)
            return True

        await self._record(held, record, "done")
        crash_point("jobs.recorded")

    def _job(self, held: HeldJob, kind: AnyKind) -> RunningJob[Any]:
        try:
            arguments = jobs.read_arguments(kind.arguments, held.arguments)
        except Unreadable:
            raise Impossible("its arguments cannot be read") from None
        secret = open_secret(self.tandem, held.secret)
        return RunningJob(held.id, held.workspace_id, arguments, held.token, secret, held.created_at)

    async def _put_off(self, held: HeldJob, kind: AnyKind, again: Retry) -> None:
        if self.tandem.clock.now() + again.after - held.wanted_at > GIVE_UP_AFTER:
            await self._dies(held, kind, str(again))
            return

        def record(session: Session, at: datetime) -> bool:
            return jobs.put_back(session, held, due_at=at + again.after, error=str(again))

        await self._record_end(held, record, "again")

    async def _failed(self, held: HeldJob, kind: AnyKind, error: BaseException) -> None:
        """An error that the step did not foresee: another try later, until the kind's number of tries is used up."""
        reason = type(error).__name__
        if isinstance(error, SlackApiError):
            outcome = sort_error(error)
            reason = outcome.name
            if outcome.meaning is Meaning.LIMITED:
                await self._put_off(held, kind, Retry(timedelta(seconds=outcome.retry_after), reason))
                return
            if outcome.meaning is Meaning.TOKEN:  # each worker looks at the token every minute, and stops the workspace
                await self._put_off(held, kind, Retry(TOKEN_PAUSE, reason))
                return
        elif trouble_of(error) is not None:
            await self._put_off(held, kind, Retry(backoff(held.attempts), reason))
            return
        else:
            log.warning("a job's step failed", kind=held.kind, job=held.id, exc_info=error)
        if held.failures + 1 >= kind.tries:
            await self._dies(held, kind, reason)
            return

        def record(session: Session, at: datetime) -> bool:
            return jobs.put_back(session, held, due_at=at + backoff(held.failures + 1), error=reason, failed=True)

        await self._record_end(held, record, "failed")

    async def _dies(self, held: HeldJob, kind: AnyKind, reason: str) -> None:
        await self._record_end(held, lambda session, at: self._bury(session, held, reason, at), "dead")
        log.error("job dead", kind=kind.name, job=held.id, error=reason)

    def _bury(self, session: Session, held: HeldJob, reason: str, at: datetime) -> bool:
        kind = self.kinds[held.kind]
        return bury_job(session, held, reason, what=kind.what, remedy=kind.remedy, at=at)

    async def _give_back(self, held: HeldJob) -> None:
        def record(session: Session, at: datetime) -> bool:
            return jobs.put_back(session, held, due_at=at, error=None, tried=False)

        await self._record_end(held, record, "given back")

    async def _record_end(self, held: HeldJob, record: Callable[[Session, datetime], bool], end: str) -> None:
        try:
            await self._record(held, record, end)
        except Exception:
            # The lease runs out, and whoever takes the job then does it once more.
            log.exception("a job could not be recorded", kind=held.kind, job=held.id)

    async def _record(self, held: HeldJob, record: Callable[[Session, datetime], bool], end: str) -> None:
        """One transaction. While the database is in trouble, what was done is kept for a few tries."""

        def write(session: Session, at: datetime) -> bool:
            kept = record(session, at)
            crash_point("jobs.record.before_commit")
            return kept

        for tries_left in reversed(range(RECORD_TRIES)):
            try:
                kept = await self.tandem.db.run(write, self.tandem.clock.now())
            except Exception as error:
                if not tries_left or trouble_of(error) is None:
                    raise
                await asyncio.sleep(RECORD_PAUSE)
                continue
            self._count(held, end if kept else "lost")
            if not kept:
                log.warning("job lost", kind=held.kind, job=held.id, attempts=held.attempts)
            elif end != "dead":  # of which more is told
                log.info(f"job {end}", kind=held.kind, job=held.id, attempts=held.attempts)
            return

    def _count(self, held: HeldJob, end: str) -> None:
        self.metrics.jobs_ended.labels(held.kind, end).inc()

    # Leases are renewed while the step runs, so that what a dead process held waits for no more than one.

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self.lease.total_seconds() / RENEWED_IN_A_LEASE)
            now = asyncio.get_running_loop().time()
            wanted = [run for run in self._runs.values() if run.deadline > now and not run.recording]
            if not wanted:
                continue
            ids = [run.held.id for run in wanted]
            at = self.tandem.clock.now()
            try:
                kept = await self.tandem.db.run(jobs.renew_leases, self.holder, ids, at=at, lease=self.lease)
            except Exception as error:
                log.warning("leases of jobs could not be renewed", error=type(error).__name__)
                continue
            for run in wanted:
                if run.held.id not in kept and not run.recording and run.task is not None:
                    run.taken_over = True
                    run.task.cancel()


def backoff(failures: int) -> timedelta:
    """A second, four times as long with each failure, with up to a quarter more at random; ten minutes at the most."""
    seconds = min(jobs.LONGEST_WAIT.total_seconds(), 4.0 ** min(failures - 1, 8))
    return timedelta(seconds=seconds * (1 + random.random() / 4))  # noqa: S311  # spreads retries, guards nothing
