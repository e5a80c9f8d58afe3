"""Long texts, cut to what a reader of a digest needs: for a change, the place where it happened."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from domain.text import ELLIPSIS, shorten

CHANGE_LIMIT: Final = 120
LEAD_IN: Final = 40


def excerpt_change(before: str, after: str) -> tuple[str, str]:
    """Both texts on one line, in CHANGE_LIMIT characters at most, from shortly before where they begin to differ."""
    before, after = one_line(before), one_line(after)
    if max(len(before), len(after)) <= CHANGE_LIMIT:
        return before, after
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    # Begin at a word: anywhere else could split what is seen as one character.
    start = before.find(" ", max(0, same - LEAD_IN), same) + 1 if before and after else 0
    return _from(before, start), _from(after, start)


def one_line(text: str) -> str:
    """The text with every run of blanks and line breaks as one space."""
    return " ".join(text.split())


def _from(text: str, start: int) -> str:
    return shorten((f"{ELLIPSIS} " if start else "") + text[start:], CHANGE_LIMIT)
