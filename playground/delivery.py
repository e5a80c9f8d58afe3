"""How what happens in Slack reaches the app: over Socket Mode when it is connected, else as signed HTTP requests.

A command, click or submission waits for its acknowledgement and is never sent twice; events are sent up to four times.
"""

import asyncio
from typing import Literal

from playground.ack import Ack
from playground.faults import Fault, FaultKind, Faults
from playground.records import Json
from playground.signed_http import SignedHttp
from playground.socket_mode import SocketMode


class Delivery:
    """Sends payloads to the app. `mode`: `socket` (HTTP only while no socket is open) or `http`.

    `ack_within` is Slack's deadline in seconds; `event_retries` are the pauses before the repeats of an event.
    """

    def __init__(
        self,
        sockets: SocketMode,
        http: SignedHttp,
        faults: Faults,
        *,
        mode: Literal["socket", "http"],
        ack_within: float,
    ) -> None:
        self._faults = faults
        self._sockets = sockets
        self._http = http
        self.mode = mode
        self.ack_within = ack_within
        self.event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
        self._events: set[asyncio.Task[None]] = set()

    async def command(self, payload: Json, url: str | None = None) -> Ack:
        """Send a slash command; `payload` has only string values."""
        if self._over_socket:
            return await self._sockets.send("slash_commands", payload, self.ack_within, wants_payload=True)
        return await self._http.send_form(payload, self.ack_within, url=url)

    async def interaction(self, payload: Json, *, wants_payload: bool = False) -> Ack:
        """Send a click, submission, shortcut or options query."""
        if self._over_socket:
            return await self._sockets.send("interactive", payload, self.ack_within, wants_payload=wants_payload)
        return await self._http.send_interaction(payload, self.ack_within)

    def event(self, payload: Json) -> None:
        """Send an event in the background, and again while it is not acknowledged.

        Before the app was ever there, nothing is sent: what seeds a workspace is no news.
        """
        if self._http.url is None and not self._sockets.was_connected:
            return
        fault = self._faults.take(payload["event"]["type"])
        if fault is not None and fault.kind is FaultKind.EVENT_LOST:
            return
        task = asyncio.get_running_loop().create_task(self._deliver_event(payload, fault))
        self._events.add(task)
        task.add_done_callback(self._events.discard)

    async def settled(self, seconds: float = 5.0) -> bool:
        """Wait until no event is under way; whether that came about in time."""
        if self._events:
            await asyncio.wait(set(self._events), timeout=seconds)
        return not self._events

    async def stop(self) -> None:
        """Drop the events under way."""
        for task in list(self._events):
            task.cancel()
        await asyncio.gather(*self._events, return_exceptions=True)

    async def _deliver_event(self, payload: Json, fault: Fault | None) -> None:
        if fault is not None and fault.kind is FaultKind.EVENT_LATE:
            await asyncio.sleep(fault.seconds)
        for _ in range(2 if fault is not None and fault.kind is FaultKind.EVENT_TWICE else 1):
            await self._until_acknowledged(payload)

    async def _until_acknowledged(self, payload: Json) -> None:
        reason = ""
        for attempt in range(1 + len(self.event_retries)):
            if attempt:
                await asyncio.sleep(self.event_retries[attempt - 1])
            if self._over_socket:
                ack = await self._sockets.send("events_api", payload, self.ack_within, attempt=attempt, reason=reason)
            else:
                ack = await self._http.send_event(payload, self.ack_within, attempt=attempt, reason=reason)
            if ack.outcome == "ok" or ack.no_retry:
                return
            reason = "http_timeout" if ack.outcome == "timeout" else "http_error"

    @property
    def _over_socket(self) -> bool:
        return self.mode == "socket" and (self._sockets.connected or self._http.url is None)
