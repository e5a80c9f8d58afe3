"""Faults come when they are asked for, leave what they should leave behind, and limits bind as Slack's do."""

import asyncio
import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Fault, Playground
from playground.faults import Faults
from playground.limits import POSTS_PER_MINUTE, Limits
from tests.playground.tiny_app import TinyApp


def posted(slack: Playground) -> list[str]:
    return [one.text for one in slack.channel("#leads").messages]


async def test_a_rate_limit_says_when_to_come_back(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault.rate_limited(7))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="#leads", text="x")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    assert posted(slack) == []
    await client.chat_postMessage(channel="#leads", text="y")
    assert posted(slack) == ["y"]


@pytest.mark.parametrize(("fault", "left"), [(Fault.server_error(), []), (Fault.server_error_stored(), ["x"])])
async def test_a_server_error_comes_before_or_after_storing(
    slack: Playground, client: AsyncWebClient, fault: Fault, left: list[str]
) -> None:
    slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="#leads", text="x")
    assert caught.value.response.status_code == 500
    assert posted(slack) == left


async def test_a_lost_reply_stores_and_breaks_the_connection(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault.lost_reply())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="#leads", text="x")
    assert posted(slack) == ["x"]


async def test_a_call_that_takes_effect_late_is_not_to_be_seen_at_once(
    slack: Playground, client: AsyncWebClient
) -> None:
    slack.faults.next("chat.postMessage", Fault.stored_late(0.5))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="#leads", text="x")
    history = await client.conversations_history(channel=slack.channel("#leads").id)
    assert (history["messages"], slack.faults.late) == ([], 1)
    await slack.channel("#leads").message(containing="x")
    assert slack.faults.late == 0


async def test_a_hanging_call_breaks_without_storing(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault.hang(0.02))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="#leads", text="x")
    assert posted(slack) == []


async def test_a_slow_call_is_stored_before_it_is_answered(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault.slow(0.05))
    calling = asyncio.ensure_future(client.chat_postMessage(channel="#leads", text="x"))
    await slack.channel("#leads").message(containing="x")
    assert not calling.done()
    assert (await calling)["ok"]


async def test_a_permanent_error_is_no_refusal_of_the_bots_own(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", None, Fault.refuse("is_archived"))
    await client.chat_postMessage(channel="#leads", text="through")
    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel="#leads", text="x")
    assert slack.refusals == []


def test_faults_at_a_rate_repeat_with_their_seed() -> None:
    def rolls(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.rate("*", Fault.server_error(), 0.3)
        return [faults.take("chat.postMessage") is not None for _ in range(50)]

    assert rolls(1) == rolls(1) != rolls(2)
    assert 5 < sum(rolls(1)) < 25


async def test_a_broken_socket_is_opened_again(slack: Playground, socket_app: TinyApp) -> None:
    await slack.sockets.refresh(grace=0)
    await slack.app_connected()
    assert (await slack.channel("#general").command("/echo back", by="ana")).text == "back"


async def test_posts_are_limited_in_each_channel(slack: Playground, client: AsyncWebClient) -> None:
    slack.set_rate_limits(True)
    await client.chat_postMessage(channel="#leads", text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="#leads", text="x")
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel="#general", text="x")


def test_a_tier_counts_the_calls_of_the_last_minute() -> None:
    now = 0.0
    limits = Limits(lambda: now)
    assert [limits.wait_for("users.list", 2, "") for _ in range(21)] == [0] * 20 + [60]
    assert limits.wait_for("conversations.list", 2, "") == 0, "each method has its own"
    now = 59.5
    assert limits.wait_for("users.list", 2, "") == 1
    now = 60.0
    assert limits.wait_for("users.list", 2, "") == 0


def test_posts_are_limited_in_the_whole_workspace_too() -> None:
    limits = Limits(lambda: 0.0, times=2)
    waits = [limits.wait_for("chat.postMessage", 5, f"C{number}") for number in range(2 * POSTS_PER_MINUTE + 1)]
    assert waits == [0] * 2 * POSTS_PER_MINUTE + [60]


async def test_it_stops_at_once_with_calls_and_sockets_open(slack: Playground, socket_app: TinyApp) -> None:
    slack.faults.next("auth.test", Fault.hang(30))
    async with aiohttp.ClientSession() as session:
        hanging = asyncio.ensure_future(session.get(f"{slack.api_url}auth.test"))
        await session.ws_connect(f"{slack.page_url}page/live?as={slack.member('ana').id}")
        before = time.perf_counter()
        await slack.stop()
        assert time.perf_counter() - before < 1
        with pytest.raises(aiohttp.ClientError):
            await hanging


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        (Fault.page(), []),
        (Fault.page(stored=True), ["x"]),
        (Fault.cut_short(), ["x"]),
        (Fault.refuse_stored("fatal_error"), ["x"]),
    ],
    ids=str,
)
async def test_an_odd_answer_is_an_error_whether_the_call_took_effect_or_not(
    slack: Playground, client: AsyncWebClient, fault: Fault, left: list[str]
) -> None:
    slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="#leads", text="x")
    assert posted(slack) == left


async def test_a_bare_answer_says_nothing_of_what_was_stored(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault.bare())
    answer = await client.chat_postMessage(channel="#leads", text="x")
    assert answer.data == {"ok": True}
    assert posted(slack) == ["x"]


async def test_a_call_that_takes_effect_late_may_be_held_till_then(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault.stored_late(0.1, held=0.4))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="#leads", text="x")
    assert (posted(slack), slack.faults.late) == (["x"], 0)
