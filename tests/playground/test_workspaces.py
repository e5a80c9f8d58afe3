"""Several workspaces share one app: each has its own people, ids, bot and token, and one connection serves them all."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from playground.client import Slack
from tests.playground.conftest import people_and_places
from tests.playground.recorder import recording_app
from tests.playground.test_web_api import AsyncWebClientOf, refused
from tests.playground.tiny_app import TinyApp, section


@pytest.fixture
def globex(slack: Playground) -> Slack:
    """A second workspace with the app in it."""
    globex = slack.add_workspace("Globex", installed=True)
    people_and_places(globex)
    return globex


async def test_no_two_workspaces_have_an_id_in_common(slack: Playground, globex: Slack) -> None:
    def ids(place: Slack) -> set[str]:
        workspace = place.workspace
        return {workspace.team_id, *workspace.members, *workspace.channels}

    assert not ids(slack) & ids(globex)
    assert slack.bot_token != globex.bot_token


async def test_the_token_says_which_workspace_is_meant(slack: Playground, globex: Slack) -> None:
    async with AsyncWebClientOf(slack, globex.bot_token) as client:
        who = await client.auth_test()
        await client.chat_postMessage(channel="#leads", text="over here")
    assert (who["team_id"], who["user_id"]) == (globex.team_id, globex.workspace.bot.id)
    assert [one.text for one in globex.channel("#leads").messages] == ["over here"]
    assert slack.channel("#leads").messages == []
    assert [one.method for one in globex.calls] == ["auth.test", "chat.postMessage"]
    assert slack.calls == []


async def test_what_is_in_one_workspace_is_unknown_to_the_others_token(
    slack: Playground, globex: Slack, client: AsyncWebClient
) -> None:
    there = globex.channel("#leads").id
    assert (await refused(client, "chat.postMessage", channel=there, text="x"))["error"] == "channel_not_found"
    assert (await refused(client, "users.info", user=globex.member("ana").id))["error"] == "user_not_found"


async def test_one_socket_brings_what_happens_everywhere(slack: Playground, globex: Slack, socket_app: TinyApp) -> None:
    await globex.channel("#leads").post("hello", by="ana")
    assert await slack.delivery.settled()
    body = socket_app.bodies("message")[0]
    assert (body["team_id"], body["api_app_id"]) == (globex.team_id, slack.installation.app.id)
    assert body["authorizations"][0]["user_id"] == globex.workspace.bot.id
    assert body["authorizations"][0]["team_id"] == globex.team_id


async def test_one_request_url_takes_commands_of_all(slack: Playground, globex: Slack) -> None:
    async with recording_app() as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        for place in (slack, globex):
            await place.channel("#leads").command("/echo x", by="ana", answer_within=0)
    bodies = [one.body.decode() for one in app.requests]
    assert [f"team_id={place.team_id}" in body for place, body in zip((slack, globex), bodies, strict=True)] == [
        True
    ] * 2


async def test_each_workspace_has_its_own_rate_limits(slack: Playground, globex: Slack) -> None:
    slack.set_rate_limits(True)
    for place in (slack, globex):
        async with AsyncWebClientOf(slack, place.bot_token) as client:
            assert (await client.chat_postMessage(channel="#leads", text="x"))["ok"]


async def test_removing_the_app_from_one_leaves_the_other(slack: Playground, globex: Slack) -> None:
    globex.uninstall_app()
    async with AsyncWebClientOf(slack, globex.bot_token) as client:
        assert (await refused(client, "auth.test"))["error"] == "account_inactive"
    async with AsyncWebClientOf(slack, slack.bot_token) as client:
        assert (await client.auth_test())["team_id"] == slack.team_id
    assert "tiny" not in globex.channel("#leads").members
    assert "tiny" in slack.channel("#leads").members


async def test_a_workspace_without_the_app_does_not_know_its_commands(slack: Playground) -> None:
    bare = slack.add_workspace("Bare")
    people_and_places(bare)
    answer: Any = await bare.channel("#leads").command("/echo x", by="ana")
    assert answer.text == "/echo is not a valid command."


async def test_a_click_in_one_workspace_opens_its_modal_there(
    slack: Playground, globex: Slack, socket_app: TinyApp
) -> None:
    payload = globex.people._payloads.global_shortcut(globex.member("ana"), "new")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [section("hi")]}
    async with AsyncWebClientOf(slack, globex.bot_token) as client:
        await client.views_open(trigger_id=payload["trigger_id"], view=view)
    assert globex.modal("ana") is not None
    assert slack.modal("ana") is None
