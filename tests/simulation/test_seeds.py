"""Histories of the whole product, each decided by a seed: nothing is lost, doubled or untrue."""

import os
import subprocess
import sys

import pytest

from tests.simulation.history import run
from tests.test_imports import ROOT


@pytest.mark.parametrize("seed", range(15))
def test_a_history_ends_as_it_should(seed: int) -> None:
    assert "\n".join(run(seed).told) == ""


def test_the_same_seed_makes_the_same_history_whatever_came_before() -> None:
    first = run(1, steps=12, digest=True)
    run(2, steps=12)
    again = run(1, steps=12, digest=True)
    assert first.digest
    assert (again.digest, again.callbacks) == (first.digest, first.callbacks)


def test_the_order_of_hashes_changes_nothing() -> None:
    told = set()
    for number in ("0", "1", "77"):
        run_again = [sys.executable, "-m", "tests.simulation", "--seeds", "5:7", "--steps", "12", "--digest"]
        environment = {**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": os.fspath(ROOT)}
        done = subprocess.run(run_again, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        told.add(tuple(line for line in done.stdout.splitlines()[:2]))
    assert len(told) == 1, told
