"""With a model, the answer in the Messages tab is streamed: counts first, then sentences, the items and the thumbs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from playground import Fault, Message
from playground.records import Call
from storage import crash
from storage.models import AgentQuestion
from tests.llm.server import ModelServer, Reply, failing, said
from tests.llm.test_prose import sentences
from tests.running import Running
from tests.voc.test_watching import done

QUESTION = "What do customers say about security?"


async def ask(tandem: Running, text: str = QUESTION) -> Message:
    return await tandem.slack.dm("ana").post(text)


async def finished(tandem: Running, asked: Message) -> Message:
    """The one answer, once nothing is due any more, however often Slack asks for patience."""
    for _ in range(6):
        await tandem.later(seconds=30)
        await done(tandem)
    [answer] = asked.replies
    assert not answer.record.streaming
    return answer


def calls(tandem: Running) -> list[str]:
    of_streams = ("chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update", "chat.postMessage")

    def is_answer(call: Call) -> bool:
        return call.method in of_streams and call.args.get("thread_ts", call.args.get("ts")) is not None

    return [call.method for call in tandem.slack.calls if is_answer(call)]


async def test_counts_stand_at_once_and_sentences_follow_with_items_and_thumbs(
    tandem: Running, server: ModelServer
) -> None:
    server.answer = lambda _asked: sentences(("Security comes *first*.", [1, 3]), ("Audits drag.", [2]))
    asked = await ask(tandem)
    answer = await finished(tandem, asked)
    assert "3 items from" in answer.text
    assert "Security comes ∗first∗. [1] [2]" in answer.text
    assert "Audits drag. [3]" in answer.text
    assert "A language model wrote this" in answer.text
    assert "[1] The customer’s words" in answer.text
    assert answer.buttons == ["Helped", "Did not help"]
    assert calls(tandem) == ["chat.startStream", "chat.appendStream", "chat.appendStream", "chat.stopStream"]
    assert "3 items from" in str(tandem.slack.calls_of("chat.startStream")[0].args["markdown_text"])
    noted = await answer.button("Helped").click(by="ana")
    assert "Noted: this answer helped" in noted.text


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"])
@pytest.mark.parametrize("fault", [Fault.lost_reply(), Fault.server_error(), Fault.server_error_stored()], ids=str)
async def test_whatever_is_cut_off_one_whole_answer_stands(
    tandem: Running, server: ModelServer, method: str, fault: Fault
) -> None:
    server.answer = lambda _asked: sentences(("Audits drag.", [2]), ("Security first.", [1]))
    tandem.slack.faults.next(method, fault)
    if method == "chat.update":
        tandem.slack.faults.next("chat.stopStream", Fault.lost_reply())
    answer = await finished(tandem, await ask(tandem))
    assert answer.text.count("Audits drag. [1]") == 1
    assert answer.text.count("Security first. [2]") == 1
    assert answer.buttons == ["Helped", "Did not help"]
    assert len(server.asked) == 1  # what was paid for is remembered
    tandem.slack.refusals.clear()  # the stream had ended already


@pytest.mark.parametrize("error", ["channel_type_not_supported", "missing_scope", "unknown_method"])
async def test_where_slack_streams_nothing_the_answer_is_one_message(
    tandem: Running, server: ModelServer, error: str
) -> None:
    server.answer = lambda _asked: sentences(("Audits drag.", [2]))
    tandem.slack.faults.next("chat.startStream", Fault.refuse(error))
    answer = await finished(tandem, await ask(tandem))
    assert "Audits drag. [1]" in answer.text
    assert answer.buttons == ["Helped", "Did not help"]


async def test_a_limit_of_slacks_delays_nothing(tandem: Running, server: ModelServer) -> None:
    server.answer = lambda _asked: sentences(("Audits drag.", [2]))
    tandem.slack.faults.next("chat.startStream", Fault.rate_limited(30))
    answer = await (await ask(tandem)).reply(containing="Audits drag. [1]")
    assert not answer.record.streaming


@pytest.mark.parametrize("answer", [failing(500), said(""), said(None, refusal="I will not")], ids=["500", "", "no"])
async def test_whatever_is_wrong_with_the_model_the_list_is_the_answer(
    tandem: Running, server: ModelServer, answer: Reply
) -> None:
    server.answer = lambda _asked: answer
    shown = await finished(tandem, await ask(tandem))
    assert "security comes first" in shown.text
    assert "A language model" not in shown.text
    assert shown.buttons == ["Helped", "Did not help"]
    before = len(server.asked)
    tandem.slack.workspace.statuses.clear()
    again = await (await ask(tandem, "and what about #security?")).reply(containing="security comes first")
    assert "A language model" not in again.text
    assert len(server.asked) == before  # it is left alone for a while


async def test_what_customers_wrote_formats_nothing_and_pings_nobody(tandem: Running, server: ModelServer) -> None:
    server.answer = lambda _asked: sentences(
        ("# <!channel> <@U1> [click](https://evil.example) **all** `x`", [1]), ("1. \\[y](https://evil.example)", [2])
    )
    await ask(tandem, "what about *security* [z](https://evil.example) <!here>?")
    await done(tandem)
    texts = [
        str(one.args["markdown_text"])
        for one in tandem.slack.calls
        if one.method.startswith("chat.") and "markdown_text" in one.args
    ]
    assert len(texts) == 3
    for text in texts:
        assert "](" not in text
        assert "<!" not in text
        assert "<@" not in text
        assert not text.startswith(("#", "1."))
    assert tandem.slack.pings == []


async def test_one_item_says_itself_what_it_says_and_no_model_is_asked(tandem: Running, server: ModelServer) -> None:
    await (await ask(tandem, "what about audits?")).reply(containing="audits take them weeks")
    await done(tandem)
    assert server.asked == []
    assert tandem.slack.calls_of("chat.startStream") == []


async def test_whoever_stops_the_stream_gets_nothing_more(tandem: Running, server: ModelServer) -> None:
    server.answer = lambda _asked: sentences(("Audits drag.", [2]))
    tandem.slack.faults.next("chat.appendStream", Fault.refuse("stopped_by_user"))
    asked = await ask(tandem)
    await done(tandem)
    rows = await tandem.program.db.read(lambda session: list(session.scalars(select(AgentQuestion))))
    assert [row.state for row in rows] == ["answered"]
    assert len(asked.replies) == 1
    assert calls(tandem) == ["chat.startStream", "chat.appendStream"]


@pytest.mark.parametrize("question", [QUESTION, "what about audits?"], ids=["streamed", "listed"])
async def test_a_crash_between_the_answer_and_its_record_leaves_one_answer(
    tandem: Running, server: ModelServer, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda _asked: sentences(("Audits drag.", [2]))
    left = ["jobs.before_record"]

    def crash_once(name: str) -> None:
        if name in left:
            left.remove(name)
            raise ConnectionError(name)

    monkeypatch.setattr(crash, "hook", crash_once)
    answer = await finished(tandem, await ask(tandem, question))
    assert left == []
    assert answer.buttons == ["Helped", "Did not help"]
    tandem.slack.refusals.clear()  # the stream had ended already
