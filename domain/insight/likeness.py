"""How like a line is to confirmed ones: by the stems of its words and by pieces of them, rare ones the most."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log, sqrt
from typing import Final

from domain.insight.words import COMMON, LANGUAGES, SILENT, fold, stem, words_in

NEIGHBOURS: Final = 8
FAR: Final = 0.35
"""Less likeness than this is chance."""
PIECE: Final = 4
OF_A_STEM: Final = 2


class Likeness:
    """Confirmed lines, made ready once."""

    def __init__(self, confirmed: Sequence[tuple[str, str]]) -> None:
        features = [features_of(text) for text, _theme in confirmed]
        seen = Counter(feature for each in features for feature in each)
        self._rarity = {feature: log(1 + len(features) / count) for feature, count in seen.items()}
        self._unseen = log(1 + len(features))
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._themes = [theme for _text, theme in confirmed]
        for number, each in enumerate(features):
            length = sqrt(sum((count * self._rarity[one]) ** 2 for one, count in each.items())) or 1.0
            for one, count in each.items():
                self._postings[one].append((number, count * self._rarity[one] / length))

    def of(self, text: str) -> dict[str, float]:
        """By theme, from 0 to 1: how like the nearest confirmed lines are, the nearest the most."""
        features = features_of(text)
        length = sqrt(sum((count * self._rarity.get(one, self._unseen)) ** 2 for one, count in features.items()))
        like: dict[int, float] = defaultdict(float)
        for one, count in features.items():
            for number, other in self._postings.get(one, ()):
                like[number] += count * self._rarity[one] / length * other
        found: dict[str, float] = defaultdict(float)
        nearest = sorted(like.items(), key=lambda one: (-one[1], one[0]))[:NEIGHBOURS]
        for rank, (number, likeness) in enumerate(nearest):
            found[self._themes[number]] += likeness / (1 + rank / 2)
        return {theme: min(1.0, (value - FAR) / (1 - FAR)) for theme, value in found.items() if value > FAR}


def features_of(text: str) -> dict[str, int]:
    """The stems of a line's words, and all pieces of four letters of these words, each with its weight."""
    features: dict[str, int] = defaultdict(int)
    for word in words_in(fold(text)):
        if word in COMMON or word in SILENT:
            continue
        features["=" + min((stem(word, code) for code in LANGUAGES), key=lambda one: (len(one), one))] += OF_A_STEM
        padded = f" {word} "
        for start in range(len(padded) - PIECE + 1):
            features[padded[start : start + PIECE]] += 1
    return features
