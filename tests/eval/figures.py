"""The figures of lines that were assigned to themes, and the labelled set that they are taken over."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import mean
from typing import Any, Final

from domain.insight.assign import Band, assign, starter
from domain.insight.duplicates import is_duplicate

HERE: Final = Path(__file__).parent
DUPLICATE_AT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Assigned:
    """A labelled line, and what came of it. `wanted`: None for a line about no theme."""

    text: str
    wanted: str | None
    also: tuple[str, ...]
    theme: str | None
    band: Band


def load(name: str) -> list[dict[str, Any]]:
    """One of the files, as it stands."""
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() if line]


def is_held_out(text: str) -> bool:
    """Whether a line is of the half that nobody tunes with."""
    return int(sha256(text.encode()).hexdigest()[0], 16) % 2 == 1


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Labelled lines and pairs that are told together. Some sets are only pairs."""

    title: str
    items: Callable[[], list[Row]]
    pairs: Callable[[], list[Row]]


def _half(name: str, field: str, *, held_out: bool) -> list[Row]:
    return [one for one in load(name) if is_held_out(one[field]) is held_out]


TUNED: Final = (
    LabelledSet(
        "tuned with, of our own",
        lambda: _half("items", "text", held_out=False),
        lambda: _half("pairs", "a", held_out=False),
    ),
    LabelledSet(
        "tuned with, of the second author",
        lambda: load("second_author_items"),
        lambda: load("second_author_pairs") + _half("strangers_pairs", "a", held_out=False),
    ),
    LabelledSet("tuned with, of a fourth author", list, lambda: load("fourth_author_pairs")),
)
HELD_OUT: Final = (
    LabelledSet(
        "held out, of our own",
        lambda: _half("items", "text", held_out=True),
        lambda: _half("pairs", "a", held_out=True),
    ),
    LabelledSet(
        "held out, of strangers",
        lambda: load("strangers_items"),
        lambda: _half("strangers_pairs", "a", held_out=True),
    ),
    LabelledSet("held out, of a fourth author", list, lambda: load("fourth_author_held_out_pairs")),
)


def macro_f1(lines: Sequence[Assigned]) -> float:
    """The mean over themes of F1, where a line in no band counts as assigned to none."""
    wanted = sorted({one.wanted for one in lines if one.wanted})
    return mean(_f1(theme, lines) for theme in wanted)


def _f1(theme: str, lines: Sequence[Assigned]) -> float:
    right = sum(one.theme == theme and one.wanted == theme for one in lines)
    given = sum(one.theme == theme for one in lines)
    real = sum(one.wanted == theme for one in lines)
    return 2 * right / (given + real) if given + real else 0.0


def in_band(lines: Sequence[Assigned], band: Band) -> tuple[float, float]:
    """The share of a band, and its precision; another theme of the same line is right, too."""
    here = [one for one in lines if one.band is band]
    right = sum(one.theme is not None and one.theme in (one.wanted, *one.also) for one in here)
    return len(here) / len(lines), right / len(here) if here else 0.0


def assign_all(items: Sequence[Mapping[str, Any]], confirmed: Sequence[tuple[str, str]]) -> list[Assigned]:
    """Every line by the function that the product uses."""
    themes: dict[str, tuple[str, ...]] = dict.fromkeys(starter(), ())
    found = []
    for one in items:
        theme, band = assign(one["text"], themes, confirmed)
        found.append(Assigned(one["text"], one["theme"], tuple(one["also"]), theme, band))
    return found


def precision_and_recall(pairs: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """How many of the pairs that are offered as duplicates are, and how many of those that are, are offered."""
    told = [(one["same"], is_duplicate(one["a"], one["b"]) >= DUPLICATE_AT) for one in pairs]
    right = sum(same and said for same, said in told)
    return right / (sum(said for _same, said in told) or 1), right / (sum(same for same, _said in told) or 1)
