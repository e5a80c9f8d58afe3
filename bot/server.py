"""The web server of a process: uvicorn on one port, stopped by the program in its own order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handling: the program stops in its own order. `ready`: it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def make_server(app: ASGIApp) -> QuietServer:
    """A server for the application; run it with `serve([listening_socket])`."""
    return QuietServer(
        uvicorn.Config(
            app, loop="asyncio", http="httptools", ws="none", lifespan="off", log_config=None, access_log=False
        )
    )


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket bound to that port; 0 picks a free one. Raises OSError."""
    # asyncio turns Nagle's algorithm off only where the protocol is named: else each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
