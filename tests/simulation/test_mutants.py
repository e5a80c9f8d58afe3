"""Every mutant breaks the product that there is now, and only in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.simulation.breaking import ROOT, NotFitting, break_product, broken, source_of
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutating import Found


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_fits_the_product_and_is_a_program(mutant: Mutant) -> None:
    source = source_of(mutant)
    changed = broken(mutant, source.read_text(encoding="utf-8"))
    compile(changed, str(source), "exec")
    assert mutant.meant or mutant.why


def test_there_are_many_and_none_twice() -> None:
    assert len({one.name for one in MUTANTS}) == len(MUTANTS) >= 15


def test_words_that_do_not_stand_there_are_refused() -> None:
    with pytest.raises(NotFitting, match="0 times"):
        broken(MUTANTS[0], "another source")


def test_a_module_that_is_loaded_cannot_be_broken_any_more() -> None:
    with pytest.raises(RuntimeError, match="loaded already"):
        break_product(Mutant("a test", "tests.simulation.mutants", "", "", ()))


def test_a_fresh_interpreter_runs_the_broken_product() -> None:
    program = (
        "from tests.simulation.breaking import Mutant, break_product\n"
        "break_product(Mutant('later', 'storage.lanes', 'seconds=15', 'seconds=77', ()))\n"
        "import bot.courier.courier, storage.lanes\n"
        "print(storage.lanes.COMES_LATE.total_seconds())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "77.0\n"


def test_a_mutant_counts_as_found_only_for_the_reason_meant() -> None:
    mutant = next(one for one in MUTANTS if one.meant == ("doubled",))
    assert Found(9, {"lost": 2}, 0, "seed 3: lost").verdict(mutant)[0] is False
    assert Found(9, {"doubled": 1}, 1, "seed 3: doubled").verdict(mutant)[0] is True
    harmless = next(one for one in MUTANTS if not one.meant)
    assert Found(9, {}, 0, "").verdict(harmless)[0] is True
    assert Found(9, {"late": 1}, 0, "seed 1: late").verdict(harmless)[0] is False
