"""The courier against Slack's behaviour: each message once, in order, whatever goes wrong on the way."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.courier import courier
from bot.courier.places import open_place
from handlers.messages import Rendering, Subject
from playground import Fault
from storage import outbox
from storage.models import Workspace
from tests.bot.conftest import Post


async def test_a_card_is_posted_once_and_then_edited_in_place(post: Post) -> None:
    await post.card(1, "Northwind is new")
    card = await post.slack.channel("#leads").message(containing="Northwind")
    await post.card(1, "Northwind is claimed")
    await card.changed(containing="claimed")
    assert post.texts() == ["Northwind is claimed"]


async def test_an_unchanged_card_is_not_sent_again(post: Post) -> None:
    await post.card(1, "Northwind")
    await post.slack.channel("#leads").message(containing="Northwind")
    await post.idle()
    await post.card(1, "Northwind")
    await post.idle()
    assert [state for state, _ in await post.states()] == ["sent", "dropped"]
    assert post.slack.calls_of("chat.update") == []


async def test_a_card_is_edited_back_when_the_words_in_between_stand_but_were_never_recorded(post: Post) -> None:
    await post.card(1, "free")
    card = await post.slack.channel("#leads").message(containing="free")
    await post.idle()
    post.slack.faults.next("chat.update", Fault.lost_reply())
    await post.card(1, "claimed")
    await card.changed(containing="claimed")
    post.words[1] = "free"  # taken back before the next try
    await asyncio.gather(*post.courier._sending)
    post.clock.advance(timedelta(seconds=15))
    post.db.rouse("courier")
    await post.idle()
    assert post.texts() == ["free"]


async def test_a_card_is_edited_back_after_an_edit_that_stands_was_given_up(post: Post) -> None:
    await post.card(1, "free")
    await post.idle()
    post.slack.faults.next("chat.update", Fault.server_error_stored(), Fault.refuse("is_archived"))
    await post.card(1, "claimed")
    await post.idle()
    assert ("failed", "is_archived") in await post.states()
    assert post.texts() == ["claimed"]
    await post.card(1, "free")
    await post.idle()
    assert post.texts() == ["free"]


async def test_nothing_left_to_say_is_dropped(post: Post) -> None:
    await post.card(1, None)
    await post.idle()
    assert await post.states() == [("dropped", None)]
    assert post.texts() == []


async def test_a_lost_reply_does_not_double_a_message(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.lost_reply())
    await post.note(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]


async def test_a_server_error_after_storing_does_not_double_a_message(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.server_error_stored())
    await post.note(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]


async def test_a_server_error_before_storing_does_not_lose_a_message(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.server_error())
    await post.note(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]


@pytest.mark.parametrize("fault", [Fault.lost_reply(), Fault.bare(), Fault.cut_short()], ids=str)
async def test_a_card_whose_time_nobody_said_is_found_and_edited_from_then_on(post: Post, fault: Fault) -> None:
    post.slack.faults.next("chat.postMessage", fault)
    await post.card(1, "new")
    await post.idle()
    await post.card(1, "claimed")
    await post.idle()
    assert post.texts() == ["claimed"]


async def test_a_card_that_was_found_is_not_edited_when_nothing_changed(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.lost_reply())
    await post.card(1, "new")
    await post.idle()
    assert post.texts() == ["new"]
    assert await post.states() == [("sent", None)]


async def test_what_changed_while_a_card_was_looked_for_is_told_once_it_is_found(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.lost_reply())
    post.slack.faults.next("conversations.history", Fault.server_error())
    await post.card(1, "new")
    await post.until("pending", "http_500")
    await post.card(1, "claimed")
    await post.idle()
    assert post.texts() == ["claimed"]


async def test_a_429_moves_the_lane_and_drops_nothing(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.rate_limited(1))
    await post.note(1, "one")
    await post.note(2, "two")
    await post.note(3, "elsewhere", "#other")
    await post.slack.channel("#other").message(containing="elsewhere")
    await post.idle()
    assert post.texts() == ["one", "two"]


async def test_order_holds_through_retries(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.server_error(), Fault.lost_reply(), Fault.server_error_stored())
    for number in range(6):
        await post.note(number, f"note {number}")
    await post.idle()
    assert post.texts() == [f"note {number}" for number in range(6)]


async def test_an_alarm_overtakes_what_waits_for_the_pace(post: Post) -> None:
    post.courier.pace = timedelta(seconds=0.2)
    for number in range(4):
        await post.note(number, f"digest {number}")
    await post.slack.channel("#leads").message(containing="digest 0")
    await post.note(9, "breach", urgent=True)
    await post.idle()
    assert post.texts()[1] == "breach"


async def test_only_what_was_sent_counts_as_a_try(post: Post) -> None:
    """Tries lengthen the pause before the next one, so waiting for Slack or asking it what stands must not count."""
    await post.card(1, "new")
    await post.card(2, "new", "#other")
    await post.idle()
    post.slack.faults.next("chat.update", Fault.rate_limited(1))
    await post.card(1, "claimed")
    await post.until("pending", "ratelimited")
    await post.card(2, "claimed", "#other")
    post.slack.faults.next("chat.postMessage", Fault.server_error())
    await post.note(3, "hello", "#other")
    await post.idle()
    assert await post.tries() == [1, 1, 2, 1, 2]


async def test_the_bot_lets_itself_into_a_public_channel(post: Post) -> None:
    await post.note(1, "hello", "#open")
    await post.idle()
    assert post.texts("#open") == ["hello"]


async def test_an_archived_channel_ends_the_delivery_and_tells_an_admin(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.refuse("is_archived"))
    await post.note(1, "hello")
    dm = await post.slack.dm("mia").message(containing="is_archived")
    assert dm
    assert ("failed", "is_archived") in await post.states()


async def test_a_deleted_card_is_posted_anew(post: Post) -> None:
    await post.card(1, "first")
    card = await post.slack.channel("#leads").message(containing="first")
    post.slack.faults.next("chat.update", Fault.refuse("message_not_found"))
    await post.card(1, "second")
    await post.idle()
    assert post.texts()[-1] == "second"
    assert card.text == "first"


async def test_a_token_that_was_just_replaced_stops_nothing(post: Post) -> None:
    async def speaks_anew(_workspace_id: int) -> bool:
        return True

    post.courier.speaks_anew = speaks_anew
    post.slack.faults.next("chat.postMessage", Fault.refuse("token_revoked"))
    await post.card(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]
    assert await post.db.read(lambda session: session.scalars(select(Workspace.state)).one()) == "active"


async def test_a_revoked_token_stops_the_workspace_and_loses_nothing(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.refuse("token_revoked"))
    await post.note(1, "hello")
    assert await post.stopped() == "token_revoked"
    assert (await post.states())[0][0] == "pending"
    assert len(post.slack.calls_of("chat.postMessage")) == 1


async def test_a_hostile_text_pings_nobody(post: Post) -> None:
    await post.card(1, "&lt;!channel&gt; hi")
    await post.idle()
    assert post.slack.pings == []


async def test_a_home_is_put_into_words_beside_the_writers(post: Post) -> None:
    threads: list[str] = []

    def home(_session: Session, _subject: Subject) -> Rendering:
        threads.append(threading.current_thread().name)
        return Rendering("", view={"type": "home", "blocks": [{"type": "divider"}]})

    post.courier.renderers = {**post.courier.renderers, "home": home}
    ana = post.slack.member("ana").id
    for _ in range(2):
        await post.db.run(outbox.put_card, post.workspace_id, "home", 1, ana, at=post.clock.now())
        await post.idle()
    assert all(name.startswith("tandem-reader") for name in threads)
    assert [state for state, _ in await post.states()] == ["sent", "dropped"]


async def test_a_history_that_shows_nothing_at_all_is_no_proof_that_nothing_stands(post: Post) -> None:
    post.slack.faults.next("chat.postMessage", Fault.server_error_stored())
    post.slack.faults.next("message_metadata_posted", Fault.event_lost())
    post.slack.faults.next("conversations.history", Fault.bare())
    await post.note(1, "hello")
    await post.idle()
    assert post.texts() == ["hello"]


async def test_a_courier_that_stood_still_on_its_way_to_a_dm_looks_before_it_posts(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one may have posted meanwhile: its lease is over, though its own time-out has not been noticed yet."""

    async def standing_still(*asked: Any) -> str:
        channel = await open_place(*asked)
        monkeypatch.undo()
        post.clock.advance(timedelta(seconds=60))
        return channel

    monkeypatch.setattr(courier, "open_place", standing_still)
    await post.note(1, "hello", place=post.slack.member("ana").id)
    await post.idle()
    asked = [one.method for one in post.slack.calls if one.method in ("conversations.history", "chat.postMessage")]
    assert asked == ["conversations.history", "chat.postMessage"]
