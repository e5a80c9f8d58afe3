"""Sums as people write them into settings."""

from __future__ import annotations

from typing import Any

import pytest

from domain.config.export import export_config
from domain.config.problems import ConfigProblems
from domain.config.schema import check_config, parse_config
from tests.refused import refused
from tests.world import World

SUMS = [
    (200000, 200_000),
    ("200000", 200_000),
    ("200,000", 200_000),
    ("200.000", 200_000),
    ("200k", 200_000),
    (" €200k ", 200_000),
    ("1.5m", 1_500_000),
    ("$2m/yr", 2_000_000),
    ("CHF 200'000", 200_000),
    ("250 000 kr", 250_000),
    ("1,2 Mio. €", 1_200_000),
    ("200 tsd", 200_000),
    ("¥30,000,000", 30_000_000),
    ("2.5 crore", 25_000_000),
    ("R$ 150.000,00", 150_000),
    ("never", 0),
    ("none", 0),
]


@pytest.mark.parametrize(("typed", "kept"), SUMS, ids=lambda value: str(value))
def test_a_sum_is_read_as_it_is_written(typed: Any, kept: int) -> None:
    assert check_config({"goal_a_month": typed}).goal_a_month == kept


@pytest.mark.parametrize(
    "typed", ["many", "0", "-5", -5, 0, True, 1.5, "10k-20k", "200k a month", "9" * 20, [200], "0.2"]
)
def test_what_is_no_sum_is_told_with_what_to_write(typed: Any) -> None:
    with refused(ConfigProblems, "for example 200,000 or 200k, or never"):
        check_config({"goal_a_month": typed})


def test_what_is_exported_is_read_back(world: World) -> None:
    text = world.run(export_config, world.workspace_id)
    config = parse_config(text)
    assert (config.goal_a_month, config.average_deal, config.won_of_1000) == (0, 0, 0)
