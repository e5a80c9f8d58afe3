"""`POST /intake/{source}`: proves who sends, checks what, and answers only after the lead is committed.

Forged, stale and unknown senders all read the same 401, and nothing of what they sent is stored.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from math import ceil
from typing import Any, Final

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import FieldProblems
from domain.leads.arrival import Arriving, NewLead, receive_leads
from domain.leads.taken import taken_lead
from handlers.arrival import Tandem
from handlers.bodies import BODY_LIMIT, TooLarge, read_body
from handlers.intake.allowance import Allowance
from handlers.intake.decoding import decoded
from handlers.intake.proof import Sender, doubt
from handlers.intake.reading import read_lead
from handlers.intake.refusals import Refusals
from handlers.intake.sent import as_sent
from handlers.intake.together import Together
from handlers.intake.views import BadBody, accepted, answer, refusal
from handlers.words import field_sentences
from storage.crash import crash_point
from storage.database import trouble_of
from storage.inbox import earlier_answers, remember_answer
from storage.models import Source
from storage.trace import current_request_id, note

log = structlog.get_logger()

LONGEST_KEY: Final = 200
RETRY_SECONDS: Final = 5
MOST_TOGETHER: Final = 64

# Made once: building it costs more than running it, and it runs for every post.
_SOURCES: Final = select(Source.__table__).where(Source.name.in_(bindparam("named", expanding=True)))


@dataclass(frozen=True, slots=True)
class Post:
    """A lead that was posted at `at` (aware UTC). `key` names the delivery for good; None: the sender gave none."""

    sender: Sender
    lead: NewLead
    key: str | None
    at: datetime
    request_id: str | None = None

    @property
    def origin(self) -> str:
        return f"intake:{self.sender.name}"


class CannotCheck(Exception):
    """The source's secret cannot be read, for instance because TANDEM_SECRET_KEY was changed."""


def routes(
    tandem: Tandem,
    unseal: Callable[[str], str],
    allowance: Allowance | None = None,
    refusals: Refusals | None = None,
) -> list[Route]:
    """The intake's routes for the web app. `unseal` decrypts a source's stored secret; `refusals` counts."""
    allowed = allowance or Allowance()
    refused = refusals or Refusals(tandem)
    clear = lru_cache(maxsize=256)(unseal)
    find: Together[str, Any] = Together(partial(_sources, tandem), most=MOST_TOGETHER)
    keep: Together[Post, dict[str, Any]] = Together(partial(_kept, tandem), most=MOST_TOGETHER)

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
            sender = _sender(source, clear)
        except CannotCheck:
            count("no_key", source)
            return refusal(503, "Signatures cannot be checked at the moment. Send this again later.")
        reason = doubt(sender, request.headers, body, tandem.clock.outside())
        if reason is not None or sender is None:
            count(reason or "unknown_source", source, "" if source else request.path_params["source"])
            return refusal(401, "The source is unknown, or its signature or secret is missing, wrong or stale.")
        if sender.paused:
            count("paused", source)
            return refusal(403, f"The source {sender.name} is paused. An admin can resume it; nothing was stored.")
        # After the proof: nobody else can use up what a source may post.
        wait = allowed.seconds_to_wait(sender.id)
        if wait > 0:
            count("too_many", source)
            return _too_many(sender, allowed, wait)
        try:
            lead = _read(sender, request.headers, body)
        except BadBody as bad:
            count("unreadable", source, _in_short(bad.problems))
            return refusal(422, "The lead could not be read; nothing was stored.", bad.problems)
        except FieldProblems as bad:
            count("nobody", source)
            return refusal(422, "The lead could not be kept; nothing was stored.", field_sentences(bad))
        return await _take_in(tandem, keep, sender, request.headers, lead)

    def count(reason: str, source: Any, detail: str = "") -> None:
        named, workspace_id = (source.name, source.workspace_id) if source is not None else (None, None)
        refused.count(reason, detail, source=named, workspace_id=workspace_id)
        note(source=named or "unknown", outcome=f"refused: {reason}")

    return [Route("/intake/{source}", intake, methods=["POST"])]


def _too_many(sender: Sender, allowed: Allowance, wait: float) -> JSONResponse:
    seconds = ceil(wait)
    answer = refusal(
        429,
        f"More than {allowed.per_minute:,} requests a minute from the source {sender.name}. Nothing of this one was "
        f"stored: send it again in {seconds} s, with the same id.",
    )
    answer.headers["Retry-After"] = str(seconds)
    note(source=sender.name, outcome="too many")
    return answer


def _read(sender: Sender, headers: Mapping[str, str], body: bytes) -> NewLead:
    """The lead in the body. Raises BadBody, FieldProblems."""
    document = decoded(body, headers.get("content-type", ""))
    found = read_lead(document)
    return taken_lead(
        found.values,
        source=sender.name,
        external_id=_short(found.id) if found.id is not None else None,
        rest=found.rest,
        sent=as_sent(document, sender.secret),
    )


def _in_short(problems: Mapping[str, str]) -> str:
    return "; ".join(f"{field or 'the body'} {reason}" for field, reason in problems.items())


async def _take_in(
    tandem: Tandem, keep: Together[Post, dict[str, Any]], sender: Sender, headers: Mapping[str, str], lead: NewLead
) -> JSONResponse:
    post = Post(sender, lead, _key(sender, headers, lead), tandem.clock.now(), current_request_id())
    kept = await keep(post)
    crash_point("arrival.committed")
    note(source=sender.name, lead=kept["lead_id"], outcome=kept["status"])
    return answer(kept)


async def _kept(tandem: Tandem, posts: Sequence[Post]) -> list[dict[str, Any] | BaseException]:
    """What each sender is answered, or why not: when the whole cannot be stored, each lead is tried by itself."""
    try:
        return [*await tandem.db.run(take_in_leads, posts)]
    except Exception as error:
        if len(posts) == 1 or trouble_of(error) is not None:
            raise
    each = (tandem.db.run(take_in_leads, [post]) for post in posts)
    tried = await asyncio.gather(*each, return_exceptions=True)
    return [kept if isinstance(kept, BaseException) else kept[0] for kept in tried]


def take_in_leads(session: Session, posts: Sequence[Post]) -> list[dict[str, Any]]:
    """Store what was not stored before, by the keys of the deliveries. Returns what their senders are answered."""
    names = [(post.origin, post.key) if post.key is not None else (post.origin, str(n)) for n, post in enumerate(posts)]
    named = [name for name, post in zip(names, posts, strict=True) if post.key is not None]
    answers = {name: earlier.answer for name, earlier in earlier_answers(session, named).items()} if named else {}
    new: dict[int, dict[tuple[str, str], Post]] = {}
    for name, post in zip(names, posts, strict=True):
        if name not in answers:
            new.setdefault(post.sender.workspace_id, {}).setdefault(name, post)
    for workspace_id, here in new.items():
        received = receive_leads(session, workspace_id, [_arriving(post) for post in here.values()])
        for (name, post), lead in zip(here.items(), received, strict=True):
            answers[name] = accepted(lead)
            if post.key is not None:
                remember_answer(session, *name, answers[name], post.at)
    return [dict(answers[name]) for name in names]


def _arriving(post: Post) -> Arriving:
    lead, sender = post.lead, post.sender
    lead = replace(lead, team=lead.team or sender.team_key, tier=lead.tier or sender.tier)
    return Arriving(lead, post.at, post.request_id)


def _key(sender: Sender, headers: Mapping[str, str], arriving: NewLead) -> str | None:
    """What names this delivery for good: the signed webhook id, else the lead's own id, and what it says.

    The same id with other words is no redelivery: many senders name the person, not the message.
    """
    if sender.auth == "standard_webhooks":
        return _short(f"webhook:{headers['webhook-id']}:{arriving.said}")
    if arriving.external_id is not None:
        return _short(f"lead:{arriving.external_id}:{arriving.said}")
    return None


def _short(name: str) -> str:
    """The name as it is stored: a long one by its hash, so that two long ones are told apart by their ends, too."""
    if len(name) <= LONGEST_KEY and name.isprintable():
        return name
    return "sha256:" + hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()


async def _found(find: Together[str, Any], name: str) -> Any:
    """The row of the source of that name, None when there is none."""
    return None if len(name) > LONGEST_KEY or "\0" in name else await find(name)


async def _sources(tandem: Tandem, names: Sequence[str]) -> list[Any]:
    """The rows of the sources of these names, None for each that there is none of."""

    def find(session: Session) -> Mapping[str, Any]:
        return {row.name: row for row in session.connection().execute(_SOURCES, {"named": sorted(set(names))})}

    rows = await tandem.db.read(find)
    return [rows.get(name) for name in names]


def _sender(source: Any, unseal: Callable[[str], str]) -> Sender | None:
    """The source in a row as the endpoint needs it. Raises CannotCheck."""
    if source is None:
        return None
    try:
        secret = unseal(source.sealed_secret)
    except ValueError as error:
        log.error("the secret of a source cannot be read", source=source.name, reason=str(error))
        raise CannotCheck from error
    return Sender(
        source.id,
        source.workspace_id,
        source.name,
        source.auth,
        secret,
        source.team_key,
        source.tier,
        source.paused,
    )
