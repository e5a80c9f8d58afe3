"""The one source of the present: use cases take `at`, and it comes from here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class WallClock:
    """Tells the time as aware UTC. A playground may move it forward; time never runs backward here."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`. Raises ValueError for a negative one."""
        if by < timedelta():
            raise ValueError("time can only be moved forward")
        self._moved += by
