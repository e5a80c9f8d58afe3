"""The database's clock decides: a program whose computer's clock is wrong goes by PostgreSQL's."""

from __future__ import annotations

from datetime import timedelta

from bot.loops.clock import set_clock
from bot.metrics import Metrics
from domain.wall import Reading, WallClock
from handlers.arrival import Tandem
from storage.database import Database
from storage.database_time import database_time


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
