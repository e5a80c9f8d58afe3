"""`POST /intake/{source}`: proves who sends, checks what, and answers only after the lead is committed.

Forged, stale and unknown senders all read the same 401, and nothing of what they sent is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from math import ceil
from typing import Any, Final

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.storing import Posted, owner_names, store_leads
from domain.outcomes.crm import CrmWord, take_words
from domain.persons.gone import PersonGone, take_gone
from domain.sources import note_test
from domain.voc.heard import Fetch, NewVoc, take_heard
from handlers.arrival import Tandem
from handlers.bodies import BODY_LIMIT, TooLarge, read_body
from handlers.intake.adapter import Adapter, Brought, Delivery, Ignored, Kept, Sender
from handlers.intake.allowance import Allowance
from handlers.intake.heard import HeardSources
from handlers.intake.proof import doubt
from handlers.intake.refusals import Refusals
from handlers.intake.senders import sender_of
from handlers.intake.sources import ADAPTERS
from handlers.intake.together import Together
from handlers.intake.views import BadBody, Within, refusal
from handlers.jobs import close_secret
from handlers.words import field_sentences
from storage.crash import crash_point
from storage.database import trouble_of
from storage.models import Source
from storage.statements import Statement
from storage.trace import current_request_id, note

log = structlog.get_logger()

LONGEST_NAME: Final = 200
RETRY_SECONDS: Final = 5
MOST_TOGETHER: Final = 64
NOBODY: Final = {
    "erasure": "an erasure of nobody who is known here",
    "withdrawal": "a withdrawal of nobody whom this source alone sent",
}
"""Why nothing was done about a person who is gone."""

# Made once: building it costs more than running it, and it runs for every post.
_SOURCES: Final = Statement(select(Source.__table__).where(Source.name.in_(bindparam("named", expanding=True))))


class CannotCheck(Exception):
    """The source's secret cannot be read, for instance because TANDEM_SECRET_KEY was changed."""


def routes(
    tandem: Tandem,
    unseal: Callable[[str], str],
    allowance: Allowance | None = None,
    refusals: Refusals | None = None,
    heard: HeardSources | None = None,
) -> list[Route]:
    """The intake's routes for the web app. `unseal` decrypts a source's stored secret; `refusals` counts.

    `heard`: notes which sources were heard.
    """
    allowed = allowance or Allowance()
    refused = refusals or Refusals(tandem)
    noted = heard or HeardSources(tandem)
    clear = lru_cache(maxsize=256)(unseal)
    find: Together[str, Any] = Together(partial(_sources, tandem), most=MOST_TOGETHER)
    keep: Together[Posted, dict[str, Any]] = Together(partial(_kept, tandem), most=MOST_TOGETHER)

    async def intake(request: Request) -> Response:
        name = request.path_params["source"]
        try:
            body = await read_body(request)
        except TooLarge:
            source = await _found(find, name)
            count("too_large", source, "" if source else name)
            return refusal(413, f"The body is larger than {BODY_LIMIT:,} bytes.")
        except ClientDisconnect:
            return refusal(400, "The connection ended before the body did.")
        try:
            return await receive(await _found(find, name), request, body)
        except DBAPIError as error:
            if trouble_of(error) is None:
                raise
            log.error("a lead could not be stored", error=trouble_of(error))
            away = refusal(503, "The database does not answer just now. Send this again with the same id.")
            away.headers["Retry-After"] = str(RETRY_SECONDS)
            return away

    async def receive(source: Any, request: Request, body: bytes) -> Response:
        try:
            sender = _sender(source, clear, tandem.clock.now())
        except CannotCheck:
            count("no_key", source)
            return refusal(503, "Signatures cannot be checked at the moment. Send this again later.")
        adapter = ADAPTERS.get(sender.auth) if sender is not None else None
        delivery = _delivery(tandem, request, body, adapter)
        reason = doubt(sender, adapter, delivery, tandem.clock.outside())
        if reason is not None or sender is None or adapter is None:
            count(reason or "unknown_source", source, "" if source else request.path_params["source"])
            return refusal(401, "The source is unknown, or its signature or secret is missing, wrong or stale.")
        if sender.paused:
            count("paused", source)
            return refusal(403, f"The source {sender.name} is paused. An admin can resume it; nothing was stored.")
        # After the proof: nobody else can use up what a source may post.
        wait = allowed.seconds_to_wait(sender.id)
        if wait > 0:
            count("too_many", source)
            return _too_many(sender, allowed, wait, adapter.a_second)
        try:
            found = adapter.read(delivery, sender)
        except BadBody as bad:
            noted.note(sender)
            count("unreadable", source, _in_short(bad.problems))
            what = "lead" if adapter.delivery_key is not None else "call"
            return refusal(422, f"The {what} could not be read; nothing was stored.", bad.problems)
        except FieldProblems as bad:
            noted.note(sender, bad.__cause__.document if isinstance(bad.__cause__, Within) else None)
            count("nobody", source)
            return refusal(422, "The lead could not be kept; nothing was stored.", field_sentences(bad))
        noted.note(sender, next((one.document for one in reversed(found) if isinstance(one, NewLead)), None))
        results = await _take_in(tandem, keep, sender, adapter, delivery, found)
        ignored = [one for one in results if isinstance(one, Ignored)]
        for one in ignored:
            if one.lost:
                count("unreadable", source, one.reason)
        if any(one.test for one in ignored):
            await tandem.db.run(note_test, sender.id, tandem.clock.now())
        note(source=sender.name, **_outcome(results))
        return adapter.answer(results)

    async def check(request: Request) -> Response:
        """A vendor that checks the address before it posts; whoever else asks reads that this is the wrong method."""
        source = await _found(find, request.path_params["source"])
        adapter = ADAPTERS.get(source.auth) if source is not None and not source.paused else None
        if adapter is not None and adapter.challenge is not None:
            with contextlib.suppress(CannotCheck):
                sender = _sender(source, clear, tandem.clock.now())
                if sender is not None and (known := adapter.challenge(request.query_params, sender)) is not None:
                    return known
        return PlainTextResponse("Method Not Allowed", 405, {"Allow": "POST"})

    def count(reason: str, source: Any, detail: str = "") -> None:
        named, workspace_id = (source.name, source.workspace_id) if source is not None else (None, None)
        refused.count(reason, detail, source=named, workspace_id=workspace_id)
        note(source=named or "unknown", outcome=f"refused: {reason}")

    return [
        Route("/intake/{source}", intake, methods=["POST", "PUT", "PATCH"]),
        Route("/intake/{source}", check, methods=["GET"]),
    ]


def _delivery(tandem: Tandem, request: Request, body: bytes, adapter: Adapter | None) -> Delivery:
    """What was posted. A secret in the address, where the vendor can put it nowhere else, is as if it were a header."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if adapter is not None and adapter.secret_in:
        headers.setdefault("x-tandem-secret", request.query_params.get(adapter.secret_in, ""))
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope.get("query_string") or b""
    url = (tandem.public_url or "").rstrip("/") + (path + b"?" + query if query else path).decode("latin-1")
    return Delivery(body, headers, request.method, url)


def _too_many(sender: Sender, allowed: Allowance, wait: float, a_second: int) -> JSONResponse:
    seconds = ceil(wait)
    answer = refusal(
        429,
        f"More than {allowed.per_minute:,} requests a minute from the source {sender.name}. Nothing of this one was "
        f"stored: send it again in {seconds} s, with the same id.",
    )
    answer.headers["Retry-After"] = str(seconds * a_second)
    note(source=sender.name, outcome="too many")
    return answer


def _outcome(results: Sequence[Kept | Ignored]) -> dict[str, Any]:
    """What the log says of a delivery: of one lead which it is, of several how many were kept."""
    kept = [one for one in results if isinstance(one, Kept)]
    if len(results) == 1 and kept:
        return {kept[0].what: kept[0].row_id, "outcome": kept[0].status}
    return {"outcome": f"kept {len(kept)} of {len(results)}"}


def _in_short(problems: Mapping[str, str]) -> str:
    return "; ".join(f"{field or 'the body'} {reason}" for field, reason in problems.items())


async def _take_in(
    tandem: Tandem,
    keep: Together[Posted, dict[str, Any]],
    sender: Sender,
    adapter: Adapter,
    delivery: Delivery,
    found: Sequence[Brought],
) -> list[Kept | Ignored]:
    """Store what a delivery brings, each under a key of its own: when one fails, a resend stores only what lacks."""
    heard = await _take_heard(tandem, sender, [one for one in found if isinstance(one, NewVoc | Fetch)])
    words = await _take_words(tandem, sender, [one for one in found if isinstance(one, CrmWord)])
    posts = [_posted(tandem, sender, adapter, delivery, one) for one in found if isinstance(one, NewLead)]
    if len(posts) == 1:
        stored = [await keep(posts[0])]
    else:
        tried = await asyncio.gather(*map(keep, posts), return_exceptions=True)
        for one in tried:
            if isinstance(one, BaseException):
                raise one
        stored = [one for one in tried if not isinstance(one, BaseException)]
    # After the leads: who is sent and erased by one delivery is erased.
    left = await _take_gone(tandem, sender, [one for one in found if isinstance(one, PersonGone)])
    ids = [one["lead_id"] for one in stored if one["lead_id"] is not None] if adapter.tells_owner else []
    owners = await tandem.db.read(owner_names, ids) if ids else {}
    kept = iter(Kept(one["lead_id"], one["status"], owner=owners.get(one["lead_id"])) for one in stored)
    if posts or heard or words or left:
        crash_point("arrival.committed")
    results = {NewLead: kept, NewVoc: iter(heard), CrmWord: iter(words), PersonGone: iter(left)}
    results[Fetch] = results[NewVoc]
    return [one if isinstance(one, Ignored) else next(results[type(one)]) for one in found]


async def _take_heard(tandem: Tandem, sender: Sender, told: Sequence[NewVoc | Fetch]) -> list[Kept | Ignored]:
    """Store what customers said: all of a call in one transaction."""
    if not told:
        return []
    at = tandem.clock.now()
    stored = await tandem.db.run(take_heard, sender.workspace_id, f"intake:{sender.mark}", told, at=at)
    return [
        Ignored("nobody is here in whose name it could be logged", lost=True)
        if one["status"] == "nobody"
        else Kept(one["item_id"], one["status"], "item")
        for one in stored
    ]


async def _take_words(tandem: Tandem, sender: Sender, words: Sequence[CrmWord]) -> list[Kept | Ignored]:
    """Tell leads what came of them: all that one delivery says in one transaction."""
    if not words:
        return []
    origin, at = f"intake:{sender.mark}", tandem.clock.now()
    told = await tandem.db.run(take_words, sender.workspace_id, origin, sender.name, words, at=at)
    return [
        Ignored("no lead here has that id or e-mail address")
        if one["status"] == "nobody"
        else Kept(one["lead_id"], one["status"])
        for one in told
    ]


async def _take_gone(tandem: Tandem, sender: Sender, told: Sequence[PersonGone]) -> list[Kept | Ignored]:
    """Erase persons and take records back: all that one delivery says in one transaction."""
    if not told:
        return []
    origin, at = f"intake:{sender.mark}", tandem.clock.now()
    close = partial(close_secret, tandem)
    done = await tandem.db.run(take_gone, sender.workspace_id, origin, sender.name, told, at=at, close=close)
    return [
        Ignored(NOBODY[one.kind]) if answer["status"] == "nobody" else Kept(answer["lead_id"], answer["status"])
        for one, answer in zip(told, done, strict=True)
    ]


def _posted(tandem: Tandem, sender: Sender, adapter: Adapter, delivery: Delivery, lead: NewLead) -> Posted:
    lead = replace(lead, team=lead.team or sender.team_key, tier=lead.tier or sender.tier)
    key = lead.key or (adapter.delivery_key(delivery, lead) if adapter.delivery_key is not None else None)
    origin, older = f"intake:{sender.mark}", f"intake:{sender.name}"
    return Posted(sender.workspace_id, origin, lead, key, tandem.clock.now(), current_request_id(), older)


async def _kept(tandem: Tandem, posts: Sequence[Posted]) -> list[dict[str, Any] | BaseException]:
    """What each sender is answered, or why not: when the whole cannot be stored, each lead is tried by itself."""
    try:
        return [*await tandem.db.run(store_leads, posts)]
    except Exception as error:
        if len(posts) == 1 or trouble_of(error) is not None:
            raise
    each = (tandem.db.run(store_leads, [post]) for post in posts)
    tried = await asyncio.gather(*each, return_exceptions=True)
    return [kept if isinstance(kept, BaseException) else kept[0] for kept in tried]


async def _found(find: Together[str, Any], name: str) -> Any:
    """The row of the source of that name, None when there is none."""
    return None if len(name) > LONGEST_NAME or "\0" in name else await find(name)


async def _sources(tandem: Tandem, names: Sequence[str]) -> list[Any]:
    """The rows of the sources of these names, None for each that there is none of."""

    def find(session: Session) -> Mapping[str, Any]:
        return {row.name: row for row in _SOURCES.all(session, {"named": sorted(set(names))})}

    rows = await tandem.db.read(find)
    return [rows.get(name) for name in names]


def _sender(source: Any, unseal: Callable[[str], str], at: datetime) -> Sender | None:
    """The source in a row as the endpoint needs it at `at` (aware UTC). Raises CannotCheck."""
    if source is None:
        return None
    if source.auth not in ADAPTERS:  # during a release: a newer process added it
        log.error("the kind of a source is not known here", source=source.name, auth=source.auth)
        raise CannotCheck
    try:
        return sender_of(source, unseal, at)
    except ValueError as error:
        log.error("the secret of a source cannot be read", source=source.name, reason=str(error))
        raise CannotCheck from error
