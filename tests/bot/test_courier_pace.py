"""The courier keeps to Slack's limits so well that Slack never has to say so, and finds posts that it stores late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.courier.courier import Courier
from bot.metrics import Metrics
from playground import Fault
from storage import lanes
from storage.database import Database
from storage.outbox import Priority, put_notice
from tests.bot.conftest import Post

TIMES = 0.2  # of Slack's limits, so that a minute's worth is few messages


def refused(post: Post) -> list[str]:
    """The methods that Slack answered with 429."""
    return [call.method for call in post.slack.calls if call.status == 429]


async def queue(post: Post, count: int) -> None:
    """A message for each of so many channels."""

    def put(session: Session) -> None:
        at = post.clock.now()
        for number, place in enumerate(places):
            put_notice(session, post.workspace_id, "note", number, place, at=at, priority=Priority.DIGEST)

    places = [post.slack.add_channel(f"#busy-{number}", app=True).id for number in range(count)]
    post.words |= {number: f"note {number}" for number in range(count)}
    await post.db.run(put)


async def pass_time(post: Post, seconds: float) -> None:
    """Let all that is due be served, then move the clock on by a little, and so on."""
    end = post.clock.now() + timedelta(seconds=seconds)
    while post.clock.now() < end:
        post.db.rouse("courier")
        async with asyncio.timeout(60):
            while (due := await post.db.read(lanes.next_due)) is not None and due <= post.clock.now():
                await post._next_change()
        post.clock.advance(timedelta(seconds=0.25))


@asynccontextmanager
async def second_courier(post: Post) -> AsyncIterator[None]:
    """Another worker on the same outbox; on PostgreSQL with connections of its own."""
    db = post.db if post.db.is_sqlite else Database(post.db.url.render_as_string(hide_password=False))
    tandem = replace(post.courier.tandem, db=db)
    other = Courier(
        tandem, post.courier.client_of, post.courier.renderers, Metrics(), pace=0, limits=post.courier.limits
    )
    running = asyncio.create_task(other.run())
    yield
    await other.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if db is not post.db:
        await asyncio.to_thread(db.close)


async def test_two_couriers_share_what_slack_allows(post: Post) -> None:
    """Each alone would keep to the limits; together they would break them, did they not share their tokens."""
    post.slack.set_rate_limits(True, times=TIMES)
    post.courier.limits = TIMES
    async with second_courier(post):
        await queue(post, 100)
        await pass_time(post, 75)
    assert refused(post) == []
    assert 65 < len(post.slack.calls_of("chat.postMessage")) < 80


async def test_a_post_that_slack_stores_late_is_not_posted_again(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.stored_late(0.5))
    await post.note(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]
    assert len(post.slack.calls_of("chat.postMessage")) == 1


async def test_a_post_that_never_reached_slack_is_posted_again_when_it_can_no_longer_be_stored(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.hang(0))
    await post.note(1, "hello")
    await post.until("pending", "connection_lost")
    began = post.clock.now()
    await pass_time(post, 14)
    assert post.texts() == []
    await pass_time(post, 2)
    await post.idle()
    assert post.texts() == ["hello"]
    assert post.clock.now() - began < timedelta(seconds=20)


async def test_an_alarm_does_not_wait_while_slack_may_store_another_message_late(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.hang(0))
    await post.note(1, "digest")
    await post.until("pending", "connection_lost")
    await post.note(2, "breach", urgent=True)
    await post.slack.channel("#leads").message(containing="breach")
    assert post.texts() == ["breach"]
    await pass_time(post, 16)
    await post.idle()
    assert post.texts() == ["breach", "digest"]
