"""When marketing is asked about items that may belong to a theme: once a day, in one place, and about so many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from domain.people import ensure_member, ensure_workspace
from domain.proposals.asking import (
    LEFT_TO_REP,
    LISTENED_TO,
    Maybe,
    ask_marketing,
    find_maybes,
)
from domain.proposals.deciding import (
    accept_proposals,
    count_proposals,
)
from domain.themes import find_or_add_theme
from storage.models import (
    AskedProposal,
    Member,
    VocItem,
    Workspace,
)
from tests.proposals.asking import (
    MAYBES,
    cards,
    decide,
    log,
    look,
    marks,
    next_day,
    office,
    open_channel,
    sent,
    texts,
)
from tests.world import World


@pytest.fixture(autouse=True)
def _channel(world: World) -> None:
    open_channel(world)


def test_a_fresh_item_is_left_to_its_rep(world: World) -> None:
    world.now = world.now.replace(hour=10)
    log(world, MAYBES[0])
    assert (look(world), cards(world)) == (0, [])
    log(world, MAYBES[1])
    world.later(days=1, seconds=-LEFT_TO_REP.total_seconds())
    log(world, MAYBES[2])
    world.later(minutes=5)
    assert look(world) == 2


def test_a_day_has_one_message_however_often_the_worker_looks(world: World) -> None:
    log(world, MAYBES[0])
    assert next_day(world) == 1
    log(world, MAYBES[1])
    world.later(hours=3)
    assert (look(world), cards(world)) == (0, ["C-MARKETING"])
    assert next_day(world) == 1


def test_a_day_that_comes_a_second_time_has_no_second_message(world: World) -> None:
    log(world, MAYBES[0])
    assert next_day(world) == 1
    world.run(lambda session: session.execute(update(Workspace).values(ask_at=None)))
    log(world, MAYBES[1])
    world.later(hours=2)
    assert (look(world), len(cards(world))) == (0, 1)


def test_two_workers_that_found_the_same_ask_once(world: World) -> None:
    log(world, *MAYBES)
    world.later(hours=2)
    found = world.run(find_maybes, world.workspace_id, at=world.now)
    assert found is not None
    asked = [world.run(ask_marketing, world.workspace_id, found, at=world.now) for _ in range(2)]
    assert (asked, cards(world)) == ([3, 0], ["C-MARKETING"])


def test_no_more_than_agreed_in_a_day_the_newest_first_and_the_others_later(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(asked_a_day=2)))
    log(world, *MAYBES)
    assert next_day(world) == 2
    assert MAYBES[0] not in texts(world)
    assert next_day(world) == 1
    assert MAYBES[0] in texts(world)


def test_never_asks_nothing(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(asked_a_day=0)))
    log(world, *MAYBES)
    assert next_day(world) == 0
    assert world.run(count_proposals, world.workspace_id) == 0


def test_marketing_is_asked_in_the_morning_of_a_working_day(world: World) -> None:
    office(world, "mon-fri 08:00-18:00")
    world.now = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)  # a Friday, half past eight in Berlin
    log(world, MAYBES[0])
    world.later(hours=2)
    assert look(world) == 1
    log(world, MAYBES[1])
    for day, hour in ((21, 10), (22, 10), (23, 7)):
        world.now = datetime(2026, 11, day, hour, 30, tzinfo=UTC)
        assert look(world) == 0, f"the {day}th, {hour}:30"
    world.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # nine o'clock
    assert look(world) == 1


def test_a_team_that_never_closes_is_not_asked_at_midnight(world: World) -> None:
    log(world, MAYBES[0])
    world.later(hours=2)
    assert look(world) == 1
    log(world, MAYBES[1])
    world.now = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
    assert look(world) == 0
    world.now = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    assert look(world) == 1


def test_outside_working_hours_nobody_is_asked(world: World) -> None:
    office(world, "mon-fri 09:00-18:00")
    world.now = datetime(2026, 11, 20, 15, tzinfo=UTC)
    log(world, MAYBES[0])
    world.now = datetime(2026, 11, 20, 20, tzinfo=UTC)
    assert look(world) == 0


def test_without_a_channel_marketers_are_asked_and_each_message_changes(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(marketing_channel=None)))
    world.run(lambda session: session.execute(update(Member).where(Member.name == "bo").values(role="marketer")))
    first, *_ = log(world, MAYBES[0], MAYBES[1])
    next_day(world)
    assert sorted(cards(world)) == ["U-BO", "U-MAX"]
    sent(world)
    decide(world, accept_proposals, marks(world, first))
    assert sorted(cards(world)) == ["U-BO", "U-MAX"]


def test_two_workspaces_do_not_mix(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    zoe = world.run(ensure_member, other, "U-ZOE", name="zoe", at=world.now)
    world.run(find_or_add_theme, other, "pricing", at=world.now)
    log(world, MAYBES[0])
    log(world, "the fees came up in the call", by=zoe)
    next_day(world)
    words = texts(world)
    assert MAYBES[0] in words
    assert "in the call" not in words
    found = world.run(find_maybes, world.workspace_id, at=world.now)
    assert found == ()
    theirs = world.run(lambda session: session.scalars(select(VocItem.id).where(VocItem.workspace_id == other)).all())
    world.run(lambda session: session.execute(update(Workspace).values(ask_at=None)))
    world.later(days=1)
    stolen = [Maybe(item_id, 1, 1) for item_id in theirs]
    assert world.run(ask_marketing, world.workspace_id, stolen, at=world.now) == 0


def test_a_crash_before_the_commit_leaves_the_question_to_be_asked_anew(world: World) -> None:
    log(world, *MAYBES)
    world.later(hours=2)
    found = world.run(find_maybes, world.workspace_id, at=world.now)
    assert found is not None

    def crash(session: Session) -> None:
        ask_marketing(session, world.workspace_id, found, at=world.now)
        raise RuntimeError("the process died")

    with pytest.raises(RuntimeError):
        world.run(crash)
    assert (cards(world), world.run(lambda session: session.scalars(select(AskedProposal)).all())) == ([], [])
    assert (look(world), cards(world)) == (3, ["C-MARKETING"])


def test_the_look_reads_only_recent_items_by_an_index(world: World) -> None:
    old = world.now - timedelta(days=40)
    ana = world.member("ana")

    def fill(session: Session) -> None:
        rows = [
            {
                "workspace_id": world.workspace_id,
                "member_id": ana.id,
                "kind": "objection",
                "line": "the fees came up",
                "verbatim": "the fees came up",
                "origin": "import",
                "state": "live",
                "created_at": old,
                "updated_at": old,
            }
            for _ in range(3000)
        ]
        session.execute(insert(VocItem), rows)

    world.run(fill)
    log(world, *MAYBES)
    world.later(hours=2)
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "FROM voc_items" in statement and statement.startswith("SELECT"):
            asked.append((statement, parameters))

    if world.db.engine.dialect.name == "postgresql":
        world.run(lambda session: session.connection().exec_driver_sql("ANALYZE voc_items"))
    event.listen(world.db.engine, "before_cursor_execute", listen)
    found = world.run(find_maybes, world.workspace_id, at=world.now)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert found is not None
    assert len(found) == 3
    explain = "EXPLAIN QUERY PLAN" if world.db.engine.dialect.name == "sqlite" else "EXPLAIN"
    looks = [(statement, parameters) for statement, parameters in asked if f"{LISTENED_TO}" in str(parameters)]
    assert looks
    with world.db.engine.connect() as connection:
        for statement, parameters in looks:
            plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
            assert "ix_voc_items_" in plan, f"{plan}: {statement}"
