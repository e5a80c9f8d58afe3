"""Keeps this program's clock by the database's, so that hosts whose clocks differ agree on what is due.

A clock that is put back under our feet is noticed within a second, by the computer's steady one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.metrics import Metrics
from digests.editions import bring_editions_back
from domain.lateness import note_step_back
from domain.wall import Reading, StepWatch, WallClock, local_time
from handlers.arrival import Tandem
from storage.ahead import bring_back, expire_leases
from storage.database import Database
from storage.database_time import database_time
from storage.jobs import TOPIC, expire_job_leases
from storage.models import Workspace

log = structlog.get_logger()

READINGS = 5
PAUSE_SECONDS = 10.0
LOOK_SECONDS = 1.0


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


def bring_all_back(session: Session, at: datetime, lease: timedelta) -> int:
    """Nothing but leads' deadlines waits for longer than it may at `at`. `lease`: of a courier. Returns how many
    lanes were ahead."""
    bring_editions_back(session, at)
    return bring_back(session, at, lease=lease)


def take_up(session: Session, now: Callable[[], datetime], lease: timedelta, *, alone: bool) -> None:
    """A worker starts, and the clock may have been ahead before. `alone`: nobody else lives, so nothing is held.

    `now` is asked in the transaction: by an older time, what others hold and look for would seem to lie ahead.
    """
    at = now()
    bring_all_back(session, at, lease)
    if alone:
        expire_leases(session, at)
        expire_job_leases(session, at)


async def go_on(tandem: Tandem, lease: timedelta, by: timedelta) -> None:
    """The clock was put back `by` so much: bring back what would wait until time has caught up, and tell all admins."""

    def follow(session: Session) -> int:
        at = tandem.clock.now()  # not before: meanwhile this process may have stood still
        for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id)):
            note_step_back(session, workspace_id, by, at)
        return bring_all_back(session, at, lease)

    lanes = await tandem.db.run(follow)
    log.error("the clock was put back; what waited for it goes on", seconds=by.total_seconds(), lanes=lanes)


class Timekeeper:
    """Sets the clock by the database's, notices when a clock was stepped, and sees to what follows from that.

    `put_back`: what a worker does after the program's clock was put back, given by how much; until that is done it
    is `owed` and tried again. `moved`: told when this computer's clock was stepped, whichever clock the program has.
    """

    def __init__(self, tandem: Tandem, metrics: Metrics) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self.put_back: Callable[[timedelta], Awaitable[None]] | None = None
        self.moved: Callable[[], None] = lambda: None
        self.owed = timedelta()
        self._clock = StepWatch(tandem.clock.outside)
        self._computer = StepWatch(local_time)
        self._read_at = time.monotonic()

    async def run(self) -> None:
        """Look every second, until cancelled: computers sleep, and their clocks are set."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Look once. A database that fails is asked again at the next look."""
        if time.monotonic() - self._read_at >= PAUSE_SECONDS:
            self._read_at = time.monotonic()
            await self._set()
        if self._computer.step():
            self.moved()
        step = self._clock.step()
        if step:
            log.warning("the clock was stepped", seconds=round(step.total_seconds(), 1))
            self.tandem.db.rouse("ticker")
            self.tandem.db.rouse("courier")
            self.tandem.db.rouse(TOPIC)
        self.owed = max(self.owed, -step)
        if self.owed and self.put_back is not None:
            try:
                await self.put_back(self.owed)
            except Exception:
                log.exception("what waits could not be brought back after the clock was")
                return
        self.owed = timedelta()

    async def _set(self) -> None:
        try:
            await set_clock(self.tandem, self.metrics)
        except Exception as error:
            log.warning("the database's clock could not be read", error=type(error).__name__)
