"""One run: a playground with faults, processes that are killed, arrivals without end, then quiet and the oracle."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from domain.dead_jobs import replay_dead
from domain.people import actor
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from handlers.setup.doctor import Examination
from playground import Fault, Playground
from storage import jobs, outbox
from storage.database import Database
from storage.models import Audience, Clock, Member
from tests.chaos.arrivals import Answers, Arrivals
from tests.chaos.company import Pace, found, people
from tests.chaos.herd import Herd
from tests.chaos.ledger import Ledger
from tests.chaos.oracle import Oracle
from tests.chaos.records import Violation, read_records
from tests.progress import until
from tests.running import KEY

T = TypeVar("T")
HOMES = 4
LATE = (1.0, 3.0, 8.0)
"""Seconds after which a post takes effect whose sender was cut off."""
Engine = Literal["sqlite", "postgresql"]

ROLES: dict[Engine, tuple[str, ...]] = {"sqlite": ("serve",), "postgresql": ("web", "web", "worker", "worker")}
SKEWS: dict[Engine, tuple[int, ...]] = {"sqlite": (0,), "postgresql": (30, -30, -30, 30)}
"""Seconds by which each process believes its computer's clock to be ahead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. It goes on until `messages` were posted and `kills` processes killed; times in seconds.

    `fault_rate`: how often each kind of fault meets a call. Gaps are means. `patience`: how long nothing at all may
    change while what is left is waited for.
    """

    engine: Engine
    messages: int
    kills: int
    seed: int
    fault_rate: float = 0.1
    teams: int = 60
    pace: Pace = Pace(hot=12, warm=30, reassign=15)  # noqa: RUF009  # frozen
    lead_gap: float = 0.15
    act_gap: float = 0.2
    kill_gap: float = 2.0
    stall_gap: float = 45.0
    digest_gap: float = 20.0
    look_gap: float = 8.0
    lease: float = 10.0
    patience: float = 120.0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `seconds`: until the drain began, and until it ended."""

    plan: Plan
    ledger: Ledger
    answers: Answers
    faults: dict[str, int]
    kills: int
    stalls: int
    ended: Counter[int]
    starts: list[float]
    rungs: Counter[str]
    editions: int
    jobs: int
    replayed: int
    latest_breach: float
    seconds: tuple[float, float]
    violations: list[Violation]
    oracle: Oracle


class Run:
    """A run in progress."""

    def __init__(
        self, plan: Plan, url: str, folder: Path, tell: Callable[[str], None] = lambda _progress: None
    ) -> None:
        self.plan = plan
        self.url = url
        self.folder = folder
        self.tell = tell
        self.dice = Random(plan.seed)
        self.issued: list[tuple[int, datetime]] = []
        self.replayed = 0

    async def run(self) -> Report:
        """Everything, from an empty database to the report."""
        plan = self.plan
        mode: Literal["socket", "http"] = "socket" if plan.engine == "sqlite" else "http"
        async with Playground(make_manifest(all_listeners()), mode=mode, seed=plan.seed) as slack:
            people(slack, plan.teams)
            self.ledger = Ledger(slack)
            self.company = await asyncio.to_thread(found, slack, self.url, plan.teams, plan.pace)
            self.herd = Herd(ROLES[plan.engine], SKEWS[plan.engine], self._environment(slack), self.folder)
            self.arrivals = Arrivals(slack, self.company, lambda: self.herd.web_ports, self.dice)
            began = time.monotonic()
            try:
                await self.herd.start()
                if mode == "http":
                    slack.events_url = f"http://127.0.0.1:{self.herd.web_ports[0]}/slack/events"
                for name in ("mia", *self.company.managers[:HOMES], *self.company.reps[:HOMES]):
                    slack.people.open_home(slack.member(name))
                self._let_fail(slack)
                await self._storm(slack)
                stormed = time.monotonic() - began
                slack.faults.clear()
                await self._drain(slack)
            finally:
                await self.herd.stop()
                await self.arrivals.close()
            return await self._report(slack, (stormed, time.monotonic() - began))

    def _environment(self, slack: Playground) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url,
            "TANDEM_SECRET_KEY": KEY,
            "TANDEM_LEASE_SECONDS": str(self.plan.lease),
            "TANDEM_INTAKE_PER_MINUTE": "6000",
            "TANDEM_INTAKE_BURST": "6000",
            "TANDEM_SOCKET_CONNECTIONS": "2",
            "TANDEM_SLACK_LIMITS": "100",  # the playground has none here: tokens are taken, and seldom waited for
            **slack.environment,
        }

    def _let_fail(self, slack: Playground) -> None:
        for fault in (
            Fault.rate_limited(1),
            Fault.server_error(),
            Fault.server_error_stored(),
            Fault.lost_reply(),
            Fault.hang(1),
            Fault.slow(0.5),
        ):
            slack.faults.rate("*", fault, self.plan.fault_rate)
        for seconds in LATE:
            for method in ("chat.postMessage", "chat.update", "views.publish"):
                slack.faults.rate(method, Fault.stored_late(seconds), self.plan.fault_rate / len(LATE))

    async def _storm(self, slack: Playground) -> None:
        """Everything at once, until enough was said and killed."""

        def enough() -> bool:
            return self.ledger.posted >= self.plan.messages and self.herd.kills >= self.plan.kills

        def progress() -> float:
            return self.ledger.posted / self.plan.messages

        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(self._watch()),
                group.create_task(self._cut_sockets(slack)),
                group.create_task(self._make_digests_due()),
            ]
            if len(self.herd.keepers) > 1:  # a program that sleeps alone proves nothing, and locks its SQLite file
                stalling = self.herd.stall_some(self.plan.stall_gap, self.plan.lease + 2, self.dice)
                beside.append(group.create_task(stalling))
            work = [
                group.create_task(self.arrivals.send_leads(self.plan.lead_gap, enough)),
                group.create_task(self.arrivals.act(self.plan.act_gap, enough)),
                group.create_task(self.arrivals.ask_the_doctor(self.plan.look_gap, enough)),
                group.create_task(self.disturb(progress)),
            ]
            await asyncio.wait(work)
            for task in beside:
                task.cancel()

    async def disturb(self, progress: Callable[[], float]) -> None:
        """What happens to the processes meanwhile. `progress`: the share of the run that is done."""
        await self.herd.kill_some(self.plan.kills, self.plan.kill_gap, self.dice, progress)

    async def _watch(self) -> None:
        """Hold arrivals back while much waits, and tell how far the run is."""
        began = told = time.monotonic()
        while True:
            waiting = await self._look(outbox.waiting)
            self.arrivals.paused = waiting > 30 * self.plan.teams
            if time.monotonic() - told > 30:
                told = time.monotonic()
                figures = f"{self.ledger.posted} messages, {self.herd.kills} kills, {waiting} waiting"
                self.tell(f"{told - began:6.0f} s: {figures}")
            await asyncio.sleep(1)

    async def _cut_sockets(self, slack: Playground) -> None:
        while slack.delivery.mode == "socket":
            await asyncio.sleep(self.dice.expovariate(1 / 8))
            if self.dice.random() < 0.5:
                await slack.sockets.drop()
            else:
                await slack.sockets.refresh(grace=1)

    async def _make_digests_due(self) -> None:
        while True:
            # A busy SQLite may leave no turn to a second writer: then a digest falls due later.
            with suppress(OperationalError):
                due = asyncio.ensure_future(self._look(self._make_due, writes=True))
                try:
                    await asyncio.shield(due)
                finally:
                    self.issued += await due  # what is being written when the storm ends falls due all the same
            await asyncio.sleep(self.dice.expovariate(1 / self.plan.digest_gap))

    def _make_due(self, session: Session) -> list[tuple[int, datetime]]:
        at = datetime.now(UTC)
        audience = session.scalars(
            select(Audience)
            .where(Audience.next_at > at + timedelta(hours=1))
            .order_by(func.random())
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if audience is None:
            return []
        audience.next_at = at
        return [(audience.id, at)]

    async def _drain(self, slack: Playground) -> None:
        """Nothing arrives and nothing fails any more: wait until nothing waits either."""
        for one in self.herd.keepers:
            if one.role != "web":
                self.herd.kills += one.kill()
                break
        await self.herd.all_ready()
        left = (1, 0, 0, 0)

        async def drained() -> bool:
            nonlocal left
            self.replayed += await self._look(_try_again, writes=True)
            left = await self._look(_left)
            return not slack.faults.late and not any(left)

        def progress() -> tuple[object, ...]:
            return left, self.ledger.posted, slack.faults.late

        try:
            await until(drained, progress, what="the draining", still=self.plan.patience, pause=0.5)
        except TimeoutError as stuck:
            self.tell(str(stuck))

    async def _report(self, slack: Playground, seconds: tuple[float, float]) -> Report:
        records = await self._look(lambda session: read_records(session, datetime.now(UTC)))
        oracle = Oracle(
            records,
            self.ledger,
            self.arrivals.answers,
            self.herd,
            self.issued,
            in_one_order=self.plan.engine == "sqlite",
        )
        return Report(
            plan=self.plan,
            ledger=self.ledger,
            answers=self.arrivals.answers,
            faults={kind.value: count for kind, count in slack.faults.met.items()},
            kills=self.herd.kills,
            stalls=self.herd.stalls,
            ended=sum((one.ended for one in self.herd.keepers), Counter()),
            starts=[seconds for one in self.herd.keepers for seconds in one.starts],
            rungs=Counter(event.kind for events in records.events.values() for event in events),
            editions=len(records.editions),
            jobs=len(records.jobs),
            replayed=self.replayed,
            latest_breach=max(records.lateness(), default=0.0),
            seconds=seconds,
            violations=oracle.violations(),
            oracle=oracle,
        )

    async def _look(self, work: Callable[[Session], T], *, writes: bool = False) -> T:
        """One transaction beside the program, on a connection that is closed again: a killed SQLite has no company."""

        def look() -> T:
            db = Database(self.url)
            try:
                return db.run_sync(work) if writes else asyncio.run(db.read(work))
            finally:
                db.close()

        return await asyncio.to_thread(look)


def _try_again(session: Session) -> int:
    """The admin lets jobs be done again that died with one process after the other."""
    mia = session.scalars(select(Member).where(Member.role == "admin")).one()
    return replay_dead(session, Examination.kind, by=actor(mia), at=datetime.now(UTC))[1]


def _left(session: Session) -> tuple[int, int, int, int]:
    """How much is still to be said, how many clocks run, how many digests are to be made and jobs to be done."""
    clocks = session.scalar(select(func.count()).where(Clock.next_at.is_not(None)))
    digests = session.scalar(select(func.count()).where(Audience.next_at <= datetime.now(UTC)))
    return outbox.waiting(session), clocks or 0, digests or 0, jobs.open_jobs(session)


@contextmanager
def database(engine: Engine, folder: Path) -> Iterator[str]:
    """The address of a new, empty database for a run."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'tandem.db'}"
        return
    from tests.postgres import running_postgres

    with running_postgres() as server:
        yield server.create_database("chaos")


def short(engine: Engine, seed: int) -> Plan:
    """A run of some twenty seconds."""
    return replace(
        Plan(engine, messages=60, kills=3, seed=seed),
        teams=8,
        fault_rate=0.05,
        pace=Pace(hot=2, warm=4, reassign=1),
        lead_gap=0.4,
        act_gap=0.15,
        kill_gap=2.0,
        stall_gap=15.0,
        digest_gap=3.0,
        look_gap=2.0,
        lease=6.0,
        patience=60.0,
    )
