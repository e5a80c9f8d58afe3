"""Rows that a clock wrote which was ahead: brought back, each waits its own bound at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.themes import find_or_add_theme
from storage import outbox
from storage.ahead import LONGEST_PAUSE, LONGEST_WAIT, bring_back
from storage.lanes import COMES_LATE, hold_lanes
from storage.models import Delivery, Lane, RateBucket, ThemeRise, Workspace
from storage.outbox import Priority
from tests.world import World

YEAR = timedelta(days=365)
LEASE = timedelta(seconds=45)


def queue(world: World, place: str = "C1", priority: Priority = Priority.ALARM) -> None:
    world.run(outbox.put_notice, world.workspace_id, "note", 1, place, at=world.now, priority=priority)


def change(world: World, table: Any, **values: Any) -> None:
    world.run(lambda session: session.execute(update(table).values(**values)))


def stamps(world: World, *columns: Any) -> list[Any]:
    return list(world.run(lambda session: session.execute(select(*columns)).one()))


def held(world: World, at: Any) -> int:
    def hold(session: Session) -> int:
        return len(hold_lanes(session, holder="me", at=at, lease=LEASE, limit=8, times=1.0))

    return world.run(hold)


def test_what_was_queued_and_paced_a_year_ahead_is_taken_at_once(world: World) -> None:
    queue(world)
    change(world, Lane, due_at=world.now + YEAR, free_at=world.now + YEAR)
    change(world, Delivery, next_at=world.now + YEAR, due_at=world.now + YEAR)
    assert held(world, world.now) == 0
    assert world.run(bring_back, world.now, lease=LEASE) == 1
    assert held(world, world.now) == 1


def test_slacks_pace_is_kept_where_it_may_be_true(world: World) -> None:
    queue(world)
    change(world, Lane, due_at=world.now + timedelta(seconds=1), free_at=world.now + timedelta(seconds=1))
    world.run(bring_back, world.now, lease=LEASE)
    assert held(world, world.now) == 0
    assert held(world, world.later(seconds=1)) == 1


def test_a_lane_in_somebodys_hands_stays_there_for_a_lease_at_most(world: World) -> None:
    queue(world)
    assert held(world, world.now) == 1
    change(world, Lane, due_at=world.now + YEAR)
    world.run(bring_back, world.now, lease=LEASE)
    assert held(world, world.now + LEASE - timedelta(seconds=1)) == 0
    assert held(world, world.now + LEASE) == 1


def test_another_try_waits_as_long_as_tries_may_and_a_lost_post_is_looked_for(world: World) -> None:
    queue(world, priority=Priority.CARD)
    later = world.now + YEAR
    change(world, Delivery, attempts=3, unsure=True, next_at=later, late_until=later, first_tried_at=later)
    world.run(bring_back, world.now, lease=LEASE)
    next_at, late_until, tried = stamps(world, Delivery.next_at, Delivery.late_until, Delivery.first_tried_at)
    assert next_at == world.now + LONGEST_WAIT
    assert late_until == world.now + COMES_LATE
    assert tried < world.now


def test_tokens_and_pauses_come_back_in_their_own_time(world: World) -> None:
    later = world.now + YEAR
    bucket = {"full_at": later, "paused_until": later, "warned_until": later, "lines": {"1": later.timestamp()}}
    key = {"workspace_id": world.workspace_id, "method": "chat.update"}
    world.run(lambda session: session.add(RateBucket(**key, **bucket)))
    world.run(bring_back, world.now, lease=LEASE)
    full_at, paused, warned, lines = stamps(
        world, RateBucket.full_at, RateBucket.paused_until, RateBucket.warned_until, RateBucket.lines
    )
    assert full_at < world.now + timedelta(minutes=1)
    assert paused == warned == world.now + LONGEST_PAUSE
    assert lines == {}


def test_what_is_on_time_is_left_alone(world: World) -> None:
    queue(world)
    before = stamps(world, Lane.due_at), stamps(world, Delivery.next_at, Delivery.due_at)
    assert world.run(bring_back, world.now, lease=LEASE) == 0
    assert (stamps(world, Lane.due_at), stamps(world, Delivery.next_at, Delivery.due_at)) == before


def test_marketing_is_asked_at_once_when_its_time_lies_far_ahead(world: World) -> None:
    tomorrow = world.now + timedelta(days=1)
    for ahead, left in ((YEAR, world.now), (timedelta(days=1), tomorrow)):
        world.run(lambda session, at: session.execute(update(Workspace).values(ask_at=at)), world.now + ahead)
        world.run(bring_back, world.now, lease=LEASE)
        assert stamps(world, Workspace.ask_at) == [left]


def test_a_theme_is_looked_at_now_and_counts_as_told_of_now(world: World) -> None:
    theme = world.run(find_or_add_theme, world.workspace_id, "pricing", at=world.now)

    def rise(session: Session) -> None:
        ahead = world.now + YEAR
        session.add(ThemeRise(theme_id=theme.id, workspace_id=world.workspace_id, look_at=ahead, told_at=ahead))

    world.run(rise)
    world.run(bring_back, world.now, lease=LEASE)
    assert stamps(world, ThemeRise.look_at, ThemeRise.told_at) == [world.now, world.now]
