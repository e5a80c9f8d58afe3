"""An end to each connection's patience: uvicorn bounds only the silence between two requests.

A connection that sends nothing, or a byte now and then, or never reads its answer, would hold a descriptor for ever.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
"""From the connection, or from the first byte of a later request, to the end of its headers."""
BODY_SECONDS: Final = 30.0
"""From the end of the headers to the end of the body."""
IDLE_SECONDS: Final = 75
"""Between two requests. Proxies keep theirs open for 60 s: who closes first must be the proxy, or a request is lost."""
READ_SECONDS: Final = 30.0
"""For a peer that takes no more of its answer."""
MOST_CONNECTIONS: Final = 1000
DRAINED_BYTES: Final = 10_000_000
DRAIN_SECONDS: Final = 5.0

_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def most_connections() -> int:
    """How many may be open at once: a third of the descriptors this process may have, for the rest has work to do."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if descriptors == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, descriptors // 3)


class PatientConnection(HttpToolsProtocol):
    """A connection of uvicorn that ends when its peer is too slow, and that makes room when there are too many.

    Room is made by whoever has waited longest without a whole request; a request in hand is never cut off.
    """

    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _receiving = False  # a request has begun and its body has not ended
    _since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= most_connections() and not self._make_room():
            transport.abort()
            return
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        if self.transport is not None:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport is None:
            return
        if self._answered and not self._receiving:
            self._receiving = True
            self._wait(HEAD_SECONDS)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._receiving = True
        super().on_headers_complete()
        self._wait(BODY_SECONDS)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._receiving = False
        self._stop_waiting()
        self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._rest()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self.flow is not None:
            super().resume_writing()

    @property
    def in_hand(self) -> bool:
        """Whether a whole request is being answered."""
        return not self._answered and not self._receiving

    @property
    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _rest(self) -> None:
        """Between two requests: uvicorn forgets its own time-out when the rest of a refused body comes in."""
        if self._answered and not self._receiving and not self.transport.is_closing():
            self._wait(IDLE_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._since = self.loop.time()
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """Close; a request that was on its way and has no answer yet reads why."""
        self._deadline = None
        begun = self.cycle is not None and not self.cycle.response_started
        if self._receiving and begun:
            self.transport.write(_TOO_SLOW)
        self.transport.close()
        self._unread = self._unread or self.loop.call_later(READ_SECONDS, self.transport.abort)

    def _make_room(self) -> bool:
        """Close the connection that has waited longest without a whole request; whether there was one."""
        waiting = [one for one in self.connections if isinstance(one, PatientConnection) and not one.in_hand]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda one: one._since)
        self.connections.discard(oldest)  # it counts no longer, though it takes the loop a turn to close it
        oldest.transport.abort()
        return True


class DrainedBodies:
    """ASGI middleware: reads the rest of a body before the answer that did not need it, within bounds.

    Else the connection is reset while the sender still sends, and a proxy makes a 502 of our 413, 401 or 404.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Who asks before sending is answered before sending.
        more = not any(name == b"expect" for name, _ in scope["headers"])

        async def read() -> Message:
            nonlocal more
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            if more and message["type"] == "http.response.start" and not await _drain(read, lambda: more):
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
            await send(message)

        await self.app(scope, read, answer)


async def _drain(read: Receive, more: Callable[[], bool]) -> bool:
    """Read what is left of a body and forget it; whether it came to its end."""
    left = DRAINED_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while more() and left > 0:
                left -= len((await read()).get("body", b""))
    return not more()
