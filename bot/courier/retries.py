"""When the courier tries again: pauses between attempts, and between looks for a post that may be stored late."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from storage.ahead import LONGEST_WAIT, LONGEST_WAIT_OF_ALARMS
from storage.lanes import COMES_LATE
from storage.outbox import Priority


def backoff(attempts: int, priority: int) -> timedelta:
    """Half a second, doubling, with up to a quarter more at random; five minutes at the most, an alarm 30 s."""
    longest = LONGEST_WAIT_OF_ALARMS if priority == Priority.ALARM else LONGEST_WAIT
    seconds = min(longest.total_seconds(), 0.5 * 2.0 ** min(attempts - 1, 12))
    return timedelta(seconds=seconds * (1 + random.random() / 4))  # noqa: S311  # spreads retries, guards nothing


def next_look(late_until: datetime, at: datetime) -> datetime:
    """When to look again for a post that may be stored late: after a second, then four times as long each time."""
    began = late_until - COMES_LATE
    return min(late_until, began + max(timedelta(seconds=1), (at - began) * 4))
