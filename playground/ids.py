"""Ids as Slack makes them, the same in each run, and message timestamps that never repeat."""

from collections.abc import Callable
from typing import Any

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Ids:
    """Hands out ids for one workspace. `now` gives epoch seconds; it may stand still or jump.

    `mark` stands in each id, so that no two workspaces have the same ones.
    """

    def __init__(self, now: Callable[[], float], mark: str = "PG") -> None:
        self._now = now
        self._mark = mark
        self._counted: dict[str, int] = {}
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        """The next id of a kind (`U` members, `C` channels, `D` DMs, `F` files, `V` views), the same in each run."""
        count = self._counted[prefix] = self._counted.get(prefix, 0) + 1
        digits = ""
        while count:
            count, digit = divmod(count, len(_ALPHABET))
            digits = _ALPHABET[digit] + digits
        return f"{prefix}0{self._mark}{digits:0>7}"

    def new_ts(self) -> str:
        """A message's id: the time in seconds with six decimals, later than every `ts` before it."""
        self._last_ts = max(int(self._now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def dump(self) -> dict[str, Any]:
        """Where the counting stands, as JSON-safe values."""
        return {"counted": dict(self._counted), "last_ts": self._last_ts}

    def load(self, stand: dict[str, Any]) -> None:
        """Go on counting where `dump` stood."""
        self._counted = dict(stand["counted"])
        self._last_ts = int(stand["last_ts"])
