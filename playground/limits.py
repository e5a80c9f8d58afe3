"""Slack's rate limits: tiers per method and minute, and about one `chat.postMessage` a second in each channel.

Source: https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
POST_BURST = 4


@dataclass
class _Bucket:
    level: float
    filled_at: float


class Limits:
    """Token buckets. `clock` is in seconds and only runs forward."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def wait_for(self, method: str, tier: int, channel: str) -> int:
        """0 when the call may go ahead, else the seconds of `Retry-After`."""
        if method == "chat.postMessage":
            return self._take(f"{method}/{channel}", per_second=1.0, size=POST_BURST)
        most = PER_MINUTE[tier]
        return self._take(method, per_second=most / 60, size=most)

    def _take(self, key: str, *, per_second: float, size: float) -> int:
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(size, now))
        bucket.level = min(size, bucket.level + (now - bucket.filled_at) * per_second)
        bucket.filled_at = now
        if bucket.level >= 1:
            bucket.level -= 1
            return 0
        return max(1, ceil((1 - bucket.level) / per_second))
