"""Turns that two transactions of PostgreSQL take at once: one after the other, by what the first one left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from domain.leads.routing import Ledger, Turn, next_reps, rules_of, took_turn
from domain.leads.turns import TeamRules
from domain.people import default_team
from storage.models import Team
from tests.progress import until
from tests.world import World

Take = Callable[[Session, TeamRules, World], Turn]


@pytest.fixture
def writers(world: World) -> World:
    """A world where two write at once."""
    if world.db.is_sqlite:
        pytest.skip("there is one writer")
    return world


def one_by_one(session: Session, team: TeamRules, world: World) -> Turn:
    return Ledger(session).give_turn(team, world.now)


def as_a_group(session: Session, team: TeamRules, world: World) -> Turn:
    return next_reps(session, [(team, world.now)])[0]


@contextmanager
def beside(world: World, take: Take) -> Iterator[Future[str | None]]:
    """Another transaction takes a turn, from now until the block has ended: the name of who it gives a lead to."""

    def work() -> str | None:
        with Session(world.db.engine) as session, session.begin():
            turn = take(session, rules_of(default_team(session, world.workspace_id)), world)
            return turn.rep.name if turn.rep is not None else None

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)


async def waits(session: Session) -> None:
    """Until the transaction beside this one waits for it."""
    asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")  # nothing else runs on this server

    def waiting() -> bool:
        return bool(session.scalar(asked))

    await until(waiting, waiting, what="a turn that is waited for", pause=0.01)


@pytest.mark.parametrize("first", [one_by_one, as_a_group])
@pytest.mark.parametrize("second", [one_by_one, as_a_group])
async def test_a_turn_that_is_just_taken_is_waited_for(writers: World, first: Take, second: Take) -> None:
    with Session(writers.db.engine) as session:
        ana = first(session, rules_of(default_team(session, writers.workspace_id)), writers)
        with beside(writers, second) as other:
            await waits(session)
            session.commit()
    assert ana.rep is not None
    assert (ana.rep.name, other.result()) == ("ana", "bo")


@pytest.mark.parametrize("second", [one_by_one, as_a_group])
async def test_a_turn_that_was_not_taken_after_all_is_the_next_ones(writers: World, second: Take) -> None:
    with Session(writers.db.engine) as session:
        one_by_one(session, rules_of(default_team(session, writers.workspace_id)), writers)
        with beside(writers, second) as other:
            await waits(session)
            session.rollback()
    assert other.result() == "ana"


async def test_a_lead_that_somebody_takes_by_hand_counts_before_the_next_turn(writers: World) -> None:
    ana = writers.member("ana")
    with Session(writers.db.engine) as session:
        team = default_team(session, writers.workspace_id)
        took_turn(session, team.id, ana.id, writers.now)
        with beside(writers, one_by_one) as other:
            await waits(session)
            session.commit()
    assert other.result() == "bo"


async def test_no_limit_is_passed_by_two_at_once(writers: World) -> None:
    writers.run(lambda session: session.execute(update(Team).values(most_an_hour=1)))
    with Session(writers.db.engine) as session:
        team = rules_of(default_team(session, writers.workspace_id))
        one_by_one(session, team, writers)
        one_by_one(session, team, writers)
        with beside(writers, one_by_one) as other:
            await waits(session)
            session.commit()
    assert other.result() is None
