"""The one source of the present: use cases take `at`, and it comes from here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class WallClock:
    """Tells the time as aware UTC. A playground may start it elsewhere and move it forward, never backward."""

    def __init__(self, starting_at: datetime | None = None) -> None:
        self._moved = starting_at - datetime.now(UTC) if starting_at else timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`. Raises ValueError for a negative one."""
        if by < timedelta():
            raise ValueError("time can only be moved forward")
        self._moved += by
