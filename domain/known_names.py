"""Names that a workspace knows (accounts, competitors), found in text and given back in their own spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from domain.text import compare_key, is_word_character

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
    """An index over names; of two that compare as the same words, the first one counts."""

    def __init__(self, names: Sequence[str]) -> None:
        self._by_key: dict[str, str] = {}
        for name in names:
            if key := _key(name):
                self._by_key.setdefault(key, name)
        # A typed name may have more spaces and marks than the known one; eight is more than anyone means.
        self._longest = max(map(len, self._by_key.values()), default=-8) + 8

    @cached_property
    def _unspaced(self) -> re.Pattern[str] | None:
        """The names in scripts without spaces between words, which no spaces set apart in a text."""
        names = sorted((name for name in self._by_key.values() if _UNSPACED_NAME.search(name)), key=len, reverse=True)
        words = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
        return re.compile(f"{_WORD_BEFORE}(?:{words}){_WORD_AFTER}", re.IGNORECASE) if words else None

    @cached_property
    def _by_first_word(self) -> dict[str, int]:
        """For the first word of each name's key, how many words the longest such name has."""
        longest: dict[str, int] = {}
        for key in self._by_key:
            words = key.split("-")
            longest[words[0]] = max(len(words), longest.get(words[0], 0))
        return longest

    @staticmethod
    @lru_cache(maxsize=64)
    def of(names: tuple[str, ...]) -> KnownNames:
        """Return the index over `names`, made once for the same names."""
        return KnownNames(names)

    def all(self) -> tuple[str, ...]:
        """Every name, as it is spelled."""
        return tuple(self._by_key.values())

    def canonical(self, name: str) -> str | None:
        """Return the known spelling of `name`, compared as words are; None when unknown."""
        return self._by_key.get(_key(name))

    def longest_at(self, text: str, start: int, is_over: Callable[[int], bool]) -> NamedAt | None:
        """Return the longest known name that begins at `start` and ends where `is_over` allows a name to end."""
        for end in range(min(len(text), start + self._longest), start, -1):
            if text[end - 1].isspace() or text[end - 1] in _NO_ENDS or not is_over(end):
                continue
            if name := self.canonical(text[start:end]):
                # `Yahoo! today`, not `Yahoo! `; and `Globex, ` is `Globex`, while `Initech, Inc.` keeps its point.
                while not is_word_character(text[end - 1]) and not name.endswith(text[end - 1]):
                    end -= 1
                return NamedAt(name, start, end)
        return None

    def first_in(self, text: str) -> NamedAt | None:
        """Return the first known name that stands in `text` as a whole word, the longest of those that begin there."""
        found = self._unspaced.search(text) if self._unspaced else None
        unspaced = NamedAt(self.canonical(found[0]) or found[0], found.start(), found.end()) if found else None
        spaced = self._first_of_words(text)
        if spaced is None or (unspaced is not None and unspaced.start < spaced.start):
            return unspaced
        return spaced

    def _first_of_words(self, text: str) -> NamedAt | None:
        spans = [(found.start(), found.end(), _key(found[0])) for found in _WORDS.finditer(text)]
        for place, (start, _, first) in enumerate(spans):
            for count in range(self._by_first_word.get(first, 0), 0, -1):
                meant = spans[place : place + count]
                end = meant[-1][1]
                together = all(_TOGETHER.fullmatch(text, one[1], two[0]) for one, two in pairwise(meant))
                if together and (name := self._by_key.get("-".join(word for _, _, word in meant))):
                    return NamedAt(name, start, end)
        return None


_UNSPACED_NAME = re.compile(f"[{_UNSPACED}]")
_NO_ENDS = ",;:([{"
_WORDS = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u0590-\u05c7\u0610-\u065f\u0900-\u0dff\u200c\u200d])+(?:\+\+|#(?!\w))?")
_TOGETHER = re.compile(r"[\s_\-–]{1,8}|\s?[&+.'’]\s?|,\s")


def _key(name: str) -> str:
    return compare_key(name) or " ".join(name.split())
