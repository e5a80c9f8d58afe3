"""Working time agrees with a walk by the minute. `make walk` asks 100,000 cases; here are some thousands of them."""

import random
from dataclasses import replace
from datetime import timedelta

from tests.domain.walking import ask, disagreements, drawn_walk


def test_working_time_agrees_with_a_walk_by_the_minute() -> None:
    assert list(disagreements(2000, seed=7)) == []


def test_a_walk_that_misses_one_minute_is_noticed() -> None:
    walk = drawn_walk(random.Random(7))
    opened = walk.opened
    first = next(n for n in range(walk.minutes) if walk.is_open(n))
    short = replace(walk, opened=(*opened[: first + 1], *(count - 1 for count in opened[first + 1 :])))
    assert any(found for seed in range(20) for found in ask(short, random.Random(seed)))
    assert short.hours.between(short.at(first), short.at(first + 1)) == timedelta(minutes=1)
