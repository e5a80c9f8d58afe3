"""What was typed after `/voc merge`, `/voc rename` and `/voc split`: two names, however people put them together.

`#` is a theme's mark, `@` an account's, `!` a competitor's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from domain.text import plain

MOST_WORDS: Final = 5
"""A name has no more words: what has more is rather something that a customer said."""

_MARKS: Final = "#@!"
_NEXT: Final = re.compile(r" (?=[#@!])")
_BETWEEN: Final = re.compile(
    r"\s*(?:[-=]+>|[→⇒➔,;])\s*|\s+(?:into|in|to|with|and|as|&|\+|zu|mit|und|dans|avec|et|en|con|y)\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TwoNames:
    """The names as they were typed, with their marks; `second` is None when there is only one.

    `marked`: the first has its mark, so no sentence of a customer is meant.
    """

    first: str
    second: str | None
    marked: bool


def read_two_names(typed: str) -> TwoNames | None:
    """Read `#priceing into #pricing`, `priceing -> pricing`, `#priceing #pricing`; None for what is rather a sentence.

    Where several words may stand between the names, it is the one before a mark.
    """
    text = " ".join(plain(typed).split())
    marked = text[:1] in _MARKS and bool(text)
    first, second = _apart(text, marked=marked)
    if not first or max(len(first.split()), len((second or "").split())) > MOST_WORDS:
        return None
    return TwoNames(first, second, marked)


def _apart(text: str, *, marked: bool) -> tuple[str, str | None]:
    places = [found for found in _BETWEEN.finditer(text) if text[: found.start()] and text[found.end() :]]
    before_mark = (found for found in places if text[found.end()] in _MARKS)
    between = next(before_mark, places[0] if places else None)
    if between is not None:
        return text[: between.start()], text[between.end() :]
    next_mark = _NEXT.search(text, 1)
    second = next_mark.start() if next_mark is not None else text.find(" ") if marked else -1
    return (text[:second], text[second + 1 :]) if second > 0 else (text, None)
