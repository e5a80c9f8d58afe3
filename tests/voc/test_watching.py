"""A watched channel: Tandem suggests to log what plainly speaks of a theme, by a reaction, and a click logs it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, or_, select

from domain.themes import find_or_add_theme
from playground import Fault, Message
from storage.models import InboxKey, Job, Member, VocItem, WatchSuggestion, Workspace
from tests.progress import until
from tests.running import Running

WORDS = "Globex says it is far too expensive for them"
PLAIN = "see you all at the offsite on Thursday then"


async def watch(tandem: Running, *channels: str, themes: tuple[str, ...] = ("pricing", "security")) -> None:
    """As mia, an admin, turns it on; and the workspace has themes."""

    def add(session: Any) -> None:
        workspace = session.scalars(select(Workspace)).one()
        for theme in themes:
            find_or_add_theme(session, workspace.id, theme, at=tandem.clock.now())

    await tandem.program.db.run(add)
    await tandem.slack.channel("#general").command("/tandem watch", by="mia")
    form = tandem.slack.modal("mia")
    assert form is not None
    form.fill({"Channels": list(channels)})
    assert not await form.submit()
    await tandem.idle()


async def said(
    tandem: Running, words: str = WORDS, *, by: str = "bo", channel: str = "#leads", thread: Message | None = None
) -> Message:
    return await tandem.slack.channel(channel).post(words, by=by, thread=thread)


async def reacted(tandem: Running, message: Message) -> None:
    """Until Tandem's reaction stands there."""

    async def stands() -> bool:
        return ours(tandem, message)

    await until(stands, lambda: message.record.reactions, what="a reaction", still=30, pause=0.02)


async def done(tandem: Running) -> None:
    """Everything that is due is done."""
    left = 1

    async def nothing_due() -> bool:
        nonlocal left
        await tandem.slack.delivery.settled()
        now = tandem.clock.now()
        left = await tandem.program.db.read(
            lambda session: (
                session.scalar(
                    select(func.count()).select_from(Job).where(or_(Job.due_at <= now, Job.state == "running"))
                )
                or 0
            )
        )
        return not left

    await until(nothing_due, lambda: left, what="done jobs", still=30, pause=0.02)
    await tandem.idle()


def ours(tandem: Running, message: Message) -> bool:
    users = message.record.reactions.get("ear", [])
    return tandem.slack.workspace.app.user_id in users


async def count(tandem: Running, table: Any) -> int:
    return await tandem.program.db.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_message_that_plainly_speaks_of_a_theme_is_suggested_and_a_click_logs_it(tandem: Running) -> None:
    await watch(tandem, "#leads")
    message = await said(tandem)
    await reacted(tandem, message)
    assert await count(tandem, VocItem) == 0
    await message.react("ear", by="ana")
    await tandem.slack.channel("#leads").ephemeral("ana", "Objection logged")
    [item] = await tandem.program.db.read(lambda session: list(session.scalars(select(VocItem))))
    assert (item.verbatim, item.origin) == (WORDS, "reaction")
    assert item.theme_id is not None


async def test_the_channel_is_told_once_and_the_author_reads_once_what_it_means(tandem: Running) -> None:
    await watch(tandem, "#leads")
    notice = await tandem.slack.channel("#leads").message(containing="turned on suggestions in this channel")
    assert "/tandem watch" in notice.text
    await reacted(tandem, await said(tandem))
    told = await tandem.slack.channel("#leads").ephemeral("bo", "sounds like #pricing")
    assert told.buttons == ["Not on my messages"]
    await reacted(tandem, await said(tandem, "and they find our price too high, too"))
    await done(tandem)
    assert len(tandem.slack.channel("#leads").ephemerals("bo")) == 1
    assert tandem.slack.channel("#leads").ephemerals("ana") == []


async def test_a_reply_in_a_thread_is_suggested_and_explained_in_its_thread(tandem: Running) -> None:
    await watch(tandem, "#leads")
    top = await said(tandem, "How was the call with them?")
    reply = await said(tandem, by="ana", thread=top)
    await reacted(tandem, reply)
    told = await tandem.slack.channel("#leads").ephemeral("ana", "sounds like #pricing")
    assert told.record.thread_ts == top.ts


@pytest.mark.parametrize(
    "words",
    [
        PLAIN,
        "too expensive",
        "price was not the issue, all good there",
        "they love our pricing page, great work everyone",
        "they pay with 4111 1111 1111 1111 and find it far too expensive",
        "so expensive " * 400,
        "تسعير " * 200,
        "<!channel> <@U1> <https://example.com>",
    ],
)
async def test_what_is_not_plainly_about_a_theme_is_left_alone(tandem: Running, words: str) -> None:
    await watch(tandem, "#leads")
    message = await said(tandem, words)
    await done(tandem)
    assert message.record.reactions == {}
    assert await count(tandem, WatchSuggestion) == 0


async def test_nothing_of_a_message_is_kept_that_nobody_logs(tandem: Running) -> None:
    await watch(tandem, "#leads")
    await reacted(tandem, await said(tandem, "Globex says zanzibar is far too expensive for them"))
    await done(tandem)

    def everything(session: Any) -> str:
        rows = [str(vars(row)) for table in (Job, WatchSuggestion, InboxKey) for row in session.scalars(select(table))]
        return " ".join(rows)

    assert "zanzibar" not in await tandem.program.db.read(everything)


async def test_channels_that_nobody_chose_are_left_alone(tandem: Running) -> None:
    await watch(tandem, "#leads")
    message = await said(tandem, channel="#general")
    await done(tandem)
    assert message.record.reactions == {}
    await watch(tandem)
    message = await said(tandem)
    await done(tandem)
    assert message.record.reactions == {}


async def test_edits_deletions_and_tandems_own_messages_suggest_nothing(tandem: Running) -> None:
    await watch(tandem, "#leads")
    workspace = tandem.slack.workspace
    edited, deleted = await said(tandem, PLAIN), await said(tandem, PLAIN)
    workspace.edit(edited.record, text=WORDS, blocks=None)
    workspace.delete(deleted.record)
    await done(tandem)
    assert edited.record.reactions == {}
    assert await count(tandem, WatchSuggestion) == 0


async def test_a_message_that_is_gone_before_the_reaction_does_no_harm(tandem: Running) -> None:
    await watch(tandem, "#leads")
    kinds, tandem.program.jobs.kinds = tandem.program.jobs.kinds, {}
    message = await said(tandem)
    await tandem.slack.delivery.settled()
    tandem.slack.workspace.delete(message.record)
    tandem.program.jobs.kinds = kinds
    await tandem.later(seconds=1)
    await done(tandem)
    states = await tandem.program.db.read(lambda session: list(session.scalars(select(WatchSuggestion.state))))
    assert states == ["withdrawn"]
    tandem.slack.refusals.clear()  # that it is gone is what this test is about


@pytest.mark.parametrize("who", [{"is_guest": True}, {"home": "T0OTHER"}])
async def test_guests_and_people_of_other_workspaces_get_no_suggestion(tandem: Running, who: dict[str, Any]) -> None:
    await watch(tandem, "#leads")
    visitor = tandem.slack.add_member("visitor", real_name="Vera Visitor", **who)
    workspace = tandem.slack.workspace
    workspace.join(workspace.channels[tandem.slack.channel("#leads").id], visitor)
    for _ in range(2):  # once before Slack described them, and once after
        message = await said(tandem, by="visitor")
        await done(tandem)
        assert message.record.reactions == {}
    assert tandem.slack.channel("#leads").ephemerals("visitor") == []


async def test_whoever_wants_no_suggestions_gets_none_until_they_say_otherwise(tandem: Running) -> None:
    await watch(tandem, "#leads")
    message = await said(tandem)
    await reacted(tandem, message)
    told = await tandem.slack.channel("#leads").ephemeral("bo", "sounds like #pricing")
    await told.button("Not on my messages").click(by="bo")
    await told.changed(containing="suggests nothing on your messages")
    await done(tandem)
    assert message.record.reactions == {}
    quiet = await said(tandem)
    await done(tandem)
    assert quiet.record.reactions == {}
    await told.button("Suggest again").click(by="bo")
    await told.changed(containing="again")
    await reacted(tandem, await said(tandem))


async def test_a_suggestion_that_nobody_takes_goes_after_a_day_and_peoples_reactions_stay(tandem: Running) -> None:
    await watch(tandem, "#leads")
    left, taken = await said(tandem), await said(tandem, "the security review takes ages, they need our SOC 2")
    await reacted(tandem, left)
    await reacted(tandem, taken)
    await taken.react("ear", by="ana")
    await tandem.slack.channel("#leads").ephemeral("ana", "logged")
    await tandem.later(hours=25)
    await done(tandem)
    assert left.record.reactions == {}
    assert taken.record.reactions == {"ear": [tandem.slack.member("ana").id]}


async def test_a_channel_that_is_watched_no_more_is_left_alone_at_once(tandem: Running) -> None:
    await watch(tandem, "#leads")
    kinds, tandem.program.jobs.kinds = tandem.program.jobs.kinds, {}
    message = await said(tandem)
    await tandem.slack.delivery.settled()
    await watch(tandem)
    tandem.program.jobs.kinds = kinds
    await tandem.later(seconds=1)
    await done(tandem)
    assert message.record.reactions == {}


async def test_slack_that_is_busy_only_delays_a_suggestion_and_a_lost_answer_does_no_harm(tandem: Running) -> None:
    await watch(tandem, "#leads")
    tandem.slack.faults.next("reactions.add", Fault.rate_limited(1), Fault.lost_reply(), Fault.server_error())
    message = await said(tandem)
    for _ in range(8):
        await tandem.later(seconds=5)
        await done(tandem)
    await reacted(tandem, message)
    tandem.slack.refusals.clear()  # it stood there already


async def test_reps_see_what_is_watched_and_decide_about_their_own_messages_alone(tandem: Running) -> None:
    await watch(tandem, "#leads")
    await tandem.slack.channel("#general").command("/tandem watch", by="ana")
    shown = tandem.slack.modal("ana")
    assert shown is not None
    assert "#leads" in shown.text
    assert "Marketers and admins choose them" in shown.text
    await shown.button("Turn off").click(by="ana")
    shown = tandem.slack.modal("ana")
    assert shown is not None
    assert "Tandem suggests nothing on them" in shown.text
    members = await tandem.program.db.read(
        lambda session: list(session.scalars(select(Member.name).where(Member.unsuggested_at.is_not(None))))
    )
    assert members == ["Ana Ruiz"]


async def test_all_settings_show_where_suggestions_are_on_and_lead_to_the_form(tandem: Running) -> None:
    await watch(tandem, "#leads")
    await tandem.slack.channel("#general").command("/tandem setup", by="mia")
    hub = tandem.slack.modal("mia")
    assert hub is not None
    assert "Suggestions in channels" in hub.text
    await hub.button("Change", near="Suggestions in channels").click(by="mia")
    form = tandem.slack.modal("mia")
    assert form is not None
    form.fill({"Channels": ["#leads", "#marketing"]})
    assert not await form.submit()
    shown = tandem.slack.modal("mia")
    assert shown is not None
    assert "suggestions: in #marketing" in shown.text
    await tandem.slack.channel("#marketing").message(containing="Mia Stone turned on suggestions")
