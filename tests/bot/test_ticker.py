"""The ticker after a standstill: many rungs due at once are applied in pieces, and others get their turn between."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.loops.ticker import BATCH, Ticker
from bot.metrics import Metrics
from domain.wall import WallClock
from handlers.arrival import Tandem
from storage.models import Clock, Delivery, Gathered, LeadEvent
from tests.world import World

LEADS = 3 * BATCH


def left(session: Session) -> tuple[int, int]:
    """How many clocks have not breached yet, and of how many the manager's message tells, at one moment."""
    due = select(func.count()).where(Clock.rung == "half").scalar_subquery()
    told = Gathered.card_id.in_(select(Delivery.card_id).where(Delivery.kind == "lead_breach"))
    pings = select(func.count()).select_from(Gathered).where(told).scalar_subquery()
    found = session.execute(select(due, pings)).one()
    return found[0], found[1]


def somebody_elses_work(session: Session) -> None:
    """Any use case: it waits its turn for a writer."""
    session.execute(select(1))


async def test_a_standstill_is_made_up_for_in_pieces_between_which_others_get_their_turn(world: World) -> None:
    for number in range(LEADS):
        await asyncio.to_thread(world.lead, f"Lead {number}")
    world.later(hours=12)
    ticker = Ticker(Tandem(world.db, WallClock(world.now)), Metrics())
    seen = [await world.db.read(left)]
    running = asyncio.create_task(ticker.run())
    async with asyncio.timeout(30):
        while seen[-1][0]:
            await world.db.run(somebody_elses_work)
            seen.append(await world.db.read(left))
    await ticker.stop()
    await running

    assert seen[0] == (LEADS, 0)
    assert seen[-1] == (0, LEADS)
    between = {due for due, _ in seen} - {0, LEADS}
    assert between, "nobody had a turn before all was done"
    # What is applied is queued for Slack already while the rest still waits.
    assert all(due + pings == LEADS for due, pings in seen)
    # Each piece is a transaction with its own time.
    breaches = select(LeadEvent.at).where(LeadEvent.kind == "breached").distinct()
    times = await world.db.read(lambda session: session.scalars(breaches).all())
    assert len(times) >= LEADS / BATCH
