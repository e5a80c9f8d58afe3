"""Questions in Tandem's Messages tab, as people ask them: prompts, one answer below the question, thumbs, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.voc.dm_questions import KEPT, forget_before
from playground import Fault, Message
from storage import outbox
from storage.models import AgentQuestion, Card, Job
from tests.running import Running, running
from tests.voc.test_watching import done

QUESTION = "What do customers say about security?"


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem without a language model, and three items about security."""
    async with running(migrated_url) as program:
        for line in ('their CFO said "security comes first" #security @Globex', "audits take weeks #security"):
            await program.slack.channel("#general").command(f"/voc {line}", by="bo")
        await program.slack.channel("#general").command("/voc far too expensive for them !Rivalsoft #pricing", by="ana")
        yield program
        assert program.slack.pings == []


async def ask(tandem: Running, text: str = QUESTION, by: str = "ana") -> Message:
    return await tandem.slack.dm(by).post(text)


async def questions(tandem: Running) -> list[AgentQuestion]:
    return await tandem.program.db.read(lambda session: list(session.scalars(select(AgentQuestion))))


async def test_a_question_is_answered_once_below_it_with_quotes_and_thumbs(tandem: Running) -> None:
    asked = await ask(tandem)
    answer = await asked.reply(containing="security comes first")
    assert "2 items from 1 account and 1 rep" in answer.text
    assert "audits take weeks" in answer.text
    assert "expensive" not in answer.text
    assert answer.buttons == ["Helped", "Did not help"]
    await done(tandem)
    assert len(asked.replies) == 1
    [status] = tandem.slack.calls_of("assistant.threads.setStatus")
    assert status.args["thread_ts"] == asked.ts
    assert tandem.slack.workspace.statuses == {}


async def test_a_redelivery_and_a_lost_reply_of_slacks_answer_once(tandem: Running) -> None:
    tandem.slack.faults.next("message", Fault.event_twice())
    tandem.slack.faults.next("chat.postMessage", Fault.lost_reply())
    asked = await ask(tandem)
    await asked.reply(containing="security comes first")
    for _ in range(4):
        await tandem.later(seconds=20)
    await done(tandem)
    assert len(asked.replies) == 1
    assert len(await questions(tandem)) == 1


@pytest.mark.parametrize("text", ["thanks!", "hi", "👍", "what do customers say?", "Hallo, danke"])
async def test_what_is_no_question_gets_a_short_hint_and_no_answer_about_everything(tandem: Running, text: str) -> None:
    asked = await ask(tandem, text)
    answer = await asked.reply(containing="What do CFOs say about security?")
    assert "/voc" in answer.text
    assert answer.buttons == []
    assert "expensive" not in answer.text
    await done(tandem)
    assert len(asked.replies) == 1
    assert tandem.slack.calls_of("assistant.threads.setStatus") == []


async def test_what_a_customer_said_is_not_taken_for_a_question(tandem: Running) -> None:
    asked = await ask(tandem, "Globex told me that it is far too expensive next to Rivalsoft #pricing")
    answer = await asked.reply(containing="Nothing was logged")
    assert "end it with a question mark" in answer.text
    long = await ask(tandem, "why? " * 100)
    assert "are too long for a question" in (await long.reply()).text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what about security?", "security comes first"),
        ("Did anybody mention anything about audits?", "audits take weeks"),
        ("tell me what you heard about audits", "audits take weeks"),
        ("security", "security comes first"),
        ("what did customers say in the last 7 days?", "far too expensive"),
        ("What do customers say about #pricing?", "far too expensive"),
        ("was sagen Kunden über security?", "security comes first"),
    ],
)
async def test_words_that_tell_nothing_do_not_stand_in_the_way(tandem: Running, text: str, found: str) -> None:
    answer = await (await ask(tandem, text)).reply(containing=found)
    assert "no item has" not in answer.text


async def test_nothing_found_says_so(tandem: Running) -> None:
    answer = await (await ask(tandem, "what about unicorns?")).reply(containing="match this question")
    assert answer.buttons == ["Helped", "Did not help"]


async def test_edits_and_deletions_start_nothing_and_a_deleted_question_is_not_answered(tandem: Running) -> None:
    workspace = tandem.slack.workspace
    kinds, tandem.program.jobs.kinds = tandem.program.jobs.kinds, {}
    asked = await ask(tandem)
    workspace.edit(asked.record, text="what about #pricing?", blocks=None)
    await tandem.slack.delivery.settled()
    workspace.delete(asked.record)
    await tandem.slack.delivery.settled()
    tandem.program.jobs.kinds = kinds
    await tandem.later(seconds=1)
    await done(tandem)
    [row] = await questions(tandem)
    assert (row.state, row.text) == ("dropped", QUESTION)
    assert tandem.slack.calls_of("chat.startStream") == []
    assert [one.text for one in tandem.slack.dm("ana").messages if "security" in one.text] == []


async def test_our_own_messages_and_those_below_a_card_that_ask_nothing_start_nothing(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.dm("ana").message(containing="Lee Wong")
    comment = await tandem.slack.dm("ana").post("I call them at five, thanks", thread=card)
    asked = await tandem.slack.dm("ana").post("what about audits?", thread=card)
    await card.reply(containing="audits take weeks")
    await done(tandem)
    assert [row.ts for row in await questions(tandem)] == [asked.ts]
    assert comment.ts != asked.ts


async def test_a_guest_reads_once_a_day_why_there_is_no_answer(tandem: Running) -> None:
    tandem.slack.add_member("gina", real_name="Gina Guest", is_guest=True)
    first = await ask(tandem, by="gina")
    await first.reply(containing="You are a guest")
    second = await ask(tandem, by="gina")
    await done(tandem)
    assert second.replies == []
    assert [row.state for row in await questions(tandem)] == ["refused", "refused"]
    assert tandem.slack.calls_of("assistant.threads.setStatus") == []


async def test_somebody_of_another_workspace_gets_no_answer(tandem: Running) -> None:
    tandem.slack.add_member("vera", real_name="Vera Visitor", home="T0OTHER")
    for _ in range(2):  # once before Slack described them, and once after
        asked = await ask(tandem, by="vera")
        await done(tandem)
        assert asked.replies == []


async def test_whoever_opens_the_tab_gets_something_to_ask_of_this_workspace(tandem: Running) -> None:
    await tandem.slack.dm("ana").open()
    await tandem.slack.delivery.settled()
    await done(tandem)
    dm = tandem.slack.workspace.app_dm(tandem.slack.member("ana"))
    assert dm is not None
    messages = [one["message"] for one in tandem.slack.workspace.prompts[dm.id].prompts]
    assert messages == [
        "What do customers say about #security?",
        "What do customers say about #pricing?",
        "What is said about !Rivalsoft?",
        "Which objections did customers have in the last 30 days?",
    ]
    for message in messages:
        answer = await (await ask(tandem, message)).reply()
        assert "Happy to help" not in answer.text, message
    assert tandem.slack.calls_of("views.publish") == []  # the Home is another tab


async def test_without_the_scopes_nothing_is_suggested_and_the_rest_works(tandem: Running) -> None:
    app = tandem.slack.installation.app
    app.scopes = tuple(one for one in app.scopes if one != "assistant:write")
    await tandem.slack.dm("ana").open()
    await tandem.slack.delivery.settled()
    await done(tandem)
    assert tandem.slack.workspace.prompts == {}
    await (await ask(tandem)).reply(containing="security comes first")
    dead = select(func.count()).where(Job.state == "dead")
    assert await tandem.program.db.read(lambda session: session.scalar(dead)) == 0
    app.scopes = tuple(one for one in app.scopes if one != "im:history")
    asked = await ask(tandem)
    await done(tandem)
    assert asked.replies == []
    report = await tandem.slack.channel("#general").command("/tandem doctor", by="mia")
    report = await tandem.slack.channel("#general").ephemeral("mia", "without im:history")
    assert "questions in the Messages tab are not answered" in report.text
    assert "without assistant:write" in report.text
    tandem.slack.refusals.clear()


async def test_a_thumb_counts_once_for_each_answer_and_the_last_one_stands(tandem: Running) -> None:
    answer = await (await ask(tandem)).reply(containing="security comes first")
    await done(tandem)
    noted = await answer.button("Did not help").click(by="ana")
    assert "Noted: this answer did not help" in noted.text
    assert not await answer.button("Did not help").click(by="ana")
    assert "this answer helped" in (await answer.button("Helped").click(by="ana")).text
    [row] = await questions(tandem)
    assert row.helped is True
    home = await tandem.slack.home("max").open()
    assert "Messages tab in the last 30 days: 1 question. By the thumbs below the answers, 1 helped." in home.text
    assert len(tandem.slack.dm("max").messages) == len(tandem.slack.dm("bo").messages) == 0


async def test_questions_of_one_thread_are_answered_one_each(tandem: Running) -> None:
    first = await ask(tandem)
    await first.reply(containing="security comes first")
    await tandem.slack.dm("ana").post("thanks", thread=first)
    await tandem.slack.dm("ana").post("and what about #pricing?", thread=first)
    await first.reply(containing="far too expensive")
    await done(tandem)
    assert [one.author for one in first.replies] == ["tandem", "ana", "ana", "tandem"]


async def test_what_was_asked_is_forgotten_in_time(tandem: Running) -> None:
    await (await ask(tandem)).reply(containing="security comes first")
    await done(tandem)
    at = tandem.clock.now() + timedelta(days=31)
    assert await tandem.program.db.run(outbox.forget_before, at - timedelta(days=30), limit=100)
    assert await tandem.program.db.run(forget_before, at - KEPT, limit=10) == 0
    at += KEPT
    assert await tandem.program.db.run(forget_before, at - KEPT, limit=10) == 1
    counts: Any = await tandem.program.db.read(
        lambda session: (
            session.scalar(select(func.count()).select_from(AgentQuestion)),
            session.scalar(select(func.count()).where(Card.kind == "agent_question")),
        )
    )
    assert counts == (0, 0)
