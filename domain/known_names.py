"""Names that a workspace knows (accounts, competitors), found in text and given back in their own spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

# Scripts written without spaces between words, and Hangul, whose particles follow a name directly.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_WORD_BEFORE = f"(?<![^\\W{_UNSPACED}])"
_WORD_AFTER = f"(?![^\\W{_UNSPACED}])"


@dataclass(frozen=True)
class NamedAt:
    """A name found in a text, from `start` to `end`; `name` is its canonical spelling."""

    name: str
    start: int
    end: int


class KnownNames:
    """An index over names; where two differ in case or in spaces and hyphens only, the first one counts."""

    def __init__(self, names: Sequence[str]) -> None:
        self._exact: dict[str, str] = {}
        self._loose: dict[str, str] = {}
        for name in names:
            if key := _exact_key(name):
                self._exact.setdefault(key, name)
                self._loose.setdefault(_loose_key(name), name)
        # A typed name may have more spaces than the known one; eight is more than anyone means.
        self._longest = max(map(len, self._exact), default=-8) + 8

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        longest_first = sorted(self._exact, key=len, reverse=True)
        words = "|".join(r"\s+".join(map(re.escape, key.split())) for key in longest_first)
        return re.compile(f"{_WORD_BEFORE}(?:{words}){_WORD_AFTER}", re.IGNORECASE) if words else None

    @staticmethod
    @lru_cache(maxsize=64)
    def of(names: tuple[str, ...]) -> KnownNames:
        """Return the index over `names`, made once for the same names."""
        return KnownNames(names)

    def canonical(self, name: str) -> str | None:
        """Return the known spelling of `name`, whatever its case and its spaces or hyphens; None when unknown."""
        return self._exact.get(_exact_key(name)) or self._loose.get(_loose_key(name))

    def longest_at(self, text: str, start: int, is_over: Callable[[int], bool]) -> NamedAt | None:
        """Return the longest known name that begins at `start` and ends where `is_over` allows a name to end."""
        for end in range(min(len(text), start + self._longest), start, -1):
            if not text[end - 1].isspace() and is_over(end) and (name := self.canonical(text[start:end])):
                return NamedAt(name, start, end)
        return None

    def first_in(self, text: str) -> NamedAt | None:
        """Return the first known name that stands in `text` as a whole word, the longest of those that begin there."""
        found = self._anywhere.search(text) if self._anywhere else None
        if found is None:
            return None
        return NamedAt(self.canonical(found[0]) or found[0], found.start(), found.end())


def _exact_key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _loose_key(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", _exact_key(name)).strip()
