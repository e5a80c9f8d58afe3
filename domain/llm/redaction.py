"""What must not leave the house: replaced by placeholders in what a language model reads, put back in what it says.

`ana@example.com` becomes `⟦email 1⟧` wherever it stands in one call. The two brackets stand for nothing else: in what
people typed they become plain ones, so nobody can write a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from domain.text import compare_key, plain

LONGEST_NAME: Final = 5
"""So many words of a text are looked at for one name."""

_ORDINARY: Final = (
    "april art august banks best bill bond brand bright case cash chance cost day dawn fair faith field fields fox "
    "good grace grant green hope joy july june just king law long love major mark market may miles noble nice page "
    "park pat power powers price rich rob sales sharp short small south star stone strong sue summer support swift "
    "team true wall west white will wise wood young"
)
ORDINARY: Final = frozenset(_ORDINARY.split())
"""Words that are names, too: in small letters they stay."""

_PATTERNS: Final = (
    ("email", re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")),
    ("link", re.compile(r"(?:https?://|www\.)[^\s<>|]+", re.IGNORECASE)),
    ("link", re.compile(r"(?<![\w.])(?:[\w-]+\.)+(?:com|net|org|io|de|fr|es|co|uk|eu|ai|dev|app)(?![\w-])", re.I)),
    ("person", re.compile(r"<@[^<>\s]{1,40}>")),
    ("secret", re.compile(r"(?<![\w-])(?:xox[a-z]-|xapp-|sk-|ghp_|whsec_|AKIA|eyJ)[\w./+=-]{8,}")),
    ("secret", re.compile(r"(?<![\w-])(?=[A-Za-z_-]{0,80}\d)(?=[\d_-]{0,80}[A-Za-z])[A-Za-z0-9_-]{24,}")),
    ("account number", re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")),
    ("number", re.compile(r"(?<!\w)\d(?:[ .-]?\d){12,18}(?!\w)")),
    ("phone", re.compile(r"(?<![\w.,$€£¥])(?:\+|00)?\(?\d(?:[\s().\-/·]{0,3}\d){6,14}(?!\w)")),
)
"""Kinds of placeholders with what they stand for; whoever stands first has the say."""

_DIGITS: Final = frozenset({"number", "phone"})
"""What is the same however its digits are set apart."""

_WORD: Final = re.compile(r"[^\s.,;:!?…()\[\]{}\"“”„«»<>/\\|@#&+=*~⟦⟧—–·]+")
_OWNING: Final = re.compile(r"['’]s?$")
_PLACEHOLDER: Final = re.compile(r"⟦([^⟦⟧]{1,40})⟧")
_BRACKETS: Final = str.maketrans("⟦⟧", "[]")
# Scripts that write no spaces between words.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that texts may hold, as `compare_key` makes them.

    `people` and `accounts`: whole names. `first_names`: single words of members' names, `of_contacts`: of leads', which
    are hidden only where they are written as names. `unspaced`: people's names in scripts without spaces, as they are
    written. `kept`: words that stay, since themes or competitors are called so.
    """

    people: frozenset[str] = frozenset()
    first_names: frozenset[str] = frozenset()
    of_contacts: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    unspaced: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Found:
    begin: int
    end: int
    kind: str
    key: str


@dataclass(slots=True)
class Redaction:
    """The placeholders of one call: whatever is hidden twice has the same one."""

    names: Names
    _by_key: dict[tuple[str, str], str] = field(default_factory=dict)
    _originals: dict[str, str] = field(default_factory=dict)

    def hide(self, text: str) -> str:
        """The text with placeholders in the place of addresses, numbers and names."""
        text = text.translate(_BRACKETS)
        told, last = [], 0
        for found in sorted(self._find(text), key=lambda one: one.begin):
            told += [text[last : found.begin], self._placeholder(found, text[found.begin : found.end])]
            last = found.end
        return "".join([*told, text[last:]])

    def show(self, text: str) -> str:
        """What came back, with what was hidden in its place again; a placeholder of nothing loses its brackets."""
        return _PLACEHOLDER.sub(lambda found: self._originals.get(found[0], found[1]), text)

    def _placeholder(self, found: _Found, original: str) -> str:
        known = self._by_key.get((found.kind, found.key))
        if known is None:
            number = sum(kind == found.kind for kind, _ in self._by_key) + 1
            known = self._by_key[found.kind, found.key] = f"⟦{found.kind} {number}⟧"
            self._originals[known] = original
        return known

    def _find(self, text: str) -> list[_Found]:
        taken: list[_Found] = []
        read = plain(text)
        for kind, pattern in _PATTERNS:
            for match in pattern.finditer(read):
                key = match[0].casefold()
                if kind in _DIGITS:
                    key = "".join(filter(str.isdigit, key))
                _take(taken, _Found(match.start(), match.end(), kind, key))
        for name in self.names.unspaced:
            for match in re.finditer(re.escape(name), text):
                _take(taken, _Found(match.start(), match.end(), "person", compare_key(name)))
        for found in self._names_in(text):
            _take(taken, found)
        return taken

    def _names_in(self, text: str) -> Iterator[_Found]:
        words = list(words_of(text))
        for length in range(LONGEST_NAME, 0, -1):
            for run in _runs(words, length):
                begin, end, key = run[0].begin, run[-1].end, "-".join(one.key for one in run)
                if key in self.names.kept:
                    continue
                if key in self.names.people:
                    yield _Found(begin, end, "person", key)
                elif key in self.names.accounts:
                    yield _Found(begin, end, "account", key)
                elif length == 1 and self._is_part_of_name(key, text[begin:end]):
                    yield _Found(begin, end, "person", key)

    def _is_part_of_name(self, key: str, written: str) -> bool:
        as_name = written[0] != written[0].lower() or written.lower() == written.upper()
        if key in self.names.first_names:
            return as_name or (len(key) > 2 and key not in ORDINARY)
        return as_name and len(key) > 1 and key in self.names.of_contacts


def words_of(text: str) -> Iterator[_Found]:
    """The words of a text with their places, and the keys under which they are compared; no owner's `'s`."""
    for match in _WORD.finditer(text):
        word = _OWNING.sub("", match[0])
        if key := compare_key(word):
            yield _Found(match.start(), match.start() + len(word), "word", key)


def keys_in(texts: Iterable[str]) -> set[str]:
    """Everything in these texts that may be a name, as `compare_key` makes it."""
    keys: set[str] = set()
    for text in texts:
        words = list(words_of(text))
        for length in range(1, LONGEST_NAME + 1):
            keys |= {"-".join(one.key for one in run) for run in _runs(words, length)}
    return keys


def is_unspaced(name: str) -> bool:
    """Whether a name is written in a script without spaces between words."""
    return len(name) > 1 and _UNSPACED.search(name) is not None


def _runs(words: list[_Found], length: int) -> Iterator[list[_Found]]:
    """So many words in a row, with no more between them than stands within a name."""
    for start in range(len(words) - length + 1):
        run = words[start : start + length]
        if all(1 <= after.begin - before.end <= 3 for before, after in pairwise(run)):
            yield run


def _take(taken: list[_Found], found: _Found) -> None:
    if all(found.end <= one.begin or found.begin >= one.end for one in taken):
        taken.append(found)
