"""Reactions: people react, the app hears of it where it may, and reads the message they reacted to."""

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from playground import Playground
from tests.playground.manifest import MANIFEST
from tests.playground.recorder import recording_app
from tests.playground.test_web_api import AsyncWebClientOf


def manifest(*scopes: str) -> dict[str, Any]:
    made = copy.deepcopy(MANIFEST)
    made["oauth_config"]["scopes"]["bot"] = [*made["oauth_config"]["scopes"]["bot"], *scopes]
    made["settings"]["event_subscriptions"] = {"bot_events": ["reaction_added", "reaction_removed"]}
    return made


async def events(made: dict[str, Any], *, app_inside: bool = True) -> list[dict[str, Any]]:
    """What the app hears when ana reacts to bo's message, twice, and takes it back, twice."""
    async with Playground(made, mode="http") as slack, recording_app() as app:
        slack.events_url = app.url
        slack.add_member("ana")
        slack.add_member("bo")
        slack.add_channel("#deals", app=app_inside)
        message = await slack.channel("#deals").post("too dear", by="bo")
        for _ in range(2):
            await message.react("ear", by="ana", answer_within=0)
        for _ in range(2):
            await message.unreact("ear", by="ana", answer_within=0)
        assert await slack.delivery.settled()
        return [one.json()["event"] for one in app.requests if one.json()["event"]["type"].startswith("reaction")]


async def test_a_reaction_and_its_end_are_heard_once_each(slack: Playground) -> None:
    added, removed = await events(manifest("reactions:read"))
    assert (added["type"], removed["type"]) == ("reaction_added", "reaction_removed")
    for event in (added, removed):
        assert event["reaction"] == "ear"
        assert event["user"] != event["item_user"]
        assert event["item"]["type"] == "message"
        assert event["item"]["channel"].startswith("C")


async def test_without_the_scope_or_outside_the_channel_nothing_is_heard() -> None:
    assert await events(manifest()) == []
    assert await events(manifest("reactions:read"), app_inside=False) == []


async def test_a_reply_is_read_with_its_words_its_address_and_who_reacts_to_it() -> None:
    async with (
        Playground(manifest("reactions:read"), mode="http") as slack,
        AsyncWebClientOf(slack, slack.bot_token) as client,
    ):
        slack.add_member("ana")
        channel = slack.add_channel("#deals", app=True)
        top = await slack.channel("#deals").post("how was it?", by="ana")
        reply = await slack.channel("#deals").post("too dear", by="ana", thread=top)
        await reply.react("ear::skin-tone-3", by="ana", answer_within=0)
        answer = await client.reactions_get(channel=channel.id, timestamp=reply.ts)
        message: Any = answer["message"]
        assert (message["text"], message["thread_ts"]) == ("too dear", top.ts)
        assert message["permalink"].endswith(f"thread_ts={top.ts}&cid={channel.id}")
        assert message["reactions"] == [{"name": "ear::skin-tone-3", "users": [slack.member("ana").id], "count": 1}]
        slack.workspace.delete(reply.record)
        with pytest.raises(SlackApiError) as gone:
            await client.reactions_get(channel=channel.id, timestamp=reply.ts)
        assert gone.value.response["error"] == "message_not_found"
