"""One line in the log for everything that arrives, with the id under which the rest of its story is found."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.trace import Trace, new_request_id, traced

log = structlog.get_logger()

# What a sender may call its request. Longer or stranger ones are not taken over: they would stand in our log.
_SANE = re.compile(r"[A-Za-z0-9._-]{6,64}")
_DOORS = {"/slack/": "slack", "/intake/": "intake"}
SLOW_MS = 1000.0


@contextmanager
def arrival(door: str, request_id: str | None = None) -> Iterator[Trace]:
    """What is done inside belongs to one arrival, and is told in one line when it has been answered.

    `note(…)` adds to that line. `status` in it is the HTTP status, where there is one.
    """
    with traced(request_id or new_request_id(door)) as trace:
        assert trace is not None
        began = time.perf_counter()
        try:
            yield trace
        except BaseException as error:
            trace.facts["outcome"] = type(error).__name__
            raise
        finally:
            passed = (time.perf_counter() - began) * 1000
            status = trace.facts.get("status", 200)
            tell = log.info if status < 400 and passed < SLOW_MS else log.warning
            tell("arrived", request_id=trace.id, door=door, ms=round(passed, 1), **trace.facts)


class TracedArrivals:
    """ASGI middleware: gives every request from outside its id, in `X-Request-Id`, and its line in the log.

    A webhook's own `X-Request-Id` is taken over when it is sane, so that its sender finds it here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = _door(scope["path"]) if scope["type"] == "http" else None
        if door is None:
            await self.app(scope, receive, send)
            return
        with arrival(door, _given(scope) if door == "intake" else None) as trace:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    trace.facts["status"] = message["status"]
                    MutableHeaders(scope=message)["x-request-id"] = trace.id
                await send(message)

            await self.app(scope, receive, answer)


def _door(path: str) -> str | None:
    return next((door for prefix, door in _DOORS.items() if path.startswith(prefix)), None)


def _given(scope: Scope) -> str | None:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _SANE.fullmatch(given) else None
