"""The ticker: sleeps until the next rung of any clock is due, applies it, and sleeps again.

The rows are the memory; this loop only knows when to look. It is woken by clocks that start or change, in
this process by an event and in others by NOTIFY, with a coarse look every few seconds behind that.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.courier.courier import Courier
from bot.courier.errands import Taken
from bot.metrics import Metrics
from domain.leads import clocks
from domain.leads.clocks import Due
from domain.leads.ladder import ALARMS
from domain.leads.rungs import apply_due_rungs, put_off_broken_clocks
from domain.leads.waiting import give_waiting_leads
from handlers.arrival import Tandem
from storage.crash import crash_point
from storage.database import at_the_end
from storage.outbox import Priority
from storage.trace import new_request_id, traced

log = structlog.get_logger()

COARSE_SECONDS = 5.0
BATCH = 25  # some 50 ms: whoever wants the database meanwhile does not wait for longer
BREATH = timedelta(milliseconds=10)


class Ticker:
    """One of any number of tickers on the same clocks: rows are locked while a rung is applied.

    `courier`: the one of this process. The alarms of a breach are held for it in the ticker's own transaction, which
    saves it one; without it, or while it has no room, they are left in the outbox.
    """

    def __init__(self, tandem: Tandem, metrics: Metrics, courier: Courier | None = None) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self.courier = courier
        self.looked_at = time.monotonic()  # when the clocks were last read, for whoever watches
        self._wake = asyncio.Event()
        self._turns = clocks.clock_turns()
        self._stopping = False
        self._apart = False  # after a failure: alarms are left in the outbox, in case their words were the cause

    async def run(self) -> None:
        """Apply rungs as they fall due, until `stop`. A database that fails for a while is tried again."""
        self.tandem.db.on_wake("ticker", self._wake.set)
        while not self._stopping:
            self._wake.clear()
            try:
                applied, due = await self._tick()
            except Exception:
                log.exception("rungs could not be applied")
                self._apart = True
                await self._put_off_broken()
                continue
            self._apart = False
            self.looked_at = time.monotonic()
            if len(applied) < BATCH:
                await self._rest(due if applied or due is None else max(due, self._soon()))

    async def stop(self) -> None:
        """End after the tick that runs."""
        self._stopping = True
        self._wake.set()

    async def _tick(self) -> tuple[list[Due], datetime | None]:
        at = self.tandem.clock.now()
        with traced(new_request_id("tick")):
            with self._room() as room:
                applied, due, alarms = await self.tandem.db.run(self._apply, at, room)
                if applied:
                    crash_point("ticker.committed")
                if alarms and self.courier is not None:
                    self.courier.serve(alarms[0])
                    await asyncio.sleep(0)  # they are on their way before anything else is done
            for rung in applied:
                late_ms = round(rung.lateness.total_seconds() * 1000)
                log.info("rung applied", rung=rung.rung, lead=rung.lead_id, late_ms=late_ms)
        for rung in applied:
            self.metrics.rungs.labels(rung.rung).observe(max(0.0, rung.lateness.total_seconds()))
        return applied, due

    def _apply(self, session: Session, at: datetime, room: int) -> tuple[list[Due], datetime | None, list[Taken]]:
        """What fell due, when the next does, and the alarms that are held in the same transaction at its end."""
        applied = apply_due_rungs(session, at=at, limit=BATCH, turns=self._turns)
        given = give_waiting_leads(session, at=at, limit=BATCH)
        if applied:
            crash_point("ticker.before_commit")
        for lead_id, error_name in given.broken:
            log.error("a lead that waits could not be given", lead=lead_id, error=error_name)
        alarms: list[Taken] = []
        courier = self.courier
        if courier is not None and room and any(one.rung in ALARMS for one in applied):
            # As of then: whoever shares the transaction may have settled a lead since we read the clock.
            present = self.tandem.clock.now
            at_the_end(session, lambda: alarms.append(courier.hold(session, present(), room, Priority.ALARM)))
        # Where more leads wait than were looked at, the next look is at once.
        return applied, clocks.next_due(session) if given.count < BATCH else at, alarms

    def _room(self) -> AbstractContextManager[int]:
        """How many alarms the courier lets us hold for it."""
        if self.courier is None or self._apart:
            return nullcontext(0)
        return self.courier.room(spare=1)

    async def _put_off_broken(self) -> None:
        """One clock that cannot be read must not hold up all others; a database that fails is given a moment."""
        try:
            broken = await self.tandem.db.run(put_off_broken_clocks, at=self.tandem.clock.now(), limit=BATCH)
        except Exception as error:
            log.warning("clocks could not be read", error=type(error).__name__)
            broken = []
        for clock_id, error_name in broken:
            log.error("a clock is broken and was put off", clock=clock_id, error=error_name)
        if not broken:
            await asyncio.sleep(1)

    def _soon(self) -> datetime:
        """What is due and was not taken is in other hands for a moment: asking at once is only in the way."""
        return self.tandem.clock.now() + BREATH

    async def _rest(self, due: datetime | None) -> None:
        seconds = COARSE_SECONDS
        if due is not None:
            seconds = max(0.0, min(seconds, (due - self.tandem.clock.now()).total_seconds()))
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
