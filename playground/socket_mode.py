"""Socket Mode's server side: tickets, connections, envelopes and their acknowledgements.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.ack import FAILED, TIMED_OUT, Ack
from playground.records import Json


@dataclass(eq=False)
class Connection:
    """One open socket of the app. A `leaving` one gets no new envelopes but may still acknowledge."""

    socket: WebSocket
    number: int
    leaving: bool = False
    waiting: dict[str, "asyncio.Future[Ack]"] = field(default_factory=dict)


class SocketMode:
    """All sockets of the app. Each envelope goes to one of them, in turn, and must be acknowledged on it.

    `doubled`: each payload goes out a second time, over the next socket, as after an acknowledgement that was lost.
    """

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._numbers = count(1)
        self._connections: list[Connection] = []
        self._turn = 0
        self.was_connected = False
        self.doubled = False
        self._opened = asyncio.Event()

    def new_ticket(self) -> str:
        """A ticket for one connection."""
        ticket = f"{next(self._numbers):032x}"
        self._tickets.add(ticket)
        return ticket

    @property
    def connected(self) -> bool:
        """Whether an envelope would find a socket."""
        return any(not one.leaving for one in self._connections)

    @property
    def count(self) -> int:
        """How many sockets are open, leaving ones included."""
        return len(self._connections)

    async def wait_connected(self, seconds: float) -> bool:
        """Wait until a socket is open."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.connected:
                    self._opened.clear()
                    await self._opened.wait()
        return self.connected

    async def serve(self, socket: WebSocket) -> None:
        """Run one connection from `hello` to its end."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(4003)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = Connection(socket, next(self._numbers))
        self._connections.append(connection)
        self.was_connected = True
        try:
            await socket.send_text(
                json.dumps(
                    {
                        "type": "hello",
                        "num_connections": len(self._connections),
                        "connection_info": {"app_id": self._app_id},
                        "debug_info": {"host": "playground", "build_number": 1, "approximate_connection_time": 18060},
                    }
                )
            )
            self._opened.set()
            while True:
                self._take(connection, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._connections.remove(connection)
            for waiting in connection.waiting.values():
                if not waiting.done():
                    waiting.set_result(TIMED_OUT)

    async def send(
        self,
        kind: str,
        payload: Json,
        within: float,
        *,
        wants_payload: bool = False,
        attempt: int = 0,
        reason: str = "",
    ) -> Ack:
        """Send one envelope and wait for its acknowledgement. `kind`: `slash_commands`, `interactive`, `events_api`."""
        if self.doubled:
            await self._send_once(kind, payload, within, wants_payload, attempt, reason)
        return await self._send_once(kind, payload, within, wants_payload, attempt, reason)

    async def _send_once(
        self, kind: str, payload: Json, within: float, wants_payload: bool, attempt: int, reason: str
    ) -> Ack:
        ready = [one for one in self._connections if not one.leaving]
        if not ready:
            return FAILED
        self._turn += 1
        connection = ready[self._turn % len(ready)]
        envelope_id = str(UUID(int=next(self._numbers)))
        envelope: Json = {
            "envelope_id": envelope_id,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": wants_payload,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        acknowledged: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = acknowledged
        try:
            await connection.socket.send_text(json.dumps(envelope, ensure_ascii=False))
            async with asyncio.timeout(within):
                return await acknowledged
        except TimeoutError:
            return TIMED_OUT
        except (WebSocketDisconnect, RuntimeError):
            return FAILED
        finally:
            connection.waiting.pop(envelope_id, None)

    async def refresh(self, *, reason: str = "refresh_requested", grace: float = 10.0) -> None:
        """Ask every connection to reconnect, as Slack does every few hours; after `grace` seconds they are closed."""
        leaving = [one for one in self._connections if not one.leaving]
        for connection in leaving:
            connection.leaving = True
            note = {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}
            with suppress(WebSocketDisconnect, RuntimeError):
                await connection.socket.send_text(json.dumps(note))
        if grace <= 0:
            await self._close(leaving)
        else:
            asyncio.get_running_loop().call_later(grace, lambda: asyncio.ensure_future(self._close(leaving)))

    async def drop(self, most: int | None = None) -> None:
        """Break every connection, or the `most` oldest ones, without a word."""
        await self._close(self._connections[:most])

    async def _close(self, connections: list[Connection]) -> None:
        for connection in connections:
            if connection in self._connections:
                connection.leaving = True
                with suppress(WebSocketDisconnect, RuntimeError):
                    await connection.socket.close(1000)

    @staticmethod
    def _take(connection: Connection, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        waiting = connection.waiting.get(str(answer.get("envelope_id"))) if isinstance(answer, dict) else None
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(Ack("ok", payload if isinstance(payload, dict) and payload else None))
