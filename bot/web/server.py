"""The web server of a process: uvicorn on one port, stopped by the program in its own order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.settings import HOW_TO_GET, SettingsProblem
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
    """A socket that listens on that port; 0 picks a free one. `host`: an address of this computer, or a name of one.

    It listens at once: two processes may bind the same port as long as neither does, and the second would hear of it
    too late. Raises OSError; `socket.gaierror`, which is one, when the host cannot be found.
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
        listening.listen(QUEUE)
    except OSError:
        listening.close()
        raise
    return listening


class Serving:
    """A server on a port that is listening, until it is stopped. `port`: 0 picked a free one."""

    def __init__(self, server: QuietServer, port: int, task: asyncio.Task[None]) -> None:
        self.port = port
        self.task = task
        self._server = server

    @classmethod
    async def begin(cls, app: ASGIApp, host: str, port: int, setting: str) -> Serving:
        """Listen, and serve. Raises SettingsProblem, naming `setting`, when the address or the port cannot be used."""
        try:
            listening = listening_socket(host, port)
        except socket.gaierror:
            raise SettingsProblem([f"TANDEM_HOST is not usable. It should be {HOW_TO_GET['tandem_host']}."]) from None
        except OSError as error:
            raise SettingsProblem(
                [f"Port {port} cannot be used ({error.strerror}). Set {setting} to a free one."]
            ) from None
        server = make_server(app)
        task = asyncio.create_task(server.serve([listening]))
        await server.ready.wait()
        return cls(server, listening.getsockname()[1], task)

    def take_no_more(self) -> None:
        """Take no new connection; what is being answered is answered."""
        self._server.should_exit = True

    async def end(self, within: float) -> None:
        """Wait so many seconds until everything is answered, then break off."""
        self.take_no_more()
        await asyncio.wait([self.task], timeout=within)
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
