"""The web server of a process: uvicorn on one port, stopped by the program in its own order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.web.patience import IDLE_SECONDS, DrainedBodies, PatientConnection

ACCEPTED_AT_ONCE = 4
"""Connections that are taken in one turn of the loop: what is too much must be closed before more is taken."""
QUEUE = 2048
"""Connections that may wait in the system until they are taken."""


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handling: the program stops in its own order. `ready`: it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(QUEUE)  # asyncio takes as many in one turn as it lets wait
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def make_server(app: ASGIApp) -> QuietServer:
    """A server for the application; run it with `serve([listening_socket])`."""
    return QuietServer(
        uvicorn.Config(
            DrainedBodies(app),
            loop="asyncio",
            http=PatientConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            backlog=ACCEPTED_AT_ONCE,
            timeout_keep_alive=IDLE_SECONDS,
        )
    )


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket bound to that port; 0 picks a free one. `host`: an address of this computer, or a name of one.

    Raises OSError; `socket.gaierror`, which is one, when the host cannot be found.
    """
    # asyncio turns Nagle's algorithm off only where the protocol is named: else each answer waits 40 ms.
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # `::` is every address, the old ones too
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening
