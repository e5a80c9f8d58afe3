"""The world of a history: two workspaces with their companies, the processes, and what befalls them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf
from random import Random
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.loops.ticker import COARSE_SECONDS
from playground.client import Slack
from storage import jobs, outbox
from storage.models import IS_LEFT, Audience, Clock, Delivery, Nurture, WebhookMessage
from tests.chaos.company import Company, Pace, people, settle
from tests.chaos.jobs import Errands
from tests.chaos.ledger import Ledger
from tests.chaos.oracle import Oracle
from tests.chaos.records import Violation, read_records
from tests.simulation.choices import Choices
from tests.simulation.crm import IS_THERE, LONG, Crm
from tests.simulation.deciding import let_return, settle_marketing
from tests.simulation.faults import STRANGE_ERROR
from tests.simulation.installing import Installer
from tests.simulation.loop import Died, VirtualLoop, current_owner
from tests.simulation.outside import MARKETERS, MARKETING
from tests.simulation.owned import Watch
from tests.simulation.people import Crowd
from tests.simulation.process import LEASE, Births, Living, make_settings
from tests.simulation.receiver import LISTENS, Receiver
from tests.simulation.slack import MemorySlack
from tests.simulation.store import COMMITTED, CUT_AFTER, CUT_BEFORE, Shared, Store
from tests.simulation.wire import Envelope, Reply

PACES: Final = (Pace(hot=20, warm=45, reassign=15), Pace(hot=120, warm=270, reassign=90))
"""Where clocks are slow, a card may stand still for long: only then is it seen that nobody brought it up to date."""
TEAMS: Final = 2
PAUSES: Final = (0.5, 0.05, 0.2, 1.0, 3.0, 8.0, 15.0)
DRAIN_SECONDS: Final = 6000.0
RETURNED: Final = 0.3
"""In so many steps the day comes until which a lead rests."""
ONE_IN: Final = {
    "jobs.claim.before_commit": 8.0,
    "jobs.claimed": 8.0,
    "jobs.before_record": 4.0,
    "jobs.record.before_commit": 2.0,
    "jobs.recorded": 1.5,
    "edition": 8.0,
    "ticker": 20.0,
    "arrival": 25.0,
    "courier.failed": 12.0,
    "webhooks.sent": 2.5,
    "webhooks.recorded": 1.5,
    "imports": 2.5,
    "crm.began": 6.0,
    "crm.written": 1.3,
    "oauth.exchanged": 8.0,
    "oauth.renewed": 3.0,
}
STANDS_STILL_ONE_IN: Final = {"courier.failed": 3.0}
"""Where a process stands still more often than it dies: another one goes on with what it holds, and then it records."""
LONGER: Final = (5.0, 0.1, 0.3, 0.6, 1.2)
"""For so many seconds more than a lease a process stands still: most often it goes on while another is at its work."""
SELDOM: Final = 50.0
"""Of so many crash points of a kind that are reached, one is where a process dies; another where it stands still."""
AHEAD: Final = (0.0, -0.8, 0.8)
"""How many seconds the clock of all processes is ahead of Slack's, from time to time. What is on its way for up to
13.2 s is looked for during 15 s, so a clock that is set by more may end a doubt before its time."""
AWAKE: Final = 3
"""So many processes at least are at work: one that stands still is not all there is."""
CUT_ONE_IN: Final = 80.0
STRANGE_FOR: Final = timedelta(minutes=10)
TRIES: Final = 8
REFUSED: Final = 3
"""An edit that nobody foresaw the answers to is given up after so many tries, when it was answered so for so long: at
least so often, since who was without Slack before waits five minutes between the tries."""
QUIET: Final = 16.0
"""So many seconds after the last delivery of a card ended, nothing of it is stored late any more."""

_RUNNING: Final = select(Clock.id).where(Clock.next_at.is_not(None)).limit(1)
_DUE_DIGEST: Final = select(Audience.id).where(Audience.next_at <= bindparam("at")).limit(1)
_UNTOLD: Final = select(WebhookMessage.id).where(IS_LEFT).limit(1)
_BACK: Final = select(Nurture.id).where(Nurture.next_at <= bindparam("at")).limit(1)


@dataclass
class Home:
    """One workspace of the world. `issued`: the digests that were made due."""

    slack: Slack
    company: Company
    ledger: Ledger
    crowd: Crowd
    issued: list[tuple[int, datetime]] = field(default_factory=list)

    def __str__(self) -> str:
        return self.company.name


class World:
    """Everything of one history."""

    def __init__(self, loop: VirtualLoop, store: Store, watch: Watch, choose: Choices, steps: int) -> None:
        self.loop = loop
        self.store = store
        self.watch = watch
        self.choose = choose
        self.steps = steps
        self.calm = False
        self.points: Counter[str] = Counter()
        self.befell: Counter[str] = Counter()
        self.slack = MemorySlack(choose, watch.outside, self._deliver)
        self.births = Births(loop, store, self.slack, make_settings(self.slack), choose)
        around = current_owner()
        assert around is not None
        self.outside = Shared(store, around, choose, lambda: [one.db for one in self.births.living])
        self.receiver = Receiver(choose, lambda: self.calm)
        self.crm = Crm(choose, lambda: self.calm, self.slack.session.spawn, lambda look: self.outside.read_sync(look))
        self.homes: list[Home] = []
        self.seen: list[tuple[Violation, str]] = []
        self.committed: dict[int, float] = {}
        self.happened: dict[int, float] = {}
        self.clock = [(0.0, 0.0)]

    # Before the history.

    async def settle(self) -> None:
        """Two companies in two workspaces: one by its token, the other installed by OAuth."""
        first = self.slack.workspaces[self.slack.playground.team_id]
        await self._settle(first, "Northgate", "website")
        if self.choose("whether a system outside listens", LISTENS):
            northgate = self.homes[0].company.workspace_id
            self.outside.run_sync_here(self.receiver.join, northgate, self.watch.now())
            self.births.tells = True
        if self.choose("whether there is a CRM", IS_THERE):
            self.outside.run_sync_here(self.crm.join, self.homes[0].company.workspace_id, self.watch.now())
        second = self.slack.add_workspace("Southgate", installed=False)
        await self._settle(second, "Southgate", "shop")
        self.installer = Installer(self.slack, second, self.births, self.choose)
        self.slack.begin()
        self.store.fate, self.store.heard = self._fate, self._committed

    async def _settle(self, slack: Slack, name: str, source: str) -> None:
        people(slack, TEAMS)
        for marketer in MARKETERS:
            slack.add_member(marketer)
        slack.add_channel(MARKETING, app=True)
        ledger = Ledger()
        ledger.hear(slack)
        pace = self.choose("the company's clocks", PACES)
        company = self.outside.run_sync_here(settle, slack, TEAMS, pace, name=name, source=source, at=self.watch.now())
        crowd = Crowd(slack, company, self.births, self.watch, self.choose, self.look, self.crm)
        in_channel = self.choose("whether marketing has a channel", (True, False))
        crowd.told.marketing = self.outside.run_sync_here(
            settle_marketing, slack, company.workspace_id, in_channel=in_channel
        )
        self.homes.append(Home(slack, company, ledger, crowd))

    # The history.

    async def live(self) -> None:
        """What happens until the faults end, and then until nothing is left to be done."""
        self.births.begin()
        await asyncio.sleep(5)
        await self.installer.install()
        for home in self.homes:
            for name in ("mia", *home.company.managers[:1], *home.company.reps[:1]):
                home.slack.people.open_home(home.slack.member(name))
        files = [await home.crowd.file_of_leads(self._be_calm) for home in self.homes]
        more = [self.homes[0].crowd._send_lead() for _ in range(self.crm.more)]
        acts = [self.loop.create_task(one) for one in (*files, *more) if one is not None]
        for step in range(self.steps):
            home = self.choose("whose turn", self.homes)
            acts.append(self.loop.create_task(home.crowd.do(step)))
            self._befall(step)
            acts += self._befall_installation()
            self.seen += self.outside.read_sync(self.crm.look_meanwhile)
            if self.crm.befalls():
                self.outside.run_sync_here(self.crm.let_in, self.watch.now())
            await asyncio.sleep(self.choose("pause", PAUSES))
        for home in self.homes:
            self._let_return(home, self.choose("how many leads come back in the end", (2, 0, 1)))
        self._be_calm(True)
        await self._drain(acts)

    def _befall(self, step: int) -> None:
        """Processes die, stand still, are asked to end, and begin; and the clock that they share is set."""
        living = self.births.living
        what = self.choose(
            "what befalls the processes", ("nothing",) * 11 + ("death", "standstill", "standstill", "birth", "birth")
        )
        if living and self.choose.strikes("a process is asked to end", 30):
            self.befell["asked to end"] += 1
            self.births.retire(living[self.choose.stream("who is to end").randrange(len(living))])
        if self.choose.strikes("the clock is set", 30):
            self.befell["clock set"] += 1
            self._set_clock(self.choose("by how much it is ahead", AHEAD))
        if (what == "death" and living) or (what == "standstill" and len(living) > 1):
            self._strike(what, living[self.choose.stream("whom").randrange(len(living))])
        elif what == "birth" and len(living) < 3:
            self.births.begin()
        if sum(one.owner.frozen_until <= self.loop.time() for one in self.births.living) < AWAKE:
            self.births.begin()
        dice = Random(f"{self.choose.seed} digest {step}")  # decides a test
        if dice.random() < 0.1:
            home = dice.choice(self.homes)
            due = self.outside.run_sync_here(_make_due, home.company.workspace_id, dice, self.watch.now())
            home.issued += [one for one in due if one not in home.issued]  # a clock may tell the same moment twice
        if dice.random() < RETURNED:
            self._let_return(dice.choice(self.homes), 1)

    def _be_calm(self, calm: bool) -> None:
        self.calm = self.slack.faults.calm = calm

    def _let_return(self, home: Home, most: int) -> None:
        """The day has come until which leads rest."""
        back = self.outside.run_sync_here(let_return, home.company.workspace_id, self.watch.now(), most=most)
        home.crowd.told.returns.update(back)

    def _befall_installation(self) -> list[asyncio.Task[None]]:
        """The second workspace's token ends, or it removes the app and installs it again; the task of that."""
        what = self.choose("what befalls the installation", ("nothing",) * 24 + ("the token ends", "removed"))
        crowd = self.homes[1].crowd
        if what == "nothing" or crowd.away:
            return []
        self.befell[what] += 1
        if what == "the token ends":
            self.outside.run_sync_here(self.installer.let_token_end, self.watch.now())
            return []

        async def be_away() -> None:
            crowd.away = True
            await self.installer.be_away()
            crowd.away = False

        return [self.loop.create_task(be_away())]

    def _set_clock(self, ahead: float) -> None:
        self.watch.ahead = timedelta(seconds=ahead)
        self.clock.append((self.loop.time(), ahead))

    def _strike(self, what: str, one: Living) -> None:
        self.befell[what] += 1
        if what == "death":
            self.births.kill(one)
        else:
            self.births.freeze(one, LEASE + self.choose("how much longer than a lease", LONGER))

    async def _drain(self, acts: list[asyncio.Task[None]]) -> None:
        for one in self.births.living[:-1]:
            self.births.retire(one)  # the rest is done by two that work
        self.births.begin()
        until = self.loop.time() + DRAIN_SECONDS
        while self.loop.time() < until:
            await asyncio.sleep(5)
            if len(self.births.living) < 2:
                self.births.begin()
            if self.crm.here:
                self.outside.run_sync_here(self.crm.let_in, self.watch.now())
                self.seen += self.outside.read_sync(self.crm.look_meanwhile)
            idle = all(act.done() for act in acts) and await self.slack.settled(0.0)
            if idle and not self.outside.read_sync(_is_something_left, self.watch.now()):
                break
        for home in self.homes:
            if self.outside.read_sync(_has_failed, home.company.workspace_id):
                home.slack.people.open_home(home.slack.member("mia"))  # her Home tells of that when she opens it
        await asyncio.sleep(2 * LEASE)

    # What the product reaches.

    def reached(self, point: str) -> None:
        """A process came to a point of storage/crash.py: it may end there, or stand still for longer than a lease."""
        here = current_owner()
        one = next((one for one in self.births.all if one.owner is here), None)
        if one is None or self.calm:
            return
        one_in = (ONE_IN.get(point) or ONE_IN.get(point.partition(".")[0], SELDOM)) * self.crm.seldom(point)
        if self.choose.strikes(f"death at {point}", one_in):
            self.points[point] += 1
            self.births.kill(one)
            raise Died
        if self.choose.strikes(f"standstill at {point}", STANDS_STILL_ONE_IN.get(point, one_in)):
            self.points[point] += 1
            longer = self.choose("how much longer than a lease", LONGER) + (LONG if point == "crm.began" else 0.0)
            self.births.freeze(one, LEASE + longer)

    def _fate(self) -> str:
        if self.calm or current_owner() is self.outside.owner:
            return COMMITTED
        if not self.choose.strikes("a commit is cut off", CUT_ONE_IN):
            return COMMITTED
        fate = CUT_AFTER if self.choose.stream("which cut").random() < 0.5 else CUT_BEFORE
        self.befell[fate] += 1
        return fate

    def _committed(self) -> None:
        """Note when each clock and event was: a process may have stood still since a lead or a click arrived."""
        now = self.watch.now().timestamp()
        for table, noted in (("clocks", self.committed), ("lead_events", self.happened)):
            newest = self.store.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
            for number in range(len(noted) + 1, newest + 1):
                noted[number] = now

    async def _deliver(self, _team: str, envelope: Envelope) -> Reply:
        one = self.births.reached("whom Slack reaches")
        if one is None:
            raise ConnectionRefusedError
        headers = {"Content-Type": envelope.content_type, **envelope.headers}
        return await self.births.call(one, "/slack/events", headers, envelope.body)

    # Who judges.

    def oracle(self, home: Home) -> Oracle:
        """What is to be said of a workspace as it is now."""
        look = partial(read_records, workspace_id=home.company.workspace_id, at=self.watch.now())
        return Oracle(
            self.outside.read_sync(look),
            home.ledger,
            home.crowd.answers,
            self.at_work,
            home.issued,
            Errands(home.slack.team_id, {}, {}),
            others=[one.company.name for one in self.homes if one is not home],
            in_one_order=True,
            committed=self.committed,
            happened=self.happened,
            ahead=max(ahead for _since, ahead in self.clock),
            given_up=partial(_was_refused, home.ledger),
        )

    def look(self, company: Company) -> None:
        """See in the middle of a history whether what stands still is true: later news would make good what is not."""
        home = next(one for one in self.homes if one.company is company)
        oracle = self.oracle(home)
        for one in oracle.quiet_cards(self.watch.now() - timedelta(seconds=QUIET)):
            self.seen.append((one, f"{home.company.name}, at {self.loop.time():.3f}: {oracle.dump(one)}"))

    def at_work(self, start: float, end: float) -> float:
        """For how many seconds at a stretch some process lived within a window (epoch seconds), and could have looked.

        Both by the clock of the processes. News of a clock may be lost; then the ticker's coarse look finds it.
        """
        zero = self.watch.outside() - self.loop.time()
        ends = [*(since for since, _ahead in self.clock[1:]), inf]
        stretches = (
            min(end, zero + ahead + min(until, set_anew)) - max(start, zero + ahead + max(since, set_at))
            for one in self.births.all
            for since, until in one.spans
            for (set_at, ahead), set_anew in zip(self.clock, ends, strict=True)
        )
        return max(stretches, default=0.0) - COARSE_SECONDS


def _make_due(session: Session, workspace_id: int, dice: Random, at: datetime) -> list[tuple[int, datetime]]:
    """A digest falls due, unless one was lately."""
    found = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == workspace_id, Audience.next_at > at + timedelta(hours=1))
        .order_by(Audience.id)
    ).all()
    if not found:
        return []
    audience = dice.choice(found)
    audience.next_at = at
    return [(audience.id, at)]


def _was_refused(ledger: Ledger, row: Delivery) -> bool:
    """Whether Slack answered an edit strangely for longer than ten minutes, and at least eight tries were made."""
    tried = ledger.tried.get(row.token, ())
    strange = [number for number, line in enumerate(tried) if line.endswith(f" {STRANGE_ERROR}")]
    # Of the first of all, which Slack stores, only what it did is told.
    refused = len(strange) + (bool(strange) and strange[0] > 0 and " ts " in tried[strange[0] - 1])
    if row.error != STRANGE_ERROR or row.finished_at is None or row.alone_since is None:
        return False
    return refused >= REFUSED and row.attempts >= TRIES and row.finished_at - row.alone_since > STRANGE_FOR


def _has_failed(session: Session, workspace_id: int) -> bool:
    failed = select(Delivery.id).where(Delivery.workspace_id == workspace_id, Delivery.state == "failed").limit(1)
    return session.scalar(failed) is not None


def _is_something_left(session: Session, at: datetime) -> bool:
    """Whether something is still to be said, made, done or told to another system, a clock runs, or a lead rests."""
    return bool(
        outbox.waiting(session)
        or session.scalar(_RUNNING)
        or session.scalar(_DUE_DIGEST, {"at": at})
        or jobs.open_jobs(session)
        or session.scalar(_BACK, {"at": at})
        or session.scalar(_UNTOLD)
    )
