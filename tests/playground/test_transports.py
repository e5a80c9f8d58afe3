"""Deadlines, signatures, reconnections and payload shapes on the way from Slack to the app."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from playground.signed_http import signature
from tests.playground.recorder import recording_app
from tests.playground.tiny_app import TinyApp, button, card


async def open_socket(slack: Playground, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A bare Socket Mode connection, past its hello."""
    client = AsyncWebClient(token=slack.app_token, base_url=slack.api_url, session=session)
    socket = await session.ws_connect((await client.apps_connections_open(app_token=slack.app_token))["url"])
    hello = await socket.receive_json(timeout=2)
    assert hello["type"] == "hello"
    return socket


async def test_a_command_that_is_not_acknowledged_times_out(slack: Playground, app: TinyApp) -> None:
    slack.delivery.ack_within, app.deaf_for = 0.05, 0.2
    answer = await slack.channel("#general").command("/deaf", by="ana")
    assert answer.text == '/deaf failed with the error "operation_timeout"'
    assert slack.notices[0].message == answer.text


async def test_without_an_app_a_command_fails(slack: Playground) -> None:
    answer = await slack.channel("#general").command("/echo x", by="ana")
    assert answer.text == '/echo failed with the error "dispatch_failed"'


async def test_a_command_that_is_not_in_the_manifest_is_unknown(slack: Playground, app: TinyApp) -> None:
    assert (await slack.channel("#general").command("/nope", by="ana")).text == "/nope is not a valid command."


async def test_an_invalid_acknowledgement_is_refused(slack: Playground, app: TinyApp) -> None:
    answer = await slack.channel("#general").command("/broken", by="ana")
    assert "invalid_command_response" in answer.text
    assert [one.error for one in slack.refusals] == ["invalid_blocks"]


async def test_an_acknowledgement_can_speak_to_the_channel(slack: Playground, app: TinyApp) -> None:
    answer = await slack.channel("#general").command("/shout", by="ana")
    assert answer.text == "for everyone"
    assert [one.text for one in slack.channel("#general").messages] == ["for everyone"]


async def test_a_command_arrives_with_all_of_slacks_fields(slack: Playground, socket_app: TinyApp) -> None:
    await slack.channel("#leads").command("/echo a < b #leads @ben", by="ana")
    body = socket_app.bodies("command")[0]
    assert body.pop("response_url").startswith(slack.page_url)
    assert body.pop("trigger_id").count(".") == 2
    assert body == {
        "token": slack.installation.app.verification_token,
        "team_id": "T0PLAYGRND1",
        "team_domain": "playground",
        "channel_id": slack.channel("#leads").id,
        "channel_name": "leads",
        "user_id": slack.member("ana").id,
        "user_name": "ana",
        "command": "/echo",
        "text": "a < b #leads @ben",
        "api_app_id": "A0PLAYGRND1",
        "is_enterprise_install": "false",
    }


async def test_a_command_that_asks_for_it_gets_escaped_mentions(slack: Playground, socket_app: TinyApp) -> None:
    await slack.channel("#leads").command("/mention @ben in #leads", by="ana")
    ben, leads = slack.member("ben").id, slack.channel("#leads").id
    assert socket_app.bodies("command")[0]["text"] == f"<@{ben}|ben> in <#{leads}|leads>"


async def test_a_click_arrives_with_all_of_slacks_fields(
    slack: Playground, socket_app: TinyApp, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="#leads", text="x", blocks=card("N", button("Claim", "claim", value="42")))
    found = slack.channel("#leads").messages[0]
    await found.button("Claim").click(by="ana")
    body = socket_app.bodies("action")[0]
    assert body["container"] == {
        "type": "message",
        "message_ts": found.ts,
        "channel_id": slack.channel("#leads").id,
        "is_ephemeral": False,
    }
    [action] = body["actions"]
    assert {key: action[key] for key in ("type", "action_id", "block_id", "value")} == {
        "type": "button",
        "action_id": "claim",
        "block_id": "actions",
        "value": "42",
    }
    assert action["action_ts"]
    assert body["message"]["ts"] == found.ts
    assert body["channel"] == {"id": slack.channel("#leads").id, "name": "leads"}
    assert body["user"]["username"] == "ana"


async def test_a_click_on_an_ephemeral_message_can_replace_and_delete_it(
    slack: Playground, socket_app: TinyApp, client: AsyncWebClient
) -> None:
    blocks = card("only you", button("Refine", "refine"), button("Dismiss", "dismiss"))
    await client.chat_postEphemeral(channel="#leads", user=slack.member("ana").id, text="x", blocks=blocks)
    shown = await slack.channel("#leads").ephemeral("ana")
    await shown.button("Dismiss").click()
    assert not shown.exists
    assert "message" not in socket_app.bodies("dismiss")[0]
    await client.chat_postEphemeral(channel="#leads", user=slack.member("ana").id, text="x", blocks=blocks)
    shown = await slack.channel("#leads").ephemeral("ana")
    await shown.button("Refine").click()
    assert shown.text == "refined"


async def test_several_sockets_take_turns(slack: Playground) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await open_socket(slack, session) for _ in range(2)]
        slack.delivery.event({"type": "event_callback", "event": {"type": "x"}})
        slack.delivery.event({"type": "event_callback", "event": {"type": "y"}})
        for socket in sockets:
            envelope = await socket.receive_json(timeout=2)
            assert (envelope["type"], envelope["accepts_response_payload"]) == ("events_api", False)
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert await slack.delivery.settled()


async def test_an_acknowledgement_counts_only_on_its_own_socket(slack: Playground) -> None:
    slack.delivery.ack_within = 0.1
    async with aiohttp.ClientSession() as session:
        sockets = [await open_socket(slack, session) for _ in range(2)]
        acting = asyncio.ensure_future(slack.channel("#general").command("/echo x", by="ana"))
        waits = {asyncio.ensure_future(one.receive_json(timeout=2)): one for one in sockets}
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        got = done.pop()
        other = next(one for one in sockets if one is not waits[got])
        await other.send_json({"envelope_id": got.result()["envelope_id"]})
        assert "operation_timeout" in (await acting).text
        for one in pending:
            one.cancel()


async def test_an_unacknowledged_event_is_sent_again(slack: Playground) -> None:
    slack.delivery.ack_within, slack.delivery.event_retries = 0.05, (0.0, 0.0)
    async with aiohttp.ClientSession() as session:
        socket = await open_socket(slack, session)
        await slack.channel("#leads").post("hello", by="ana")
        tries = [await socket.receive_json(timeout=2) for _ in range(3)]
        assert [one["retry_attempt"] for one in tries] == [0, 1, 2]
        assert tries[2]["retry_reason"] == "http_timeout"
        assert len({one["payload"]["event_id"] for one in tries}) == 1


async def test_a_refresh_loses_nothing(slack: Playground, socket_app: TinyApp) -> None:
    await slack.sockets.refresh()
    await slack.app_connected()
    assert (await slack.channel("#general").command("/echo again", by="ana")).text == "again"


async def test_a_ticket_serves_once(slack: Playground) -> None:
    url = slack.installation.new_socket_url()
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(url)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_requests_are_signed_over_their_raw_bytes(slack: Playground) -> None:
    async with recording_app() as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        await slack.channel("#general").command("/echo our payload is ä", by="ana", answer_within=0)
    [request] = app.requests
    timestamp = request.headers["x-slack-request-timestamp"]
    assert request.headers["x-slack-signature"] == signature(slack.signing_secret, timestamp, request.body)
    assert parse_qs(request.body.decode())["text"] == ["our payload is ä"]


async def test_interactions_come_as_a_form_with_a_payload(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="#leads", text="x", blocks=card("N", button("Claim", "claim")))
    async with recording_app() as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        await slack.channel("#leads").messages[0].button("Claim").click(by="ana", answer_within=0)
    payload: dict[str, Any] = json.loads(parse_qs(app.requests[0].body.decode())["payload"][0])
    assert (payload["type"], app.requests[0].headers["content-type"]) == (
        "block_actions",
        "application/x-www-form-urlencoded",
    )


async def test_a_failed_event_is_sent_again_with_its_number(slack: Playground) -> None:
    slack.delivery.event_retries = (0.0, 0.0, 0.0)
    async with recording_app(500, 500, 200) as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        await slack.channel("#leads").post("hello", by="ana")
        assert await slack.delivery.settled()
    assert [one.headers.get("x-slack-retry-num") for one in app.requests] == [None, "1", "2"]
    assert app.requests[1].headers["x-slack-retry-reason"] == "http_error"


async def test_an_app_can_decline_to_get_an_event_again(slack: Playground) -> None:
    slack.delivery.event_retries = (0.0,)
    async with recording_app(500, headers={"X-Slack-No-Retry": "1"}) as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        await slack.channel("#leads").post("hello", by="ana")
        assert await slack.delivery.settled()
    assert len(app.requests) == 1


async def test_a_command_is_never_sent_again(slack: Playground) -> None:
    async with recording_app(500) as app:
        slack.delivery.mode, slack.events_url = "http", app.url
        answer = await slack.channel("#general").command("/echo x", by="ana")
    assert "dispatch_failed" in answer.text
    assert len(app.requests) == 1


async def test_the_request_url_is_verified_by_a_challenge(slack: Playground, http_app: TinyApp) -> None:
    assert await slack.verify_events_url()
    async with recording_app() as silent:
        slack.events_url = silent.url
        assert not await slack.verify_events_url()


async def test_http_is_used_while_no_socket_is_open(slack: Playground) -> None:
    async with recording_app() as app:
        slack.events_url = app.url
        await slack.channel("#general").command("/echo x", by="ana", answer_within=0)
        assert len(app.requests) == 1
