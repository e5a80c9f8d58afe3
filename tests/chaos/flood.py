"""`python -m tests.chaos.flood`: 10,000 leads through eight kinds of source while reps act and processes are killed.

32 connections at once post what the sources' vendors post, signed, and post it again until it is taken; one in ten is
posted once more after that. At the end each lead is there once, on one card, with one rep, and turns were fair: each
lead went to the rep of its team whose last one, by turn or by their own hand, was the longest ago.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import TypeVar

import httpx
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.machine import machine
from bot.seal import Sealer
from domain.sources import add_source
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from storage import outbox
from storage.database import Database
from storage.models import Lead, Member, Team, TeamMember, Workspace
from tests.chaos.arrivals import Arrivals
from tests.chaos.company import Company, Pace, found, people
from tests.chaos.desk import Desk
from tests.chaos.herd import Herd
from tests.chaos.ledger import Ledger
from tests.chaos.plan import ROLES, SKEWS, Engine, database
from tests.chaos.records import Records, Violation, read_records
from tests.chaos.report import judge
from tests.chaos.senders import PUBLIC_URL, Sender, senders
from tests.chaos.tenant import Tenant
from tests.progress import until
from tests.running import KEY

T = TypeVar("T")
CONNECTIONS = 32
AGAIN = 0.1
"""So many are posted once more though they were taken."""
LONG = Pace(hot=86_400, warm=86_400, reassign=86_400)
"""No clock runs out here: a lead is given by turns alone, which are counted in the end."""

_NUMBER = re.compile(r"^zoe(\d+)@")


@dataclass(frozen=True, slots=True)
class Flood:
    """What a run does: so many leads and SIGKILLs, in so many teams of so many reps; an act every `act_gap` seconds."""

    engine: Engine
    leads: int = 10_000
    kills: int = 100
    teams: int = 16
    reps: int = 5
    seed: int = 1
    act_gap: float = 0.25
    kill_gap: float = 2.0
    patience: float = 120.0


@dataclass(frozen=True, slots=True)
class Came:
    """What came of it. `turns`: how many leads each rep of each team got by turn; `seconds`: of posting, and of all."""

    flood: Flood
    violations: list[Violation]
    dump: str
    kills: int
    attempts: Counter[str]
    kinds: Counter[str]
    records: Records
    turns: dict[str, Counter[str]]
    acts: Counter[str]
    seconds: tuple[float, float]

    def lines(self) -> Iterator[str]:
        """The figures, to be printed."""
        posting, whole = self.seconds
        yield f"{self.flood.engine}, seed {self.flood.seed}; {machine()}"
        yield (
            f"leads {self.flood.leads:,} over {CONNECTIONS} connections, {self.attempts.total():,} posts: "
            + ", ".join(f"{name} {posts:,}" for name, posts in sorted(self.attempts.items()))
        )
        yield f"SIGKILLs {self.kills}; posting {posting:.0f} s, all {whole:.0f} s"
        yield "what reps did: " + ", ".join(f"{name} {times:,}" for name, times in sorted(self.acts.items()))
        widest = max(max(one.values()) - min(one.values()) for one in self.turns.values())
        leads = sum(one.total() for one in self.turns.values())
        teams = f"{len(self.turns)} teams of {self.flood.reps}"
        yield f"{leads:,} turns in {teams}: at most {widest} apart in any, as some claimed more by hand"
        yield "violations: " + (", ".join(f"{kind} {times}" for kind, times in sorted(self.kinds.items())) or "none")


class Reps(Arrivals):
    """Reps who claim, contact and decline what stands in their DMs and their channel, and log what they hear."""

    async def _act_once(self) -> None:
        name = self.dice.choice(self.company.reps)
        if name in self._busy:
            return
        self._busy.add(name)
        try:
            self.aim()
            member = self.slack.member(name)
            if self.dice.random() < 0.2:
                await self._log_voc(member)
            else:
                await self._click(member, self._place_of(member))
        finally:
            self._busy.discard(name)


@dataclass
class Run:
    """A run in progress. `taken`: the id that the sender of each number was told, where the vendor is told one."""

    flood: Flood
    url: str
    folder: Path
    tell: Callable[[str], None] = lambda _progress: None
    attempts: Counter[str] = field(default_factory=Counter)
    taken: set[int] = field(default_factory=set)
    wrong: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.senders = senders([f"team-{number}" for number in range(self.flood.teams)])

    async def run(self) -> Came:
        """Everything, from an empty database to the figures."""
        flood, dice = self.flood, Random(self.flood.seed)
        mode = "socket" if flood.engine == "sqlite" else "http"
        async with Playground(make_manifest(all_listeners()), mode=mode, seed=flood.seed) as slack:  # type: ignore[arg-type]  # one of two words
            ledger = Ledger()
            ledger.hear(slack)
            people(slack, flood.teams)
            for name in (one for team in range(flood.teams) for one in _reps(team, flood.reps)[2:]):
                slack.add_member(name)
            slack.add_channel("#marketing", app=True)
            company = await asyncio.to_thread(self._found, slack)
            environment = {
                "DATABASE_URL": self.url,
                "PUBLIC_URL": PUBLIC_URL,
                "TANDEM_SECRET_KEY": KEY,
                "TANDEM_LEASE_SECONDS": "10",
                "TANDEM_INTAKE_PER_MINUTE": "600000",
                "TANDEM_INTAKE_BURST": "600000",
                "TANDEM_SLACK_LIMITS": "100",
                **slack.environment,
            }
            herd = Herd(ROLES[flood.engine], SKEWS[flood.engine], environment, self.folder)

            def aim() -> None:
                if mode == "http":
                    slack.events_url = f"http://127.0.0.1:{dice.choice(herd.web_ports)}/slack/events"

            reps = Reps(slack, company, lambda: herd.web_ports, aim, dice)
            began = time.monotonic()
            try:
                await herd.start()
                aim()
                posting = await self._storm(herd, reps, ledger, dice)
                await herd.all_ready()
                await self._drain(ledger)
            finally:
                await herd.stop()
                await reps.close()
            seconds = (posting - began, time.monotonic() - began)
            tenant = Tenant(slack, company, ledger, reps, dice)
            return await self._judge(tenant, herd, seconds)

    def _found(self, slack: Playground) -> Company:
        company = found(slack, self.url, self.flood.teams, LONG, source="unused")
        db = Database(self.url)
        try:
            db.run_sync(self._arrange, slack, company.workspace_id)
        finally:
            db.close()
        everybody = tuple(one for team in range(self.flood.teams) for one in _reps(team, self.flood.reps))
        return replace(company, reps=everybody)

    def _arrange(self, session: Session, slack: Playground, workspace_id: int) -> None:
        at = datetime.now(UTC)
        session.get_one(Workspace, workspace_id).marketing_channel = slack.channel("#marketing").id
        members = {one.slack_user_id: one for one in session.scalars(select(Member))}
        for number in range(self.flood.teams):
            team = session.scalars(select(Team).where(Team.key == f"team-{number}")).one()
            more = _reps(number, self.flood.reps)[2:]
            session.add_all(TeamMember(team_id=team.id, member_id=members[slack.member(one).id].id) for one in more)
        seal = Sealer(KEY).seal
        for one in self.senders:
            add_source(
                session, workspace_id, one.name, auth=one.kind, secret=one.secret, team_key=one.team, seal=seal, at=at
            )

    async def _storm(self, herd: Herd, reps: Reps, ledger: Ledger, dice: Random) -> float:
        """Leads, acts and kills, until all leads were taken, most cards stand and enough was killed; when all were."""
        numbers, done = count(1), asyncio.Event()

        def progress() -> float:
            return min(len(self.taken), ledger.posted / 2) / self.flood.leads  # a card and a DM for each lead

        async with asyncio.TaskGroup() as group:
            killing = group.create_task(herd.kill_some(self.flood.kills, self.flood.kill_gap, dice, progress))
            acting = group.create_task(reps.act(self.flood.act_gap, done.is_set))
            telling = group.create_task(self._tell(herd, ledger))
            connections = [
                group.create_task(self._post_all(numbers, lambda: herd.web_ports, Random(f"{dice.random()}")))
                for _ in range(CONNECTIONS)
            ]
            await asyncio.wait(connections)
            posted = time.monotonic()
            await killing
            done.set()
            await acting
            telling.cancel()
        return posted

    async def _tell(self, herd: Herd, ledger: Ledger) -> None:
        while True:
            await asyncio.sleep(30)
            self.tell(f"{len(self.taken):,} leads taken, {ledger.posted:,} messages posted, {herd.kills} kills")

    async def _post_all(self, numbers: Iterator[int], ports: Callable[[], list[int]], dice: Random) -> None:
        """One connection: lead after lead, each posted until it is taken."""
        async with httpx.AsyncClient(timeout=20) as http:
            while (number := next(numbers)) <= self.flood.leads:
                sender = self.senders[number % len(self.senders)]
                wanted = 2 if dice.random() < AGAIN else 1
                while wanted:
                    if await self._post(http, sender, number, dice.choice(ports())):
                        wanted -= 1
                    else:
                        await asyncio.sleep(dice.uniform(0.1, 0.6))

    async def _post(self, http: httpx.AsyncClient, sender: Sender, number: int, port: int) -> bool:
        """One attempt; whether it was taken."""
        headers, body = sender.delivery(number)
        self.attempts[sender.kind] += 1
        try:
            answer = await http.post(f"http://127.0.0.1:{port}/intake/{sender.name}", content=body, headers=headers)
        except httpx.HTTPError:
            return False
        if 400 <= answer.status_code < 500 and answer.status_code != 429:
            self.wrong.append(Violation("lost", f"{sender.kind} {number}: {answer.status_code} {answer.text}"))
        elif not answer.is_success:
            return False
        self.taken.add(number)
        return True

    async def _drain(self, ledger: Ledger) -> None:
        left = 1

        async def drained() -> bool:
            nonlocal left
            left = await self._look(outbox.waiting)
            return not left

        try:
            await until(
                drained, lambda: (left, ledger.calls), what="the draining", still=self.flood.patience, pause=0.5
            )
        except TimeoutError as stuck:
            self.tell(str(stuck))

    async def _judge(self, tenant: Tenant, herd: Herd, seconds: tuple[float, float]) -> Came:
        workspace_id = tenant.company.workspace_id
        records = await self._look(partial(read_records, workspace_id=workspace_id, at=datetime.now(UTC)))
        answers = tenant.arrivals.answers
        answers.teams = {
            lead.external_id or lead.email or "": self.senders[(number_of(lead) or 0) % len(self.senders)].team
            for lead in records.leads.values()
        }
        outcome = judge(tenant, records, herd, Desk(Random(0), 0), (), in_one_order=self.flood.engine == "sqlite")
        turns = turns_of(records)
        violations = [
            *self.wrong,
            *look_at_leads(records, self.flood.leads),
            *look_at_turns(records),
            *(one for one in outcome.violations if one.kind != "rung missed"),  # clocks outlast the run
        ]
        return Came(
            self.flood,
            violations,
            "\n\n".join(outcome.oracle.dump(one) for one in violations[:20]),
            herd.kills,
            self.attempts,
            Counter(one.kind for one in violations),
            records,
            turns,
            answers.attempts,
            seconds,
        )

    async def _look(self, work: Callable[[Session], T]) -> T:
        """One transaction beside the program, on a connection that is closed again."""

        def look() -> T:
            db = Database(self.url)
            try:
                return asyncio.run(db.read(work))
            finally:
                db.close()

        return await asyncio.to_thread(look)


def look_at_leads(records: Records, sent: int) -> Iterator[Violation]:
    """Each lead that was sent is there once, and nothing else is."""
    numbers = Counter(number_of(lead) for lead in records.leads.values())
    for number in range(1, sent + 1):
        if numbers[number] != 1:
            yield Violation("doubled" if numbers[number] else "lost", f"lead {number} is there {numbers[number]} times")
    for stray in set(numbers) - set(range(1, sent + 1)):
        yield Violation("stray", f"lead {stray} was never sent")


def look_at_turns(records: Records) -> Iterator[Violation]:
    """Each lead went to the rep whose last one was the longest ago: told by the events alone, one after the other.

    Everybody is here all the time. Whoever takes a lead by hand has had their turn, too.
    """
    last: dict[tuple[int, int], int] = {}
    for event in sorted((one for those in records.events.values() for one in those), key=lambda one: one.id):
        team_id = records.leads[event.lead_id].team_id
        if event.kind == "given" and event.by_id is None:
            to = event.data["to"]
            waited = [one for one in records.reps[team_id] if last.get((team_id, one), 0) < last.get((team_id, to), 0)]
            if waited:
                names = ", ".join(sorted(records.members[one].name for one in waited))
                told = f"event {event.id} gave a lead to {records.members[to].name}, and {names} waited longer"
                yield Violation("unfair", told)
            last[team_id, to] = event.id
        elif event.by_id is not None and event.kind == "claimed" and "from" in (event.data or {}):
            last[team_id, event.by_id] = event.id


def number_of(lead: Lead) -> int | None:
    """The number with which the lead was sent, told by its address."""
    found = _NUMBER.match(lead.email or "")
    return int(found[1]) if found else None


def turns_of(records: Records) -> dict[str, Counter[str]]:
    """How many leads each rep of each team was given as they arrived, by names; a rep who got none counts too."""
    given = Counter(
        (records.leads[lead_id].team_id, event.data["to"])
        for lead_id, events in records.events.items()
        for event in events
        if event.kind == "given" and event.by_id is None
    )
    return {
        records.teams[team_id].name: Counter({records.members[one].name: given[team_id, one] for one in ids})
        for team_id, ids in records.reps.items()
    }


def _reps(team: int, number: int) -> tuple[str, ...]:
    return tuple(f"rep-{team}-{'abcdefgh'[each]}" for each in range(number))


def main() -> int:
    """Returns the exit code: 0 when nothing was lost, doubled or unfair."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.flood", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", help="default: both")
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    say = partial(Console(width=120).print, markup=False, highlight=False, soft_wrap=True)
    good = True
    for engine in given.engine or ("sqlite", "postgresql"):
        flood = Flood(engine, given.leads, given.kills, seed=given.seed)
        with tempfile.TemporaryDirectory(prefix="tandem-flood-") as folder, database(engine, Path(folder)) as url:
            came = asyncio.run(Run(flood, url, Path(folder), say).run())
        say("\n".join(came.lines()))
        if came.violations:
            good = False
            say(came.dump)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
