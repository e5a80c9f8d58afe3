"""A look around as an admin, and what must not be seen on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from handlers.catalog import all_listeners
from tests.tenants.asking import Came, Desk, renderings
from tests.tenants.requests import Request, Requests

ROUNDS: Final = 3


async def look_around(desk: Desk, requests: Requests) -> list[tuple[Request, Came]]:
    """Use everything as an admin, so that the requests know what buttons and forms look like; what was asked last."""
    requests.hear(desk.db.read_sync(renderings, desk.tenant, desk.at))
    asked: list[tuple[Request, Came]] = []
    known: set[str] = set()
    for _ in range(ROUNDS):
        for request in [each for one in all_listeners() for each in requests.of(one, "mia")]:
            if (name := repr(request)) in known:
                continue
            known.add(name)
            came = await desk.ask(request.listener, "mia", request.body, request.text)
            asked.append((request, came))
            for said in (came.answer, came.said):
                if said.startswith(("{", "[")):
                    requests.hear(said)
    return asked


def leaks(request: Request, came: Came, word: str) -> Iterator[str]:
    """What is wrong with an answer."""
    for what, said in (("answered", came.answer), ("sent", came.said), ("kept", came.kept)):
        if word in said.casefold():
            where = said.casefold().index(word)
            yield f"{request.listener.kind} {request.listener.name}: {what} …{said[max(0, where - 60) : where + 60]}…"
    for one in came.wrong:
        yield f"{request.listener.kind} {request.listener.name}: {one}"
