"""`make learn`: learns domain/insight/starter/weights.bin from labelled lines. Held-out lines are never read.

Then it learns what makes two lines duplicates (`learn_pairs.py`).

The lines: what was written for this (`lines/`), what is tuned with, what is confirmed, and the vocabulary's entries.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import sha256
from typing import Final
from zlib import compress

import numpy as np

from domain.insight.learned import BUCKETS, RARITY_STEP, STEP, WEIGHTS, buckets
from domain.insight.vocabulary import sets, starter
from domain.insight.words import LANGUAGES
from tests.eval import learn_pairs
from tests.eval.figures import HERE, is_held_out, load

ROUNDS: Final = 6
SPEED: Final = 0.4
SHRINK: Final = 3e-3
OF_AN_ENTRY: Final = 0.3
"""How much an entry of the vocabulary counts beside a line that somebody wrote."""
MOST_WAYS: Final = 3
"""So many ways to say an entry are learned from."""
NONE: Final = "none"

Line = tuple[str, str | None, float]


def written_lines() -> Iterator[Line]:
    """The lines of `lines/`, under the heading of their theme."""
    for language in LANGUAGES:
        theme = None
        for line in (HERE / "lines" / f"{language}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                theme = line.removeprefix("# ")
            elif line:
                yield line, None if theme == NONE else theme, 1.0


def labelled_lines() -> Iterator[Line]:
    """The tuned half of our own set, the set of a second author, and what is confirmed."""
    for one in load("items"):
        if not is_held_out(one["text"]):
            yield one["text"], one["theme"], 1.0
    for name in ("second_author_items", "confirmed"):
        for one in load(name):
            yield one["text"], one["theme"], 1.0


def entry_lines() -> Iterator[Line]:
    """Ways to say the entries of the vocabulary."""
    for theme, by_language in starter().items():
        for entries in by_language.values():
            for entry in entries:
                if entry.startswith("~"):
                    continue
                words = [
                    [way for way in word.split("|") if not way.startswith("@")] or sets().get(word[1:], [""])
                    for word in entry.lstrip("!~").replace(" | ", "|").replace(" + ", " ").split()
                ]
                for number in range(min(MOST_WAYS, max(map(len, words), default=0))):
                    yield " ".join(ways[number % len(ways)].strip("*=") for ways in words), theme, OF_AN_ENTRY


def all_lines() -> list[Line]:
    return [*written_lines(), *labelled_lines(), *entry_lines()]


def digest(lines: list[Line]) -> bytes:
    """What tells whether the weights were learned from these lines."""
    return sha256(repr(lines).encode()).digest()


def learn(lines: list[Line]) -> bytes:
    """The weights as they are stored: softmax regression, by gradient descent with a speed of its own each weight."""
    themes: list[str | None] = [*starter(), None]
    groups = [buckets(text) for text, _theme, _counts in lines]
    seen = np.zeros(BUCKETS + 1)
    for pair in groups:
        for group in pair:
            seen[group] += 1
    rarity = np.clip(np.round((1 + np.log((1 + len(lines)) / (1 + seen))) / RARITY_STEP), 0, 255) * RARITY_STEP
    rows, values = [], []
    for pair in groups:
        of_line = [rarity[group] / (np.sqrt((rarity[group] ** 2).sum()) or 1.0) for group in pair]
        rows.append(np.array([0, *pair[0], *pair[1]], dtype=np.intp))
        values.append(np.concatenate([[1.0], *of_line]))
    learned = np.zeros((BUCKETS + 1, len(themes)))
    steps = np.full_like(learned, 1e-2)
    order = np.random.RandomState(1)
    for _round in range(ROUNDS):
        for place in order.permutation(len(lines)):
            _text, theme, counts = lines[place]
            row, value = rows[place], values[place]
            total = value @ learned[row]
            share = np.exp(total - total.max())
            share /= share.sum()
            share[themes.index(theme)] -= 1
            slope = counts * np.outer(value, share) + SHRINK * learned[row]
            np.add.at(steps, row, slope**2)
            np.add.at(learned, row, -SPEED * slope / np.sqrt(steps[row]))
    stored = np.clip(np.round(learned / STEP), -127, 127).astype(np.int8)
    column = (np.round(rarity / RARITY_STEP) - 128).astype(np.int8)
    return digest(lines) + np.column_stack([stored, column]).tobytes()


def main() -> int:
    """Learn and write."""
    lines = all_lines()
    data = learn(lines)
    WEIGHTS.write_bytes(compress(data, 9))
    print(f"{len(lines)} lines learned from; {WEIGHTS.stat().st_size / 1000:.0f} kB written to {WEIGHTS}")
    return learn_pairs.main()


if __name__ == "__main__":
    sys.exit(main())
