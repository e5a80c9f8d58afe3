"""Metadata of the app's own posts comes back to it as an event, and reading histories may be slow."""

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Fault, Playground
from tests.playground.manifest import MANIFEST
from tests.playground.recorder import Recorder, recording_app
from tests.playground.test_web_api import AsyncWebClientOf

METADATA = {"event_type": "card", "event_payload": {"id": "7"}}
SCOPE = "metadata.message:read"


def manifest(*, scope: bool = True, event_type: str = "card") -> dict[str, Any]:
    """The tiny app's manifest, subscribed to metadata of its own."""
    made = copy.deepcopy(MANIFEST)
    made["oauth_config"]["scopes"]["bot"] += [SCOPE] if scope else []
    made["settings"]["event_subscriptions"] = {
        "bot_events": ["message_metadata_posted"],
        "metadata_subscriptions": [{"app_id": "A0PLAYGRND1", "event_type": event_type}],
    }
    return made


async def heard(made: dict[str, Any], *faults: Fault, wait: float = 0.0) -> list[dict[str, Any]]:
    """The events that one post with metadata leads to."""
    async with Playground(made, mode="http") as slack, recording_app() as app, client_of(slack, app) as client:
        slack.faults.next("message_metadata_posted", *faults)
        await client.chat_postMessage(channel="#leads", text="x", metadata=METADATA)
        await client.chat_postMessage(channel="#leads", text="without")
        if wait:
            assert app.requests == []
        assert await slack.delivery.settled()
        return [one.json() for one in app.requests]


def client_of(slack: Playground, app: Recorder) -> AsyncWebClientOf:
    slack.events_url = app.url
    slack.add_channel("#leads", app=True)
    return AsyncWebClientOf(slack, slack.bot_token)


async def test_a_post_with_metadata_comes_back(slack: Playground) -> None:
    [body] = await heard(manifest())
    event = body["event"]
    assert event["metadata"] == METADATA
    assert (event["app_id"], event["bot_id"]) == ("A0PLAYGRND1", "B0PLAYGRND1")
    assert event["user_id"] == "U0PLAYGRBOT"
    assert event["channel_id"].startswith("C")
    assert event["message_ts"] == event["event_ts"]
    assert event["team_id"] == body["team_id"] == slack.team_id


@pytest.mark.parametrize("made", [manifest(scope=False), manifest(event_type="other")])
async def test_without_scope_or_subscription_nothing_comes(made: dict[str, Any]) -> None:
    assert await heard(made) == []


async def test_the_event_may_be_lost_late_or_twice() -> None:
    assert await heard(manifest(), Fault.event_lost()) == []
    first, second = await heard(manifest(), Fault.event_twice())
    assert first["event_id"] == second["event_id"]
    assert len(await heard(manifest(), Fault.event_late(0.05), wait=0.05)) == 1


async def test_histories_may_be_read_once_a_minute_fifteen_at_a_time(slack: Playground, client: AsyncWebClient) -> None:
    for number in range(20):
        await client.chat_postMessage(channel="#leads", text=str(number))
    slack.set_slow_history(True)
    args: dict[str, Any] = {"channel": slack.channel("#leads").id, "limit": 100}
    assert len((await client.conversations_history(**args))["messages"]) == 15
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_history(**args)
    assert caught.value.response.status_code == 429
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 60
    slack.set_slow_history(False)
    assert len((await client.conversations_history(**args))["messages"]) == 20
