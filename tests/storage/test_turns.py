"""Workspaces take turns: ten thousand waiting rows of one do not stand before the one row of another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.orm import Session

from domain.leads import clocks
from domain.people import ensure_workspace
from storage import lanes, outbox
from storage.models import Clock, Delivery, Lane, Workspace
from storage.outbox import Priority
from storage.turns import Turns
from tests.world import World

LEASE = timedelta(seconds=30)
MANY = 3_000


def noise(session: Session, workspace_id: int, lanes: int, world: World, *, ago: int = 60) -> None:
    """So many lanes of a workspace, each with one message that is due for that many seconds."""
    at = world.now - timedelta(seconds=ago)
    first = (session.scalar(select(Lane.id).order_by(Lane.id.desc()).limit(1)) or 0) + 1
    session.execute(
        insert(Lane),
        [
            {
                "id": first + n,
                "workspace_id": workspace_id,
                "place": f"C{workspace_id}-{n}",
                "priority": 4,
                "due_at": at,
            }
            for n in range(lanes)
        ],
    )
    row = {"workspace_id": workspace_id, "kind": "n", "subject_id": 1, "data": {}, "priority": 4}
    times = {"next_at": at, "due_at": at, "created_at": at}
    session.execute(
        insert(Delivery),
        [{**row, **times, "lane_id": first + n, "token": f"t{workspace_id}-{first + n}"} for n in range(lanes)],
    )
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT setval('lanes_id_seq', (SELECT max(id) FROM lanes))"))


def other(world: World, number: int) -> int:
    return world.run(ensure_workspace, f"T{number}", name=f"Team {number}", at=world.now)


def hold(world: World, turns: Turns, limit: int = 8, **more: Any) -> list[int]:
    """The workspaces of the lanes that are taken in one round."""
    taken = world.run(
        lanes.hold_lanes, holder="c", at=world.now, lease=LEASE, limit=limit, times=0.0, turns=turns, **more
    )
    return [one.workspace_id for one in taken]


def test_one_lane_is_taken_at_once_beside_thousands_that_have_waited_longer(world: World) -> None:
    quiet = other(world, 2)
    world.run(noise, world.workspace_id, MANY, world)
    world.run(noise, quiet, 1, world, ago=1)
    assert quiet in hold(world, lanes.lane_turns())


def test_a_hundred_quiet_workspaces_are_served_before_a_noisy_one_has_had_its_second_hundred(world: World) -> None:
    quiet = [other(world, number) for number in range(2, 102)]
    world.run(noise, world.workspace_id, MANY, world)
    for one in quiet:
        world.run(noise, one, 1, world, ago=1)
    turns, got = lanes.lane_turns(), Counter[int]()
    while set(quiet) - set(got):
        got.update(hold(world, turns))
    assert all(got[one] == 1 for one in quiet)
    assert got[world.workspace_id] <= 100


def test_alone_a_workspace_has_the_whole_room(world: World) -> None:
    world.run(noise, world.workspace_id, 20, world)
    other(world, 2)
    assert hold(world, lanes.lane_turns()) == [world.workspace_id] * 8


def test_the_room_is_shared_out_exactly(world: World) -> None:
    three = [world.workspace_id, other(world, 2), other(world, 3)]
    for one in three:
        world.run(noise, one, 20, world)
    assert sorted(Counter(hold(world, lanes.lane_turns())).values()) == [2, 3, 3]


def test_who_was_passed_over_is_first_in_the_next_round(world: World) -> None:
    nine = [world.workspace_id, *(other(world, number) for number in range(2, 10))]
    for one in nine:
        world.run(noise, one, 3, world)
    turns = lanes.lane_turns()
    first, second = hold(world, turns), hold(world, turns)
    assert len(set(first)) == 8
    assert second[0] == (set(nine) - set(first)).pop()


def test_no_workspace_gets_more_than_it_may_have(world: World) -> None:
    quiet = other(world, 2)
    world.run(noise, world.workspace_id, 20, world)
    world.run(noise, quiet, 20, world)
    taken = hold(world, lanes.lane_turns(), may_have=lambda one: 1 if one == world.workspace_id else 9)
    assert Counter(taken)[world.workspace_id] == 1
    assert quiet in taken


def test_a_round_ends_though_the_only_workspace_with_something_due_may_have_nothing_more(world: World) -> None:
    world.run(noise, world.workspace_id, 20, world)
    asked = Counter[int]()

    def may_have(workspace_id: int) -> int:
        asked[workspace_id] += 1
        assert asked[workspace_id] < 100, "the round does not end"
        return -1

    assert hold(world, lanes.lane_turns(), may_have=may_have) == []


def test_a_workspace_that_is_stopped_is_passed_over_and_so_is_what_is_not_due_yet(world: World) -> None:
    stopped, later = other(world, 2), other(world, 3)
    for one in (world.workspace_id, stopped):
        world.run(noise, one, 2, world)
    world.run(noise, later, 2, world, ago=-60)
    world.run(lambda session: session.execute(_stop(stopped)))
    assert set(hold(world, lanes.lane_turns())) == {world.workspace_id}


def _stop(workspace_id: int) -> Any:
    return update(Workspace).where(Workspace.id == workspace_id).values(state="stopped", stopped_reason="revoked")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_asking_whose_turn_it_is_is_a_walk_by_index(world: World) -> None:
    """On SQLite, which uses a partial index only where the words prove it."""
    asked: dict[str, Any] = {}

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "RECURSIVE" in statement:
            asked[statement] = parameters

    world.run(noise, world.workspace_id, 1, world)
    event.listen(world.db.engine, "before_cursor_execute", listen)
    hold(world, lanes.lane_turns())
    world.run(clocks.take_due, world.now, limit=25)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert len(asked) == 2
    with world.db.engine.connect() as connection:
        for statement, parameters in asked.items():
            steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            of_rows = [step for step in steps if "lanes" in step or "clocks" in step]
            assert of_rows
            assert all("SEARCH" in step and ("ix_lanes_turn" in step or "ix_clocks_turn" in step) for step in of_rows)


def test_clocks_of_a_quiet_workspace_do_not_wait_for_those_of_a_noisy_one(world: World) -> None:
    lead_id = world.lead()
    quiet = other(world, 2)

    def many(session: Session) -> None:
        row = session.scalars(select(Clock)).one()
        session.execute(
            insert(Clock),
            [
                {
                    "workspace_id": workspace_id,
                    "lead_id": lead_id,
                    "state": "running",
                    "started_at": world.now,
                    "due_at": row.due_at,
                    "rung": "breach",
                    "next_at": world.now - timedelta(seconds=ago),
                    "policy": row.policy,
                    "hours": row.hours,
                }
                for workspace_id, ago, count in ((world.workspace_id, 60, 300), (quiet, 1, 1))
                for _ in range(count)
            ],
        )

    world.run(lambda session: session.execute(text("DROP INDEX uq_clocks_live")))
    world.run(many)
    taken = world.run(lambda session: [row[0].workspace_id for row in clocks.take_due(session, world.now, limit=25)])
    assert quiet in taken
    assert len(taken) <= 25


def test_an_alarm_of_one_workspace_goes_before_the_cards_of_all(world: World) -> None:
    quiet = other(world, 2)
    world.run(noise, world.workspace_id, 20, world)
    world.run(outbox.put_notice, quiet, "n", 1, "C-A", at=world.now, priority=Priority.ALARM)
    assert hold(world, lanes.lane_turns()) == [quiet]
