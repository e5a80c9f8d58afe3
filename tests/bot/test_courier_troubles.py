"""The courier when things go wrong around it: it sleeps, stops, meets errors nobody foresaw, and words that break."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.courier.courier import Courier
from bot.courier.errands import Errand
from bot.metrics import Metrics
from bot.slack.client import Meaning, Outcome
from handlers.messages import Rendering
from playground import Fault
from storage import outbox
from storage.models import Card, Delivery, Lane
from storage.outbox import Priority
from tests.bot.conftest import Post


async def taken(post: Post) -> Errand:
    """The next errand, in the hand of another courier than the one that works."""
    post.courier.concurrency = 0
    other = Courier(post.courier.tandem, post.courier.client_of, post.courier.renderers, Metrics(), pace=0)
    async with asyncio.timeout(60):
        while True:
            found, _ = await other._take(8)
            if found.errands:
                return found.errands[0]
            await asyncio.sleep(0.01)


async def resume(post: Post) -> None:
    post.courier.concurrency = 32
    post.courier._wake.set()
    await post.idle()


async def next_try(post: Post) -> datetime:
    return await post.db.read(lambda session: session.scalars(select(Delivery.next_at).limit(1)).one())


async def held(post: Post) -> list[str]:
    return await post.db.read(lambda session: list(session.scalars(select(Lane.place).where(Lane.holder.is_not(None)))))


async def test_a_courier_that_slept_past_its_lease_sends_nothing(post: Post) -> None:
    errand = await first_note_taken(post)
    post.clock.advance(timedelta(minutes=1))
    await resume(post)
    await post.courier._serve(errand)
    assert post.texts() == ["hello"]


async def first_note_taken(post: Post) -> Errand:
    post.courier.concurrency = 0
    await post.note(1, "hello")
    return await taken(post)


async def test_stopping_serves_what_is_being_taken_at_that_moment(post: Post) -> None:
    take, begun, go_on = post.courier._take, asyncio.Event(), asyncio.Event()

    async def slowly(room: int) -> object:
        result = await take(room)
        if result[0].errands:
            begun.set()
            await go_on.wait()
        return result

    post.courier._take = slowly  # type: ignore[method-assign, assignment]
    await post.note(1, "hello")
    async with asyncio.timeout(60):
        await begun.wait()
        stopping = asyncio.create_task(post.courier.stop())
        await asyncio.sleep(0.05)
        go_on.set()
        await stopping
    assert (post.texts(), await held(post)) == (["hello"], [])


async def test_stopping_gives_back_what_does_not_end_in_time(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.hang(600))
    await post.note(1, "hello")
    async with asyncio.timeout(60):
        while not post.courier._sending:  # noqa: ASYNC110  # nothing tells that a task has begun
            await asyncio.sleep(0.01)
    await post.courier.stop(within=0.2)
    row = await post.db.read(lambda session: session.scalars(select(Delivery)).one())
    assert (row.state, row.unsure, await held(post)) == ("pending", True, [])


async def test_a_429_ends_no_message_however_old_it_is(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.rate_limited(1), Fault.server_error())
    post.words[1] = "from before the weekend"
    long_ago = post.clock.now() - timedelta(days=3)
    await post.db.run(
        outbox.put_notice,
        post.workspace_id,
        "note",
        1,
        post.place("#leads"),
        at=long_ago,
        priority=Priority.DIGEST,
    )
    await post.idle()
    assert post.texts() == ["from before the weekend"]


async def test_an_error_that_nobody_foresaw_holds_up_its_channel_for_minutes_only(post: Post) -> None:
    for _ in range(20):
        post.slack.faults.next("chat.postMessage", Fault.refuse("odd_new_error"))
    await post.note(1, "hello")
    began = post.clock.now()
    async with asyncio.timeout(60):
        while (await post.states())[0][0] != "failed":
            await asyncio.sleep(0.02)
            if not post.courier._sending:
                post.clock.advance(max(timedelta(), await next_try(post) - post.clock.now()))
                post.db.rouse("courier")
    assert post.clock.now() - began < timedelta(hours=1)


async def test_words_that_cannot_be_sent_end_their_own_message_only(post: Post) -> None:
    post.courier.renderers = {
        **post.courier.renderers,
        "card": lambda _session, _subject: Rendering("broken", [{"type": "section", "text": {1, 2}}]),
    }
    await post.card(1, "never")
    await post.note(2, "hello")
    await post.note(3, "elsewhere", "#other")
    await post.idle()
    assert (post.texts(), post.texts("#other")) == (["hello"], ["elsewhere"])
    assert (await post.states())[0][0] == "failed"


async def test_the_bot_lets_itself_in_on_a_later_try_too(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.server_error())
    await post.note(1, "hello", "#open")
    await post.idle()
    assert post.texts("#open") == ["hello"]


async def test_a_courier_that_lost_its_lane_forgets_no_card(post: Post) -> None:
    await post.card(1, "first")
    await post.idle()
    post.courier.concurrency = 0
    await post.card(1, "second")
    errand = await taken(post)
    stale = replace(errand, held=replace(errand.held, fence=errand.held.fence - 1))
    await post.courier._failed(stale, Outcome(Meaning.GONE, "message_not_found"))
    assert await post.db.read(lambda session: session.scalars(select(Card.ts)).one()) is not None


async def test_an_alarm_makes_a_lane_urgent_that_a_dead_courier_holds(post: Post) -> None:
    post.courier.concurrency = 0
    await post.note(1, "digest")
    await taken(post)
    await post.note(2, "breach", urgent=True)
    lane = await post.db.read(lambda session: session.execute(select(Lane.priority, Lane.holder, Lane.due_at)).one())
    assert lane.priority == Priority.ALARM
    assert lane.holder is not None
    assert lane.due_at > post.clock.now() + timedelta(seconds=30), "it comes due when the lease ends, not before"
