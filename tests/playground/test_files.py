"""Uploads in three steps, by slack_sdk's own helper and by a browser's form."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground


async def test_an_upload_ends_as_a_message_with_the_file(slack: Playground, client: AsyncWebClient) -> None:
    channel = slack.channel("#leads")
    await client.files_upload_v2(channel=channel.id, content="a,b\n", filename="week.csv", initial_comment="the week")
    message = await channel.message(containing="the week")
    [file] = message.record.files
    assert (file["name"], file["size"]) == ("week.csv", 4)
    async with aiohttp.ClientSession() as session, session.get(file["url_private"]) as answer:
        assert await answer.read() == b"a,b\n"
    assert (await client.files_info(file=file["id"]))["file"]["channels"] == [channel.id]


async def test_bytes_may_come_as_a_form(slack: Playground, client: AsyncWebClient) -> None:
    asked = await client.files_getUploadURLExternal(filename="a.png", length=5)
    form = aiohttp.FormData()
    form.add_field("file", b"\x89PNG\n", filename="a.png", content_type="image/png")
    async with aiohttp.ClientSession() as session, session.post(asked["upload_url"], data=form) as answer:
        assert await answer.text() == "OK - 5"
    assert slack.workspace.files[asked["file_id"]].content == b"\x89PNG\n"


async def test_the_wrong_number_of_bytes_is_refused(client: AsyncWebClient) -> None:
    asked = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    async with aiohttp.ClientSession() as session, session.post(asked["upload_url"], data=b"abc") as answer:
        assert answer.status == 400


async def test_an_upload_without_bytes_cannot_be_completed(client: AsyncWebClient) -> None:
    asked = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": asked["file_id"], "title": "a"}])


async def test_sharing_needs_membership(slack: Playground, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.files_upload_v2(channel=slack.channel("#elsewhere").id, content="x", filename="a.txt")
