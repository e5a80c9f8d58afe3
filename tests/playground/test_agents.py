"""Agents: what they suggest and do, messages that they write piece by piece, and thumbs, as Slack has them."""

import copy
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from playground.records import Channel
from tests.playground.conftest import people_and_places
from tests.playground.manifest import MANIFEST
from tests.playground.recorder import recording_app
from tests.playground.test_web_api import refused

PROMPTS = [{"title": "Pricing", "message": "What about pricing?"}]
THUMBS = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "thumbs",
            "positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "good"},
            "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "bad"},
        }
    ],
}


def manifest() -> dict[str, Any]:
    made = copy.deepcopy(MANIFEST)
    made["features"]["agent_view"] = {"agent_description": "Answers", "suggested_prompts": PROMPTS}
    scopes = made["oauth_config"]["scopes"]
    scopes["bot"] = [*scopes["bot"], "assistant:write", "im:history"]
    made["settings"]["event_subscriptions"] = {"bot_events": ["app_home_opened", "message.im"]}
    return made


@pytest.fixture
async def agent() -> AsyncIterator[Playground]:
    async with Playground(manifest(), mode="http") as slack:
        people_and_places(slack)
        yield slack


@pytest.fixture
async def client(agent: Playground) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=agent.bot_token, base_url=agent.api_url, session=session, retry_handlers=[])


def dm(slack: Playground) -> Channel:
    return slack.workspace.dm(slack.member("ana"), slack.workspace.bot)


async def test_the_app_hears_of_its_messages_tab_and_of_what_is_written_there(agent: Playground) -> None:
    async with recording_app() as app:
        agent.events_url = app.url
        await agent.dm("ana").open()
        await agent.dm("ana").post("What about pricing?")
        assert await agent.delivery.settled()
        opened, said = [one.json()["event"] for one in app.requests]
    assert (opened["type"], opened["tab"], opened["channel"]) == ("app_home_opened", "messages", dm(agent).id)
    assert (said["channel_type"], said["text"], said["channel"]) == ("im", "What about pricing?", dm(agent).id)


async def test_prompts_need_no_thread_and_no_more_than_four_are_taken(
    agent: Playground, client: AsyncWebClient
) -> None:
    channel = dm(agent)
    await client.assistant_threads_setSuggestedPrompts(channel_id=channel.id, title="Ask", prompts=PROMPTS)
    assert agent.workspace.prompts[channel.id].title == "Ask"
    method = "assistant.threads.setSuggestedPrompts"
    for prompts in ([], PROMPTS * 5, [{"title": "x"}], "x"):
        answer = await refused(client, method, channel_id=channel.id, prompts=prompts)
        assert answer["error"] == "invalid_arguments", prompts
    wrong = await refused(client, method, channel_id=channel.id, thread_ts="1.1", prompts=PROMPTS)
    assert wrong["error"] == "invalid_thread_ts"
    agent.installation.app.scopes = ("chat:write",)
    assert (await refused(client, method, channel_id=channel.id, prompts=PROMPTS))["error"] == "missing_scope"


async def test_an_app_without_an_agent_view_suggests_nothing() -> None:
    made = manifest()
    del made["features"]["agent_view"]
    async with Playground(made, mode="http") as slack, aiohttp.ClientSession() as session:
        people_and_places(slack)
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
        method = "assistant.threads.setSuggestedPrompts"
        assert (await refused(client, method, channel_id=dm(slack).id, prompts=PROMPTS))["error"] == "not_agent_app"


async def test_a_status_stands_until_the_app_writes_there_or_two_minutes_passed(
    agent: Playground, client: AsyncWebClient
) -> None:
    channel = dm(agent)
    asked = await agent.dm("ana").post("What about pricing?")
    place: dict[str, Any] = {"channel_id": channel.id, "thread_ts": asked.ts}
    await client.assistant_threads_setStatus(**place, status="is thinking")
    assert agent.workspace.status_of(channel, asked.ts) == "is thinking"
    await client.chat_postMessage(channel=channel.id, thread_ts=asked.ts, text="Here it is")
    assert agent.workspace.status_of(channel, asked.ts) == ""
    await client.assistant_threads_setStatus(**place, status="is thinking")
    began = agent.workspace.now()
    agent.workspace.now = lambda: began + 121
    assert agent.workspace.status_of(channel, asked.ts) == ""
    wrong = await refused(
        client, "assistant.threads.setStatus", channel_id=channel.id, thread_ts="1.1", status="is thinking"
    )
    assert wrong["error"] == "invalid_thread_ts"


async def test_a_stream_grows_ends_with_blocks_and_is_no_stream_then(agent: Playground, client: AsyncWebClient) -> None:
    channel = dm(agent)
    asked = await agent.dm("ana").post("What about pricing?")
    begun = await client.chat_startStream(channel=channel.id, thread_ts=asked.ts, markdown_text="Too ")
    place: dict[str, Any] = {"channel": channel.id, "ts": str(begun["ts"])}
    await client.chat_appendStream(**place, markdown_text="**dear**")
    [answer] = asked.replies
    assert (answer.text, answer.record.streaming) == ("Too **dear**", True)
    assert (await refused(client, "chat.update", **place, text="x"))["error"] == "streaming_state_conflict"
    await client.chat_stopStream(**place, blocks=[THUMBS])
    assert (answer.buttons, answer.record.streaming) == (["Good", "Bad"], False)
    for method in ("chat.appendStream", "chat.stopStream"):
        again = await refused(client, method, **place, markdown_text="x")
        assert again["error"] == "message_not_in_streaming_state"
    await client.chat_update(**place, text="Whole")


async def test_streams_are_refused_where_slack_refuses_them(agent: Playground, client: AsyncWebClient) -> None:
    asked = await agent.channel("#general").post("What about pricing?", by="ana")
    general = agent.channel("#general").id
    start = "chat.startStream"
    assert (await refused(client, start, channel=dm(agent).id))["error"] == "invalid_arguments"
    wrong = await refused(client, start, channel=general, thread_ts=asked.ts)
    assert wrong["error"] == "missing_recipient_user_id"
    theirs = await refused(client, "chat.stopStream", channel=general, ts=asked.ts)
    assert theirs["error"] == "message_not_owned_by_app"
    begun = await client.chat_startStream(
        channel=general,
        thread_ts=asked.ts,
        recipient_user_id=agent.member("ana").id,
        recipient_team_id=agent.team_id,
        markdown_text="Too dear",
    )
    broken = await refused(
        client, "chat.stopStream", channel=general, ts=begun["ts"], blocks=[{"type": "context_actions", "elements": []}]
    )
    assert broken["error"] == "invalid_blocks"


async def test_a_thumb_tells_the_app_which_one_it_was(agent: Playground, client: AsyncWebClient) -> None:
    asked = await agent.dm("ana").post("What about pricing?")
    await client.chat_postMessage(channel=dm(agent).id, thread_ts=asked.ts, text="Dear", blocks=[THUMBS])
    async with recording_app() as app:
        agent.events_url = app.url
        await asked.replies[0].button("Bad").click(by="ana", answer_within=0)
        [pressed] = [json.loads(dict(parse_qsl(one.body.decode()))["payload"]) for one in app.requests]
    action = pressed["actions"][0]
    assert (action["type"], action["action_id"], action["value"]) == ("feedback_buttons", "thumbs", "bad")
