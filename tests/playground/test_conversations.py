"""Channels and their history, as the app can see them."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground


@pytest.fixture
async def posts(slack: Playground, client: AsyncWebClient) -> list[str]:
    """Timestamps of five posts in #leads, each with metadata."""
    stamps: list[str] = []
    for number in range(5):
        metadata = {"event_type": "card", "event_payload": {"id": str(number)}}
        answer = await client.chat_postMessage(channel="#leads", text=f"m{number}", metadata=metadata)
        stamps.append(answer["ts"])
    return stamps


def texts(answer: Any) -> list[str]:
    return [one["text"] for one in answer["messages"]]


async def test_history_runs_backwards_in_pages(slack: Playground, client: AsyncWebClient, posts: list[str]) -> None:
    channel = slack.channel("#leads").id
    first = await client.conversations_history(channel=channel, limit=2)
    assert (texts(first), first["has_more"]) == (["m4", "m3"], True)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=channel, limit=10, cursor=cursor)
    assert (texts(rest), rest["has_more"]) == (["m2", "m1", "m0"], False)


async def test_history_is_cut_by_time(slack: Playground, client: AsyncWebClient, posts: list[str]) -> None:
    channel = slack.channel("#leads").id
    between = await client.conversations_history(channel=channel, oldest=posts[1], latest=posts[3])
    assert texts(between) == ["m2"]
    inside = await client.conversations_history(channel=channel, oldest=posts[1], latest=posts[3], inclusive=True)
    assert texts(inside) == ["m3", "m2", "m1"]


async def test_metadata_shows_in_full_only_when_asked_for(
    slack: Playground, client: AsyncWebClient, posts: list[str]
) -> None:
    channel = slack.channel("#leads").id
    brief = await client.conversations_history(channel=channel, limit=1)
    assert brief["messages"][0]["metadata"] == {"event_type": "card"}
    full = await client.conversations_history(channel=channel, limit=1, include_all_metadata=True)
    assert full["messages"][0]["metadata"]["event_payload"] == {"id": "4"}


async def test_replies_are_in_the_thread_and_not_in_the_history(
    slack: Playground, client: AsyncWebClient, posts: list[str]
) -> None:
    channel = slack.channel("#leads").id
    await client.chat_postMessage(channel=channel, text="below", thread_ts=posts[0])
    assert "below" not in texts(await client.conversations_history(channel=channel))
    thread = await client.conversations_replies(channel=channel, ts=posts[0])
    assert texts(thread) == ["m0", "below"]
    assert (thread["messages"][0]["reply_count"], thread["messages"][1]["thread_ts"]) == (1, posts[0])


async def test_history_needs_membership(slack: Playground, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.conversations_history(channel=slack.channel("#elsewhere").id)
    await client.conversations_join(channel=slack.channel("#elsewhere").id)
    assert (await client.conversations_history(channel=slack.channel("#elsewhere").id))["messages"] == []


async def test_private_channels_show_only_to_their_members(slack: Playground, client: AsyncWebClient) -> None:
    answer = await client.conversations_list(types="public_channel,private_channel")
    assert [one["name"] for one in answer["channels"]] == ["general", "leads", "elsewhere"]
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.conversations_info(channel=slack.channel("#secret").id)


async def test_a_channel_says_whether_the_app_is_in_it(slack: Playground, client: AsyncWebClient) -> None:
    shown = await client.conversations_info(channel=slack.channel("#elsewhere").id, include_num_members=True)
    assert (shown["channel"]["is_member"], shown["channel"]["num_members"]) == (False, 2)
    members = await client.conversations_members(channel=shown["channel"]["id"])
    assert members["members"] == [slack.member("ana").id, slack.member("ben").id]


async def test_mpim_needs_a_scope_that_is_named(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_list(types="mpim")
    assert caught.value.response["needed"] == "mpim:read"


async def test_the_app_makes_a_channel_and_fills_it(slack: Playground, client: AsyncWebClient) -> None:
    slack.installation.app.scopes += ("channels:manage",)
    made = await client.conversations_create(name="deal-northwind")
    await client.conversations_invite(channel=made["channel"]["id"], users=slack.member("ana").id)
    await client.conversations_setTopic(channel=made["channel"]["id"], topic="Northwind")
    assert slack.channel("#deal-northwind").members == ["tiny", "ana"]
    with pytest.raises(SlackApiError, match="name_taken"):
        await client.conversations_create(name="deal-northwind")
    with pytest.raises(SlackApiError, match="already_in_channel"):
        await client.conversations_invite(channel=made["channel"]["id"], users=slack.member("ana").id)


async def test_a_permalink_points_at_the_message(slack: Playground, client: AsyncWebClient, posts: list[str]) -> None:
    channel = slack.channel("#leads").id
    link = (await client.chat_getPermalink(channel=channel, message_ts=posts[0]))["permalink"]
    assert link == f"https://playground.slack.com/archives/{channel}/p{posts[0].replace('.', '')}"


async def test_a_reaction_is_added_once(slack: Playground, client: AsyncWebClient, posts: list[str]) -> None:
    channel = slack.channel("#leads").id
    await client.reactions_add(channel=channel, timestamp=posts[0], name="eyes")
    with pytest.raises(SlackApiError, match="already_reacted"):
        await client.reactions_add(channel=channel, timestamp=posts[0], name="eyes")
    await client.reactions_remove(channel=channel, timestamp=posts[0], name="eyes")
    assert slack.channel("#leads").messages[0].record.reactions == {}
