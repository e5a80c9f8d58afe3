"""Socket Mode where an address is no good: each further try asks Slack for a new one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.session import make_session
from bot.slack import make_client
from bot.sockets import PatientClient
from handlers.manifest import make_manifest
from playground import Playground


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PatientClient]:
    """A client that has an address which nobody used."""
    monkeypatch.setattr("bot.sockets.CONNECT_SECONDS", 0.5)
    async with Playground(make_manifest([])) as slack, make_session() as session:
        client = PatientClient(slack.app_token, web_client=make_client(slack.app_token, slack.api_url, session))
        client.wss_uri = await client.issue_new_wss_url()
        yield client
        await client.close()  # type: ignore[no-untyped-call]


async def test_a_ticket_that_is_used_up_is_replaced(client: PatientClient) -> None:
    async with asyncio.timeout(10):
        async with client.aiohttp_client_session.ws_connect(str(client.wss_uri)):
            pass
        await client.connect()
    assert await client.is_connected()


async def test_a_host_that_says_nothing_is_not_waited_for(client: PatientClient) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server, asyncio.timeout(10):
        client.wss_uri = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link"
        await client.connect()
    assert await client.is_connected()
