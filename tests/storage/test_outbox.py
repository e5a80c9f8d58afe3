"""The outbox: one message per card and change, order within a place, and leases that run out."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import ahead, lanes, outbox
from storage.held import Held
from storage.models import Delivery
from storage.outbox import Priority
from tests.world import World

LEASE = timedelta(seconds=30)


@pytest.fixture
def queue(world: World) -> World:
    return world


def card(world: World, subject: int = 1, place: str = "C1", priority: Priority = Priority.CARD) -> None:
    world.run(outbox.put_card, world.workspace_id, "lead_card", subject, place, at=world.now, priority=priority)


def notice(world: World, subject: int, place: str = "C1", priority: Priority = Priority.CARD, **more: object) -> None:
    world.run(outbox.put_notice, world.workspace_id, "note", subject, place, at=world.now, priority=priority, **more)


def hold(world: World, holder: str = "one", limit: int = 10) -> list[Held]:
    return world.run(lanes.hold_lanes, holder=holder, at=world.now, lease=LEASE, limit=limit)


def sent(world: World, held: Held, ts: str = "1.0", free_at: datetime | None = None) -> bool:
    return world.run(lanes.record_sent, held, at=world.now, channel="C1", ts=ts, rendering="abc", free_at=free_at)


def test_ten_quick_changes_of_a_card_are_one_message(queue: World) -> None:
    for _ in range(10):
        card(queue)
    assert queue.queued() == [("lead_card", "C1")]


def test_a_change_while_the_card_is_on_its_way_is_sent_after_it(queue: World) -> None:
    card(queue)
    (first,) = hold(queue)
    card(queue)
    assert hold(queue, "two") == [], "the lane is held"
    assert sent(queue, first)
    (second,) = hold(queue, "two")
    assert second.card is not None
    assert second.card.ts == "1.0"


def test_order_holds_within_a_place_and_an_alarm_overtakes(queue: World) -> None:
    for subject in (1, 2, 3):
        notice(queue, subject, priority=Priority.DIGEST)
    notice(queue, 9, priority=Priority.ALARM)
    order = []
    while held := hold(queue):
        order.append(held[0].subject_id)
        sent(queue, held[0])
    assert order == [9, 1, 2, 3]


def test_a_retry_keeps_the_rest_of_its_lane_behind_it(queue: World) -> None:
    notice(queue, 1)
    notice(queue, 2)
    (first,) = hold(queue)
    queue.run(lanes.record_retry, first, next_at=queue.now + timedelta(seconds=5), unsure=False, error="ratelimited")
    assert hold(queue) == []
    queue.later(seconds=5)
    assert [one.subject_id for one in hold(queue)] == [1]


def test_other_places_do_not_wait(queue: World) -> None:
    notice(queue, 1, "C1")
    notice(queue, 2, "C2")
    assert {one.place for one in hold(queue)} == {"C1", "C2"}


def test_the_pace_of_a_channel_is_kept(queue: World) -> None:
    notice(queue, 1)
    notice(queue, 2)
    (first,) = hold(queue)
    sent(queue, first, free_at=queue.now + timedelta(seconds=1))
    assert hold(queue) == []
    notice(queue, 3)
    assert hold(queue) == [], "a new message does not make the lane free"
    queue.later(seconds=1)
    assert [one.subject_id for one in hold(queue)] == [2]


def test_a_dead_couriers_lane_comes_due_with_its_delivery_in_doubt(queue: World) -> None:
    notice(queue, 1)
    (lost,) = hold(queue)
    queue.later(seconds=31)
    (again,) = hold(queue, "two")
    assert again.id == lost.id
    assert again.unsure
    assert not sent(queue, lost), "the one that was only asleep finds its fence stale"
    assert sent(queue, again)


def test_an_alarm_goes_past_a_delivery_in_doubt(queue: World) -> None:
    notice(queue, 1)
    (first,) = hold(queue)
    queue.run(lanes.record_retry, first, next_at=queue.now, unsure=True, error="timeout")
    notice(queue, 2, priority=Priority.ALARM)
    (alarm,) = hold(queue)
    sent(queue, alarm)
    (doubt,) = hold(queue)
    assert (alarm.subject_id, doubt.subject_id, doubt.unsure) == (2, 1, True)


def test_an_alarm_goes_past_what_waits_for_another_try(queue: World) -> None:
    notice(queue, 1)
    (first,) = hold(queue)
    queue.run(lanes.record_retry, first, next_at=queue.now + timedelta(minutes=5), unsure=False, error="http_500")
    notice(queue, 2, priority=Priority.ALARM)
    (alarm,) = hold(queue)
    assert alarm.subject_id == 2
    sent(queue, alarm)
    assert hold(queue) == [], "the other one still waits"
    queue.later(minutes=5)
    assert [one.subject_id for one in hold(queue)] == [1]


def test_a_card_in_doubt_is_not_passed_by_a_more_urgent_change_of_it(queue: World) -> None:
    """The newer row would post the card a second time, since nobody knows yet that it stands."""
    card(queue, priority=Priority.CARD)
    (first,) = hold(queue)
    queue.run(lanes.record_retry, first, next_at=queue.now, unsure=True, error="timeout")
    card(queue, priority=Priority.LEAD)
    (again,) = hold(queue)
    assert (again.id, again.unsure, again.priority) == (first.id, True, Priority.LEAD)


def test_the_same_once_is_queued_a_single_time(queue: World) -> None:
    notice(queue, 1, once="x")
    notice(queue, 1, once="x")
    assert len(queue.queued()) == 1


def test_a_forgotten_card_is_posted_anew(queue: World) -> None:
    card(queue)
    (held,) = hold(queue)
    sent(queue, held)
    assert held.card is not None
    queue.run(lanes.forget_card, held.card.id)
    card(queue)
    (again,) = hold(queue)
    assert again.card is not None
    assert again.card.ts is None


def test_a_stopped_workspace_sends_nothing(queue: World) -> None:
    notice(queue, 1)

    def stop(session: Session) -> None:
        from storage.models import Workspace

        workspace = session.get_one(Workspace, queue.workspace_id)
        workspace.state, workspace.stopped_reason = "stopped", "token_revoked"

    queue.run(stop)
    assert hold(queue) == []
    assert queue.run(lanes.next_due) is None


def test_what_is_finished_says_when_and_failures_say_why(queue: World) -> None:
    notice(queue, 1)
    (held,) = hold(queue)
    queue.run(lanes.record_end, held, "failed", at=queue.now, error="is_archived")
    row = queue.run(lambda session: session.scalars(select(Delivery)).one())
    assert (row.state, row.error, row.finished_at) == ("failed", "is_archived", queue.now)


def test_a_card_put_anew_while_its_edit_is_on_the_way_is_posted_anew(queue: World) -> None:
    card(queue)
    (first,) = hold(queue)
    sent(queue, first)
    card(queue)
    (edit,) = hold(queue)
    queue.run(
        outbox.put_card, queue.workspace_id, "lead_card", 1, "C1", at=queue.now, priority=Priority.CARD, anew=True
    )
    assert sent(queue, edit)
    (again,) = hold(queue)
    assert again.card is not None
    assert again.card.ts is None


def test_after_a_restart_an_edit_that_was_on_its_way_waits_until_it_can_no_longer_undo_a_newer_one(
    queue: World,
) -> None:
    card(queue)
    sent(queue, hold(queue)[0])
    card(queue)
    (edit,) = hold(queue)
    assert edit.method == "chat.update"
    queue.run(ahead.expire_leases, queue.now)
    assert hold(queue, "two") == []
    notice(queue, 9, priority=Priority.ALARM)
    (alarm,) = hold(queue, "two")
    assert alarm.subject_id == 9
    sent(queue, alarm)
    queue.now += lanes.COMES_LATE
    (again,) = hold(queue, "two")
    assert (again.id, again.attempts) == (edit.id, 2)


def test_after_a_restart_a_post_that_was_on_its_way_is_looked_for_at_once(queue: World) -> None:
    notice(queue, 1)
    hold(queue)
    queue.run(ahead.expire_leases, queue.now)
    (found,) = hold(queue, "two")
    assert found.unsure
