"""The words by which voc items are found: folded as `compare_key` folds them, with their stems, whatever the script.

An item's words and those of a search go through the same functions, and databases compare what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from domain.text import key_words
from domain.voc.doubt import UNSPACED

LANGUAGES: Final = ("english", "german", "french", "spanish")
"""Whose endings a search takes off: nobody says in which of them a line is typed, so a word gets the stems of all."""

LONGEST_WORD: Final = 40
"""Characters; of a longer word (an address, a key), the beginning counts."""

SHORTEST_STEM: Final = 3
GAP: Final = "§"
"""Stands between texts of one item, so that no phrase is found across their border. No word has it."""

_STEM: Final = "¬"
_ONE_AT_A_TIME: Final = Lock()  # a stemmer keeps the word that it works on
_RUNS: Final = re.compile(f"{UNSPACED}+|(?:(?!{UNSPACED}).)+")


@dataclass(frozen=True, slots=True)
class Wording:
    """What words are made of: an item as it is stored, with the names of what it belongs to."""

    item_id: int
    workspace_id: int
    member_id: int
    kind: str
    line: str
    verbatim: str
    quote: str | None
    theme_id: int | None
    theme: str | None
    account_id: int | None
    account: str | None
    competitor: str | None
    competitor_key: str | None
    created_at: datetime


def words_of(text: str) -> list[str]:
    """The words of a text, in their order. Where a script has no spaces, a word is each pair of characters."""
    return [token for word in key_words(text) for token in _tokens(word)]


@lru_cache(maxsize=50_000)
def stems_of(word: str) -> frozenset[str]:
    """What is left of a word without its endings, as tokens: `prices` and `pricing` have one in common."""
    if not (word.isascii() and word.isalpha()):
        return frozenset()
    with _ONE_AT_A_TIME:
        stems = {str(stemmer.stemWord(word)) for stemmer in _stemmers()}
    if word[-1] == "s" and word[-2:-1] != "s":
        stems.add(word[:-1])  # `CFOs` and `APIs`: to the stemmers, the vowel before the `s` makes them no plurals
    return frozenset(f"{_STEM}{stem}" for stem in stems if len(stem) >= SHORTEST_STEM)


def tokens_of(item: Wording) -> list[str]:
    """All that the item is found by: its words with gaps between texts, their stems, marks of what it belongs to."""
    texts = [item.verbatim, item.quote if item.quote and item.quote not in item.verbatim else "", item.theme or ""]
    texts += [item.account or "", item.competitor or ""]
    tokens: list[str] = []
    for each in filter(None, map(words_of, texts)):
        tokens += [*each, GAP, *_ends(each)]
    known = set(tokens)
    # Marks that were typed and are in no field, such as a second hashtag.
    tokens += [word for word in words_of(item.line) if word not in known]
    stems = {stem for word in set(tokens) for stem in stems_of(word)}
    return [*tokens, *sorted(stems), *_marks(item)]


def words_in(tokens: Iterable[str]) -> set[str]:
    """Those of an item's tokens that are words of it."""
    return {token for token in tokens if token[0] not in (GAP, _STEM)}


def mark_of_workspace(workspace_id: int) -> str:
    return f"§w{workspace_id}"


def mark_of_theme(theme_id: int) -> str:
    return f"§t{theme_id}"


def mark_of_account(account_id: int) -> str:
    return f"§a{account_id}"


def mark_of_member(member_id: int) -> str:
    return f"§m{member_id}"


def mark_of_kind(kind: str) -> str:
    return f"§k{kind.replace('_', GAP)}"


def mark_of_competitor(key: str) -> str:
    return f"§c{key.replace('-', GAP)[: 2 * LONGEST_WORD]}"


def mark_of_month(day: date) -> str:
    """The month in UTC."""
    return f"§d{day:%Y%m}"


def mark_of_day(day: date) -> str:
    """The day in UTC."""
    return f"§d{day:%Y%m%d}"


QUOTED: Final = "§q"
"""The mark of items with the customer's own words."""


def is_unspaced(word: str) -> bool:
    """Tell whether a word is of a script without spaces."""
    return bool(re.match(UNSPACED, word))


def _tokens(word: str) -> list[str]:
    if word.isascii():
        return [word[:LONGEST_WORD]]
    pieces: list[str] = []
    for run in _RUNS.findall(word):
        if is_unspaced(run) and len(run) > 1:
            pieces += [run[place : place + 2] for place in range(len(run) - 1)]
        else:
            pieces.append(run[:LONGEST_WORD])
    return pieces


def _ends(words: list[str]) -> list[str]:
    """The last characters of runs in scripts without spaces: one character finds the pairs that begin with it."""
    ends = sorted({word[-1] for word in words if len(word) > 1 and is_unspaced(word)})
    return [*ends, GAP] if ends else []


def _marks(item: Wording) -> list[str]:
    marks = [mark_of_workspace(item.workspace_id), mark_of_kind(item.kind), mark_of_member(item.member_id)]
    marks += [mark_of_month(item.created_at), mark_of_day(item.created_at)]
    marks += [mark_of_theme(item.theme_id)] if item.theme_id is not None else []
    marks += [mark_of_account(item.account_id)] if item.account_id is not None else []
    marks += [mark_of_competitor(item.competitor_key)] if item.competitor_key else []
    return [*marks, *([QUOTED] if item.quote else [])]


@lru_cache(maxsize=1)
def _stemmers() -> list[Any]:
    """Loaded when the first word is stemmed, which takes some milliseconds."""
    import snowballstemmer  # type: ignore[import-untyped]  # has no types of its own

    return [snowballstemmer.stemmer(language) for language in LANGUAGES]
