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
    mine = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession() as session, session.get(file["url_private"], headers=mine) as answer:
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


FORM = {
    "type": "modal",
    "callback_id": "list",
    "title": {"type": "plain_text", "text": "A list"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "list",
            "label": {"type": "plain_text", "text": "A CSV"},
            "element": {"type": "file_input", "action_id": "file", "filetypes": ["csv"], "max_files": 1},
        }
    ],
}


async def test_a_file_that_is_picked_in_a_form_is_the_apps_alone(slack: Playground, client: AsyncWebClient) -> None:
    trigger = slack.installation.triggers.issue(slack.member("ana").id)
    await client.views_open(trigger_id=trigger, view=FORM)
    modal = slack.modal("ana")
    assert modal is not None
    assert modal.value("A CSV") == []
    with pytest.raises(AssertionError, match="takes csv"):
        modal.attach("A CSV", "list.xlsx", b"PK")
    modal.attach("A CSV", "list one.csv", b"a,b\n")
    with pytest.raises(AssertionError, match="no more files"):
        modal.attach("A CSV", "other.csv", b"")
    [told] = slack.installation.views.shown(modal.view)["state"]["values"]["list"]["file"]["files"]
    assert (told["name"], told["filetype"], told["mimetype"], told["size"]) == ("list one.csv", "csv", "text/csv", 4)
    assert (told["user_team"], told["channels"]) == (slack.team_id, [])
    assert (await client.files_info(file=told["id"]))["file"]["url_private_download"] == told["url_private_download"]


async def test_who_may_not_read_files_gets_the_page_where_people_sign_in(
    slack: Playground, client: AsyncWebClient
) -> None:
    file = slack.people.give(slack.member("ana"), "list.csv", b"a,b\n")
    mine, others = {"Authorization": f"Bearer {slack.bot_token}"}, {"Authorization": "Bearer xoxb-nobody"}
    scopes = slack.installation.app.scopes
    async with aiohttp.ClientSession() as session:
        for headers, given, read in (
            (mine, scopes, True),
            ({}, scopes, False),
            (others, scopes, False),
            (mine, (), False),
        ):
            slack.installation.app.scopes = given
            async with session.get(file.url, headers=headers) as answer:
                body = await answer.read()
                assert answer.status == 200
                assert (body == b"a,b\n", b"<html" in body.lower()) == (read, not read)
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.files_info(file=file.id)
