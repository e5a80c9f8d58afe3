"""What the words of a line and the pieces of its words say for the starter themes, by weights that were learned.

`make learn` learns the weights from labelled lines (`tests/eval/learn.py`) and writes starter/weights.bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, sqrt
from pathlib import Path
from typing import Final
from zlib import crc32, decompress

from domain.insight.vocabulary import starter
from domain.insight.words import fold, words_in

WEIGHTS: Final = Path(__file__).parent / "starter" / "weights.bin"
BUCKETS: Final = 2**15
"""Features share so many rows of weights: a feature's row is its checksum."""
STEP: Final = 1 / 12
"""What one unit of a stored weight counts."""
RARITY_STEP: Final = 1 / 20
SHORTEST, LONGEST = 3, 5
"""Pieces of words have so many letters."""
READ: Final = 600
"""So many characters of a line are read."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned. A row is of bytes: a weight for each theme, one for none, and how rare the feature is."""

    digest: bytes
    themes: tuple[str, ...]
    rows: memoryview

    @property
    def width(self) -> int:
        return len(self.themes) + 2

    def row(self, number: int) -> memoryview:
        return self.rows[number * self.width : (number + 1) * self.width]


@cache
def weights() -> Weights:
    """The learned weights. Row 0 is what every line begins with; the row of a bucket is one further."""
    data = decompress(WEIGHTS.read_bytes())
    return Weights(data[:32], tuple(starter()), memoryview(data[32:]).cast("b"))


def buckets(text: str) -> tuple[list[int], list[int]]:
    """The features of a line as rows of weights: its words and pairs of words, then the pieces of its words."""
    words = words_in(fold(text[:READ]))
    said = {f"={word}" for word in words} | {f"={one} {two}" for one, two in pairwise(words)}
    pieces = {
        padded[start : start + length]
        for padded in (f" {word} " for word in words)
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(padded) - length + 1)
    }
    return [_bucket(one) for one in sorted(said)], [_bucket(one) for one in sorted(pieces)]


def _bucket(feature: str) -> int:
    return 1 + crc32(feature.encode()) % BUCKETS


def likely(text: str) -> dict[str | None, float]:
    """How likely a line is about each starter theme, and about none; all together 1."""
    learned = weights()
    totals = [one * STEP for one in learned.row(0)[:-1]]
    for group in buckets(text):
        rows = [learned.row(one) for one in group]
        rarity = [(row[-1] + 128) * RARITY_STEP for row in rows]
        length = sqrt(sum(one * one for one in rarity)) or 1.0
        for row, rare in zip(rows, rarity, strict=True):
            share = rare / length * STEP
            for place, weight in enumerate(row[:-1]):
                if weight:
                    totals[place] += share * weight
    return dict(zip((*learned.themes, None), _shares(totals), strict=True))


def _shares(totals: Sequence[float]) -> list[float]:
    most = max(totals)
    powers = [exp(one - most) for one in totals]
    return [one / sum(powers) for one in powers]
