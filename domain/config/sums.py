"""Sums of money in the settings file, as people write them: `200000`, `"200,000"`, `"€200k"`."""

from __future__ import annotations

from typing import Any, Final

from domain.config.errors import ValueWrong
from domain.config.values import is_none, read_whole, written
from domain.deal_size import LARGEST_DEAL, read_amount
from domain.text import plain

MOST_OF_1000: Final = 1_000


def read_sum_or_never(raw: Any) -> int:
    """Whole units of the workspace's currency, 0 for `never`. A currency's sign is not looked at: there is only one."""
    if is_none(raw):
        return 0
    if isinstance(raw, str):
        text = plain(raw).strip()
        for typed, currency in ((text, "USD"), (text, "SEK"), (text, "JPY"), (f"USD {text}", "USD")):
            found = read_amount(typed, 0, currency=currency)
            if found is not None and found.size is not None and found.end == len(typed):
                return int(found.size.amount) or _wrong(raw)
        return _wrong(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw <= LARGEST_DEAL:
        return _wrong(raw)
    return raw


def read_share_or_never(raw: Any) -> int:
    """Of how many of 1,000; 0 for `never`."""
    return 0 if is_none(raw) else read_whole(raw, 1, MOST_OF_1000, "no_of_1000")


def _wrong(raw: Any) -> int:
    raise ValueWrong("no_sum", (written(raw),))
