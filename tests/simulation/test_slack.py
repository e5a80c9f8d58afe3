"""Slack in memory: each fault leaves behind what its name says and reaches the caller as the real one does."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.client import Meaning, sort_error
from bot.web.edge import parse_slack_body
from bot.web.signature import signature_problem
from handlers.post_tokens import metadata, posted_token
from handlers.receipts import send_to
from tests.simulation.faults import _WRITES, FAULT_NAMES, FINE, UNREACHABLE, usual
from tests.simulation.slack import MemorySlack
from tests.simulation.wire import Envelope, Reply

T = TypeVar("T")
EPOCH = 1_800_000_000.0


class Jumping(selectors.DefaultSelector):
    """Where others wait for the time of the next timer, the time is then."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            self.skipped += timeout or 0.0
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop that never waits; its time starts at 0."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.skipped


def run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)


def now() -> float:
    return EPOCH + asyncio.get_running_loop().time()


class Heard:
    """A process that keeps what reaches it. `silent`: so many requests of the kind `leaving` ("": any) it leaves."""

    def __init__(self, silent: int = 0, *, leaving: str = "") -> None:
        self.envelopes: list[tuple[float, Envelope]] = []
        self.silent = silent
        self.leaving = leaving

    async def deliver(self, _team: str, envelope: Envelope) -> Reply:
        self.envelopes.append((asyncio.get_running_loop().time(), envelope))
        if self.leaving in str(envelope) and len(self.times(self.leaving)) <= self.silent:
            await asyncio.sleep(60)
        return Reply()

    @property
    def kinds(self) -> list[str]:
        return [str(one) for _, one in self.envelopes]

    def times(self, kind: str) -> list[float]:
        return [at for at, one in self.envelopes if kind in str(one)]


class Choosing:
    """Chooses this word for each thing, once; else what is ordinary."""

    def __init__(self, wanted: dict[str, str]) -> None:
        self.wanted = dict(wanted)

    def __call__(self, name: str, options: Sequence[T], /) -> T:
        word = self.wanted.pop(name, None)
        return options[0] if word is None else next(one for one in options if str(one) == word)


def company(choose: Any = usual, deliver: Callable[[str, Envelope], Awaitable[Reply]] | None = None) -> MemorySlack:
    slack = MemorySlack(choose, now, deliver or Heard().deliver, rate_limits=0)
    slack.playground.add_member("ana")
    slack.playground.add_channel("#leads", app=True)
    slack.begin()
    return slack


async def post(slack: MemorySlack, text: str = "x") -> Any:
    return await slack.client(slack.playground.bot_token).chat_postMessage(
        channel="#leads", text=text, metadata=metadata("t-1")
    )


def texts(slack: MemorySlack) -> list[str]:
    return [one.text for one in slack.messages(slack.playground.team_id, "#leads")]


def test_a_post_stands_and_is_answered_as_by_the_playground() -> None:
    async def history() -> None:
        slack = company()
        answer = await post(slack)
        assert answer["ts"] == slack.messages(slack.playground.team_id, "#leads")[0].ts
        assert "chat:write" in answer.headers["x-oauth-scopes"]
        found = await slack.client(slack.playground.bot_token).conversations_history(
            channel=slack.playground.channel("#leads").id, include_all_metadata=True
        )
        assert [posted_token(one["metadata"]) for one in found["messages"]] == ["t-1"]

    run(history())


def test_what_slack_refuses_raises_its_name() -> None:
    async def history() -> None:
        slack = company()
        with pytest.raises(SlackApiError) as caught:
            await slack.client("xoxb-nobody").chat_postMessage(channel="#leads", text="x")
        assert sort_error(caught.value).name == "invalid_auth"

    run(history())


STRANGER = "an_error_of_next_year"
OUTCOMES: dict[str, tuple[str, Meaning | None, bool, bool]] = {
    # what the caller hears, what that means to the courier, whether it stands then, and in the end
    "too many calls": ("ratelimited", Meaning.LIMITED, False, False),
    "server error": ("http_500", Meaning.UNSURE, False, False),
    "lost reply": ("connection_lost", Meaning.UNSURE, True, True),
    "never answered": ("timeout", Meaning.UNSURE, False, False),
    "slow answer": ("", None, True, True),
    "page in place of JSON": ("http_200", Meaning.UNSURE, False, False),
    "answer cut short": ("http_200", Meaning.UNSURE, True, True),
    "fatal error": ("fatal_error", Meaning.UNSURE, False, False),
    "unknown error": (STRANGER, Meaning.STRANGE, False, False),
    "server error after storing": ("http_500", Meaning.UNSURE, True, True),
    "stored, and never answered": ("timeout", Meaning.UNSURE, True, True),
    "stored late, cut off": ("connection_lost", Meaning.UNSURE, False, True),
    "stored late, never answered": ("timeout", Meaning.UNSURE, True, True),
    "page in place of JSON after storing": ("http_200", Meaning.UNSURE, True, True),
    "fatal error after storing": ("fatal_error", Meaning.UNSURE, True, True),
    "answer without its contents": ("", None, True, True),
}


def test_every_fault_of_a_call_has_its_outcome_here() -> None:
    assert set(OUTCOMES) == set(_WRITES)
    assert set(OUTCOMES) <= set(FAULT_NAMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_fault_stores_and_answers_as_its_name_says(name: str) -> None:
    heard, meaning, stands, stands_at_last = OUTCOMES[name]

    async def history() -> None:
        slack = company(Choosing({"slack chat.postMessage": name}))
        error: Exception | None = None
        try:
            await post(slack)
        except Exception as failed:
            error = failed
        outcome = sort_error(error) if error else None
        assert (outcome.name if outcome else "", outcome.meaning if outcome else None) == (heard, meaning)
        assert texts(slack) == ["x"] * stands
        await asyncio.sleep(20)
        assert texts(slack) == ["x"] * stands_at_last
        assert slack.faults.struck == {name: 1}

    run(history())


def test_a_limited_call_says_when_to_come_back() -> None:
    async def history() -> None:
        slack = company(
            Choosing(
                {"slack chat.postMessage": "too many calls", "slack chat.postMessage: which": "rate limited (5 s)"}
            )
        )
        with pytest.raises(SlackApiError) as caught:
            await post(slack)
        assert sort_error(caught.value).retry_after == 5
        assert caught.value.response.status_code == 429

    run(history())


def test_slacks_own_limits_hold_in_its_time() -> None:
    async def history() -> list[float]:
        slack = MemorySlack(usual, now, Heard().deliver)
        slack.playground.add_channel("#leads", app=True)
        await post(slack)
        with pytest.raises(SlackApiError) as caught:
            await post(slack)
        await asyncio.sleep(sort_error(caught.value).retry_after)
        await post(slack)
        return [asyncio.get_running_loop().time()]

    assert run(history()) < [2.0]


def test_without_a_connection_nothing_is_sent() -> None:
    async def history() -> None:
        slack = company(Choosing({"slack chat.postMessage: network": UNREACHABLE}))
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await post(slack)
        assert sort_error(caught.value).name == "unreachable"
        assert texts(slack) == []

    run(history())


def test_a_call_times_out_after_ten_seconds_of_the_loop() -> None:
    async def history() -> float:
        slack = company(Choosing({"slack chat.postMessage": "never answered"}))
        with pytest.raises(TimeoutError):
            await post(slack)
        return asyncio.get_running_loop().time()

    assert run(history()) == pytest.approx(10.0)


def test_slacks_side_of_a_call_belongs_to_no_process() -> None:
    process: ContextVar[str] = ContextVar("process", default="nobody's")
    owners: list[str] = []

    async def history() -> None:
        async def deliver(_team: str, _envelope: Envelope) -> Reply:
            owners.append(process.get())
            return Reply()

        slack = company(deliver=deliver)
        process.set("a process's")
        await asyncio.create_task(post(slack))
        await slack.settled(60)

    run(history())
    assert set(owners) == {"nobody's"}


def test_a_call_of_a_process_that_dies_arrives_all_the_same() -> None:
    async def history() -> None:
        slack = company()
        dying = asyncio.create_task(post(slack))
        await asyncio.sleep(0.01)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        assert texts(slack) == []
        await asyncio.sleep(1)
        assert texts(slack) == ["x"]

    run(history())


EVENT = "message_metadata_posted"


@pytest.mark.parametrize(("fault", "times"), [("late", [2.12]), ("twice", [0.12, 0.24]), ("never", []), (FINE, [0.12])])
def test_an_event_of_our_own_post_comes_late_twice_or_never(fault: str, times: list[float]) -> None:
    async def history() -> None:
        heard = Heard()
        slack = company(Choosing({f"slack event {EVENT}": fault}), heard.deliver)
        await post(slack)
        await slack.settled(600)
        assert heard.times(EVENT) == pytest.approx(times)

    run(history())


def test_an_event_comes_before_the_answer_of_the_post_that_caused_it() -> None:
    async def history() -> None:
        heard = Heard()
        slack = company(
            Choosing({f"slack to the app: event_callback {EVENT}": "0 s there, 0.02 s back"}), heard.deliver
        )
        await post(slack)
        assert heard.times(EVENT) == pytest.approx([0.02])
        assert asyncio.get_running_loop().time() == pytest.approx(0.04)

    run(history())


def test_an_event_that_is_not_acknowledged_in_three_seconds_comes_again() -> None:
    async def history() -> None:
        heard = Heard(silent=2, leaving=EVENT)
        slack = company(deliver=heard.deliver)
        await post(slack)
        await slack.settled(600)
        tries = [(round(at), one.headers) for at, one in heard.envelopes if EVENT in str(one)]
        assert [(at, one.get("X-Slack-Retry-Num")) for at, one in tries] == [(0, None), (3, "1"), (66, "2")]
        assert tries[1][1]["X-Slack-Retry-Reason"] == "http_timeout"

    run(history())


def test_a_command_is_signed_read_by_the_product_and_never_sent_again() -> None:
    async def history() -> None:
        heard = Heard(silent=1)
        slack = company(deliver=heard.deliver)
        done = await slack.command(slack.playground.team_id, "ana", "#leads", "/voc", "too dear #price")
        assert (done.sentence or "").endswith('"operation_timeout"')
        await asyncio.sleep(600)
        assert heard.kinds == ["command /voc"]
        envelope = heard.envelopes[0][1]
        read = parse_slack_body(envelope.body, envelope.content_type)
        assert (read["text"], read) == ("too dear #price", envelope.said)
        stamp, signed = (envelope.headers[f"X-Slack-{name}"] for name in ("Request-Timestamp", "Signature"))
        assert signature_problem(slack.signing_secret, stamp, signed, envelope.body, EPOCH) is None

    run(history())


def test_a_person_presses_and_submits_and_reads_what_comes_of_it() -> None:
    field = {
        "type": "input",
        "block_id": "words",
        "label": {"type": "plain_text", "text": "Your words"},
        "element": {"type": "plain_text_input", "action_id": "typed"},
    }
    form: dict[str, Any] = {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [field]}
    form["submit"] = {"type": "plain_text", "text": "Save"}
    button = {"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "Open"}}

    async def history() -> None:
        async def process(_team: str, envelope: Envelope) -> Reply:
            said = envelope.said
            if said["type"] == "block_actions":
                await client.views_open(trigger_id=said["trigger_id"], view=form)
                assert await send_to(said["response_url"], {"text": "opened", "response_type": "ephemeral"})
            elif said["type"] == "view_submission":
                typed.append(said["view"]["state"]["values"]["words"]["typed"]["value"])
            return Reply()

        typed: list[str] = []
        slack = company(deliver=process)
        team = slack.playground.team_id
        client = slack.client(slack.playground.bot_token)
        await client.chat_postMessage(
            channel="#leads", text="card", blocks=[{"type": "actions", "block_id": "b", "elements": [button]}]
        )
        with slack.taking_receipts():
            assert (await slack.click(team, "ana", slack.messages(team, "#leads")[0], "Open")).ok
        assert [one.text for one in slack.only_for(team, "ana")] == ["opened"]
        assert (await slack.submit(team, slack.modals(team, "ana")[0], {"Your words": {"value": "too dear"}})).ok
        assert (typed, slack.modals(team, "ana")) == (["too dear"], [])

    run(history())


def test_where_no_process_is_the_person_reads_that_it_failed() -> None:
    async def history() -> None:
        async def nobody(_team: str, _envelope: Envelope) -> Reply:
            raise ConnectionRefusedError

        slack = company(deliver=nobody)
        done = await slack.command(slack.playground.team_id, "ana", "#leads", "/voc", "x")
        assert (done.sentence or "").endswith('"dispatch_failed"')

    run(history())


def test_the_same_choices_make_the_same_slack_and_others_another() -> None:
    async def history(*words: str) -> tuple[str, str]:
        slack = company()
        before = slack.digest()
        for one in words:
            await post(slack, one)
        return before, slack.digest()

    first, again, other = run(history("x", "y")), run(history("x", "y")), run(history("y", "x"))
    assert first == again
    assert first[0] == other[0]
    assert first[1] not in (first[0], other[1])


def test_a_second_workspace_has_people_and_a_token_of_its_own() -> None:
    async def history() -> None:
        heard = Heard()
        slack = MemorySlack(usual, now, heard.deliver)
        other = slack.add_workspace("Other")
        other.add_channel("#leads", app=True)
        slack.begin()
        await slack.client(other.bot_token).chat_postMessage(channel="#leads", text="x", metadata=metadata("t-2"))
        await slack.settled(60)
        assert {one.team_id for _, one in heard.envelopes} == {other.team_id}
        assert [one.text for one in slack.messages(other.team_id, "#leads")] == ["x"]

    run(history())
