"""Whether two lines tell of one thing heard once: what they share, and whether they disagree on what counts.

`make learn` learns the weights from labelled pairs (`tests/eval/learn_pairs.py`) and writes starter/duplicates.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from math import exp
from pathlib import Path
from typing import Final

from domain.insight.apart import other_accounts, told_apart
from domain.insight.told import Told, read_told

WEIGHTS: Final = Path(__file__).parent / "starter" / "duplicates.json"
BEGIN: Final = "begin"
"""What every pair begins with, among the weights."""


def is_duplicate(one: str, other: str) -> float:
    """How likely two lines tell of the same thing heard once: 0 to 1, from 0.5 on they may be offered as one."""
    first, second = map(read_told, sorted((one, other)))
    if _is_same(first, second):
        return 1.0
    if not first.concepts or not second.concepts:
        return 0.0
    learned = weights()
    evidence = sum(learned[name] * value for name, value in told_apart(first, second).items())
    return 1 / (1 + exp(-learned[BEGIN] - evidence))


def _is_same(first: Told, second: Told) -> bool:
    """Whether both say the same word by word, and nothing that stands beside the words differs."""
    return (
        first.said == second.said
        and first.times == second.times
        and (first.amounts == second.amounts or not first.amounts or not second.amounts)
        and not other_accounts(first, second)
    )


@cache
def weights() -> Mapping[str, float]:
    """What each value of `told_apart` weighs."""
    learned: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return learned
