"""A reaction logs a message: once for each who reacts, with a receipt for them alone, and it can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.voc.reactions import Reacted, note_reaction, take_reaction_back
from handlers.voc.reactions import read_reaction
from playground import Fault, Message
from storage.models import CapturedMessage, Job, VocItem, Workspace
from tests.progress import until
from tests.running import Running, running
from tests.world import World

WORDS = "They say the rollout takes far too long"


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    async with running(migrated_url) as tandem:
        yield tandem


async def said(tandem: Running, words: str = WORDS, *, by: str = "bo", thread: Message | None = None) -> Message:
    return await tandem.slack.channel("#leads").post(words, by=by, thread=thread)


async def receipt(tandem: Running, who: str, containing: str) -> Message:
    return await tandem.slack.channel("#leads").ephemeral(who, containing)


async def items(tandem: Running) -> list[VocItem]:
    return await tandem.program.db.read(lambda session: list(session.scalars(select(VocItem).order_by(VocItem.id))))


async def settled(tandem: Running) -> None:
    """No job waits, and nothing is to be said."""
    left = 1

    async def done() -> bool:
        nonlocal left
        await tandem.slack.delivery.settled()
        left = await tandem.program.db.read(
            lambda session: session.scalar(select(func.count()).select_from(Job).where(Job.due_at.is_not(None))) or 0
        )
        return not left

    await until(done, lambda: left, what="done jobs", still=30, pause=0.02)
    await tandem.idle()


@asynccontextmanager
async def nothing_read(tandem: Running) -> AsyncIterator[None]:
    """Meanwhile no job is done, as when all workers are busy."""
    kinds, tandem.program.jobs.kinds = tandem.program.jobs.kinds, {}
    yield
    tandem.program.jobs.kinds = kinds
    await tandem.later(seconds=1)


async def test_a_reaction_logs_the_message_as_it_stands_and_only_whoever_reacted_sees_it(tandem: Running) -> None:
    message = await said(tandem, "lost: @Globex #pricing at $40k, says @ana")
    await message.react("ear", by="ana")
    shown = await receipt(tandem, "ana", "Objection logged")
    assert shown.buttons[:2] == ["Edit", "Undo"]
    [item] = await items(tandem)
    # A message's words are taken as they are: nothing in it is a mark.
    assert (item.verbatim, item.theme_id, item.deal_minor) == (
        "lost: @Globex #pricing at $40k, says @Ana Ruiz",
        None,
        None,
    )
    assert item.origin == "reaction"
    assert item.permalink is not None
    assert item.permalink.endswith(f"/p{message.ts.replace('.', '')}")
    assert [one for one in tandem.slack.channel("#leads").messages if one.author == "tandem"] == []
    await tandem.slack.channel("#leads").stays_quiet()


async def test_the_receipt_edits_and_undoes_like_any_other(tandem: Running) -> None:
    await (await said(tandem)).react("ear", by="ana")
    shown = await receipt(tandem, "ana", "Objection logged")
    modal = await shown.button("Edit").click(by="ana")
    modal.fill({"What happened?": "The rollout takes too long", "Kind": "Pain point"})
    assert not await modal.submit()
    await shown.changed(containing="Pain point updated")
    await shown.button("Undo").click(by="ana")
    await shown.changed(containing="Undone")
    assert [item.state for item in await items(tandem)] == ["withdrawn"]


async def test_a_reply_in_a_thread_is_logged_and_answered_in_its_thread(tandem: Running) -> None:
    top = await said(tandem, "How was the call?")
    reply = await said(tandem, by="ana", thread=top)
    await reply.react("ear::skin-tone-5", by="bo")
    shown = await receipt(tandem, "bo", "Objection logged")
    assert shown.record.thread_ts == top.ts
    [item] = await items(tandem)
    assert f"thread_ts={top.ts}" in str(item.permalink)


async def test_another_emoji_logs_nothing_and_leaves_nothing_behind(tandem: Running) -> None:
    message = await said(tandem)
    for emoji in ("eyes", "+1", "ear_of_rice", "::skin-tone-2"):
        await message.react(emoji, by="ana")
    await settled(tandem)
    assert await items(tandem) == []
    assert await tandem.program.db.read(lambda session: session.scalar(select(CapturedMessage.id))) is None


async def test_taking_the_reaction_away_soon_takes_the_item_back_and_reacting_again_restores_it(
    tandem: Running,
) -> None:
    message = await said(tandem)
    await message.react("ear", by="ana")
    await receipt(tandem, "ana", "Objection logged")
    await message.unreact("ear", by="ana")
    await receipt(tandem, "ana", "Undone")
    assert [item.state for item in await items(tandem)] == ["withdrawn"]
    await message.react("ear", by="ana")
    await receipt(tandem, "ana", "Objection restored")
    assert [item.state for item in await items(tandem)] == ["live"]


async def test_taking_the_reaction_away_later_only_tidies_up(tandem: Running) -> None:
    message = await said(tandem)
    await message.react("ear", by="ana")
    await receipt(tandem, "ana", "Objection logged")
    await tandem.later(minutes=11)
    await message.unreact("ear", by="ana")
    await settled(tandem)
    assert [item.state for item in await items(tandem)] == ["live"]
    await message.react("ear", by="ana")
    await settled(tandem)
    assert len(await items(tandem)) == 1


async def test_a_colleague_who_reacts_too_reads_who_logged_it(tandem: Running) -> None:
    message = await said(tandem, by="max")
    await message.react("ear", by="ana")
    await receipt(tandem, "ana", "Objection logged")
    await message.react("ear", by="bo")
    shown = await receipt(tandem, "bo", "Ana Ruiz has logged this message already")
    assert len(await items(tandem)) == 1
    form = await shown.button("I heard this too").click(by="bo")
    form.fill({"From which account?": "Add Initech"})
    assert not await form.submit()
    [_, vote] = await items(tandem)
    assert vote.of_item_id is not None


async def test_a_message_with_a_card_number_is_not_logged_by_a_reaction(tandem: Running) -> None:
    await (await said(tandem, "they pay with 4111 1111 1111 1111 and find it too dear")).react("ear", by="ana")
    await receipt(tandem, "ana", "seems to stand in this message")
    assert await items(tandem) == []


async def test_when_the_first_takes_it_back_a_colleague_may_log_it(tandem: Running) -> None:
    message = await said(tandem, by="max")
    await message.react("ear", by="ana")
    await receipt(tandem, "ana", "Objection logged")
    await message.unreact("ear", by="ana")
    await receipt(tandem, "ana", "Undone")
    await message.react("ear", by="bo")
    await receipt(tandem, "bo", "Objection logged")
    assert [item.state for item in await items(tandem)] == ["withdrawn", "live"]


async def test_a_reaction_to_tandems_own_message_is_refused_with_the_reason(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    await card.react("ear", by="ana")
    await receipt(tandem, "ana", "Tandem’s own")
    assert await items(tandem) == []


@pytest.mark.parametrize(
    ("who", "reason"), [({"is_guest": True}, "You are a guest"), ({"home": "T0OTHER"}, "people of another workspace")]
)
async def test_a_guest_or_somebody_of_another_workspace_is_refused_with_the_reason(
    tandem: Running, who: dict[str, Any], reason: str
) -> None:
    visitor = tandem.slack.add_member("visitor", real_name="Vera Visitor", **who)
    workspace = tandem.slack.workspace
    workspace.join(workspace.channels[tandem.slack.channel("#leads").id], visitor)
    message = await said(tandem)
    for _ in range(2):  # once before Slack described them, and once after
        await message.react("ear", by="visitor")
        await receipt(tandem, "visitor", reason)
        await settled(tandem)
        await message.unreact("ear", by="visitor")
    assert await items(tandem) == []
    assert [one for one in tandem.slack.dm("visitor").messages if "logged" in one.text] == []


async def test_a_message_that_is_gone_before_it_is_read_is_told_as_gone(tandem: Running) -> None:
    message = await said(tandem)
    async with nothing_read(tandem):
        await message.react("ear", by="ana")
        await tandem.slack.delivery.settled()
        tandem.slack.workspace.delete(message.record)
    await receipt(tandem, "ana", "This message is gone")
    assert await items(tandem) == []
    tandem.slack.refusals.clear()  # that it is gone is what this test is about


async def test_a_reaction_that_is_taken_back_before_it_is_read_logs_nothing(tandem: Running) -> None:
    message = await said(tandem)
    async with nothing_read(tandem):
        await message.react("ear", by="ana")
        await message.unreact("ear", by="ana")
        await tandem.slack.delivery.settled()
    await settled(tandem)
    assert await items(tandem) == []
    assert tandem.slack.channel("#leads").ephemerals("ana") == []


async def test_a_message_without_words_is_refused_with_the_reason(tandem: Running) -> None:
    message = await said(tandem)
    message.record.text, message.record.blocks = "\u200b \u200b", None
    await message.react("ear", by="ana")
    await receipt(tandem, "ana", "has no words")


async def test_a_message_of_ten_thousand_characters_is_logged_by_its_beginning(tandem: Running) -> None:
    await (await said(tandem, "تسعير " * 2_000)).react("ear", by="ana")
    await receipt(tandem, "ana", "Objection logged")
    [item] = await items(tandem)
    assert 2_900 < len(item.verbatim) <= 3_000


async def test_what_slack_does_not_show_in_the_channel_goes_into_a_dm(tandem: Running) -> None:
    tandem.slack.faults.next("chat.postEphemeral", Fault.refuse("user_not_in_channel"))
    await (await said(tandem)).react("ear", by="ana")
    shown = await tandem.slack.dm("ana").message(containing="Objection logged")
    await shown.button("Undo").click(by="ana")
    assert [item.state for item in await items(tandem)] == ["withdrawn"]
    tandem.slack.refusals.clear()  # it is what this test is about


async def test_slack_that_is_busy_or_broken_only_delays_it(tandem: Running) -> None:
    tandem.slack.faults.next("reactions.get", Fault.rate_limited(1), Fault.server_error())
    await (await said(tandem)).react("ear", by="ana")
    for _ in range(8):
        await tandem.later(seconds=3)
    await receipt(tandem, "ana", "Objection logged")
    assert len(await items(tandem)) == 1


async def test_an_admin_chooses_the_emoji_or_none(tandem: Running) -> None:
    async def choose(emoji: str) -> None:
        await tandem.slack.channel("#general").command("/tandem setup", by="mia")
        hub = tandem.slack.modal("mia")
        assert hub is not None
        await hub.button("Change", near="Company").click(by="mia")
        form = tandem.slack.modal("mia")
        assert form is not None
        form.fill({"Reaction that logs a message": emoji})
        assert not await form.submit()

    await choose(":Voc:")
    message = await said(tandem)
    await message.react("ear", by="ana")
    await message.react("voc", by="ana")
    await receipt(tandem, "ana", "Objection logged")
    await choose("")
    workspace = await tandem.program.db.read(lambda session: session.scalars(select(Workspace)).one())
    assert workspace.capture_emoji == ""
    await (await said(tandem, "once more")).react("voc", by="ana")
    await settled(tandem)
    assert len(await items(tandem)) == 1


# The rules alone, on each engine.

HERE = Reacted("ear", "C1", "1.000001", "U-BO", "U-BOT")


def test_an_event_that_comes_twice_asks_for_one_look(world: World) -> None:
    for _ in range(3):
        world.run(note_reaction, HERE, by=world.member("ana"), at=world.now)
    assert world.run(lambda session: [job.kind for job in session.scalars(select(Job))]) == ["voc_message"]


def test_an_end_without_a_beginning_changes_nothing(world: World) -> None:
    world.run(take_reaction_back, HERE, by=world.member("ana"), at=world.now)
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(Job))) == 0


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"reaction": "ear", "item": {"type": "file", "file": "F1"}},
        {"reaction": "ear", "item": ["C1", "1.1"]},
        {"reaction": 7, "item": {"type": "message", "channel": "C1", "ts": "1.1"}},
        {"reaction": "ear", "item": {"type": "message", "channel": "C1", "ts": "1" * 300}},
        {"reaction": "ear", "item": {"type": "message", "channel": {}, "ts": "1.1"}},
    ],
)
def test_what_is_no_reaction_to_a_message_is_none(event: dict[str, Any]) -> None:
    assert read_reaction({"event": {"type": "reaction_added", **event}}) is None
