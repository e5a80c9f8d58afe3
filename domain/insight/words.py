"""A line as the assignment reads it: clauses of words, and how much what each clause says counts.

Nothing here knows a theme.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Final

import snowballstemmer  # type: ignore[import-untyped]  # has no types of its own

LANGUAGES: Final = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
_STEMMERS: Final = {code: snowballstemmer.stemmer(name) for code, name in LANGUAGES.items()}
_ONE_AT_A_TIME: Final = Lock()  # a stemmer keeps the word that it works on


def read_phrases(name: str) -> str:
    """One of the lists in starter/reading.toml, as a regular expression that finds any of them."""
    return "|".join(_PHRASES[name])


_PHRASES: Final[dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "starter" / "reading.toml").read_text(encoding="utf-8")
)
_LINK: Final = re.compile(r"https?://\S+|<[^>]*>|\S[^\s@]*@[^\s.]+\.\S+")
_DEPARTMENT: Final = re.compile(r"\bIT\b(?! [A-Z])")
"""In capitals it is no pronoun."""
_WORD: Final = re.compile(r"[!@#]?[^\W_]+(?:\.[^\W_]+)*")
_NOT: Final = re.compile(r"\b(ca|do|is|wo|was|are|does|did|would|could|should|have|has|had|were|ai)n[’'`´]?t\b")
_APOSTROPHE: Final = re.compile(r"[’'`´]")
_CANNOT: Final = re.compile(r"\bcannot\b|\bca not\b")

SILENT: Final = frozenset(" ".join(_PHRASES["silent"]).split())
"""Words that are passed over: they stand between words that belong together."""

_OFTEN: Final = {code: " ".join(_PHRASES[f"often_{code}"]) for code in LANGUAGES}
_OF_LANGUAGES: Final = {
    code: frozenset(
        "".join(
            one for one in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(one)
        ).split()
    )
    for code, words in _OFTEN.items()
}
COMMON: Final = frozenset(word for words in _OF_LANGUAGES.values() for word in words)
"""Words that say nothing of what a line is about."""

# Where one thought ends and another begins. The words are matched in the folded text.
_MARK: Final = r"[.;!?,()\n–—|/:]+(?=\s|$)|[;!?\n–—|]+|\s-+\s|\s=\s|\s→\s|->|\.{2,}"
_AGAINST: Final = read_phrases("against")
_ALTHOUGH: Final = read_phrases("although")
_BECAUSE: Final = read_phrases("because")
_BREAK: Final = re.compile(
    rf"(?P<mark>{_MARK})|\b(?P<against>{_AGAINST})\b|\b(?P<although>{_ALTHOUGH})\b|\b(?P<because>{_BECAUSE})\b"
)

_DENIED: Final = re.compile(read_phrases("denied"))
_PRAISED: Final = re.compile(read_phrases("praised"))
_COMPLAINT: Final = re.compile(read_phrases("complaint"))
_AMONG_US: Final = re.compile(read_phrases("among_us"))
_SINCE: Final = re.compile(r"\b(?:since|after|seit|nachdem|depuis|apres|desde|despues|tras)\b")
"""What was sent only tells since when: “no reply since I sent the offer”."""
_MET: Final = re.compile(read_phrases("met"))
_WANTING: Final = re.compile(read_phrases("wanting"))
_DAY: Final = re.compile(read_phrases("day"))
_EMPHASIS: Final = re.compile(read_phrases("emphasis"))
PRAISED, AMONG_US, MET, BEFORE_A_BUT, ALTHOUGH = 0.15, 0.12, 0.25, 0.6, 0.35
LATER: Final = 0.85


_SPOKEN: Final = str.maketrans({"œ": "oe", "€": " euros ", "$": " dollars ", "£": " pounds "})


def fold(text: str) -> str:
    """Lower case without accents, with apostrophes as spaces and `n't` as ` not`."""
    spelled = _APOSTROPHE.sub(" ", _NOT.sub(r"\1 not", text.casefold()))
    plain = _CANNOT.sub("can not", spelled).translate(_SPOKEN).replace("wo not", "will not")
    if plain.isascii():
        return plain
    return "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))


_NO_ENDING: Final = frozenset({"timing"})
"""Words that mean something else than what they come from."""


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """What a folded word comes from in a language. Short words stand for themselves."""
    if len(word) < 4 or not word.isalpha() or word in _NO_ENDING:
        return word
    with _ONE_AT_A_TIME:
        return str(_STEMMERS[language].stemWord(word))


def languages_of(words: Sequence[str]) -> tuple[str, ...]:
    """In which languages a line may be, by words that are frequent in each. English words are mixed in everywhere."""
    counts = {code: sum(word in often for word in words) for code, often in _OF_LANGUAGES.items()}
    most = max(counts.values())
    if most < 2:
        return tuple(LANGUAGES)
    return tuple(code for code, count in counts.items() if count >= most - 1 or code == "en")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thought of a line, without its silent words.

    `said`: all its words, folded, as they stand. `weight`: how much a finding here counts. `denied`: it says that
    something is not the matter. `names`: the places of words that are written as names. `wanting`: something is wrong
    or wished for. `praised`: something is liked.
    """

    words: tuple[str, ...]
    said: str
    weight: float
    denied: bool
    names: frozenset[int]
    wanting: bool
    praised: bool


def clauses(text: str) -> list[Clause]:
    """The thoughts of a line, in order."""
    raw = _DEPARTMENT.sub("itdept", _LINK.sub(" ", text))
    names = names_in(raw)
    folded = fold(raw)
    parts: list[tuple[str, str]] = []  # how each begins, and its text
    begin, kind = 0, "mark"
    for found in _BREAK.finditer(folded):
        parts.append((kind, folded[begin : found.start()]))
        begin, kind = found.end(), str(found.lastgroup)
    parts.append((kind, folded[begin:]))
    parts = [(kind, part) for kind, part in parts if part.strip()]
    among_us = AMONG_US if _AMONG_US.search(folded) and not _SINCE.search(folded) else 1.0
    met = MET if _MET.search(folded) and _DAY.search(folded) else 1.0
    read: list[Clause] = []
    for number, (kind, part) in enumerate(parts):
        said = " ".join(word for word in words_in(part))
        words = tuple(word for word in said.split() if word not in SILENT)
        if not words:
            continue
        against_follows = any(other == "against" for other, _part in parts[number + 1 : number + 3])
        denied = bool(_DENIED.search(said)) or (against_follows and _begins_denied(said))
        weight = among_us * met * _weight(kind, said, number, against_follows=against_follows)
        praised = bool(_PRAISED.search(said)) and not _COMPLAINT.search(said)
        places = frozenset(place for place, word in enumerate(words) if word in names)
        read.append(Clause(words, said, weight, denied, places, bool(_WANTING.search(said)), praised))
    return read


_BEGINS_DENIED: Final = re.compile(
    r"^(?:its?|it is|this is|das ist|es ist|c est|ce n est|es|that s)?\s?(?:was |war |wasnt )?"
    r"(?:not|nicht|pas|no|isnt|kein|keine)\b"
)


def _begins_denied(said: str) -> bool:
    return bool(_BEGINS_DENIED.search(said)) and len(said.split()) <= 6


def _weight(kind: str, said: str, number: int, *, against_follows: bool) -> float:
    weight = LATER if number and kind == "mark" else 1.0
    if kind == "although":
        weight *= ALTHOUGH
    if against_follows:
        weight *= BEFORE_A_BUT
    if _EMPHASIS.search(said):
        weight *= 1.15
    return weight


def names_in(raw: str) -> frozenset[str]:
    """The words that are written as names, folded. Where most words begin with a capital, as in German, few are."""
    found = list(_WORD.finditer(raw))
    big = [
        one.group().lstrip("!@#")
        for number, one in enumerate(found)
        if one.group()[0] in "!@"
        or (
            number and one.group()[0].isupper() and raw[max(0, one.start() - 2) : one.start()] not in {". ", "! ", "? "}
        )
    ]
    marked = {one.group()[1:] for one in found if one.group()[0] in "!@"}
    if len(big) > 3 and len(big) > len(found) / 5:
        big = list(marked)
    return frozenset(piece for one in big for piece in words_in(fold(one)))


def words_in(folded: str) -> list[str]:
    """The words of a folded text, without what marks them."""
    return [part for piece in _WORD.findall(folded) for part in piece.lstrip("!@#").split(".") if part]
