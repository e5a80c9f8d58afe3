"""The database's clock decides: a program whose computer's clock is wrong goes by PostgreSQL's."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.loops.clock import set_clock, take_up
from bot.metrics import Metrics
from domain.wall import Reading, WallClock
from handlers.arrival import Tandem
from storage.database import Database
from storage.database_time import database_time
from storage.lanes import COMES_LATE, hold_lanes
from storage.models import Delivery, Lane
from storage.outbox import Priority, put_notice
from tests.world import World

LEASE: Final = timedelta(seconds=45)


async def test_a_clock_that_is_wrong_is_put_right_by_postgresql(db: Database) -> None:
    clock = WallClock()
    wrong = clock.now() + timedelta(hours=1)
    clock.follow(Reading(wrong, 0.0, 0.0))
    change = await set_clock(Tandem(db, clock), metrics := Metrics())
    told = clock.now()
    if db.is_sqlite:
        assert change == timedelta()
        assert told > wrong
        return
    assert change != timedelta()
    assert abs(told - await db.read(database_time)) < timedelta(minutes=1)
    assert abs(metrics.clock_offset._value.get()) < 60


def test_a_worker_that_stood_still_as_it_started_takes_nothing_out_of_the_hands_of_others(world: World) -> None:
    """It would, by a time that it had read before: what others have held since seems to lie ahead."""
    world.run(put_notice, world.workspace_id, "note", 1, "C1", at=world.now, priority=Priority.ALARM)
    time = world.now

    def stand_still_and_take_up(session: Session) -> None:
        nonlocal time
        time = world.now + 3 * LEASE
        assert hold_lanes(session, holder="another", at=time, lease=LEASE, limit=8, times=1.0)
        take_up(session, lambda: time, LEASE, alone=False)

    world.run(stand_still_and_take_up)
    assert world.run(lambda session: session.scalar(select(Lane.due_at))) == time + LEASE
    assert world.run(lambda session: session.scalar(select(Delivery.late_until))) == time + COMES_LATE
