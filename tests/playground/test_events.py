"""Which events reach the app, and what is in them."""

import copy

from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from tests.playground.manifest import MANIFEST
from tests.playground.recorder import recording_app
from tests.playground.tiny_app import TinyApp


async def test_a_persons_message_is_escaped_and_rich(slack: Playground, socket_app: TinyApp) -> None:
    await slack.channel("#leads").post("hi @ben <b> & #general", by="ana")
    assert await slack.delivery.settled()
    event = socket_app.bodies("message")[0]["event"]
    ben, general = slack.member("ben").id, slack.channel("#general").id
    assert event["text"] == f"hi <@{ben}> &lt;b&gt; &amp; <#{general}|general>"
    assert event["blocks"][0]["elements"][0]["elements"][1] == {"type": "user", "user_id": ben}
    assert (event["channel_type"], event["user"]) == ("channel", slack.member("ana").id)


async def test_an_event_comes_in_slacks_envelope(slack: Playground, socket_app: TinyApp) -> None:
    await slack.channel("#leads").post("x", by="ana")
    assert await slack.delivery.settled()
    body = socket_app.bodies("message")[0]
    assert body["type"] == "event_callback"
    assert body["event_id"].startswith("Ev")
    assert body["authorizations"][0]["user_id"] == slack.workspace.bot.id


async def test_a_mention_of_the_bot_is_an_event_of_its_own(slack: Playground, socket_app: TinyApp) -> None:
    await slack.channel("#leads").post("hey @tiny", by="ana")
    assert await slack.delivery.settled()
    assert len(socket_app.bodies("app_mention")) == 1


async def test_a_message_where_the_app_is_not_stays_unheard(slack: Playground, socket_app: TinyApp) -> None:
    await slack.channel("#elsewhere").post("psst", by="ana")
    await slack.channel("#secret").post("psst", by="ana")
    assert await slack.delivery.settled()
    assert socket_app.bodies("message") == []


async def test_a_dm_to_the_app_is_heard(slack: Playground, socket_app: TinyApp) -> None:
    await slack.dm("ana").post("hello")
    assert await slack.delivery.settled()
    assert socket_app.bodies("message")[0]["event"]["channel_type"] == "im"


async def test_joining_a_channel_and_the_team_is_told(slack: Playground, socket_app: TinyApp) -> None:
    cal = slack.add_member("cal")
    await slack.channel("#leads").join("cal")
    assert await slack.delivery.settled()
    assert socket_app.bodies("team_join")[0]["event"]["user"]["id"] == cal.id
    assert socket_app.bodies("member_joined_channel")[0]["event"]["user"] == cal.id


async def test_an_uninstall_is_the_last_that_is_told(slack: Playground, socket_app: TinyApp) -> None:
    slack.uninstall_app()
    await slack.channel("#leads").post("still there?", by="ana")
    assert await slack.delivery.settled()
    assert [kind for kind, _ in socket_app.heard] == ["app_uninstalled"]


async def test_a_shared_file_is_told(slack: Playground, socket_app: TinyApp) -> None:
    message = await slack.channel("#leads").upload("list.csv", b"a,b", by="ana")
    assert await slack.delivery.settled()
    event = socket_app.bodies("file_shared")[0]["event"]
    assert event["file_id"] == message.record.files[0]["id"]


async def test_without_the_scope_a_subscription_is_worth_nothing() -> None:
    manifest = copy.deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"].remove("channels:history")
    async with Playground(manifest, members=["ana"], mode="http") as slack, recording_app() as app:
        slack.add_channel("#leads", app=True)
        slack.events_url = app.url
        await slack.channel("#leads").post("x", by="ana")
        assert await slack.delivery.settled()
        assert app.requests == []


async def test_the_apps_own_posts_come_back_to_it(slack: Playground, client: AsyncWebClient) -> None:
    async with recording_app() as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        await client.chat_postMessage(channel="#leads", text="me")
        assert await slack.delivery.settled()
        assert b'"bot_id": "B0PLAYGRND1"' in app.requests[0].body
