"""What met an error that nobody foresaw waits alone: the channel's other messages go past, a card's own do not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.lateness import find_overdue
from playground import Fault
from storage import lanes, outbox
from storage.held import Held
from storage.models import Delivery, Lane
from storage.outbox import Priority
from tests.bot.conftest import Post
from tests.world import World

STRANGE = "odd_new_error"


async def test_later_messages_of_the_channel_go_past_what_is_strange(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.refuse(STRANGE))
    await post.note(1, "strange")
    await post.until("pending", STRANGE)
    for subject in (2, 3):
        await post.note(subject, f"lead {subject}")
    await post.idle()
    assert post.texts() == ["lead 2", "lead 3", "strange"]


async def test_many_strange_ones_hold_up_neither_each_other_nor_the_rest(post: Post) -> None:
    """Each is tried by its own pauses, for ten minutes at the most; what comes after them is posted at once."""
    post.slack.faults.next("chat.postMessage", *[Fault.refuse(STRANGE)] * 5)
    for subject in range(5):
        await post.note(subject, f"strange {subject}")
    async with asyncio.timeout(60):
        while {error for _, error in await post.states()} != {STRANGE}:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    began = len(post.slack.calls)
    await post.note(9, "lead")
    await post.idle()
    sent = [call.args["text"] for call in post.slack.calls[began:] if call.method == "chat.postMessage"]
    assert sent[0] == "lead"
    assert sorted(post.texts()) == ["lead", *(f"strange {subject}" for subject in range(5))]


async def test_what_stays_strange_ends_after_ten_minutes_and_an_admin_is_told(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", *[Fault.refuse(STRANGE)] * 40)
    await post.note(1, "strange")
    began = post.clock.now()
    async with asyncio.timeout(60):
        while (await post.states())[0][0] != "failed":
            await asyncio.sleep(0.02)
            if not post.courier._sending:
                post.clock.advance(timedelta(seconds=20))
                post.db.rouse("courier")
    assert timedelta(minutes=10) < post.clock.now() - began < timedelta(minutes=30)


async def test_a_strange_answer_after_an_outage_is_the_first_and_not_the_last(post: Post) -> None:
    refused = [*[Fault.server_error()] * 10, Fault.refuse(STRANGE)]
    post.slack.faults.next("chat.postMessage", *refused)
    await post.note(1, "patient")
    began = post.clock.now()
    async with asyncio.timeout(60):
        while (await post.states())[0][0] not in ("sent", "failed"):
            await asyncio.sleep(0.02)
            if not post.courier._sending:
                post.clock.advance(timedelta(seconds=60))
                post.db.rouse("courier")
    assert post.clock.now() - began > timedelta(minutes=10)
    assert post.texts() == ["patient"]


async def test_a_hiccup_for_one_message_holds_the_channel_for_three_tries_only(post: Post) -> None:
    refused = [Fault.refuse("internal_error")] * 3
    post.slack.faults.next("chat.postMessage", *refused)
    await post.note(1, "unlucky")
    async with asyncio.timeout(60):
        while (await post.db.read(lambda session: session.scalars(select(Delivery.alone_since)).one())) is None:
            await asyncio.sleep(0.02)
            if not post.courier._sending:
                post.clock.advance(timedelta(seconds=1))
                post.db.rouse("courier")
    await post.note(2, "lead")
    await post.idle()
    assert post.texts() == ["lead", "unlucky"]


async def test_errors_that_are_known_end_their_own_message_at_once(post: Post) -> None:
    for error in ("cannot_reply_to_message", "posting_to_channel_denied", "is_inactive"):
        post.slack.faults.next("chat.postMessage", Fault.refuse(error))
        await post.note(1, "never")
        await post.note(2, f"after {error}")
        await post.idle()
    assert len(post.texts()) == 3
    told = [message.text for message in post.slack.dm("mia").messages]
    assert told == ["failed: cannot_reply_to_message", "failed: posting_to_channel_denied", "failed: is_inactive"]


async def test_a_card_that_may_be_edited_no_more_is_posted_anew(post: Post) -> None:
    await post.card(1, "free")
    await post.idle()
    post.slack.faults.next("chat.update", Fault.refuse("edit_window_closed"))
    await post.card(1, "claimed")
    await post.idle()
    assert post.texts() == ["free", "claimed"]
    await post.card(1, "contacted")
    await post.idle()
    assert post.texts() == ["free", "contacted"]


LEASE = timedelta(seconds=30)


def hold(world: World) -> list[Held]:
    return world.run(lanes.hold_lanes, holder="c", at=world.now, lease=LEASE, limit=9)


def strange(world: World, held: Held, minutes: int = 5) -> None:
    later = world.now + timedelta(minutes=minutes)
    world.run(lanes.record_retry, held, next_at=later, unsure=False, error=STRANGE, alone_since=world.now)


def put(world: World, subject: int, *, under: int | None = None) -> None:
    """A card, or a notice in the thread of one."""

    def work(session: Session) -> None:
        at, place = world.now, "C1"
        if under is None:
            outbox.put_card(session, world.workspace_id, "lead_card", subject, place, at=at, priority=Priority.LEAD)
            return
        thread = outbox.find_card(session, world.workspace_id, "lead_card", under, place)
        outbox.put_notice(
            session, world.workspace_id, "note", subject, place, at=at, priority=Priority.ALARM, thread_of=thread
        )

    world.run(work)


def test_what_belongs_to_a_strange_card_waits_behind_it(world: World) -> None:
    put(world, 1)
    (card,) = hold(world)
    put(world, 1)  # its next words
    put(world, 7, under=1)
    put(world, 2)
    put(world, 8, under=2)
    strange(world, card)
    order: list[tuple[int, bool]] = []
    while held := hold(world):
        order.append((held[0].subject_id, held[0].id == card.id))
        world.run(lanes.record_sent, held[0], at=world.now, channel="C1", ts="1.0", rendering="r", free_at=None)
    assert order == [(8, False), (2, False)], "only what belongs to the other card"
    world.later(minutes=5)
    while held := hold(world):
        order.append((held[0].subject_id, held[0].id == card.id))
        world.run(lanes.record_sent, held[0], at=world.now, channel="C1", ts="2.0", rendering="r", free_at=None)
    assert order[2:] == [(1, True), (7, False), (1, False)]


def test_a_lane_of_strange_ones_is_due_when_the_first_of_them_is_and_at_once_for_what_is_new(world: World) -> None:
    put(world, 1)
    strange(world, hold(world)[0])
    assert world.run(lanes.next_due) == world.now + timedelta(minutes=5)
    put(world, 2)
    assert world.run(lanes.next_due) == world.now
    assert [held.subject_id for held in hold(world)] == [2]


def test_a_strange_lead_that_waits_too_long_is_an_incident(world: World) -> None:
    put(world, 1)
    for _ in range(3):
        (held,) = hold(world)
        strange(world, held, minutes=1)
        world.later(minutes=1)
    world.later(minutes=-1, seconds=30)
    assert [one.what for one in world.run(find_overdue, world.workspace_id, world.now)] == ["deliveries"]


@pytest.mark.parametrize("count", [300])
def test_a_strange_lane_reads_no_more_than_a_few_rows(world: World, count: int) -> None:
    """A lane is free again whatever waits alone in it."""
    for subject in range(count):
        put(world, subject)
        strange(world, hold(world)[0])
    put(world, count + 1)
    assert [held.subject_id for held in hold(world)] == [count + 1]
    assert world.run(lambda session: session.scalar(select(Lane.holder))) == "c"
