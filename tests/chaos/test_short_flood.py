"""A short flood on each engine: leads through eight kinds of source while processes die; and what is told of it."""

from __future__ import annotations

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

    # The same with a lead that went to who had the last one: a look that never finds anything proves nothing.
    events = sorted((one for those in came.records.events.values() for one in those), key=lambda one: one.id)
    team_of = {lead.id: lead.team_id for lead in came.records.leads.values()}
    first, second = [
        one for one in events if one.kind == "given" and team_of[one.lead_id] == team_of[events[0].lead_id]
    ][:2]
    second.data = {**second.data, "to": first.data["to"]}
    assert {one.kind for one in look_at_turns(came.records)} == {"unfair"}
