"""A line as it is compared with another: what it says, in which order, and its numbers, names, times and denials."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from rapidfuzz.distance import OSA

from domain.insight.vocabulary import STARTER, sets
from domain.insight.words import COMMON, LANGUAGES, SILENT, fold, names_in, stem, words_in

_NUMBER: Final = re.compile(
    r"\b(\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,]\d+)*)"
    r"\s?(k|m|mio|tsd|million|millions|millionen|millones|thousand|tausend|mille|mil)?\b"
)
_POINT: Final = "p"
"""Stands for the point of a number, which would end a word."""
_MONEY: Final = re.compile(r"[$€£]\s?\d[\d.,]*\s?(?:k|m|mio)?\b|\b\d[\d.,]*\s?(?:k|m)?\s?[$€£]", re.IGNORECASE)
_WITHOUT: Final = re.compile(r"\bw/o\b", re.IGNORECASE)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "june", "july", "aug", "sept", "oct", "nov", "dec")
_MONTH_OF: Final = re.compile(r"\b(0?[1-9]|1[0-2])[/.](20\d\d)\b")
_ENDED: Final = re.compile(r"\b(\d+)(?:st|nd|rd|th|pm|am|h|uhr|er|eme|x)\b")
_PERCENT: Final = re.compile(r"\b(?:pour cent|por ciento|per cent|prozent|pct)\b|%")
_MARKS: Final = re.compile(r"#[\w-]+")
_ACCOUNTS: Final = re.compile(r"@\"[^\"]*\"|@[\w-]+")
_ENDING: Final = re.compile(
    r"(?<=\w{4})(?:ly|lich|mente|ements?|ungen|ung|ings?|ed|ern|en|er|es|em|ent|ez|ons|ait|aient|ado|ada|ados|adas|ar|ir|e|s|n|t|a|o|as|os|an|i)$"
)
FEWEST_LETTERS: Final = 5
"""Other endings of a shorter word make another word of it."""
SHORTEST_STEM: Final = 4
LONG: Final = 9
COMPARED: Final = 600
"""So many characters of a line are compared."""
_SPELLED: Final = {
    word: number
    for number, words in {
        2: "two zwei deux dos second zweite deuxieme twice zweimal",
        3: "three drei trois tres third dritte troisieme tercera",
        4: "four vier quatre cuatro fourth vierte quatrieme cuarta",
        5: "five funf cinq cinco fifth",
        6: "six sechs seis",
        7: "seven sieben sept siete",
        8: "eight acht huit ocho",
        9: "nine neun neuf nueve",
        11: "eleven elf onze",
        10: "ten zehn dix diez",
        12: "twelve zwolf douze doce",
        15: "fifteen funfzehn quinze quince",
        20: "twenty zwanzig vingt veinte",
        30: "thirty dreissig trente treinta",
        40: "forty vierzig quarante cuarenta",
        50: "fifty funfzig cinquante cincuenta",
        60: "sixty sechzig soixante sesenta",
        25: "vingtcinq veinticinco funfundzwanzig",
        70: "seventy siebzig septante setenta",
        80: "eighty achtzig ochenta",
        90: "ninety neunzig noventa",
        100: "hundred hundert cent cien",
        1000: "thousand tausend mille mil",
        1_000_000: "million millionen millon",
    }.items()
    for word in words.split()
}
_IN_ONE_WORD: Final = re.compile(
    r"\b(zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|zwolf|zwanzig|dreissig|funfzig)(hundert|tausend)\b"
)
_NUMBER_WORD: Final = re.compile(rf"(?<!\d )(?<!\d)\b(?:{'|'.join(_SPELLED)})\b")
_QUARTER: Final = re.compile(r"\b(?:q([1-4])|([1-4]|first) (?:quarter|quartal|trimestre))\b")
_THOUGHT: Final = re.compile(r"[.;!?,:()\n\"“”«»–—|/]+|\s-+\s")
"""Where one thought ends and another begins."""
_WHEN: Final = frozenset(
    (
        fold(" ".join(sets()["month"]))
        + " monday tuesday wednesday thursday friday montag dienstag mittwoch donnerstag freitag lundi mardi mercredi"
        " jeudi vendredi lunes martes miercoles jueves viernes christmas easter weihnachten ostern noel paques navidad"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it is compared.

    `said`: its words as they stand. `concepts`: those that tell something, those that say the same as one, with what
    each weighs. `sequence`: its words in order. `order`: only those that tell, with who is meant, what denies and what
    stands between two things. `amounts`: sums with a currency, which may be the mark of a deal.
    `thoughts`: its parts between commas and the like, in no order.
    """

    said: tuple[str, ...]
    concepts: Mapping[str, float]
    sequence: tuple[str, ...]
    order: tuple[str, ...]
    numbers: frozenset[str]
    amounts: frozenset[str]
    names: frozenset[str]
    accounts: frozenset[str]
    times: frozenset[str]
    denials: int
    thoughts: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.said)


@lru_cache(maxsize=2_000)
def read_told(text: str) -> Told:
    """What a line tells."""
    line = _WITHOUT.sub("without ", _MARKS.sub(" ", text[:COMPARED]))
    bare = _ACCOUNTS.sub(" ", line)
    names = names_in(bare)
    short = _short()
    plain = _MONTH_OF.sub(lambda found: f"{_MONTHS[int(found[1]) - 1]} {found[2]}", fold(_MONEY.sub(" ", bare)))
    folded = _NUMBER.sub(lambda found: f" {_number(found[1], found[2] or '')} ", _spell(_say_shortly(plain)))
    times = {f"q{(one or other).replace('first', '1')}" for one, other in _QUARTER.findall(folded)}
    thoughts = [
        [short.get(word, word) for word in words_in(part)] for part in _THOUGHT.split(_QUARTER.sub(" ", folded))
    ]
    numbers = set[str]()
    concepts: dict[str, float] = {}
    sequence: list[str] = []
    order: list[str] = []
    denials = 0
    said = [word for words in thoughts for word in words]
    for words in thoughts:
        for word in words:
            denials += _denies(word)
            if word in word_list("linking"):
                pass
            elif word in word_list("between"):
                order.append(word)
            elif word in word_list("negators"):
                order.append("not")
            elif word in word_list("we") or word in word_list("they"):
                order.append("we" if word in word_list("we") else "they")
            if word in _WHEN:
                when = concept_of(word) if concept_of(word).startswith("=") else word[:3]
                times.add(when)
                order.append(when)
                sequence.append(when)
            elif word[0].isdigit():
                numbers.add(word)
                order.append(word)
            elif word in SILENT or word in word_list("negators") or len(word) < 2 or word in word_list("filler"):
                continue
            else:
                for part in _parts(word):
                    concept = word if word in COMMON else concept_of(part)
                    sequence.append(part)
                    if not any(word in word_list(name) for name in ("we", "they", "linking", "between")):
                        order.append(concept)
                    if word not in COMMON:
                        weight = _weight(part, concept, is_name=word in names)
                        concepts[concept] = max(concepts.get(concept, 0.0), weight)
    systems = frozenset(word for word in said if word in _systems())
    named = (
        frozenset(word for word in names if word not in COMMON and not word.isdigit() and word not in _WHEN) | systems
    )
    return Told(
        said=tuple(said),
        concepts=concepts,
        sequence=tuple(sequence),
        order=tuple(order),
        numbers=frozenset(numbers),
        amounts=frozenset(_number(*one) for found in _MONEY.findall(bare) for one in _NUMBER.findall(fold(found))),
        names=frozenset(map(concept_of, named)),
        accounts=frozenset(fold(found.strip('@"')) for found in _ACCOUNTS.findall(line)),
        times=frozenset(times),
        denials=denials,
        thoughts=tuple(sorted(" ".join(words) for words in thoughts if words)),
    )


def _denies(word: str) -> bool:
    return word in word_list("negators") or word in word_list("lacking")


def _say_shortly(folded: str) -> str:
    """With one word for several words that say the same."""
    for word, phrases in _phrases():
        folded = phrases.sub(f" {word} ", folded)
    return folded


@cache
def _phrases() -> list[tuple[str, re.Pattern[str]]]:
    return [(word, re.compile(rf"\b(?:{phrases})\b")) for word, phrases in same_words()["phrases"]]


def _spell(folded: str) -> str:
    """Without what hides a number: endings of ordinals and of hours, German numbers in one word, percents."""
    plain = _PERCENT.sub(" percent ", _ENDED.sub(r"\1 ", folded))
    plain = _IN_ONE_WORD.sub(lambda found: f"{_SPELLED[found[1]] * _SPELLED[found[2]]} ", plain)
    return _NUMBER_WORD.sub(lambda found: str(_SPELLED[found[0]]), plain)


def _parts(word: str) -> tuple[str, ...]:
    """A German word for two things as both of them, where words that say the same as the second are known."""
    return (word,) if len(word) < LONG or word in _groups() or word in COMMON else _split(word)


@lru_cache(maxsize=20_000)
def _split(word: str) -> tuple[str, ...]:
    for place in range(FEWEST_LETTERS - 1, len(word) - FEWEST_LETTERS + 2):
        left, right = word[:place], word[place:]
        known = next((one for one in (left, left.removesuffix("s"), left.removesuffix("n")) if one in _groups()), None)
        if right in _groups() and (known is not None or len(right) > FEWEST_LETTERS):
            return known or left, right
    return (word,)


def _number(digits: str, unit: str) -> str:
    plain = digits.replace(",", ".") if re.search(r"[.,]\d{1,2}$", digits) else re.sub(r"[., ]", "", digits)
    value = float(plain) if plain.count(".") <= 1 else 0.0
    value *= {**dict.fromkeys(("k", "tsd", "thousand", "tausend", "mille", "mil"), 1e3)}.get(unit, 1e6 if unit else 1)
    return f"{value:.12g}".replace(".", _POINT)


@lru_cache(maxsize=20_000)
def concept_of(word: str) -> str:
    group = _groups().get(word)
    if group is not None:
        return group
    if len(word) >= FEWEST_LETTERS:
        group = _groups().get(_root(word))
        if group is not None:
            return group
        near = [one for one in _by_letter().get(word[0], ()) if is_slip(word, one)]
        if near:
            return _groups()[near[0]]
    shortest = min((stem(word, code) for code in LANGUAGES), key=lambda one: (len(one), one))
    return _groups().get(shortest, shortest) if len(shortest) >= SHORTEST_STEM else shortest


def _root(word: str) -> str:
    """The beginning of a word that its other forms share, in any language; marked, so that it is no word itself."""
    return f"{_ENDING.sub('', word)}-"


def _weight(word: str, concept: str, *, is_name: bool) -> float:
    if is_name:
        return 1.2
    return 1.3 if concept.startswith("=") else min(1.5, 0.5 + len(word) / 8)


@cache
def _groups() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for group in same_words()["same"]:
        words = group.split()
        for word in words:
            found.setdefault(word, f"={words[0]}")
            if len(word) >= FEWEST_LETTERS:
                found.setdefault(_root(word), f"={words[0]}")
    return found


@cache
def _by_letter() -> Mapping[str, list[str]]:
    """The longer words of the groups by their first letter."""
    found: dict[str, list[str]] = {}
    for word in _groups():
        if len(word) > FEWEST_LETTERS and not word.endswith("-"):
            found.setdefault(word[0], []).append(word)
    return found


def is_slip(word: str, other: str) -> bool:
    """Whether a word is another with a letter left out, doubled or swapped."""
    return (
        len(word) > FEWEST_LETTERS
        and (len(word) != len(other) or sorted(word) == sorted(other))
        and OSA.distance(word, other, score_cutoff=1) <= 1
    )


@cache
def _systems() -> frozenset[str]:
    return frozenset(word for one in sets()["system"] for word in one.split()) - SILENT - COMMON


@cache
def word_list(name: str) -> frozenset[str]:
    """One of the lists of words of same.toml."""
    return frozenset(word for line in same_words()[name] for word in line.split())


@cache
def _short() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in same_words()["short"]:
        long, *shorts = line.split()
        found |= dict.fromkeys(shorts, long)
    return found


@cache
def same_words() -> dict[str, Any]:
    """Groups of words that say the same (`same`), and pairs of groups that say the opposite (`opposite`)."""
    data: dict[str, Any] = tomllib.loads((STARTER / "same.toml").read_text(encoding="utf-8"))
    return data
