"""What `is_duplicate` knows by heart: learned from labelled pairs. Held-out pairs are never read.

The pairs: what is tuned with; two remarks of our items, which are not the same; lines with another number, which are
not either; and lines that are typed a second time with slips, which are the same. Pairs that people label as different
are hard on purpose: from these alone the weights would learn that two lines with few common words are the same.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.insight.apart import told_apart
from domain.insight.duplicates import BEGIN, WEIGHTS
from domain.insight.told import read_told
from tests.eval.figures import is_held_out, load

Pair = tuple[str, str, bool, float]
"""Two texts, whether they are the same, and how much the pair counts."""

SEED: Final = 5
OF_UNSEEN, OF_SEEN, OF_ITEMS, OF_NUMBERS, OF_SLIPS = 1.0, 0.5, 0.2, 0.5, 0.15
"""How much a pair counts. Most words of `same.toml` were chosen while some pairs were seen: these count less."""
OFFERED_WRONGLY: Final = 1.6
"""A wrong offer is worse than a missed one."""
OF_ONE_THEME, OF_TWO_THEMES = 500, 200
SHRINK: Final = 0.3
ROUNDS: Final = 60
_NUMBER: Final = re.compile(r"\b\d+\b")


def labelled_pairs() -> Iterator[Pair]:
    """The pairs that were labelled by hand."""
    for one in load("fourth_author_pairs"):
        yield one["a"], one["b"], one["same"], OF_UNSEEN
    for one in load("second_author_pairs"):
        yield one["a"], one["b"], one["same"], OF_SEEN
    for one in load("pairs"):
        if not is_held_out(one["a"]):
            yield one["a"], one["b"], one["same"], OF_SEEN


def pairs_of_items(chance: random.Random) -> Iterator[Pair]:
    """Two remarks in one language that are not the same: of one theme, and of two."""
    items = [one for one in load("items") if not is_held_out(one["text"])] + load("second_author_items")
    pairs = [(one, other) for one, other in combinations(items, 2) if one["language"] == other["language"]]
    chance.shuffle(pairs)
    of_one = [pair for pair in pairs if pair[0]["theme"] == pair[1]["theme"]][:OF_ONE_THEME]
    of_two = [pair for pair in pairs if pair[0]["theme"] != pair[1]["theme"]][:OF_TWO_THEMES]
    for one, other in of_one + of_two:
        yield one["text"], other["text"], False, OF_ITEMS


def pairs_of_slips(chance: random.Random, pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Lines that are typed a second time."""
    for text, _other, _same, _counts in pairs:
        again = _typed_again(text, chance)
        if chance.random() < 0.5 and again != text:
            yield text, again, True, OF_SLIPS


def pairs_of_numbers(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Pairs that were the same until one number was doubled."""
    for text, other, same, _counts in pairs:
        if same and _NUMBER.search(text) and _NUMBER.search(other):
            yield text, _NUMBER.sub(lambda found: str(2 * int(found[0])), other, count=1), False, OF_NUMBERS


def _typed_again(text: str, chance: random.Random) -> str:
    words = text.split()
    for place in chance.sample(range(len(words)), max(1, len(words) // 5)):
        words[place] = _slip(words[place], chance)
    again = " ".join(words)
    if ", " in again and chance.random() < 0.6:
        first, _comma, rest = again.partition(", ")
        again = f"{rest}, {first}"
    return chance.choice(["he says ", "customer: ", "again: ", "fyi, "]) + again if chance.random() < 0.4 else again


def _slip(word: str, chance: random.Random) -> str:
    """A word with a letter left out, swapped or doubled; a short word as it stands."""
    if len(word) < 5 or not word.isalpha():
        return word
    place = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place] + word[place:],
        ]
    )


def all_pairs() -> list[Pair]:
    chance = random.Random(SEED)
    labelled = list(labelled_pairs())
    return [*labelled, *pairs_of_items(chance), *pairs_of_numbers(labelled), *pairs_of_slips(chance, labelled)]


def learn_weights(pairs: Sequence[Pair]) -> dict[str, float]:
    """Logistic regression, by Newton's method."""
    apart = [told_apart(read_told(one), read_told(other)) for one, other, _same, _counts in pairs]
    names = list(apart[0])
    values = np.array([[1.0, *(float(one[name]) for name in names)] for one in apart])
    same = np.array([float(one[2]) for one in pairs])
    counts = np.array([one[3] * (1 if one[2] else OFFERED_WRONGLY) for one in pairs])
    learned = fitted(values, same, counts)
    return {BEGIN: round(float(learned[0]), 2)} | {
        name: round(float(weight), 2) for name, weight in zip(names, learned[1:], strict=True)
    }


def fitted(values: NDArray[np.float64], same: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights that tell the same pairs from the others. All but the first are kept small."""
    shrink = np.eye(values.shape[1]) * SHRINK
    shrink[0, 0] = 1e-3
    learned = np.zeros(values.shape[1])
    for _round in range(ROUNDS):
        likely = 1 / (1 + np.exp(-values @ learned))
        slope = values.T @ (counts * (same - likely)) - shrink @ learned
        learned = learned + np.linalg.solve((values.T * (counts * likely * (1 - likely))) @ values + shrink, slope)
    return learned


def main() -> int:
    """Learn and write."""
    pairs = all_pairs()
    WEIGHTS.write_text(json.dumps(learn_weights(pairs), indent=2) + "\n", encoding="utf-8")
    print(f"{len(pairs)} pairs learned from; {WEIGHTS} written")
    return 0
