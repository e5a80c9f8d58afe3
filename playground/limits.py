"""Slack's rate limits: calls per method in any minute, and for `chat.postMessage` one a second in each channel.

Slack lets bursts above them pass now and then and promises none, so here each limit holds strictly: what passes
here, Slack allows. Source: https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections import deque
from collections.abc import Callable
from math import ceil

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
POSTS_PER_MINUTE = 300
"""Of a whole workspace: Slack says "several hundred"."""


class Limits:
    """The calls of the last minute, counted. `clock` is in seconds and only runs forward.

    `times` lets a method be called so many times as often; a channel takes one post a second all the same.
    """

    def __init__(self, clock: Callable[[], float], times: float = 1.0) -> None:
        self._clock = clock
        self._times = times
        self._calls: dict[str, deque[float]] = {}
        self._posted: dict[str, float] = {}

    def wait_for(self, method: str, tier: int, channel: str) -> int:
        """0 when the call may go ahead, else the seconds of `Retry-After`."""
        now = self._clock()
        posting = method == "chat.postMessage"
        wait = self._until_minute_allows(method, POSTS_PER_MINUTE if posting else PER_MINUTE[tier], now)
        if posting:
            wait = max(wait, self._posted.get(channel, now - 1) + 1 - now)
        if wait > 0:
            return max(1, ceil(wait))
        self._calls[method].append(now)
        if posting:
            self._posted[channel] = now
        return 0

    def _until_minute_allows(self, method: str, most: int, now: float) -> float:
        """Seconds until fewer than `most` calls of the method lie in the last minute."""
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - 60:
            calls.popleft()
        over = len(calls) - max(1, int(most * self._times))
        return calls[over] + 60 - now if over >= 0 else 0.0
