"""Turns that are taken at once, by two transactions of PostgreSQL: nobody waits, and no limit is passed."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.leads.routing import Ledger, next_reps, rules_of
from domain.people import default_team
from storage.models import Team
from tests.world import World


@pytest.fixture
def two(world: World) -> tuple[Session, Session]:
    if world.db.is_sqlite:
        pytest.skip("there is one writer")
    return Session(world.db.engine), Session(world.db.engine)


def test_who_is_being_given_a_lead_is_passed_over_and_named(world: World, two: tuple[Session, Session]) -> None:
    first, second = two
    with first, second:
        team = rules_of(default_team(first, world.workspace_id))
        ana = Ledger(first).give_turn(team, world.now)
        bo = Ledger(second).give_turn(team, world.now)
        second.commit()
        first.commit()
    assert ana.rep is not None
    assert bo.rep is not None
    assert (ana.rep.name, bo.rep.name) == ("ana", "bo")
    assert [(one.name, one.why) for one in bo.passed] == [("ana", "busy")]


def test_what_was_read_before_another_committed_is_read_anew(world: World, two: tuple[Session, Session]) -> None:
    world.run(lambda session: session.execute(update(Team).values(most_an_hour=1)))
    first, second = two
    with first, second:
        team = rules_of(default_team(first, world.workspace_id))
        ledger = Ledger(second)
        assert [one.name for one in ledger.of(team)] == ["ana", "bo"]  # as they stood before
        Ledger(first).give_turn(team, world.now)
        first.commit()
        turn = ledger.give_turn(team, world.now)
        assert turn.rep is not None
        assert turn.rep.name == "bo"
        assert [(one.name, one.why) for one in turn.passed] == [("ana", "hour")]
        assert ledger.give_turn(team, world.now).rep is None
        second.commit()


def test_a_group_that_meets_another_goes_on_one_by_one(world: World, two: tuple[Session, Session]) -> None:
    first, second = two
    with first, second:
        team = rules_of(default_team(first, world.workspace_id))
        held = Ledger(first).give_turn(team, world.now)
        first_of_group = next_reps(second, [(team, world.now)])[0]
        first.commit()
        second.commit()
    assert held.rep is not None
    assert first_of_group.rep is not None
    assert first_of_group.rep.name != held.rep.name
