"""Keeps this program's clock by the database's, so that hosts whose clocks differ agree on what is due."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from bot.metrics import Metrics
from domain.wall import Reading, WallClock, local_time
from handlers.arrival import Tandem
from storage.database import Database
from storage.database_time import database_time

log = structlog.get_logger()

READINGS = 5
PAUSE_SECONDS = 10.0
WORTH_SAYING = timedelta(seconds=1)


def read_clock(session: Session) -> Reading:
    """The quickest of a few answers of the database's clock: the quicker, the closer it tells the time."""
    readings = []
    for _ in range(READINGS):
        asked = time.monotonic()
        said = database_time(session)
        readings.append(Reading(said, asked, time.monotonic()))
    return min(readings, key=lambda one: one.answered - one.asked)


def clock_of(db: Database) -> WallClock:
    """A clock for a command that is soon over: set by the database's, where the database has one."""
    clock = WallClock()
    if not db.is_sqlite:
        clock.follow(db.run_sync(read_clock))
    return clock


async def set_clock(tandem: Tandem, metrics: Metrics) -> timedelta:
    """Set the clock by the database's; SQLite has none, and nothing is done. Returns by how much it was put right.

    Raises what reading the database raises; the clock then goes on as it was set before.
    """
    if tandem.db.is_sqlite:
        return timedelta()
    change = tandem.clock.follow(await tandem.db.read(read_clock))
    metrics.clock_offset.set((tandem.clock.outside() - local_time()).total_seconds())
    return change


async def keep_time(tandem: Tandem, metrics: Metrics) -> None:
    """Set the clock every few seconds, until cancelled: computers sleep, and their clocks drift apart."""
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            change = await set_clock(tandem, metrics)
        except Exception as error:
            log.warning("the database's clock could not be read", error=type(error).__name__)
            continue
        if abs(change) > WORTH_SAYING:
            log.warning("the clock was put right by the database's", seconds=change.total_seconds())
            tandem.db.rouse("ticker")
            tandem.db.rouse("courier")
