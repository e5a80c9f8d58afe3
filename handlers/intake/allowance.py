"""How much each source may post: a bucket of tokens for each, in memory, so that nothing is written for it.

Each process counts by itself: behind two web processes a source may post twice as much. That is enough for what it is
for, a sender gone wild, and costs no row that all processes would have to take turns on.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

PER_MINUTE: Final = 600
BURST: Final = 100


class Allowance:
    """`per_minute` posts of each source over time, of which `burst` at once. `now` gives seconds that never go back."""

    def __init__(
        self, per_minute: int = PER_MINUTE, burst: int = BURST, *, now: Callable[[], float] = monotonic
    ) -> None:
        self.per_minute = per_minute
        self.burst = burst
        self._now = now
        self._left: dict[int, tuple[float, float]] = {}

    def seconds_to_wait(self, source_id: int) -> float:
        """0.0 when the source may post now, which is counted; else in how many seconds it may.

        There are as many entries as sources that have proved themselves.
        """
        now = self._now()
        left, since = self._left.get(source_id, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.per_minute / 60)
        if left < 1.0:
            self._left[source_id] = left, now
            return (1.0 - left) * 60 / self.per_minute
        self._left[source_id] = left - 1.0, now
        return 0.0
