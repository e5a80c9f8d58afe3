"""Socket Mode: Slack's arrivals over WebSockets that we open, for machines that the internet does not reach."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.metrics import Metrics
from bot.slack.client import Meaning, make_client, sort_error
from bot.slack.session import make_session
from bot.web.tracing import arrival
from handlers.shape import BadShape, check_depth, check_shape, storable
from storage.trace import note

log = structlog.get_logger()

SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0
ANSWER_SECONDS = 3.0  # Slack waits no longer for an acknowledgement


class PatientClient(SocketModeClient):
    """slack_sdk's client waits ten seconds after each refusal, and repeats for ever what is refused for good.

    Also an address whose ticket is used up or too old, as after a network that was away: here each try has a new one.
    """

    async def connect(self) -> None:
        """Open the connection, however often that fails. Raises Slack's error when the app token itself is refused."""
        while not self.closed:
            if self.wss_uri is None:
                self.wss_uri = await self.issue_new_wss_url()
            with suppress(TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await super().connect()  # type: ignore[no-untyped-call]
                    return
            self.wss_uri = None
            # slack_sdk turned it off for the try; were the next address refused, it would never try again.
            self.auto_reconnect_enabled = self.default_auto_reconnect_enabled

    async def issue_new_wss_url(self) -> str:
        """The address of a new connection. Raises Slack's error when the app token itself is refused."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                answer = await self.web_client.apps_connections_open(app_token=str(self.app_token))
                return str(answer["url"])
            except Exception as error:
                outcome = sort_error(error)
                if outcome.meaning in (Meaning.TOKEN, Meaning.PERMANENT):
                    raise
            log.warning("Slack gave no address for Socket Mode; asking again", error=outcome.name)
            await asyncio.sleep(max(pause, outcome.retry_after))
            pause = min(2 * pause, LONGEST_PAUSE)


class Sockets:
    """The Socket Mode connections of one process; each envelope is acked on the one it came by."""

    def __init__(self, app: AsyncApp, app_token: str, api_url: str, metrics: Metrics, *, connections: int = 1) -> None:
        self.app = app
        self.metrics = metrics
        self._session: aiohttp.ClientSession | None = None
        self._token = app_token
        self._api_url = api_url
        self._count = connections
        self._clients: list[PatientClient] = []
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._closing = False

    async def start(self) -> None:
        """Open the connections. They reconnect by themselves from then on. Raises SlackApiError for a bad token."""
        self._session = make_session()
        for _ in range(self._count):
            client = PatientClient(
                app_token=self._token,
                # With the app token: the client asks for its address with this token.
                web_client=make_client(self._token, self._api_url, self._session),
                ping_interval=10,
            )
            self._clients.append(client)
            client.socket_mode_request_listeners.append(self._take)
            client.wss_uri = await client.issue_new_wss_url()
            await client.connect()

    async def stop(self) -> None:
        """Answer what is in hand, within three seconds, and close: Slack sends what comes after to another process."""
        loop = asyncio.get_running_loop()
        until = loop.time() + ANSWER_SECONDS
        while self._in_hand and loop.time() < until:
            await asyncio.wait(self._in_hand, timeout=until - loop.time())
        self._closing = True  # what is still read could not be answered: it must not be saved either
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):  # a peer that is gone answers no farewell
                await asyncio.gather(*(client.close() for client in self._clients), return_exceptions=True)  # type: ignore[no-untyped-call]
        if self._session is not None:
            await self._session.close()

    async def connected(self) -> bool:
        """Whether at least one connection is open."""
        return any([await client.is_connected() for client in self._clients])

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if self._closing or request.type not in ("slash_commands", "interactive", "events_api"):
            return
        task = asyncio.current_task()
        assert task is not None
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        with arrival("socket"):
            await self._answer(client, request)

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.perf_counter()
        headers: dict[str, Any] = {}
        if request.retry_attempt:
            headers["x-slack-retry-num"] = str(request.retry_attempt)
        try:
            check_depth(request.payload)
            body = storable(request.payload)
            check_shape(body)
        except BadShape as bad:
            # Acknowledged all the same: it would not be better the next time.
            self.metrics.refused.labels("bad_shape").inc()
            note(outcome="refused", reason=f"bad_shape: {bad}")
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            return
        answer = await self.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode", headers=headers))
        if answer.status != 200:
            note(status=answer.status)  # not acknowledged
            return
        await client.send_socket_mode_response(
            SocketModeResponse(envelope_id=request.envelope_id, payload=_payload(answer.body))
        )
        self.metrics.acks.labels(str(request.payload.get("type") or "command")).observe(time.perf_counter() - began)


def _payload(body: str | None) -> dict[str, Any] | None:
    """Bolt's answer as the payload of an acknowledgement: JSON as it is, plain text as a message."""
    if not body:
        return None
    try:
        parsed = json.loads(body)
    except ValueError:
        return {"text": body}
    return parsed if isinstance(parsed, dict) else {"text": body}
