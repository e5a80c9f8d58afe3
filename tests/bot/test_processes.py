"""Two `tandem web` and two `tandem worker` on one PostgreSQL, as processes: each thing once, at once, whoever dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from bot.seal import Sealer
from domain.calendar import WorkingHours
from domain.people import Profile, default_team, ensure_workspace, sync_members
from domain.sources import add_source
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from storage.database import Database, wake
from storage.jobs import open_jobs
from storage.models import Card, Clock, Delivery, Job, Lane
from tests.processes import PATIENCE, running
from tests.running import KEY

T = TypeVar("T")
LEASE_SECONDS = 4


@pytest.fixture
def engine_name() -> str:
    """Several processes share PostgreSQL; a SQLite file belongs to one."""
    return "postgresql"


@dataclass
class Herd:
    """The processes, what they share, and the way in through each web process."""

    slack: Playground
    db: Database
    secret: str
    ports: list[int]
    webs: list[asyncio.subprocess.Process]
    workers: dict[int, asyncio.subprocess.Process]

    async def lead_arrives(self, name: str, *, through: int) -> None:
        """A system posts a lead to one of the web processes."""
        body, stamp = json.dumps({"name": name, "tier": "hot"}), datetime.now(UTC)
        headers = {
            "webhook-id": f"msg-{name}",
            "webhook-timestamp": str(int(stamp.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(f"msg-{name}", stamp, body),
        }
        async with httpx.AsyncClient() as http:
            address = f"http://127.0.0.1:{self.ports[through]}/intake/website"
            answer = await http.post(address, content=body, headers=headers)
        assert answer.status_code in (200, 202), answer.text

    async def seconds_until_told(self, name: str, *, through: int) -> float:
        """How long after its arrival a lead's card stands in the channel."""
        began = time.monotonic()
        await self.lead_arrives(name, through=through)
        await self.slack.channel("#leads").message(containing=name, wait=10)
        return time.monotonic() - began

    async def until(self, query: Callable[[Session], T | None]) -> T:
        async with asyncio.timeout(PATIENCE):
            while (found := await self.db.read(query)) is None:  # noqa: ASYNC110  # only the database knows
                await asyncio.sleep(0.02)
        return found

    def standing(self, where: str, words: str) -> int:
        place = self.slack.dm(where[1:]) if where.startswith("@") else self.slack.channel(where)
        return sum(words in message.text for message in place.messages)


@pytest.fixture
async def herd(migrated_url: str) -> AsyncIterator[Herd]:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack, AsyncExitStack() as stack:
        slack.add_member("mia", is_admin=True, is_primary_owner=True)
        slack.add_member("ana")
        slack.add_channel("#leads", app=True)
        slack.patience = PATIENCE
        db = Database(migrated_url)
        secret = await db.run(arrange, slack)
        env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": migrated_url,
            "PORT": "0",
            "TANDEM_SECRET_KEY": KEY,
            "TANDEM_LEASE_SECONDS": str(LEASE_SECONDS),
            **slack.environment,
        }
        parts = ("web", "web", "worker", "worker")
        started = await asyncio.gather(*(stack.enter_async_context(running(part, env)) for part in parts))
        webs, workers = started[:2], started[2:]
        yield Herd(
            slack,
            db,
            secret,
            ports=[port for _, port in webs if port is not None],
            webs=[process for process, _ in webs],
            workers={process.pid: process for process, _ in workers},
        )
        await asyncio.to_thread(db.close)


def arrange(session: Session, slack: Playground) -> str:
    """Ana is the team, around the clock; mia manages it. Returns the secret of the source `website`."""
    at = datetime.now(UTC)
    workspace_id = ensure_workspace(session, slack.workspace.team_id, name="Test", at=at)
    profiles = [
        Profile(slack.member(name).id, name, None, "UTC", name == "mia", name == "mia", True, False)
        for name in ("mia", "ana")
    ]
    sync_members(session, workspace_id, profiles, at)
    team = default_team(session, workspace_id)
    team.channel, team.hours = slack.channel("#leads").id, WorkingHours.always().to_json()
    return add_source(session, workspace_id, "website", seal=Sealer(KEY).seal, at=at)


def run_out(session: Session) -> None:
    """Every clock has run out just now, and the tickers of all processes hear of it."""
    for clock in session.scalars(select(Clock)):
        clock.due_at, clock.next_at, clock.rung = datetime.now(UTC), datetime.now(UTC), "breach"
    wake(session, "ticker")


def holder(session: Session) -> int | None:
    """The process of the courier that holds a lane."""
    name = session.scalars(select(Lane.holder).where(Lane.holder.is_not(None)).limit(1)).first()
    return int(name.partition("-")[0]) if name else None


async def test_two_of_each_do_everything_once_and_at_once_and_survive_a_death(herd: Herd) -> None:
    # A card waits for NOTIFY and not for the look that every worker takes each five seconds.
    waits = [await herd.seconds_until_told(f"Lead {number}", through=number % 2) for number in range(4)]
    assert sorted(waits)[2] < 1.5, waits

    # The same webhook, sent again through the other process, is the same lead.
    await asyncio.gather(*(herd.lead_arrives("Twice Sent", through=number) for number in (0, 1)))
    card = await herd.slack.channel("#leads").message(containing="Twice Sent")

    # A click that comes by another process than its lead did.
    herd.slack.events_url = f"http://127.0.0.1:{herd.ports[1]}/slack/events"
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed")

    # Two tickers, one breach for each lead.
    await herd.db.run(run_out)
    for name in ("Lead 0", "Lead 1", "Lead 2", "Lead 3", "Twice Sent"):
        await herd.slack.dm("mia").message(containing=name)

    # A worker dies with a message in its hand: the other takes it over when the lease has run out.
    herd.slack.faults.next("chat.postMessage", Fault.hang(PATIENCE))
    await herd.lead_arrives("Left Behind", through=0)
    doomed: Any = await herd.until(holder)
    herd.workers[doomed].kill()
    await herd.workers[doomed].wait()
    await herd.slack.channel("#leads").message(containing="Left Behind")
    await herd.slack.dm("ana").message(containing="Left Behind")

    await herd.slack.channel("#leads").stays_quiet(1)
    for name in ("Lead 0", "Lead 1", "Lead 2", "Lead 3"):
        assert [herd.standing(place, name) for place in ("#leads", "@mia", "@ana")] == [1, 1, 1], name
    assert [herd.standing(place, "Twice Sent") for place in ("#leads", "@mia")] == [1, 1]
    assert [herd.standing(place, "Left Behind") for place in ("#leads", "@ana")] == [1, 1]


async def test_a_worker_that_slept_past_its_lease_does_nothing_with_what_it_held(herd: Herd) -> None:
    herd.slack.faults.next("chat.postMessage", Fault.slow(3 * LEASE_SECONDS))
    await herd.lead_arrives("Slept Over", through=0)
    sleeper: Any = await herd.until(holder)
    card = await herd.slack.channel("#leads").message(containing="Slept Over")
    herd.workers[sleeper].send_signal(signal.SIGSTOP)
    before = await herd.until(sent)
    herd.workers[sleeper].send_signal(signal.SIGCONT)

    # Slack's answer reaches the sleeper now. What follows is done once, by whoever is awake.
    herd.slack.events_url = f"http://127.0.0.1:{herd.ports[0]}/slack/events"
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed")
    await herd.db.run(run_out)
    await herd.slack.dm("mia").message(containing="Slept Over")
    await herd.slack.channel("#leads").stays_quiet(3 * LEASE_SECONDS)
    assert await herd.db.read(sent) == before
    assert [herd.standing(place, "Slept Over") for place in ("#leads", "@mia")] == [1, 1]
    # Ana's may have been in the sleeper's hands, too: she claimed the lead before it could be told again.
    assert herd.standing("@ana", "Slept Over") <= 1


async def test_who_is_asked_to_end_finishes_what_it_holds_or_gives_it_back(herd: Herd) -> None:
    # A request that waits for a lock is answered before its process ends.
    with psycopg.connect(herd.db.url.set(drivername="postgresql").render_as_string(False)) as other:
        other.execute("LOCK TABLE leads IN EXCLUSIVE MODE")
        arriving = asyncio.create_task(herd.lead_arrives("In Hand", through=0))
        await herd.until(waits_for_lock)
        herd.webs[0].terminate()
        other.rollback()
    await arriving
    assert await herd.webs[0].wait() == 0
    await herd.slack.channel("#leads").message(containing="In Hand")
    await herd.slack.dm("ana").message(containing="In Hand")

    # A message that Slack does not answer goes back at once: nobody waits for its lease.
    herd.slack.faults.next("chat.postMessage", Fault.hang(PATIENCE))
    await herd.lead_arrives("Given Back", through=1)
    leaving: Any = await herd.until(holder)
    herd.workers[leaving].terminate()
    async with asyncio.timeout(PATIENCE):
        assert await herd.workers[leaving].wait() == 0
    held = await herd.db.read(lambda session: session.scalars(select(Lane.holder)).all())
    assert not any(name is not None and name.startswith(f"{leaving}-") for name in held)
    await herd.slack.channel("#leads").message(containing="Given Back", wait=PATIENCE)
    assert herd.standing("#leads", "Given Back") == 1


async def test_a_look_that_was_asked_of_a_web_process_is_done_by_a_worker_and_by_the_next_when_that_one_dies(
    herd: Herd,
) -> None:
    general = herd.slack.channel("#leads")
    herd.slack.events_url = f"http://127.0.0.1:{herd.ports[0]}/slack/events"
    began = time.monotonic()
    await general.command("/tandem doctor", by="mia")
    await general.ephemeral("mia", "All is well")
    assert time.monotonic() - began < 4, "it waited for a look that is taken every five seconds"

    herd.slack.faults.next("auth.test", Fault.hang(PATIENCE))
    await general.command("/tandem doctor", by="mia")
    doomed: Any = await herd.until(doing)
    herd.workers[doomed].kill()
    await herd.workers[doomed].wait()
    await herd.until(all_done)
    jobs = await herd.db.read(lambda session: session.scalars(select(Job).order_by(Job.id)).all())
    assert [(one.state, one.lost) for one in jobs] == [("done", 0), ("done", 1)]


def doing(session: Session) -> int | None:
    """The process that does a job."""
    name = session.scalars(select(Job.holder).where(Job.holder.is_not(None)).limit(1)).first()
    return int(name.partition("-")[0]) if name else None


def all_done(session: Session) -> bool | None:
    """Whether no job is left."""
    return not open_jobs(session) or None


def sent(session: Session) -> tuple[str, int] | None:
    """The first lead's card in its channel as the database has it: its ts, and how often it was tried."""
    return session.execute(
        select(Card.ts, Delivery.attempts)
        .join(Delivery, Delivery.card_id == Card.id)
        .where(Card.kind == "lead_card", Delivery.state == "sent")
        .order_by(Delivery.id)
        .limit(1)
    ).first()  # type: ignore[return-value]  # a row is a tuple


def waits_for_lock(session: Session) -> bool | None:
    """Whether some connection waits for a lock just now."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return session.scalar(text(waiting)) is not None or None
