"""One run: a playground with faults, processes that are killed, arrivals without end, then quiet and the oracle.

Two workspaces are served at once: a noisy one, whose token stands in the environment, and a quiet one, in which the
app was installed by OAuth. Each has its own company, its own arrivals, and its own oracle.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Literal, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.installations.app import redirect_uri
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from playground.client import Slack
from storage import jobs, outbox
from storage.database import Database
from storage.models import Audience, Clock
from tests.chaos.arrivals import Arrivals
from tests.chaos.company import SOURCE, found, people
from tests.chaos.desk import Desk, open_desk
from tests.chaos.errands import DESK
from tests.chaos.errands import PROGRAM as WITH_ERRANDS
from tests.chaos.herd import PROGRAM, Herd
from tests.chaos.installing import PUBLIC_URL, Installer
from tests.chaos.ledger import Ledger
from tests.chaos.plan import ROLES, SKEWS, Plan
from tests.chaos.records import read_records
from tests.chaos.report import Report, judge
from tests.chaos.tenant import Tenant
from tests.progress import until
from tests.running import KEY

T = TypeVar("T")
HOMES = 4
LATE = (1.0, 3.0, 8.0)
"""Seconds after which a post takes effect whose sender was cut off."""
EVENTS_AGAIN = (0.0, 10.0, 30.0)
"""Seconds after which Slack sends an event again that was not acknowledged: its minutes in miniature."""
GRACE = 600.0
"""Seconds for which a refresh token that was spent answers with the same pair, in case the first answer was lost."""
WAITING_WHILE_AWAY = 5
"""Deliveries that wait in the quiet workspace before the app is installed again."""


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
        self.tenants: list[Tenant] = []
        self.replayed = self.reinstalled = self.renewals = 0

    async def run(self) -> Report:
        """Everything, from an empty database to the report."""
        plan = self.plan
        mode: Literal["socket", "http"] = "socket" if plan.engine == "sqlite" else "http"
        manifest = make_manifest(all_listeners(), redirect_url=redirect_uri(PUBLIC_URL))
        manifest["settings"]["token_rotation_enabled"] = True
        async with (
            Playground(manifest, mode=mode, seed=plan.seed) as slack,
            open_desk(Random(plan.seed), plan.fault_rate) as self.desk,
        ):
            slack.delivery.event_retries = EVENTS_AGAIN
            program = WITH_ERRANDS if plan.errands else PROGRAM
            env = self._environment(slack, self.desk)
            self.herd = Herd(ROLES[plan.engine], SKEWS[plan.engine], env, self.folder, program)
            self.slack = slack
            await self._settle(slack, "Northgate", SOURCE, plan.teams)
            quiet = await self._settle(slack.add_workspace("Southgate"), "Southgate", "shop", plan.quiet_teams)
            quiet.slowness = plan.quiet
            self.installer = Installer(slack, quiet.slack, lambda: self.herd.web_ports, self.dice)
            began = time.monotonic()
            try:
                await self.herd.start()
                if mode == "http":
                    slack.events_url = f"http://127.0.0.1:{self.herd.web_ports[0]}/slack/events"
                await self.installer.install()
                quiet.slack.installation.app.tokens.grace = GRACE
                for one in self.tenants:
                    for name in ("mia", *one.company.managers[:HOMES], *one.company.reps[:HOMES]):
                        one.slack.people.open_home(one.slack.member(name))
                self._let_fail(slack)
                await self._storm(slack)
                stormed = time.monotonic() - began
                slack.faults.clear()
                await self._drain(slack)
            finally:
                await self.herd.stop()
                for one in self.tenants:
                    await one.arrivals.close()
            return await self._report((stormed, time.monotonic() - began))

    async def _settle(self, slack: Slack, name: str, source: str, teams: int) -> Tenant:
        """A company in a workspace, in Slack and in the database."""
        people(slack, teams)
        ledger = Ledger()
        ledger.hear(slack)
        company = await asyncio.to_thread(found, slack, self.url, teams, self.plan.pace, name=name, source=source)
        dice = Random(f"{self.plan.seed} {name}")
        arrivals = Arrivals(slack, company, lambda: self.herd.web_ports, self._aim, dice)
        tenant = Tenant(slack, company, ledger, arrivals, dice)
        self.tenants.append(tenant)
        return tenant

    def _aim(self) -> None:
        """Over HTTP, Slack's requests come out of a balancer: any process may get the next one."""
        if self.slack.delivery.mode == "http":
            self.slack.events_url = f"http://127.0.0.1:{self.dice.choice(self.herd.web_ports)}/slack/events"

    def _environment(self, slack: Playground, desk: Desk) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url,
            "PUBLIC_URL": PUBLIC_URL,
            "TANDEM_SECRET_KEY": KEY,
            "TANDEM_LEASE_SECONDS": str(self.plan.lease),
            "TANDEM_INTAKE_PER_MINUTE": "6000",
            "TANDEM_INTAKE_BURST": "6000",
            "TANDEM_SOCKET_CONNECTIONS": "2",
            "TANDEM_SLACK_LIMITS": "100",  # the playground has none here: tokens are taken, and seldom waited for
            DESK: desk.address,
            **slack.environment,
        }

    def _let_fail(self, slack: Playground) -> None:
        rate = self.plan.fault_rate
        for fault in (
            Fault.rate_limited(1),
            Fault.server_error(),
            Fault.server_error_stored(),
            Fault.lost_reply(),
            Fault.hang(1),
            Fault.slow(0.5),
        ):
            slack.faults.rate("*", fault, rate)
        for seconds in LATE:
            for method in ("chat.postMessage", "chat.update", "views.publish"):
                slack.faults.rate(method, Fault.stored_late(seconds), rate / len(LATE))
        for fault in (Fault.event_lost(), Fault.event_late(3), Fault.event_twice()):
            slack.faults.rate("message_metadata_posted", fault, rate)

    async def _storm(self, slack: Playground) -> None:
        """Everything at once, until enough was said and killed."""
        plan = self.plan

        def posted() -> int:
            return sum(one.ledger.posted for one in self.tenants)

        def enough() -> bool:
            return posted() >= plan.messages and all(task.done() for task in needed)

        def progress() -> float:
            return posted() / plan.messages

        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(self._watch()), group.create_task(self._cut_sockets(slack))]
            for one in self.tenants:
                beside.append(group.create_task(self._make_digests_due(one)))
                if plan.errands:
                    beside.append(group.create_task(self._ask_errands(one)))
            if len(self.herd.keepers) > 1:  # a program that sleeps alone proves nothing, and locks its SQLite file
                stalling = self.herd.stall_some(plan.stall_gap, plan.lease + 2, self.dice)
                beside.append(group.create_task(stalling))
            beside.append(group.create_task(self._let_tokens_end(self.tenants[1])))
            needed = [
                group.create_task(self.disturb(progress)),
                group.create_task(self._reinstall(self.tenants[1], progress)),
            ]
            work = list(needed)
            for one in self.tenants:
                burst = plan.burst if one.slowness == 1.0 else 1
                work += [
                    group.create_task(one.arrivals.send_leads(plan.lead_gap * one.slowness, burst, enough)),
                    group.create_task(one.arrivals.act(plan.act_gap * one.slowness, enough)),
                    group.create_task(one.arrivals.ask_the_doctor(plan.look_gap * one.slowness, enough)),
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
            for one in self.tenants:
                one.arrivals.paused = waiting > 30 * (self.plan.teams + self.plan.quiet_teams)
            if time.monotonic() - told > 30:
                told = time.monotonic()
                posted = ", ".join(f"{one.ledger.posted} in {one.company.name}" for one in self.tenants)
                self.tell(f"{told - began:6.0f} s: messages {posted}; {self.herd.kills} kills, {waiting} waiting")
            await asyncio.sleep(1)

    async def _cut_sockets(self, slack: Playground) -> None:
        while slack.delivery.mode == "socket":
            await asyncio.sleep(self.dice.expovariate(1 / 8))
            if self.dice.random() < 0.5:
                await slack.sockets.drop()
            else:
                await slack.sockets.refresh(grace=1)

    async def _make_digests_due(self, tenant: Tenant) -> None:
        while True:
            await self._beside(tenant.make_due, tenant.issued.extend)
            await asyncio.sleep(self.dice.expovariate(1 / (self.plan.digest_gap * tenant.slowness)))

    async def _ask_errands(self, tenant: Tenant) -> None:
        while True:
            await self._beside(tenant.ask_errands, tenant.asked.update)
            await asyncio.sleep(self.dice.expovariate(1 / (self.plan.errand_gap * tenant.slowness)))

    async def _beside(self, work: Callable[[], Callable[[Session], T]], keep: Callable[[T], object]) -> None:
        """One write beside the program, of which the run must know, also when the storm ends meanwhile."""
        # A busy SQLite may leave no turn to a second writer: then it happens later.
        with suppress(OperationalError):
            writing = asyncio.ensure_future(self._look(work(), writes=True))
            try:
                await asyncio.shield(writing)
            finally:
                keep(await writing)

    # The installation of the quiet workspace.

    async def _let_tokens_end(self, tenant: Tenant) -> None:
        """Now and then its token ends soon, and is renewed."""
        seen: str | None = None
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / self.plan.renew_gap))
            with suppress(OperationalError):
                now = await self._look(tenant.let_token_end, writes=True)
                self.renewals += now not in (None, seen) and seen is not None
                seen = now or seen

    async def _reinstall(self, tenant: Tenant, progress: Callable[[], float]) -> None:
        """The app is removed while much is to be said, things wait, and it is installed again."""
        while self.reinstalled < self.plan.reinstalls:
            while progress() < (self.reinstalled + 0.5) / self.plan.reinstalls:  # noqa: ASYNC110  # nothing tells
                await asyncio.sleep(0.1)
            tenant.arrivals.away = True
            self.installer.uninstall()
            await self._much_waits(tenant)
            if self.reinstalled % 2 == 0:  # every other time news of the removal comes when the app is back
                await self.slack.delivery.settled(sum(EVENTS_AGAIN))
            await self.installer.install()
            tenant.slack.installation.app.tokens.grace = GRACE
            tenant.arrivals.away = False
            self.reinstalled += 1

    async def _much_waits(self, tenant: Tenant) -> None:
        standing = ("", 0)

        async def waits() -> bool:
            nonlocal standing
            standing = await self._look(tenant.standing)
            return standing[0] == "stopped" and standing[1] >= WAITING_WHILE_AWAY

        await until(waits, lambda: (standing, self.herd.kills), what="deliveries that wait while away", pause=0.3)

    async def _drain(self, slack: Playground) -> None:
        """Nothing arrives and nothing fails any more: wait until nothing waits either."""
        for one in self.herd.keepers:
            if one.role != "web":
                self.herd.kills += one.kill()
                break
        await self.herd.all_ready()
        self.desk.fault_rate = 0.0
        left = (1, 0, 0, 0)

        async def drained() -> bool:
            nonlocal left
            for tenant in self.tenants:
                self.replayed += await self._look(tenant.try_again, writes=True)
            left = await self._look(_left)
            return not slack.faults.late and not any(left)

        def progress() -> tuple[object, ...]:
            return left, sum(one.ledger.posted for one in self.tenants), slack.faults.late

        try:
            await until(drained, progress, what="the draining", still=self.plan.patience, pause=0.5)
        except TimeoutError as stuck:
            self.tell(str(stuck))

    async def _report(self, seconds: tuple[float, float]) -> Report:
        outcomes = []
        for tenant in self.tenants:
            others = [one.company.name for one in self.tenants if one is not tenant]
            workspace_id = tenant.company.workspace_id
            records = await self._look(partial(read_records, workspace_id=workspace_id, at=datetime.now(UTC)))
            in_one_order = self.plan.engine == "sqlite"
            outcomes.append(judge(tenant, records, self.herd, self.desk, others, in_one_order=in_one_order))
        return Report(
            plan=self.plan,
            outcomes=outcomes,
            faults={kind.value: count for kind, count in self.slack.faults.met.items()},
            herd=self.herd,
            desk=self.desk,
            replayed=self.replayed,
            reinstalled=self.reinstalled,
            renewals=self.renewals,
            seconds=seconds,
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


def _left(session: Session) -> tuple[int, int, int, int]:
    """How much is still to be said, how many clocks run, how many digests are to be made and jobs to be done."""
    clocks = session.scalar(select(func.count()).where(Clock.next_at.is_not(None)))
    digests = session.scalar(select(func.count()).where(Audience.next_at <= datetime.now(UTC)))
    return outbox.waiting(session), clocks or 0, digests or 0, jobs.open_jobs(session)
