"""A look around as an admin, and what must not be seen on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from handlers.catalog import all_listeners
from handlers.listeners import Kind
from tests.tenants.asking import Came, Desk, renderings
from tests.tenants.requests import Request, Requests

ROUNDS: Final = 6
KEPT: Final = frozenset({"voc", "lead.decline_form", "lead.outcome_form", "lead.reassign", "news.no_help"})
"""What is done for good, once, so that there is something to edit and to undo."""
FIRST: Final = {"lead.decline_form": "lead.decline_then", "lead.outcome_form": "lead.outcome_kind"}
"""What must have been used before: the form is of no use once it is sent."""


async def look_around(desk: Desk, requests: Requests) -> AsyncIterator[tuple[Request, Came]]:
    """Use everything as an admin, so that the requests know what buttons and forms look like; what came of each."""
    requests.hear(desk.db.read_sync(renderings, desk.tenant, desk.at))
    known: set[str] = set()
    kept: set[str] = set()
    used: set[str] = set()
    for _ in range(ROUNDS):
        for request in [each for one in all_listeners() for each in requests.of(one, "mia")]:
            first = FIRST.get(request.listener.name)
            if (name := repr(request)) in known or (first is not None and first not in used):
                continue
            known.add(name)
            said = request.text or request.body.get("view") or request.listener.kind is Kind.ACTION
            keep = request.listener.name in KEPT - kept and bool(said) and request.listener.kind is not Kind.OPTIONS
            came = await desk.ask(request.listener, "mia", request.body, request.text, keep=keep)
            if keep and not came.refused:
                kept.add(request.listener.name)
            if not came.refused:
                used.add(request.listener.name)
            yield request, came
            if request.listener.kind is Kind.OPTIONS and not came.refused:
                requests.offer(request.listener.name, came.answer)
            for said in (came.answer, came.said):
                if said.startswith(("{", "[")):
                    requests.hear(said)


def leaks(request: Request, came: Came, word: str) -> Iterator[str]:
    """What is wrong with an answer."""
    for what, said in (("answered", came.answer), ("sent", came.said), ("kept", came.kept)):
        if word in said.casefold():
            where = said.casefold().index(word)
            yield f"{request.listener.kind} {request.listener.name}: {what} …{said[max(0, where - 60) : where + 60]}…"
    for one in came.wrong:
        yield f"{request.listener.kind} {request.listener.name}: {one}"
