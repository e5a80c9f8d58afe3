"""One run: two companies in a database, the program in a process of its own, and requests without mercy."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from playground.records import Call
from storage.database import Database
from storage.migrate import migrate
from tests.hostile.asked import Asked, Seen
from tests.hostile.bodies import Bodies
from tests.hostile.company import NETWORKS, found, people
from tests.hostile.door import Came, Door
from tests.hostile.oracle import NOT_ITS_FAULT, Oracle
from tests.hostile.process import Served, served
from tests.hostile.rows import differences, fingerprint, restore, snapshot, waiting
from tests.hostile.smaller import smaller
from tests.hostile.strategies import Strategies
from tests.hostile.tour import tour, unmet
from tests.running import KEY

BATCH = 16
AHEAD = 2
ROUND = 2_000
ACK_SECONDS = 3.0
"""Slack's deadline for an acknowledgement."""

NOT_LET_THROUGH = "is_archived"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many requests, from which seed. `strict`: an answer after ACK_SECONDS is a violation, too."""

    engine: str
    requests: int
    seed: int
    strict: bool = False


@dataclass(slots=True)
class Violation:
    """Something that must not be. `asked`: the smallest request that still does it, None when none could be named."""

    what: str
    asked: Asked | None
    came: Came | None
    times: int = 1
    alone: bool = False


@dataclass(slots=True)
class Report:
    """What came of a run. Times in seconds, memory in megabytes."""

    plan: Plan
    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmet: tuple[str, ...] = ()
    acks: list[float] = field(default_factory=list)
    calls: int = 0
    receipts: int = 0
    seconds: float = 0.0
    memory: tuple[float, float, float] = (0.0, 0.0, 0.0)
    violations: dict[str, Violation] = field(default_factory=dict)

    def blame(self, what: str, asked: Asked | None = None, came: Came | None = None) -> bool:
        """Note a violation; whether it is the first of its kind."""
        key = what[:120]
        if key in self.violations:
            self.violations[key].times += 1
            return False
        self.violations[key] = Violation(what, asked, came)
        return True


class Run:
    """A run in progress."""

    def __init__(self, plan: Plan, url: str, tell: Callable[[str], None] = lambda _progress: None) -> None:
        self.plan = plan
        self.url = url
        self.tell = tell
        self.report = Report(plan)
        self.seen = Seen()

    async def run(self) -> Report:
        """Everything, from an empty database to the report."""
        async with Playground(make_manifest(all_listeners()), mode="http", team_name="Northwind") as slack:
            people(slack)
            # The first cards do not get through: an admin is told, with a button to send them again.
            slack.faults.next("chat.postMessage", *[Fault.refuse(NOT_LET_THROUGH)] * 6)
            self.slack = slack
            self.db = Database(self.url)
            try:
                await asyncio.to_thread(migrate, self.db.engine)
                self.company = await self.db.run(found, slack, datetime.now(UTC))
                self.saved = await self.db.read(snapshot, self.company.workspace_id)
                untouched = await self.db.read(fingerprint, self.company.elsewhere_id)
                self.oracle = Oracle(self._secrets())
                slack.installation.on_call = self._hear_call
                async with served(self._environment(), self._hear_log) as program:
                    await self._attack(program)
                if program.process.returncode != 0:
                    self.report.blame(f"end: the program ended with {program.process.returncode}")
                for table, before, after in differences(
                    untouched, await self.db.read(fingerprint, self.company.elsewhere_id)
                ):
                    self.report.blame(f"cross-workspace: {table} of the other company changed ({before} to {after})")
            finally:
                await asyncio.to_thread(self.db.close)
        return self.report

    def _environment(self) -> dict[str, str]:
        return {
            **self.slack.environment,
            "DATABASE_URL": self.url,
            "TANDEM_SECRET_KEY": KEY,
            "TANDEM_WEBHOOK_NETWORKS": NETWORKS,
            "OPENAI_API_KEY": "sk-of-a-model-that-is-away",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "TANDEM_INTAKE_PER_MINUTE": "1000000",
            "TANDEM_INTAKE_BURST": "1000000",
        }

    def _secrets(self) -> tuple[str, ...]:
        app = self.slack.installation.app
        return (
            app.bot_token,
            app.app_token,
            app.signing_secret,
            app.client_secret,
            KEY,
            *(one.secret for one in self.company.senders),
        )

    async def _attack(self, program: Served) -> None:
        self.door = Door(self.slack, self.company, program.port)
        self.bodies = Bodies(self.seen, self.company, self.slack.workspace.team_id)
        try:
            await tour(self.door, self.bodies, self._quiet)
            await self.db.run(restore, self.saved)
            self.report.unmet = tuple(unmet(self.seen))
            # What is seen from here on changes nothing, or the same seed would not make the same requests.
            self.bodies.seen = copy.deepcopy(self.seen)
            await self._onslaught(program)
        finally:
            await self.door.close()

    async def _onslaught(self, program: Served) -> None:
        """As many requests as the plan says."""
        self.strategies = Strategies(all_listeners(), self.bodies)
        before, began = program.megabytes(), time.monotonic()
        warm = before
        left, number = self.plan.requests, 0
        while left > 0:
            size = min(left, ROUND)
            await asyncio.to_thread(self._round, number, size, asyncio.get_running_loop())
            await self.db.run(restore, self.saved)
            left, number = left - size, number + 1
            warm = program.megabytes() if number == 1 else warm
            self.tell(
                f"{self.plan.requests - left:,} requests in {time.monotonic() - began:.0f} s, "
                f"{program.megabytes():.0f} MB, {len(self.report.violations)} violations"
            )
        self.report.seconds = time.monotonic() - began
        await self._still_well()
        self.report.memory = (before, warm, program.megabytes())

    def _round(self, number: int, size: int, loop: asyncio.AbstractEventLoop) -> None:
        """Let Hypothesis make `size` requests and send them, BATCH at a time, from the event loop's thread."""
        under_way: deque[Future[None]] = deque()

        @seed(self.plan.seed * 1_000_003 + number)
        @settings(
            max_examples=-(-size // BATCH),
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(self.strategies.any(), min_size=BATCH, max_size=BATCH))
        def send(batch: list[Asked]) -> None:
            # The next batch is made while this one is under way.
            under_way.append(asyncio.run_coroutine_threadsafe(self._send(batch), loop))
            if len(under_way) > AHEAD:
                under_way.popleft().result()

        send()
        for sending in under_way:
            sending.result()

    async def _send(self, batch: Sequence[Asked]) -> None:
        answers = await asyncio.gather(*(self.door.send(asked) for asked in batch))
        self._hear_receipts()
        for asked, came in zip(batch, answers, strict=True):
            self.report.sent[asked.kind] += 1
            self.report.names[asked.kind, asked.name] += 1
            self.report.statuses[came.status] += 1
            if not asked.sender:
                self.report.acks.append(came.seconds)
            for what in self._wrong(asked, came):
                await self._blame(what, asked, came)

    def _wrong(self, asked: Asked, came: Came) -> Iterator[str]:
        if came.status == 0:
            yield f"no answer: {came.body}"
        if self.plan.strict and not asked.sender and came.seconds > ACK_SECONDS:
            yield "late: an answer after 3 s"
        yield from self.oracle.wrong_with_answer(asked.kind, came.status, came.body, odd=asked.odd)

    async def _blame(self, what: str, asked: Asked, came: Came) -> None:
        """Note it; the first of a kind is sent again alone, and made as small as it can be."""
        if not self.report.blame(f"{asked.kind} {asked.name}: {what}", asked, came):
            return
        violation = self.report.violations[f"{asked.kind} {asked.name}: {what}"[:120]]

        async def still(candidate: Asked) -> bool:
            again = await self.door.send(candidate)
            self._hear_receipts()
            return what in set(self._wrong(candidate, again))

        if asked.form != "raw" and await still(asked):
            violation.alone = True
            violation.asked = await smaller(asked, still)

    # What the program says elsewhere.

    def _hear_call(self, call: Call) -> None:
        self.report.calls += 1
        for name in ("view", "blocks", "attachments"):
            if isinstance(call.args.get(name), str):
                with suppress(ValueError):
                    call.args[name] = json.loads(call.args[name])
        view = call.args.get("view")
        self.seen.note_view(view)
        self.seen.note_blocks(call.args.get("blocks"))
        for attachment in call.args.get("attachments") or ():
            self.seen.note_blocks(attachment.get("blocks"))
        for what in self.oracle.wrong_with_message(call.args):
            self.report.blame(f"{call.method}: {what}: {json.dumps(call.args)[:1500]}")
        if call.method == "views.update" and view:
            # The made-up view is not there, so Slack never got to what is in it.
            for what in self.oracle.wrong_with_submission({"response_action": "update", "view": view}):
                self.report.blame(f"{call.method}: {what}: {json.dumps(call.args)[:1500]}")

    def _hear_log(self, line: str) -> None:
        for what in self.oracle.wrong_with_log(line):
            if what != f"log: delivery failed: {NOT_LET_THROUGH}":
                self.report.blame(what)

    def _hear_receipts(self) -> None:
        """What came by response_url, and what Slack refused. Then both are forgotten."""
        for channel in self.slack.workspace.channels.values():
            for message in channel.ephemerals:
                self.report.receipts += 1
                said = {"text": message.text, "blocks": message.blocks, "attachments": message.attachments}
                self.seen.note_blocks(message.blocks)
                for what in self.oracle.wrong_with_message(said):
                    self.report.blame(f"receipt: {what}: {json.dumps(said)[:1500]}")
            channel.ephemerals.clear()
        for refusal in self.slack.refusals:
            if refusal.error not in NOT_ITS_FAULT:
                detail = " ".join(refusal.detail)
                self.report.blame(
                    f"refused: {refusal.method} {refusal.error} {detail}: {json.dumps(refusal.args)[:1500]}"
                )
        self.slack.refusals.clear()

    async def _quiet(self) -> None:
        """Until what was to be said has been said."""
        try:
            async with asyncio.timeout(60):
                # The outbox is the only one who knows.
                while await self.db.read(waiting, self.company.workspace_id):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            self.report.blame(f"outbox: {await self.db.read(waiting, self.company.workspace_id)} deliveries still wait")
        await asyncio.sleep(0.05)  # receipts leave after the answer
        self._hear_receipts()

    async def _still_well(self) -> None:
        """After all of that, people and senders are served as before."""
        await self._quiet()
        body = self.bodies.command_body("voc", "too dear next to Rivalsoft #pricing", "ana")
        came = await self.door.send(Asked("command", "voc", "command", body, by="ana"))
        if came.status != 200 or "pricing" not in came.body:
            self.report.blame(f"end: /voc is no longer answered: {came}")
        lead = Asked("webhook", "website", "json", {"name": "Last Lead", "tier": "cool"}, sender="website")
        taken = await self.door.send(lead)
        if taken.status != 202:
            self.report.blame(f"end: a lead is no longer taken in: {taken}")
        ready = await self.door.get("/readyz")
        if ready.status != 200:
            self.report.blame(f"end: not ready: {ready.body}")
        metrics = await self.door.get("/metrics")
        for what in self.oracle.wrong_with_text(metrics.body):
            self.report.blame(f"metrics: {what}")
        await self._quiet()
