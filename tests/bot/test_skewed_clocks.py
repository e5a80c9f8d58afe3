"""Two workers whose computers' clocks are a minute apart, as processes on one PostgreSQL: its time decides."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from storage.database import Database, wake
from storage.models import Clock, Delivery, Workspace
from tests.bot.test_processes import LEASE_SECONDS, Herd, arrange
from tests.processes import running
from tests.running import KEY

AHEAD, BEHIND = "30", "-30"


@pytest.fixture
def engine_name() -> str:
    """Several processes share PostgreSQL."""
    return "postgresql"


@dataclass
class Skewed(Herd):
    """The herd, and the process ids of its worker that is 30 s ahead and of the one that is 30 s behind."""

    ahead: int
    behind: int


@pytest.fixture
async def herd(migrated_url: str) -> AsyncIterator[Skewed]:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack, AsyncExitStack() as stack:
        slack.add_member("mia", is_admin=True, is_primary_owner=True)
        slack.add_member("ana")
        slack.add_channel("#leads", app=True)
        slack.patience = 10
        db = Database(migrated_url)
        await db.run(arrange, slack)
        pids = []
        workers = {}
        for skew in (AHEAD, BEHIND):
            env = {
                "PATH": os.environ["PATH"],
                "DATABASE_URL": migrated_url,
                "TANDEM_SECRET_KEY": KEY,
                "TANDEM_LEASE_SECONDS": str(LEASE_SECONDS),
                "TANDEM_CLOCK_SKEW_SECONDS": skew,
                **slack.environment,
            }
            process, _ = await stack.enter_async_context(running("worker", env))
            pids.append(process.pid)
            workers[process.pid] = process
        yield Skewed(slack, db, "", [], [], workers, *pids)
        await asyncio.to_thread(db.close)


async def test_rungs_fall_due_by_the_database_whatever_the_workers_clocks_say(herd: Skewed) -> None:
    # The worker that is ahead would be half a minute early.
    await herd.db.run(receive, "Not Early")
    due = datetime.now(UTC) + timedelta(seconds=2)
    await herd.db.run(run_out_at, due)
    message = await herd.slack.dm("mia").message(containing="Not Early")
    assert float(message.record.ts) >= due.timestamp()

    # The worker that is behind would be half a minute late: alone, it is on time.
    os.kill(herd.ahead, signal.SIGSTOP)
    try:
        await herd.db.run(receive, "Not Late")
        await herd.db.run(run_out_at, datetime.now(UTC))
        await herd.slack.dm("mia").message(containing="Not Late")
    finally:
        os.kill(herd.ahead, signal.SIGCONT)


async def test_what_the_slow_worker_holds_is_not_taken_from_it_before_its_lease_runs_out(herd: Skewed) -> None:
    # By the clock of the worker that is ahead, any lease of the other ran out long ago.
    os.kill(herd.ahead, signal.SIGSTOP)
    try:
        herd.slack.faults.next("chat.postMessage", Fault.slow(LEASE_SECONDS / 2))
        await herd.db.run(receive, "Held On To")
        await herd.until(in_hand)
    finally:
        os.kill(herd.ahead, signal.SIGCONT)
    await herd.slack.dm("ana").message(containing="Held On To")
    assert await herd.until(all_attempts) == {1}
    assert [herd.standing(place, "Held On To") for place in ("#leads", "@ana")] == [1, 1]


async def test_both_keep_to_one_pace_in_a_channel(herd: Skewed) -> None:
    # What the worker that is behind has just posted seems half a minute old to the one that is ahead.
    names = [f"Lead {number}" for number in range(4)]
    os.kill(herd.ahead, signal.SIGSTOP)
    try:
        for name in names:
            await herd.db.run(receive, name, ago=timedelta(minutes=1))
        await herd.slack.channel("#leads").message(containing=names[0])
    finally:
        os.kill(herd.ahead, signal.SIGCONT)
    cards = [await herd.slack.channel("#leads").message(containing=name) for name in names]
    times = sorted(float(card.record.ts) for card in cards)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) > 0.9, gaps


def receive(session: Session, name: str, ago: timedelta = timedelta()) -> None:
    """A lead arrived for ana, and its clock started."""
    workspace_id = session.scalars(select(Workspace.id)).one()
    lead = NewLead(name=name, source="test", tier="hot")
    receive_lead(session, workspace_id, lead, at=datetime.now(UTC) - ago, by=None)


def run_out_at(session: Session, due: datetime) -> None:
    """The deadline of every clock is then, and the tickers hear of it."""
    for clock in session.scalars(select(Clock).where(Clock.state == "running")):
        clock.due_at, clock.next_at, clock.rung = due, due, "breach"
    wake(session, "ticker")


def in_hand(session: Session) -> bool | None:
    """True as soon as a courier holds a delivery."""
    return session.scalar(select(Delivery.id).where(Delivery.state == "sending").limit(1)) is not None or None


def all_attempts(session: Session) -> set[int] | None:
    """How often deliveries were tried, once all are sent."""
    rows = session.execute(select(Delivery.state, Delivery.attempts)).all()
    return {row.attempts for row in rows} if all(row.state == "sent" for row in rows) else None
