"""Token buckets: no more calls in any minute than Slack promises, whoever makes them, and alarms always find one."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from playground.limits import POSTS_PER_MINUTE, Limits
from storage import lanes, outbox
from storage.held import DISTRIBUTED, End, Held
from storage.models import Lane, RateBucket
from storage.outbox import Priority
from storage.pace import BUSY, LIMITS, Buckets
from tests.world import World

TIERS = {"chat.postMessage": 5, "views.publish": 4}


def notice(world: World, subject: int, place: str, priority: Priority = Priority.DIGEST) -> None:
    world.run(outbox.put_notice, world.workspace_id, "note", subject, place, at=world.now, priority=priority)


def hold(world: World, limit: int = 8) -> list[Held]:
    return world.run(lanes.hold_lanes, holder="one", at=world.now, lease=timedelta(seconds=30), limit=limit, times=1.0)


def sent(world: World, held: Held) -> None:
    world.run(lanes.record_sent, held, at=world.now, channel="C", ts="1.0", rendering="r", free_at=None)


def due(world: World, place: str) -> datetime | None:
    def read(session: Session) -> datetime | None:
        return session.scalar(select(Lane.due_at).where(Lane.place == place))

    return world.run(read)


@pytest.mark.parametrize("method", LIMITS)
def test_a_greedy_caller_stays_within_what_slack_promises(world: World, method: str) -> None:
    """Who takes every token at once when there is one, for three minutes, meets no 429 of the strict playground."""
    limits = Limits(lambda: world.now.timestamp())
    end, calls = world.now + timedelta(minutes=3), 0
    refused: list[int] = []

    def take(session: Session) -> datetime | None:
        buckets = Buckets(session, world.now, 1.0)
        return buckets.take([(world.workspace_id, [method], Priority.ALARM)])[0]

    while world.now < end:
        turn = world.run(take)
        if turn is not None:
            world.now = turn
            continue
        refused.append(limits.wait_for(method, TIERS.get(method, 3), f"C{calls}"))
        calls += 1
    assert set(refused) == {0}
    allowed = {"chat.postMessage": POSTS_PER_MINUTE, "views.publish": 100}.get(method, 50)
    if method.endswith(DISTRIBUTED):
        allowed = 1
    assert calls >= 3 * allowed * 0.75


def test_lanes_without_a_token_come_back_one_after_the_other(world: World) -> None:
    for number in range(20):
        notice(world, number, f"C{number:02}")
    first = hold(world, limit=50)
    limit = LIMITS["chat.postMessage"]
    assert len(first) == limit.burst - limit.reserve
    waiting = sorted(turn for number in range(len(first), 20) if (turn := due(world, f"C{number:02}")))
    gaps = {round((later - sooner).total_seconds(), 3) for sooner, later in pairwise(waiting)}
    assert gaps == {round(60 / limit.per_minute, 3)}
    assert hold(world) == [], "nobody looks at them again before their turn"


def test_a_lane_that_was_put_off_is_sent_at_its_turn_as_a_first_attempt(world: World) -> None:
    for number in range(6):
        notice(world, number, f"C{number}")
    hold(world, limit=50)
    turn = due(world, "C5")
    assert turn is not None
    world.now = turn
    late = {one.place: one.attempts for one in hold(world)}
    assert late["C5"] == 1


def test_an_alarm_overtakes_a_thousand_digests_that_wait_for_tokens(world: World) -> None:
    def many(session: Session) -> None:
        for number in range(1000):
            outbox.put_notice(
                session,
                world.workspace_id,
                "note",
                number,
                f"C{number}",
                at=world.now,
                priority=Priority.DIGEST,
            )

    world.run(many)
    while hold(world) or world.run(lanes.next_due) == world.now:
        pass
    notice(world, 5000, "C-NEW", Priority.ALARM)
    notice(world, 5001, "C999", Priority.ALARM)
    assert {one.subject_id for one in hold(world)} == {5000, 5001}


def test_what_is_new_and_as_urgent_does_not_bring_its_lane_forward(world: World) -> None:
    for number in range(9):
        notice(world, number, f"C{number}")
    hold(world, limit=50)
    turn = due(world, "C8")
    notice(world, 10, "C8")
    assert due(world, "C8") == turn


def test_a_pause_of_slacks_holds_even_alarms_and_ends_without_a_burst(world: World) -> None:
    until = world.now + timedelta(seconds=30)
    world.run(lambda session: Buckets(session, world.now, 1.0).pause(world.workspace_id, "chat.postMessage", until))
    notice(world, 1, "C1", Priority.ALARM)
    assert hold(world) == []
    assert due(world, "C1") == until
    world.now = until
    (alarm,) = hold(world)
    sent(world, alarm)
    for number in range(5):
        notice(world, number, f"D{number}")
    assert hold(world) == []


def test_one_channel_that_is_limited_does_not_stop_the_others_but_two_do(world: World) -> None:
    until = world.now + timedelta(seconds=30)

    def warn() -> None:
        world.run(lambda session: Buckets(session, world.now, 1.0).warn(world.workspace_id, "chat.postMessage", until))

    warn()
    notice(world, 1, "C1")
    assert len(hold(world)) == 1
    warn()
    notice(world, 2, "C2")
    assert hold(world) == []


def test_what_has_nothing_to_say_takes_no_token(world: World) -> None:
    for number in range(30):
        notice(world, number, f"C{number:02}")
    ended = End("dropped")
    for _ in range(8):
        world.run(
            lanes.hold_lanes,
            holder="one",
            at=world.now,
            lease=timedelta(seconds=30),
            limit=1,
            times=1.0,
            prepare=lambda held: ended if held.subject_id < 25 else None,
        )
    world.later(seconds=10)
    limit = LIMITS["chat.postMessage"]
    assert len(hold(world, 50)) == limit.burst - limit.reserve


@pytest.mark.parametrize("engine_name", ["postgresql"])  # SQLite has one writer
def test_nobody_waits_for_a_bucket_that_another_courier_holds(world: World) -> None:
    """It may be asleep, and the thread that would wait serves clocks, too."""
    notice(world, 1, "C1")
    (first,) = hold(world)
    sent(world, first)
    notice(world, 2, "C2")
    with world.db.engine.connect() as asleep:
        asleep.execute(select(RateBucket).with_for_update())
        assert hold(world) == []
    assert due(world, "C2") == world.now + BUSY
    world.now += BUSY
    assert [one.subject_id for one in hold(world)] == [2]


def test_a_distributed_app_asks_for_one_history_a_minute(world: World) -> None:
    """Slack lets apps that are distributed outside its Marketplace ask once a minute, whatever `times` says."""
    asked = [(world.workspace_id, (f"conversations.history{DISTRIBUTED}",), 1)]

    def turn(session: Session) -> datetime | None:
        (found,) = Buckets(session, world.now, 4.0).take(asked)
        return found

    assert world.run(turn) is None
    until = world.run(turn)
    assert until is not None
    assert until - world.now >= timedelta(seconds=60)
    world.now = until
    assert world.run(turn) is None
