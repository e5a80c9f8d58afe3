"""Two hundred people at once: they log, claim, fill in forms and look at their Home, while systems post leads.

The program runs as in real life, in processes of its own; Slack's side is the playground, in ours.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from bench import Chart, Line, Row, bench, percentile, sized
from bench.stage import ENGINE_NAMES, ENGINES, Engine, ask, database
from domain.marks import read_mark
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from playground.ack import Ack
from playground.blocks import interactive_elements, leaf_blocks
from playground.records import Channel, Member
from storage import outbox
from storage.models import Card, Lead, LeadEvent, VocItem
from storage.models import Member as StoredMember
from tests.chaos.company import SOURCE, Company, Pace, found, people
from tests.chaos.herd import Herd
from tests.running import KEY

P = ParamSpec("P")

PEOPLE_PER_TEAM = 3
THINK = (0.3, 1.0)
LEADS_A_SECOND = 5.0
LONGEST_ACK_MS = 3_000.0
CALM = Pace(hot=3_600, warm=7_200, reassign=3_600)
ROLES: dict[Engine, tuple[str, ...]] = {"sqlite": ("serve",), "postgresql": ("web", "web", "worker")}
DRAIN_SECONDS = 120


@dataclass
class Outcome:
    """What the outside was told. `acks`: ms of each; `words`, `leads`, `claims`, `homes`: what must be stored then."""

    acks: list[float] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    words: set[str] = field(default_factory=set)
    leads: set[int] = field(default_factory=set)
    claims: dict[int, str] = field(default_factory=dict)
    homes: set[str] = field(default_factory=set)

    @property
    def promised(self) -> int:
        """How many effects were acknowledged."""
        return len(self.words) + len(self.leads) + len(self.claims) + len(self.homes)


@bench("load")
async def load() -> list[Row | Chart]:
    """200 people for 60 s, each with 0.3 to 1 s of thought between two acts, and five leads a second by webhook.

    The acts: a `/voc` line (50 %), a form opened and submitted (20 %), a click on Claim (20 %), a look at the Home
    (10 %). SQLite: one `tandem serve`. PostgreSQL: two `tandem web` and one `tandem worker`, a request going to either
    web process. An ack is timed by Slack's side, which is busy itself with what is posted and edited meanwhile. Lost:
    what was acknowledged and is not in the database at the end.
    """
    rows: list[Row | Chart] = []
    lines = []
    for engine in ENGINES:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
            done, lost, seconds = await _run(engine, url, Path(folder))
        name = ENGINE_NAMES[engine]
        size = f"{sized(200, quick=20)} people, {seconds:.0f} s"
        acts = ", ".join(f"{count:,} {what}" for what, count in done.acts.most_common())
        rows += [
            Row(f"acks a second, {name}", len(done.acks) / seconds, "/s", size=size, note=acts),
            Row(f"ack, median, {name}", statistics.median(done.acks), "ms", size=size),
            Row(f"ack, 99th percentile, {name}", percentile(done.acks, 99), "ms", size=size),
            Row.at_most(f"longest ack, {name}", max(done.acks), "ms", LONGEST_ACK_MS, size=size),
            Row(f"not acknowledged, {name}", sum(done.failed.values()), "requests", "none", not done.failed, size=size),
            Row(
                f"acknowledged and lost, {name}",
                lost.total(),
                "effects",
                "none",
                not lost,
                ", ".join(f"{count} {what}" for what, count in lost.items()),
                size=f"{done.promised:,} effects",
            ),
        ]
        lines.append(Line.distribution(name, done.acks))
    rows.append(Chart("Acks under load", "ms", "% of acks", tuple(lines), log_x=True))
    return rows


async def _run(engine: Engine, url: str, folder: Path) -> tuple[Outcome, Counter[str], float]:
    """What came of it, how many effects are lost, and for how long people were at it."""
    teams = -(-sized(200, quick=20) // PEOPLE_PER_TEAM)
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        people(slack, teams)
        company = await asyncio.to_thread(found, slack, url, teams, CALM)
        env = {
            **slack.environment,
            "DATABASE_URL": url,
            "TANDEM_SECRET_KEY": KEY,
            "TANDEM_SLACK_LIMITS": "0",
        }
        herd = Herd(ROLES[engine], (0,) * len(ROLES[engine]), env, folder)
        await herd.start()
        try:
            crowd = Crowd(slack, company, herd)
            seconds = await crowd.act_for(sized(60, quick=5), sized(200, quick=20))
            await _drained(url)
        finally:
            await herd.stop()
    return crowd.done, await asyncio.to_thread(ask, url, _lost, crowd.done), seconds


async def _drained(url: str) -> None:
    """Wait until what was to be said is said."""
    async with asyncio.timeout(DRAIN_SECONDS):
        while await asyncio.to_thread(ask, url, outbox.waiting):  # noqa: ASYNC110  # another process's outbox
            await asyncio.sleep(0.5)


class Crowd:
    """Everybody at work in Slack, and the system that posts leads."""

    def __init__(self, slack: Playground, company: Company, herd: Herd) -> None:
        self.slack = slack
        self.company = company
        self.herd = herd
        self.done = Outcome()
        self.dice = random.Random(1)
        self._numbers = 0
        self._time_acks()

    def _time_acks(self) -> None:
        """Let every request to the app be timed, and go to any of its processes."""
        self._aim()
        http = self.slack._http
        for kind in ("form", "interaction", "event"):
            setattr(http, f"send_{kind}", self._timed(kind, getattr(http, f"send_{kind}")))

    def _timed(self, kind: str, send: Callable[P, Awaitable[Ack]]) -> Callable[P, Awaitable[Ack]]:
        async def timed(*args: P.args, **kwargs: P.kwargs) -> Ack:
            self._aim()
            began = time.perf_counter()
            ack = await send(*args, **kwargs)
            self.done.acks.append((time.perf_counter() - began) * 1000)
            if ack.outcome != "ok":
                self.done.failed[f"{kind} {ack.outcome}"] += 1
            return ack

        return timed

    def _aim(self) -> None:
        self.slack.events_url = f"http://127.0.0.1:{self.dice.choice(self.herd.web_ports)}/slack/events"

    async def act_for(self, seconds: float, persons: int) -> float:
        """Let them all act for so long; returns how long it took until the last had their answer."""
        began = time.perf_counter()
        names = [*self.company.reps, *self.company.managers][:persons]
        async with asyncio.TaskGroup() as group, httpx.AsyncClient(timeout=10) as http:
            posting = group.create_task(self._post_leads(http, began + seconds))
            for name in names:
                group.create_task(self._work(self.slack.member(name), name.split("-")[1], began + seconds))
            await posting
        await self.slack.people.settled(10)
        return time.perf_counter() - began

    async def _work(self, member: Member, team: str, until: float) -> None:
        channel = self.slack.workspace.channel(self.slack.channel(f"#team-{team}").id)
        while True:
            await asyncio.sleep(self.dice.uniform(*THINK))
            if time.perf_counter() >= until:
                return
            (act,) = self.dice.choices((self._log, self._fill_in, self._claim, self._look), (50, 20, 20, 10))
            await act(member, channel)

    async def _log(self, member: Member, channel: Channel) -> None:
        words = f"line {self._number()} is too expensive"
        self.done.acts["lines"] += 1
        done = await self.slack.people.command(member, channel, "/voc", f"{words} #theme-{self._numbers % 40}")
        if done.ok and done.posted is not None:
            self.done.words.add(words)

    async def _fill_in(self, member: Member, channel: Channel) -> None:
        self.done.acts["forms"] += 1
        await self.slack.people.command(member, channel, "/voc", "")
        stack = self.slack.installation.views.stack(member.id)
        if not stack:
            self.done.failed["form not opened"] += 1
            return
        view, words = stack[-1], f"form {self._number()} is too slow"
        (block,) = (one for one in leaf_blocks(view.body["blocks"]) if one["block_id"] == "text")
        value = {block["element"]["action_id"]: {"type": block["element"]["type"], "value": words}}
        done = await self.slack.people.submit(member, view, {"text": value})
        if done.ok:
            self.done.words.add(words)
        for left in list(self.slack.installation.views.stack(member.id)):
            await self.slack.people.close(member, left, whole_stack=True)

    async def _claim(self, member: Member, channel: Channel) -> None:
        for message in reversed(channel.log.top_level()[-20:]):
            for block in leaf_blocks(message.all_blocks):
                for element in interactive_elements(block):
                    if element["action_id"] == "lead.claim":
                        marked = read_mark("lead", block["block_id"].rpartition(":")[2])
                        assert marked is not None, f"a button that names no lead: {block['block_id']}"
                        if marked.id in self.done.claims:
                            continue
                        self.done.acts["claims"] += 1
                        done = await self.slack.people.act_on_message(
                            member, message, block["block_id"], "lead.claim", {}
                        )
                        taken = await self._take_over(member)  # nobody may be asked: then it is claimed already
                        if done.ok and taken:
                            self.done.claims[marked.id] = member.id
                        return
        await self._log(member, channel)

    async def _take_over(self, member: Member) -> bool:
        """Answer the question that stands before a colleague's lead is claimed; whether the answer was acknowledged."""
        stack = list(self.slack.installation.views.stack(member.id))
        done = [(await self.slack.people.submit(member, asked, {})).ok for asked in stack]
        for left in list(self.slack.installation.views.stack(member.id)):
            await self.slack.people.close(member, left, whole_stack=True)
        return all(done)

    async def _look(self, member: Member, _channel: Channel) -> None:
        self.done.acts["Homes"] += 1
        self.slack.people.open_home(member)
        self.done.homes.add(member.id)

    async def _post_leads(self, http: httpx.AsyncClient, until: float) -> None:
        webhook = Webhook(self.company.secret)
        async with asyncio.TaskGroup() as group:
            while time.perf_counter() < until:
                group.create_task(self._post_lead(http, webhook))
                await asyncio.sleep(1 / LEADS_A_SECOND)

    async def _post_lead(self, http: httpx.AsyncClient, webhook: Webhook) -> None:
        number, now = self._number(), datetime.now(UTC)
        team = self.dice.choice(self.company.teams)
        body = json.dumps({"id": f"crm-{number}", "name": f"Lead {number}", "company": "Globex", "team": team})
        headers = {
            "webhook-id": f"msg_{number}",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(f"msg_{number}", now, body),
        }
        port = self.dice.choice(self.herd.web_ports)
        self.done.acts["leads"] += 1
        began = time.perf_counter()
        try:
            answer = await http.post(f"http://127.0.0.1:{port}/intake/{SOURCE}", content=body, headers=headers)
        except httpx.HTTPError as error:
            self.done.failed[f"webhook {type(error).__name__}"] += 1
            return
        self.done.acks.append((time.perf_counter() - began) * 1000)
        if answer.status_code == 202:
            self.done.leads.add(int(answer.json()["lead_id"]))
        else:
            self.done.failed[f"webhook {answer.status_code}"] += 1

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers


def _lost(session: Session, done: Outcome) -> Counter[str]:
    """How much of what was acknowledged is not there, by what it is."""
    homes = select(StoredMember.slack_user_id).join(Card, Card.subject_id == StoredMember.id).where(Card.kind == "home")
    # Before a colleague's lead is claimed stands a question; where it came too late, nothing was promised.
    hands = select(Lead.id, StoredMember.slack_user_id).join(StoredMember, StoredMember.id == Lead.owner_id)
    claimed = set(session.scalars(select(LeadEvent.lead_id).where(LeadEvent.kind == "claimed")))
    unclaimed = {(lead_id, user_id) for lead_id, user_id in session.execute(hands) if lead_id not in claimed}
    return +Counter(
        words=len(done.words.difference(session.scalars(select(VocItem.verbatim)))),
        leads=len(done.leads.difference(session.scalars(select(Lead.id)))),
        claims=len(done.claims.items() & unclaimed),
        Homes=len(done.homes.difference(session.scalars(homes))),
    )
