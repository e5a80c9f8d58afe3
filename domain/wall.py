"""The one source of the present: use cases take `at`, and it comes from here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_SKEW: Final = timedelta(seconds=float(os.environ.get("TANDEM_CLOCK_SKEW_SECONDS") or 0))
"""For tests only: this process believes that its computer's clock says so much more than it does."""

_HELD_AT_MOST: Final = timedelta(seconds=1)
_NO_STEP: Final = timedelta(seconds=2)
"""What two clocks may drift apart between two looks, or a slow computer take between asking the one and the other."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def computer_time() -> datetime:
    """What this computer says (aware UTC). A simulation puts its own clock in this place."""
    return datetime.now(UTC)


def local_time() -> datetime:
    """What this computer's own clock says, right or wrong (aware UTC)."""
    return computer_time() + _SKEW


class StepWatch:
    """Holds a clock against this computer's steady one (`time.monotonic`), which nobody can put forward or back."""

    def __init__(self, tell: Callable[[], datetime]) -> None:
        self._tell = tell
        self._told, self._steady = tell(), time.monotonic()

    def step(self) -> timedelta:
        """By how much the clock was stepped since the last call, forward or (negative) back; zero when it was not.

        A computer that slept wakes up with a step forward: its steady clock slept, too.
        """
        told, steady = self._tell(), time.monotonic()
        step = told - self._told - timedelta(seconds=steady - self._steady)
        self._told, self._steady = told, steady
        return step if abs(step) > _NO_STEP else timedelta()


@dataclass(frozen=True, slots=True)
class Reading:
    """What another clock said (aware UTC) between two moments of `time.monotonic()`, in seconds."""

    said: datetime
    asked: float
    answered: float


class WallClock:
    """Tells the time as aware UTC. A playground may start it elsewhere and move it forward, never backward.

    By itself it is this computer's clock, and a step of that one is a step of this one: forward, what is then
    due happens at once; backward, deadlines wait that much longer, and nothing else does (storage/ahead.py). Nothing
    is lost or doubled by either, since rows say what is done. So it is on SQLite, which belongs to one process.

    Once it follows another clock, PostgreSQL's, it counts the seconds since what that one said, and whatever
    happens to this computer's clock changes nothing. It is held rather than put back for less than a second, so
    that what comes later has a later time; a step back of the clock it follows it takes.
    """

    def __init__(self, starting_at: datetime | None = None) -> None:
        self._moved = starting_at - local_time() if starting_at else timedelta()
        self._zero: datetime | None = None  # what the followed clock said at zero of time.monotonic()
        self._latest = _EPOCH

    def now(self) -> datetime:
        """The present, as far as this program is concerned."""
        return self.outside() + self._moved

    def outside(self) -> datetime:
        """The present outside, wherever a playground has moved this clock: what strangers' signatures are held to."""
        if self._zero is None:
            return local_time()
        present = self._zero + timedelta(seconds=time.monotonic())
        self._latest = max(self._latest, present)
        return self._latest

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`. Raises ValueError for a negative one."""
        if by < timedelta():
            raise ValueError("time can only be moved forward")
        self._moved += by

    def follow(self, reading: Reading) -> timedelta:
        """Go by the clock that was read, from now on. Returns by how much this clock was put right.

        The other clock said so at some moment between question and answer: while that may be true of what
        this clock says, it is left alone, so a slow answer disturbs nothing. Otherwise it said so halfway.
        """
        earliest = reading.said - timedelta(seconds=reading.answered)
        latest = reading.said - timedelta(seconds=reading.asked)
        if self._zero is not None and earliest <= self._zero <= latest:
            return timedelta()
        before, self._zero = self.outside(), earliest + (latest - earliest) / 2
        present = self._zero + timedelta(seconds=time.monotonic())
        if self._latest - present > _HELD_AT_MOST:
            self._latest = present
        return present - before
