"""Histories of the whole product, each decided by a seed: nothing is lost, doubled or untrue."""

import pytest

from tests.simulation.history import run


@pytest.mark.parametrize("seed", range(15))
def test_a_history_ends_as_it_should(seed: int) -> None:
    assert "\n".join(run(seed).told) == ""


def test_the_same_seed_makes_the_same_history_whatever_came_before() -> None:
    first = run(1, steps=12)
    run(2, steps=12)
    again = run(1, steps=12)
    assert (again.digest, again.callbacks) == (first.digest, first.callbacks)
