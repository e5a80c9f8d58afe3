"""A short flood on each engine: leads through eight kinds of source while processes die; and what is told of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.flood import Flood, Run, look_at_turns
from tests.chaos.plan import Engine, database


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_no_lead_is_lost_or_doubled_and_turns_are_fair_while_processes_die(
    engine: Engine, tmp_path: Path
) -> None:
    flood = Flood(engine, leads=96, kills=2, teams=8, reps=3, seed=5)
    with database(engine, tmp_path) as url:
        came = await Run(flood, url, tmp_path).run()
    assert not came.violations, came.dump
    assert came.kills == 2
    assert len(came.attempts) == 8
    assert [one.total() for one in came.turns.values()] == [12] * 8


def test_a_rep_who_got_two_more_than_another_is_told() -> None:
    turns = {"EMEA": Counter(ana=3, bo=1), "US": Counter(cy=2, di=1)}
    assert [(one.kind, "EMEA" in one.what) for one in look_at_turns(turns)] == [("unfair", True)]
