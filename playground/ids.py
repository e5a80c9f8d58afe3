"""Ids as Slack makes them, the same in each run, and message timestamps that never repeat."""

from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Ids:
    """Hands out ids for one workspace. `now` gives epoch seconds; it may stand still or jump."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._counted: dict[str, int] = {}
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        """The next id of a kind (`U` members, `C` channels, `D` DMs, `F` files, `V` views), the same in each run."""
        count = self._counted[prefix] = self._counted.get(prefix, 0) + 1
        digits = ""
        while count:
            count, digit = divmod(count, len(_ALPHABET))
            digits = _ALPHABET[digit] + digits
        return f"{prefix}0PG{digits:0>7}"

    def new_ts(self) -> str:
        """A message's id: the time in seconds with six decimals, later than every `ts` before it."""
        self._last_ts = max(int(self._now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"
