"""What speaks for one thing heard in two lines, and what for two: named values, which `duplicates.py` weighs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from domain.insight.told import Told, concept_of, same_words, word_list
from domain.insight.words import COMMON, SILENT

_UN: Final = ("un", "in", "im", "dis", "des", "non", "ent")
IN_ORDER, ALL_MEANING = 0.6, 0.8
"""From so much on, two lines are nearly the same words: of all words in order, or of those with a meaning."""
TYPO, CUT_SHORT = 0.9, 0.8
"""How much a slip of a word, or its beginning, is the word."""
SHORTEST_CUT: Final = 3
"""So many letters at least a word that was cut short has, and so many it lacks."""
LONGEST_INITIALS: Final = 5
SHORTEST_RUN: Final = 2
MANY: Final = 4
"""So many words that both say are many."""
_VOWELS: Final = frozenset("aeiou")
_GONE_HERE, _GONE_THERE = "-", "--"
"""What stands for a run of words that was taken out."""


def told_apart(first: Told, second: Told) -> dict[str, float]:
    """The values, by name, most from 0 to 1."""
    in_order, meaning = _aligned(first.sequence, second.sequence)
    numbers, other_numbers = _numbers(first, second), _numbers(second, first)
    covered = _covered(first.said, second.said)
    says_we = bool(first.words & word_list("we")) != bool(second.words & word_list("we"))
    return {
        **covered,
        "in order": in_order,
        "framed": _framed(first.said, second.said),
        "same numbers": min(2, len(numbers & other_numbers)) / 2,
        "same times": min(1, len(first.times & second.times)),
        "numbers": _disagree(numbers, other_numbers),
        "times": _disagree(first.times, second.times),
        "names": _lacks(first.names, second.concepts) and _lacks(second.names, first.concepts),
        "accounts": other_accounts(first, second),
        "denials": first.denials != second.denials and (in_order >= IN_ORDER or meaning >= ALL_MEANING),
        "opposed": _opposed(first, second),
        "who": says_we and covered["least"] >= ALL_MEANING,
        "swapped": first.thoughts != second.thoughts and _swapped(first.order, second.order),
    }


def other_accounts(first: Told, second: Told) -> bool:
    """Whether each names an account, and none is the same."""
    return bool(first.accounts and second.accounts and not first.accounts & second.accounts)


def _numbers(line: Told, other: Told) -> frozenset[str]:
    """The numbers of a line. A sum of money that the other line does not tell may be the mark of a deal."""
    return line.numbers | (line.amounts if other.amounts else line.amounts & other.numbers)


def _swapped(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two words or groups have only changed places around others: “ops wants it, finance blocks it”."""
    if first == second or Counter(first) != Counter(second):
        return False
    begin = next(place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)
    end = next(place for place, (one, other) in enumerate(zip(first[::-1], second[::-1], strict=True)) if one != other)
    left, right = tuple(first[begin : len(first) - end]), tuple(second[begin : len(second) - end])
    return any(
        left[:one] == right[len(right) - one :]
        and left[len(left) - other :] == right[:other]
        and left[one : len(left) - other] == right[other : len(right) - one]
        for one in range(1, len(left) - 1)
        for other in range(1, len(left) - one)
    )


def _aligned(first: Sequence[str], second: Sequence[str]) -> tuple[float, float]:
    """How much of two lines stands in the same order: of all words, and of those with a meaning."""
    kept = [first[place] for place, _other in _pairs(first, second)]
    most = max(sum(one not in COMMON for one in first), sum(one not in COMMON for one in second))
    return len(kept) / (max(len(first), len(second)) or 1), sum(one not in COMMON for one in kept) / (most or 1)


def _pairs(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """The longest row of words that both say in the same order, as places in each."""
    longest = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) - 1, -1, -1):
        for j in range(len(second) - 1, -1, -1):
            same = longest[i + 1][j + 1] + 1 if _says(first[i], second[j]) else 0
            longest[i][j] = max(longest[i + 1][j], longest[i][j + 1], same)
    i = j = 0
    found = []
    while i < len(first) and j < len(second):
        if _says(first[i], second[j]) and longest[i][j] == longest[i + 1][j + 1] + 1:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _lacks(names: frozenset[str], words: Iterable[str]) -> bool:
    return any(not any(_says(name, word) for word in words) for name in names)


def _says(one: str, other: str) -> bool:
    if one in COMMON or other in COMMON:
        return one == other
    return _alike(one, other) >= TYPO


def _covered(first: Sequence[str], second: Sequence[str]) -> dict[str, float]:
    """How much of each line the other says, too, in the same words or in near ones."""
    left, right = _telling(_with_initials(first, second)), _telling(_with_initials(second, first))
    one, other = _cover(left, right), _cover(right, left)
    shared = min(one * len(left), other * len(right))
    return {"least": min(one, other), "most": max(one, other), "shared": min(shared, MANY) / MANY}


def _with_initials(words: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    """The words, where several stand as one that the others say by their initials (`poc`)."""
    for short in others:
        if len(short) < SHORTEST_CUT or short in words or not short.isalpha() or len(short) > LONGEST_INITIALS:
            continue
        begin = "".join(word[0] for word in words).find(short)
        if begin >= 0:
            words = [*words[:begin], short, *words[begin + len(short) :]]
    return words


def _framed(first: Sequence[str], second: Sequence[str]) -> float:
    """How much stands word by word in both, times how much of the rest is something else.

    The same frame around two different things is what two different remarks look like.
    """
    here, there = list(first), list(second)
    framed = 0
    while True:
        length, begin, other = _run(here, there)
        if length < SHORTEST_RUN:
            break
        framed += length
        here[begin : begin + length] = [_GONE_HERE]
        there[other : other + length] = [_GONE_THERE]
    left, right = _telling(here), _telling(there)
    if not framed or not left or not right:
        return 0.0
    return framed / max(len(first), len(second)) * (1 - (_cover(left, right) + _cover(right, left)) / 2)


def _run(first: Sequence[str], second: Sequence[str]) -> tuple[int, int, int]:
    """The longest run of words that stands in both: its length, and where it begins in each."""
    best = (0, 0, 0)
    before = [0] * (len(second) + 1)
    for place, one in enumerate(first):
        here = [0] * (len(second) + 1)
        for other_place, other in enumerate(second):
            if one == other:
                here[other_place + 1] = length = before[other_place] + 1
                if length > best[0]:
                    best = (length, place - length + 1, other_place - length + 1)
        before = here
    return best


def _telling(words: Iterable[str]) -> list[str]:
    return [one for one in words if one not in _silent() and len(one) > 1]


@cache
def _silent() -> frozenset[str]:
    return COMMON | SILENT | word_list("filler") | word_list("negators") | {_GONE_HERE, _GONE_THERE}


def _cover(words: Sequence[str], others: Sequence[str]) -> float:
    """How much of some words others say; 1 where there are none."""
    if not words:
        return 1.0
    return sum(max((_alike(one, other) for other in others), default=0.0) for one in words) / len(words)


@lru_cache(maxsize=20_000)
def _alike(one: str, other: str) -> float:
    """How much one word says what another says."""
    if one == other:
        return 1.0
    if not (one.isalpha() and other.isalpha()):
        return 0.0
    concept, another = concept_of(one), concept_of(other)
    if concept == another:
        return 1.0
    if _is_typo(one, other) or _is_typo(concept, another):
        return TYPO
    shorter, longer = sorted((one, other), key=len)
    return CUT_SHORT if _is_short_for(shorter.removesuffix("s"), longer) else 0.0


def _is_short_for(word: str, longer: str) -> bool:
    """Whether a word is the beginning of another (`integ`), or some of its consonants (`mgmt`)."""
    if len(word) < SHORTEST_CUT or len(longer) < len(word) + SHORTEST_CUT or word[0] != longer[0]:
        return False
    rest = iter(longer)
    return longer.startswith(word) or (_VOWELS.isdisjoint(word[1:]) and all(letter in rest for letter in word))


@lru_cache(maxsize=20_000)
def _is_typo(one: str, other: str) -> bool:
    """Whether one is the other with a slip, or with more in front or behind (`sprechen`, `besprechen`)."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 4 or one.startswith("=") or other.startswith("="):
        return False
    if shorter in longer:
        return len(shorter) >= 5 and not longer.startswith(_UN)
    most = 1 if len(shorter) < 8 else 2
    return one[0] == other[0] and OSA.distance(one, other, score_cutoff=most) <= most


def _disagree(first: frozenset[str], second: frozenset[str]) -> float:
    """1 where each tells something that the other does not; a little where only one of them tells something."""
    if first == second:
        return 0.0
    return 0.04 if first <= second or second <= first else 1.0


def _opposed(first: Told, second: Told) -> bool:
    for group, opposite in _opposites():
        for here, there in ((group, opposite), (opposite, group)):
            says = here & first.words and there & second.words
            if says and not here & second.words and not there & first.words:
                return True
    return False


@cache
def _opposites() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    return tuple((frozenset(one.split()), frozenset(other.split())) for one, other in same_words()["opposite"])
