"""The words for themes: how entries are written, made ready once, and found in a clause.

An entry is one or several words in their order, with up to two others in between (`price hike`). `a|b` is one of them,
`integrat*` whatever begins so, `=lags` the word as it stands, `*kosten` what ends and `*preis*` what contains it,
`@month` one of a set of sets.toml. `price + high|low` is both near each other, in any order. In front, `!` is for an
entry that decides by itself, and `~` for one that only hints.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from rapidfuzz.distance import OSA

from domain.insight.words import COMMON, LANGUAGES, SILENT, Clause, fold, stem, words_in

STARTER: Final = Path(__file__).parent / "starter"
DECIDES, PHRASE, WORD, HINT = 0.8, 0.7, 0.55, 0.2
"""What finding an entry says for its theme, from 0 to 1: one marked `!`, several words, one word, one marked `~`."""
OWN_PHRASE, OWN_WORD = 0.8, 0.6
"""The same for words that a workspace gave a theme itself."""
TYPO: Final = 0.85
"""How much of that is left when a word had to be put right."""
GAP: Final = 3
NEAR: Final = 7
"""How far apart words of one entry may be, in words: those in order, and the two sides of a `+`."""
SHORTEST_TYPO: Final = 5

DENIALS: Final = frozenset(
    ["no", "not", "never", "kein", "keine", "keinen", "nicht", "nie", "ohne", "pas", "sans", "jamais", "sin", "nunca"]
)

Classes = frozenset[int]
_CORES: Final[Mapping[str, Callable[[str, str], Iterable[str]]]] = {
    "stem": lambda word, language: (stem(word, language),),
    "exact": lambda word, _language: (word,),
    "begins": lambda word, _language: (word[:end] for end in range(3, len(word) + 1)),
    "ends": lambda word, _language: (word[begin:] for begin in range(1, len(word) - 3)),
    "inside": lambda word, _language: (
        word[begin:end] for begin in range(len(word) - 3) for end in range(begin + 4, min(len(word), begin + 14) + 1)
    ),
}
"""What a word of a line is looked up by, for each way in which a word of an entry is compared."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Words for a theme: one or several runs of classes of words, near each other. `own`: a workspace gave it."""

    theme: str
    weight: float
    runs: tuple[tuple[int, ...], ...]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry that stands in a clause: from which word to which, and what that says."""

    theme: str
    weight: float
    begin: int
    end: int
    words: int
    own: bool


@dataclass(slots=True)
class Vocabulary:
    """Entries of themes, found by their first word."""

    by_first: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    spelled: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    _ids: dict[frozenset[tuple[str, str, str]], int] = field(default_factory=dict)
    _spelled_so: dict[tuple[str, str], dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    _names: set[int] = field(default_factory=set)
    _known: dict[tuple[str, tuple[str, ...]], Classes] = field(default_factory=dict)
    _right: dict[str, str | None] = field(default_factory=dict)

    def add(self, theme: str, written: str, languages: Sequence[str], sets: Mapping[str, Sequence[str]]) -> None:
        """An entry as it is written in the starter's files."""
        mark, plain = written[0], written.lstrip("!~")
        sides = [
            [_telling(_alternatives(side.replace(" | ", "|"), sets))]
            if " + " in plain
            else [_alternatives(word, sets) for word in side.split()]
            for side in plain.split(" + ")
            if side.strip()
        ]
        for runs in product(*(self._runs(side, languages) for side in sides)):
            several = sum(map(len, runs)) > 1
            weight = DECIDES if mark == "!" else HINT if mark == "~" else PHRASE if several else WORD
            if all(runs):
                self._index(Entry(theme, weight, runs))

    def add_own(self, theme: str, words: str, weight: float | None = None) -> None:
        """Words that a workspace gave a theme: as they stand, with other endings in any of the languages."""
        parts = [part for part in words_in(fold(words)) if part not in SILENT]
        run = tuple(self._class([part], tuple(LANGUAGES)) for part in parts)
        if run:
            self._index(Entry(theme, weight or (OWN_PHRASE if len(run) > 1 else OWN_WORD), (run,), own=True))

    def find(
        self, clause: Clause, languages: tuple[str, ...], *, known_elsewhere: Vocabulary | None = None
    ) -> list[Finding]:
        """Every entry that stands in the clause. What another vocabulary knows is no typo."""
        words = clause.words
        classes = [self._classes(word, languages) for word in words]
        typos = set[int]()
        for place, meant in self._slips(words, languages, known_elsewhere):
            if not classes[place]:
                typos.add(place)
            classes[place] |= self._classes(meant, languages)
        if clause.names and self._names:
            classes = [one | self._names if place in clause.names else one for place, one in enumerate(classes)]
        found = []
        for place, here in enumerate(classes):
            for first in here:
                for entry in self.by_first.get(first, ()):
                    places = _places(entry.runs, classes, place)
                    # Words that stand in every line say nothing together, either.
                    if places is None or (len(entry.runs) > 1 and all(words[one] in COMMON for one in places)):
                        continue
                    weight = entry.weight * (TYPO if any(one in typos for one in places) else 1.0)
                    found.append(Finding(entry.theme, weight, min(places), max(places), len(places), entry.own))
        return found

    def _runs(self, words: list[list[tuple[str, ...]]], languages: Sequence[str]) -> list[tuple[int, ...]]:
        """The ways to say one side of an entry: single words that may stand for each other are one class."""
        ways: list[tuple[int, ...]] = [()]
        for alternatives in words:
            single = [one[0] for one in alternatives if len(one) == 1]
            several = [tuple(self._class([part], languages) for part in one) for one in alternatives if len(one) > 1]
            choices = ([(self._class(single, languages),)] if single else []) + several
            ways = [way + choice for way in ways for choice in choices] if choices else ways
        return [way for way in ways if way]

    def _class(self, words: Sequence[str], languages: Sequence[str]) -> int:
        patterns = frozenset((_way(word), code, _core(word, code)) for word in words for code in languages)
        known = self._ids.get(patterns)
        if known is not None:
            return known
        new = self._ids[patterns] = len(self._ids)
        for way, language, core in patterns:
            if way == "name":
                self._names.add(new)
            else:
                self._spelled_so[way, language].setdefault(core, []).append(new)
        for word in words:
            plain = word.strip("*=")
            if len(plain) >= SHORTEST_TYPO and plain.isalpha() and not word.startswith("*"):
                near = self.spelled[plain[0], len(plain)]
                if plain not in near and not word.endswith("*"):
                    near.append(plain)
        return new

    def _index(self, entry: Entry) -> None:
        self.by_first[entry.runs[0][0]].append(entry)

    def _classes(self, word: str, languages: tuple[str, ...]) -> Classes:
        key = (word, languages)
        known = self._known.get(key)
        if known is None:
            found = set[int]()
            for language in languages:
                for way, cores in _CORES.items():
                    there = self._spelled_so.get((way, language))
                    if there:
                        for core in cores(word, language):
                            found.update(there.get(core, ()))
            if len(self._known) > 20_000:
                self._known.clear()
            known = self._known[key] = frozenset(found)
        return known

    def _slips(
        self, words: tuple[str, ...], languages: tuple[str, ...], known_elsewhere: Vocabulary | None
    ) -> Iterable[tuple[int, str]]:
        """Where words stand that may be slips of the finger, and what is likely meant."""
        for place, word in enumerate(words):
            if len(word) < SHORTEST_TYPO or word in COMMON or not word.isalpha() or self._is_spelled(word, languages):
                continue
            if known_elsewhere is not None and known_elsewhere._is_spelled(word, languages):
                continue
            meant = self._meant(word)
            if meant is not None:
                yield place, meant

    def _is_spelled(self, word: str, languages: tuple[str, ...]) -> bool:
        """Whether the word itself is known, not only its beginning."""
        return any(
            core in self._spelled_so.get((way, language), ())
            for language in languages
            for way in ("stem", "exact")
            for core in _CORES[way](word, language)
        )

    def _meant(self, word: str) -> str | None:
        if word not in self._right:
            if len(self._right) > 20_000:
                self._right.clear()
            self._right[word] = self._nearest(word)
        return self._right[word]

    def _nearest(self, word: str) -> str | None:
        """The known word that this is a typo of: one slip, or two in a long word. The first letter is mostly right."""
        most = 1 if len(word) < 9 else 2
        best: tuple[int, str] | None = None
        for length in range(len(word) - most, len(word) + most + 1):
            for known in self.spelled.get((word[0], length), ()):
                distance = OSA.distance(word, known, score_cutoff=most)
                # In a short word an exchanged letter is another word: only doubled, left out and swapped ones count.
                if distance <= most and (len(word) > 6 or length != len(word) or sorted(word) == sorted(known)):
                    best = min(best or (distance, known), (distance, known))
        return best[1] if best else None


def _places(runs: tuple[tuple[int, ...], ...], classes: Sequence[Classes], place: int) -> list[int] | None:
    """Where the words of the runs stand, the first run from this word on."""
    found = _run(runs[0], classes, place)
    if found is None:
        return None
    end = found[-1]
    for run in runs[1:]:
        for other in range(max(0, place - NEAR), min(len(classes), end + NEAR + 1)):
            if (other < place or other > end) and run[0] in classes[other]:
                more = _run(run, classes, other)
                if more is not None:
                    found += more
                    break
        else:
            return None
    return found


def _run(run: tuple[int, ...], classes: Sequence[Classes], place: int) -> list[int] | None:
    found = [place]
    for wanted in run[1:]:
        for step in range(1, GAP + 1):
            if place + step < len(classes) and wanted in classes[place + step]:
                place += step
                found.append(place)
                break
        else:
            return None
    return found


def _alternatives(written: str, sets: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """`a|b c|@set` as its alternatives, each with its words, folded; the marks `*` stay."""
    found: list[tuple[str, ...]] = []
    for one in written.split("|"):
        if one == "@name":
            found.append(("@name",))
        elif one.startswith("@"):
            found += [words for each in sets[one[1:]] if (words := _parts(each))]
        elif words := _parts(one):
            found.append(words)
    return found


def _telling(alternatives: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Without those that stand in every line, where there are others."""
    telling = [one for one in alternatives if any(word not in COMMON or word in DENIALS for word in one)]
    return telling or alternatives


def _parts(written: str) -> tuple[str, ...]:
    parts = []
    for word in written.split():
        plain = words_in(fold(word.strip("*=")))
        if plain and word[0] in "*=":
            plain[0] = word[0] + plain[0]
        if plain and word.endswith("*"):
            plain[-1] += "*"
        parts += [part for part in plain if part not in SILENT]
    return tuple(parts)


def _way(word: str) -> str:
    """How a word of an entry is compared: by its stem, as it stands, by its beginning, its end, or a piece inside."""
    if word[0] in "@=":
        return "name" if word[0] == "@" else "exact"
    begins, ends = word.endswith("*"), word.startswith("*")
    return "inside" if begins and ends else "begins" if begins else "ends" if ends else "stem"


def _core(word: str, language: str) -> str:
    return word.strip("*=") if word[0] in "*=@" or word[-1] == "*" else stem(word, language)


@cache
def starter() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The entries for the themes that are known everywhere, by theme and language."""
    by_language = {code: _read(code) for code in LANGUAGES}
    return {
        theme: {code: tuple(entries[theme]) for code, entries in by_language.items()} for theme in by_language["en"]
    }


@cache
def sets() -> Mapping[str, Sequence[str]]:
    """The sets of words that entries name by `@`."""
    return _read("sets")


@cache
def other_names() -> Mapping[str, frozenset[str]]:
    """By theme that is known everywhere, the slugs that workspaces give it."""
    return {theme: frozenset([theme, *names]) for theme, names in _read("names").items()}


def _read(name: str) -> dict[str, list[str]]:
    data: dict[str, list[str]] = tomllib.loads((STARTER / f"{name}.toml").read_text(encoding="utf-8"))
    return data


def inherited(slugs: Iterable[str]) -> dict[str, str]:
    """For each slug that means a theme known everywhere, that theme. A theme is inherited once, by the nearest slug."""
    found: dict[str, str] = {}
    wanted = {slug: "-".join(words_in(fold(slug.replace("_", " ")))) for slug in slugs}
    names = {name: theme for theme, all_names in other_names().items() for name in sorted(all_names)}
    names |= {theme: theme for theme in other_names()}

    def take(slug: str, theme: str | None) -> None:
        if theme is not None and slug not in found and theme not in found.values():
            found[slug] = theme

    for slug, plain in wanted.items():
        take(slug, plain if plain in other_names() else None)
    for slug, plain in wanted.items():
        take(slug, names.get(plain))
    for slug, plain in wanted.items():
        meant = {names[part] for part in plain.split("-") if part in names and len(part) > 2}
        take(slug, meant.pop() if len(meant) == 1 else None)
    for slug, plain in wanted.items():
        near = sorted((OSA.distance(plain, name), name) for name in names if len(name) > 5)
        take(slug, names[near[0][1]] if near and near[0][0] <= len(plain) // 7 else None)
    return found
