"""A bare HTTP server in the app's place: it keeps every request and answers with the statuses it was given."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Received:
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body of an event."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Recorder:
    url: str
    requests: list[Received] = field(default_factory=list)


@asynccontextmanager
async def serving(routes: list[Route]) -> AsyncIterator[int]:
    """The port on which some routes are served, on 127.0.0.1."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.setblocking(False)
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield listener.getsockname()[1]
    finally:
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def recording_app(*statuses: int, headers: dict[str, str] | None = None) -> AsyncIterator[Recorder]:
    """Records requests; answers with each status in turn, the last one (or 200) for ever."""
    left = list(statuses) or [200]
    recorder = Recorder("")

    async def endpoint(request: Request) -> Response:
        recorder.requests.append(Received(dict(request.headers), await request.body()))
        return Response(status_code=left.pop(0) if len(left) > 1 else left[0], headers=headers)

    async with serving([Route("/slack/events", endpoint, methods=["POST"])]) as port:
        recorder.url = f"http://127.0.0.1:{port}/slack/events"
        yield recorder
