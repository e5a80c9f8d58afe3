"""Socket Mode where an address is no good: each further try asks Slack for a new one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.metrics import Metrics
from bot.slack.client import make_client
from bot.slack.session import make_session
from bot.web.sockets import PatientClient, Sockets
from handlers.manifest import make_manifest
from playground import Fault, Playground


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(make_manifest([])) as slack:
        yield slack


@pytest.fixture
async def client(slack: Playground, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PatientClient]:
    """A client that has an address which nobody used."""
    monkeypatch.setattr("bot.web.sockets.CONNECT_SECONDS", 0.5)
    async with make_session() as session:
        client = PatientClient(slack.app_token, web_client=make_client(slack.app_token, slack.api_url, session))
        client.wss_uri = await client.issue_new_wss_url()
        yield client
        await client.close()  # type: ignore[no-untyped-call]


async def test_a_ticket_that_is_used_up_is_replaced(client: PatientClient) -> None:
    async with asyncio.timeout(60):
        async with client.aiohttp_client_session.ws_connect(str(client.wss_uri)):
            pass
        await client.connect()
    assert await client.is_connected()


async def test_a_host_that_says_nothing_is_not_waited_for(client: PatientClient) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server, asyncio.timeout(60):
        client.wss_uri = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link"
        await client.connect()
    assert await client.is_connected()


async def test_after_a_refusal_it_is_tried_again_all_the_same(client: PatientClient, slack: Playground) -> None:
    slack.faults.next("apps.connections.open", Fault.refuse("invalid_auth"))
    client.wss_uri = "ws://127.0.0.1:1/link"
    with pytest.raises(SlackApiError):
        await client.connect()
    assert client.auto_reconnect_enabled, "slack_sdk's monitor connects anew where this is set"


async def test_a_stop_does_not_wait_for_the_farewell_of_a_host_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False, autoping=False)
        await socket.prepare(request)
        await asyncio.sleep(600)
        return socket

    app = web.Application()
    app.router.add_get("/link", silent)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()

    async def address(_client: PatientClient) -> str:
        return f"ws://127.0.0.1:{runner.addresses[0][1]}/link"

    monkeypatch.setattr(PatientClient, "issue_new_wss_url", address)
    sockets = Sockets(AsyncApp(token="xoxb-1"), "xapp-1", "http://127.0.0.1:1/", Metrics(), connections=2)
    await sockets.start()
    try:
        async with asyncio.timeout(60):
            await sockets.stop()
    finally:
        await runner.cleanup()
