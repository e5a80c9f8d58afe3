"""What follows from a failed attempt: nothing is given up that may still be said, and nothing old stands for good."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from handlers.messages import Rendering, Subject
from handlers.setup.remedies import remedy
from playground import Fault
from storage.models import Card, Delivery, Member, Workspace
from tests.bot.conftest import Post
from tests.bot.test_courier_troubles import resume, taken
from tests.progress import until


@pytest.mark.parametrize(
    "fault",
    [Fault.rate_limited(1), Fault.server_error(), Fault.lost_reply(), Fault.refuse("never_heard_of")],
    ids=["limited", "server error", "lost reply", "unknown"],
)
async def test_the_bot_lets_itself_in_though_slack_has_a_hiccup(post: Post, fault: Fault) -> None:
    post.slack.faults.next("conversations.join", fault)
    await post.note(1, "hello", "#open")
    await post.idle()
    assert post.texts("#open") == ["hello"]


async def test_once_let_in_it_waits_no_longer_however_often_slack_failed_before(post: Post) -> None:
    post.courier.concurrency = 0
    await post.note(1, "hello", "#open")
    await post.db.run(lambda session: session.execute(update(Delivery).values(attempts=11)))
    await resume(post)  # waits for a minute at the most; any other failure would now cost five
    assert post.texts("#open") == ["hello"]


async def test_the_app_is_removed_just_as_it_lets_itself_in_and_what_it_had_to_say_waits(post: Post) -> None:
    post.slack.faults.next("conversations.join", Fault.refuse("account_inactive"))
    await post.note(1, "hello", "#open")

    async def stopped() -> bool:
        return await post.db.read(lambda session: session.scalar(select(Workspace.state))) != "active"

    await until(stopped, lambda: len(post.slack.calls), what="that the workspace is stopped")
    assert await post.states() == [("pending", "account_inactive")]


@pytest.mark.parametrize(("unsure", "ago", "said"), [(True, 0, True), (False, 120, True), (False, 0, False)])
async def test_who_is_out_again_after_having_been_let_in_is_let_in_again(
    post: Post, unsure: bool, ago: float, said: bool
) -> None:
    """As by an uninstallation. Who cannot stay at all is not let in for ever: that is what the admins are told."""
    post.courier.concurrency = 0
    await post.note(1, "hello", "#open")

    def was_let_in(session: Session) -> None:
        row = session.scalars(select(Delivery)).one()
        row.error, row.unsure, row.due_at = "joined", unsure, row.due_at - timedelta(seconds=ago)

    await post.db.run(was_let_in)
    await resume(post)
    assert post.texts("#open") == (["hello"] if said else [])
    assert (await post.states())[0][0] == ("sent" if said else "failed")


async def test_no_permission_in_one_channel_stops_no_other(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.refuse("no_permission"))
    await post.note(1, "hello")
    await post.note(2, "elsewhere", "#other")
    await post.idle()
    assert post.texts("#other") == ["elsewhere"]
    assert await post.db.read(lambda session: session.scalar(select(Workspace.state))) == "active"
    assert [message.text for message in post.slack.dm("mia").messages] == ["failed: no_permission"]
    assert "/invite" in remedy("no_permission", "C1", "")


async def test_a_dm_that_is_remembered_of_another_app_is_opened_anew(post: Post) -> None:
    def remember(session: Session) -> None:
        session.execute(update(Member).values(dm_channel="D0OLDAPP1"))

    await post.db.run(remember)
    await post.note(1, "hello", "ana")
    await post.idle()
    await post.note(2, "hello again", "ana")
    await post.idle()
    assert [message.text for message in post.slack.dm("ana").messages] == ["hello", "hello again"]


async def test_words_that_break_the_transaction_hold_up_no_others(post: Post) -> None:
    def broken(session: Session, subject: Subject) -> Rendering | None:
        if subject.id == 1:
            session.execute(text("SELECT 1 FROM lanes WHERE nosuch = 1"))
        return post.say(session, subject)

    post.courier.renderers = {**post.courier.renderers, "note": broken}
    await post.note(1, "never")
    await post.note(2, "elsewhere", "#other")
    await post.idle()
    assert post.texts("#other") == ["elsewhere"]
    assert (await post.states())[0] == ("failed", "rendering failed: the database refused what was asked")


async def test_what_only_a_newer_release_can_say_is_left_to_its_couriers(post: Post) -> None:
    known = post.courier.renderers
    post.courier.renderers = {name: say for name, say in known.items() if name != "note"}
    await post.note(1, "of the newer release")
    await post.card(2, "of both")
    async with asyncio.timeout(60):
        while post.texts() != ["of both"]:
            await post._next_change()
    assert (await post.states())[0] == ("pending", None)
    assert (await post.tries())[0] == 0
    post.courier.renderers = known
    await post.idle()
    assert post.texts() == ["of both", "of the newer release"]


async def test_who_waits_gives_the_courier_its_turn_though_it_was_woken_before(post: Post) -> None:
    """Else the test above turns in a circle for good where a wake-up comes just before its first look."""
    others: list[str] = []
    post.courier._wake.set()
    asyncio.get_running_loop().call_soon(others.append, "had a turn")
    await post._next_change()
    assert others == ["had a turn"]


async def test_what_no_release_can_say_fails_in_the_end(post: Post) -> None:
    post.courier.renderers = {name: say for name, say in post.courier.renderers.items() if name != "note"}
    await post.note(1, "of a release that was taken back")
    post.clock.advance(timedelta(minutes=11))
    await post.idle()
    assert (await post.states())[0] == ("failed", "rendering failed: nothing makes a note")


async def test_a_passing_trouble_of_the_database_ends_nothing(post: Post) -> None:
    seen: list[int] = []

    def broken(session: Session, subject: Subject) -> Rendering | None:
        if not seen:
            seen.append(1)
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_READ"
            raise OperationalError("SELECT", {}, error)
        return post.say(session, subject)

    post.courier.renderers = {**post.courier.renderers, "note": broken}
    await post.note(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]


async def test_admins_are_told_of_words_that_cannot_be_made(post: Post) -> None:
    def broken(_session: Session, _subject: Subject) -> Rendering | None:
        raise ZeroDivisionError

    post.courier.renderers = {**post.courier.renderers, "note": broken}
    await post.note(1, "breach", urgent=True)
    await post.idle()
    told = [message.text for message in post.slack.dm("mia").messages]
    assert told == ["failed: rendering failed: ZeroDivisionError"]
    assert "a mistake in Tandem" in remedy("rendering failed: ZeroDivisionError", "C1", "")


async def test_an_edit_that_is_stored_late_does_not_undo_a_newer_one(post: Post) -> None:
    await post.card(1, "one")
    await post.idle()
    post.slack.faults.next("chat.update", Fault.stored_late(1.0))
    await post.card(1, "two")
    await asyncio.sleep(0.3)
    post.words[1] = "three"
    await asyncio.sleep(1.2)
    post.clock.advance(timedelta(seconds=15))
    post.db.rouse("courier")
    await post.idle()
    assert post.texts() == ["three"]


async def test_an_edit_of_a_courier_that_lost_its_lane_is_edited_again(post: Post) -> None:
    await post.card(1, "one")
    await post.idle()
    post.courier.concurrency = 0
    await post.card(1, "two")
    slow = await taken(post)
    post.clock.advance(timedelta(minutes=1))
    post.words[1] = "three"
    await resume(post)
    assert post.texts() == ["three"]
    await post.courier._send(slow)  # it was asleep after its look at the watch
    await post.idle()
    assert post.texts() == ["three"]


async def test_an_edit_that_is_given_up_leaves_no_words_recorded(post: Post) -> None:
    await post.card(1, "free")
    await post.idle()
    for _ in range(40):
        post.slack.faults.next("chat.update", Fault.server_error_stored())
    await post.card(1, "claimed")
    async with asyncio.timeout(60):
        while "failed" not in [state for state, _ in await post.states()]:
            await asyncio.sleep(0.02)
            if not post.courier._sending:
                post.clock.advance(timedelta(hours=4))
                post.db.rouse("courier")
    assert await post.db.read(lambda session: session.scalar(select(Card.rendering).where(Card.kind == "note"))) is None
    post.slack.faults.clear()
    await post.card(1, "free")
    await post.idle()
    assert post.texts() == ["free"]


async def test_words_are_as_of_the_moment_at_which_they_are_made(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline that passes while the courier waits for its turn is told of as passed: nothing comes after it."""
    said_at = []

    def say(session: Session, subject: Subject) -> Rendering | None:
        said_at.append(subject.at)
        return post.say(session, subject)

    post.courier.concurrency, post.courier.renderers = 0, {**post.courier.renderers, "note": say}
    await post.note(1, "hello")
    asked = post.clock.now()
    post.clock.advance(timedelta(seconds=10))
    monkeypatch.setattr(post.courier, "_may_have", lambda _workspace_id: 8)
    await post.db.run(lambda session: post.courier.hold(session, asked, 8))
    assert [at >= asked + timedelta(seconds=10) for at in said_at] == [True]
