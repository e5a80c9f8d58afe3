"""Which theme a customer's words are about: by the words for it and by what people confirmed, in three bands.

Pure: no database and no clock. `docs/insight.md` has the figures.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from math import exp
from typing import Final

from domain.insight.learned import likely
from domain.insight.likeness import Likeness
from domain.insight.vocabulary import HINT, Finding, Vocabulary, inherited, sets, starter
from domain.insight.words import LANGUAGES, PRAISED, Clause, clauses, languages_of, read_phrases

__all__ = ["Assigner", "Band", "assign", "starter"]

SURE_AT: Final = 0.6
MAYBE_AT: Final = 0.22
"""So likely a theme is at least, where it is assigned and where it is asked about."""
HEARD: Final = 1.8
"""How much the words speak beside what was learned."""
HEARD_AT: Final = 0.3
"""So much the words themselves speak for a theme that is sure."""
LEAST: Final = 1e-3
"""So likely every theme is, whatever was learned."""
NO_THEME: Final = ""
MEANT: Final = 0.3
"""What is meant less than this speaks for no theme by what was learned."""
LIKENESS: Final = 0.9
"""How much the likeness to confirmed items says, at the most."""
DENIED: Final = 0.25
"""What is left of what speaks for a theme that the line denies elsewhere."""
OVERRULED: Final = 0.4
"""What is left of a starter's word where a workspace gave the same word to another theme."""
YIELDING: Final = {"competitor": 0.6, "stall": 0.8, "timing": 0.85}
"""Themes that are what happened: where the line gives a reason, the reason is the theme."""
CONTENT: Final = frozenset({"status-quo"})
"""Themes that say themselves that all is well: “Excel is fine” denies nothing."""
ONLY_MENTIONED: Final = 0.85
"""What is left where a line of some length tells of nothing that is wrong or wished for."""
FEW_WORDS: Final = 3
REASON_AT: Final = 0.5
BAD: Final = frozenset(
    [
        "expensive",
        "pricey",
        "costly",
        "overpriced",
        "cheap",
        "teuer",
        "billig",
        "cher",
        "chere",
        "chers",
        "caro",
        "cara",
        "caros",
        "caras",
        "complicated",
        "complex",
        "difficult",
        "hard",
        "clunky",
        "confusing",
        "kompliziert",
        "schwer",
        "schwierig",
        "complique",
        "compliquee",
        "difficile",
        "complexe",
        "complicado",
        "dificil",
        "complejo",
        "slow",
        "langsam",
        "lent",
        "lente",
        "lento",
        "lenta",
        "competitor",
        "stalled",
        "stuck",
    ]
)
"""Words that blame: after a “not” they are praise."""
NOT: Final = frozenset(
    [
        "not",
        "no",
        "never",
        "nothing",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "nie",
        "ni",
        "pas",
        "jamais",
        "aucun",
        "aucune",
        "sin",
        "ningun",
        "neither",
        "nor",
        "nunca",
    ]
)
_ASSETS: Final = re.compile(rf"^(?:{read_phrases('assets')})$")
_ASSETS_OF: Final = re.compile(rf"^(?:{read_phrases('assets_of')})$")
_COMPOUND_ASSET: Final = re.compile(rf".{{3,}}(?:{read_phrases('asset_words')})$")
OF_AN_ASSET: Final = 0.12
FEWEST_WORDS: Final = 3
"""From so many words on, the words tell which theme known everywhere is meant by a slug that does not."""


class Band(StrEnum):
    """SURE: assigned; MAYBE: somebody is asked; UNSURE: nobody knows."""

    SURE = "sure"
    MAYBE = "maybe"
    UNSURE = "unsure"


def assign(
    text: str,
    themes: Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]]],
    confirmed: Iterable[tuple[str, str]] = (),
) -> tuple[str | None, Band]:
    """The theme that a line is about, and how sure that is; None where nothing speaks for any.

    `themes`: by slug the words for it (several words stand for themselves in their order; other endings and small
    typos count). A slug that means a theme known everywhere (`starter`) inherits the words for that theme.
    `confirmed`: lines with the theme that somebody gave them.
    """
    return assigner_of(themes, confirmed).assign(text)


def assigner_of(
    themes: Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]]],
    confirmed: Iterable[tuple[str, str]] = (),
) -> Assigner:
    """What `assign` works with. The last few are kept, so many lines may be assigned one by one."""
    frozen = tuple((slug, tuple(words)) for slug, words in sorted(dict(themes).items()))
    return _made(frozen, tuple((text, theme) for text, theme in confirmed))


@lru_cache(maxsize=8)
def _made(themes: tuple[tuple[str, tuple[str, ...]], ...], confirmed: tuple[tuple[str, str], ...]) -> Assigner:
    return Assigner(dict(themes), confirmed)


ELSEWHERE: Final = "~"
"""What stands before the name of a theme that the workspace does not have."""


@cache
def starter_vocabulary() -> Vocabulary:
    """The words for the themes that are known everywhere, made ready once for the process."""
    made = Vocabulary()
    for theme, by_language in starter().items():
        for language, entries in by_language.items():
            for entry in entries:
                made.add(theme, entry, (language,), sets())
    return made


def _inherited(themes: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each slug that means a theme known everywhere, that theme: by its name, else by the words given to it."""
    found = inherited(themes)
    for slug, words in themes.items():
        if slug in found or len(words) < FEWEST_WORDS:
            continue
        known = Counter(
            theme
            for word in words
            for theme in {
                one.theme
                for clause in clauses(word)
                for one in starter_vocabulary().find(clause, tuple(LANGUAGES))
                if one.weight > HINT
            }
        )
        theme, times = next(iter(known.most_common(1)), ("", 0))
        if times >= len(words) / 2 and theme not in found.values():
            found[slug] = theme
    return found


@dataclass(frozen=True, slots=True)
class Heard:
    """What the words of a line say: for each theme from 0 to 1, which themes they deny, and how much is meant."""

    said: Mapping[str, float]
    denied: frozenset[str]
    meant: float


class Assigner:
    """The words and the confirmed items of one workspace, made ready once for many lines.

    Themes that are known everywhere and that the workspace does not have are heard, too: a line about one of them is
    about none of the workspace's.
    """

    def __init__(self, themes: Mapping[str, Iterable[str]], confirmed: Sequence[tuple[str, str]] = ()) -> None:
        self._own = Vocabulary()
        words = {slug: tuple(words) for slug, words in themes.items()}
        for slug, of_theme in words.items():
            for word in (slug.replace("_", " "), *of_theme):
                self._own.add_own(slug, word)
        self._slugs = {theme: slug for slug, theme in _inherited(words).items()}
        self._likeness = Likeness([pair for pair in confirmed if pair[1] in themes])
        self._here = frozenset(themes)
        self._content = frozenset(self._slugs.get(theme, theme) for theme in CONTENT)
        self._yielding = {self._slugs.get(theme, theme): share for theme, share in YIELDING.items()}

    def assign(self, text: str) -> tuple[str | None, Band]:
        """As the function of this name."""
        heard = self._hear(text)
        shares = self._shares(text, heard)
        best, share = max(shares.items(), key=lambda one: (one[1], one[0]))
        if best not in self._here or share < MAYBE_AT:
            return None, Band.UNSURE
        plain = heard.said.get(best, 0.0) >= HEARD_AT
        return best, Band.SURE if plain and share >= SURE_AT else Band.MAYBE

    def _shares(self, text: str, heard: Heard) -> dict[str, float]:
        """How likely the line is about each theme, by its words and by what was learned; "" is none; together 1."""
        learned = {self._named(theme): share for theme, share in likely(text).items()}
        for theme in learned.keys() - {NO_THEME}:
            left = min(1.0, heard.meant) * (DENIED if theme in heard.denied else 1.0)
            learned[NO_THEME] += learned[theme] * (1 - left)
            learned[theme] *= left
        # A workspace's own theme that nobody has learned of is as likely as its words say.
        most = max(learned.values())
        for theme in self._here - learned.keys():
            learned[theme] = most if heard.said.get(theme, 0.0) >= HEARD_AT else LEAST
        powers = {theme: (share + LEAST) * exp(HEARD * heard.said.get(theme, 0.0)) for theme, share in learned.items()}
        total = sum(powers.values())
        return {theme: power / total for theme, power in powers.items()}

    def _named(self, theme: str | None) -> str:
        return NO_THEME if theme is None else self._slugs.get(theme, f"{ELSEWHERE}{theme}")

    def _hear(self, text: str) -> Heard:
        read = clauses(text)
        languages = languages_of([word for clause in read for word in clause.said.split()])
        left: dict[str, float] = defaultdict(lambda: 1.0)
        denied, before = set[str](), set[str]()
        all_well = any(one.praised for one in read) and not any(one.wanting for one in read)
        for clause in read:
            said, refused = _said(self._find(clause, languages), clause)
            denied |= refused
            if clause.denied:
                denied |= (said.keys() or before) - self._content
                said = {theme: weight for theme, weight in said.items() if theme in self._content}
            else:
                before = set(said) or before
            praised = clause.praised or all_well
            for theme, weight in said.items():
                share = PRAISED if praised and theme not in self._content else 1.0
                left[theme] *= 1 - min(0.95, weight * clause.weight * share)
        meant = max((one.weight * (PRAISED if one.praised else 1) for one in read if not one.denied), default=0.0)
        for theme, likeness in self._likeness.of(text).items():
            left[theme] *= 1 - LIKENESS * likeness * min(1.0, meant)
        scores = {theme: (1 - rest) * (DENIED if theme in denied else 1.0) for theme, rest in left.items()}
        if not any(one.wanting for one in read) and sum(len(one.words) for one in read) > FEW_WORDS:
            scores = {theme: score * ONLY_MENTIONED for theme, score in scores.items()}
        # A line of which nothing is meant, as among colleagues, is about no theme, whatever words stand there.
        meant = max((one.weight * (PRAISED if one.praised else 1) for one in read), default=0.0)
        return Heard(self._reasons_first(scores), frozenset(denied), 1.0 if meant > MEANT else meant)

    def _find(self, clause: Clause, languages: tuple[str, ...]) -> list[Finding]:
        known = starter_vocabulary()
        own = self._own.find(clause, languages, known_elsewhere=known)
        heard = known.find(clause, languages, known_elsewhere=self._own)
        return [*own, *(replace(one, theme=self._slugs.get(one.theme, f"{ELSEWHERE}{one.theme}")) for one in heard)]

    def _reasons_first(self, scores: dict[str, float]) -> dict[str, float]:
        if not any(score >= REASON_AT for theme, score in scores.items() if theme not in self._yielding):
            return scores
        return {theme: score * self._yielding.get(theme, 1.0) for theme, score in scores.items()}


def _said(found: Sequence[Finding], clause: Clause) -> tuple[dict[str, float], set[str]]:
    """What a clause says for each theme, and the themes that a word right before their own denies."""
    refused = set[str]()
    own = {(one.begin, one.end): one.theme for one in found if one.own}
    by_place: dict[tuple[str, int], tuple[float, int]] = {}
    for one in sorted(found, key=lambda one: -one.weight):
        if one.words == 1 and _is_refused(clause.words, one.begin):
            refused.add(one.theme)
            continue
        weight = one.weight
        if _is_asset(clause.words, one.begin, one.end):
            weight *= OF_AN_ASSET
        if not one.own and any(
            theme != one.theme and begin <= one.begin and one.end <= end for (begin, end), theme in own.items()
        ):
            weight *= OVERRULED
        # One word speaks for a theme once, however many entries name it.
        places = range(one.begin, one.end + 1) if one.words > 1 else (one.begin,)
        taken = [by_place[one.theme, place] for place in places if (one.theme, place) in by_place]
        if taken:
            continue
        for place in places:
            by_place[one.theme, place] = (weight if place == places[0] else 0.0, one.begin)
    left: dict[str, float] = defaultdict(lambda: 1.0)
    for (theme, _place), (weight, _begin) in by_place.items():
        left[theme] *= 1 - weight
    return {theme: 1 - rest for theme, rest in left.items() if rest < 1}, refused


def _is_refused(words: Sequence[str], place: int) -> bool:
    return words[place] in BAD and any(one in NOT for one in words[max(0, place - 2) : place])


def _is_asset(words: Sequence[str], begin: int, end: int) -> bool:
    """Whether the words are only the subject of a page, a deck, a meeting."""
    after = words[end + 1] if end + 1 < len(words) else ""
    before = words[begin - 1] if begin else ""
    return bool(_ASSETS.match(after) or _ASSETS_OF.match(before) or _COMPOUND_ASSET.match(words[end]))
