"""`POST /intake/{source}`: proves who sends, checks what, and answers only after the lead is committed.

Forged, stale and unknown senders all read the same 401, and nothing of what they sent is stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from math import ceil
from typing import Any, Final

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import FieldProblems
from domain.leads.arrival import Arriving, NewLead, receive_lead, receive_leads
from domain.leads.fields import checked_lead
from handlers.arrival import Tandem
from handlers.bodies import BODY_LIMIT, TooLarge, read_body
from handlers.intake.allowance import Allowance
from handlers.intake.signatures import is_signed
from handlers.intake.together import Together
from handlers.intake.views import BadBody, accepted, answer, parse_lead, refusal
from storage.crash import crash_point
from storage.database import trouble_of
from storage.inbox import earlier_answers, remember_answer
from storage.models import Lead, Source
from storage.trace import current_request_id, note

log = structlog.get_logger()

SAME_PERSON: Final = timedelta(minutes=10)
LONGEST_KEY: Final = 200
RETRY_SECONDS: Final = 5
MOST_TOGETHER: Final = 64

_STRANGER: Final = "whsec_bm90IGEgc2VjcmV0IHRoYXQgYW55Ym9keSBoYXM="


# Made once: building it costs more than running it, and it runs for every post.
_SOURCES: Final = select(Source.__table__).where(Source.name.in_(bindparam("named", expanding=True)))


@dataclass(frozen=True, slots=True)
class Sender:
    """A source as the endpoint needs it; `secret` in the clear."""

    id: int
    workspace_id: int
    name: str
    auth: str
    secret: str = field(repr=False)
    team_key: str | None
    tier: str | None
    paused: bool


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


def routes(tandem: Tandem, unseal: Callable[[str], str], allowance: Allowance | None = None) -> list[Route]:
    """The intake's routes for the web app. `unseal` decrypts a source's stored secret."""
    allowed = allowance or Allowance()
    clear = lru_cache(maxsize=256)(unseal)
    find: Together[str, Any] = Together(partial(_sources, tandem), most=MOST_TOGETHER)
    keep: Together[Post, dict[str, Any]] = Together(partial(_kept, tandem), most=MOST_TOGETHER)

    async def intake(request: Request) -> Response:
        try:
            body = await read_body(request)
        except TooLarge:
            return refusal(413, f"The body is larger than {BODY_LIMIT:,} bytes.")
        except ClientDisconnect:
            return refusal(400, "The connection ended before the body did.")
        try:
            return await receive(request, body)
        except CannotCheck:
            return refusal(503, "Signatures cannot be checked at the moment. Send this again later.")
        except DBAPIError as error:
            if trouble_of(error) is None:
                raise
            log.error("a lead could not be stored", error=trouble_of(error))
            away = refusal(503, "The database does not answer just now. Send this again with the same id.")
            away.headers["Retry-After"] = str(RETRY_SECONDS)
            return away

    async def receive(request: Request, body: bytes) -> Response:
        sender = _sender(await _found(find, request.path_params["source"]), clear)
        if not _is_genuine(sender, request.headers, body, tandem.clock.outside()) or sender is None:
            return refusal(401, "The source is unknown, or its signature or secret is missing, wrong or stale.")
        if sender.paused:
            return refusal(403, f"The source {sender.name} is paused. An admin can resume it; nothing was stored.")
        # After the proof: nobody else can use up what a source may post.
        wait = allowed.seconds_to_wait(sender.id)
        if wait > 0:
            return _too_many(sender, allowed, wait)
        return await _take_in(tandem, keep, sender, request.headers, body)

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


async def _take_in(
    tandem: Tandem, keep: Together[Post, dict[str, Any]], sender: Sender, headers: Mapping[str, str], body: bytes
) -> JSONResponse:
    try:
        posted = parse_lead(_parsed(body))
        arriving = checked_lead(
            posted.texts(),
            source=sender.name,
            score=posted.score,
            touches=[(touch.what, touch.at) for touch in posted.touches],
            external_id=posted.id,
        )
    except BadBody as bad:
        return refusal(422, "The lead could not be read; nothing was stored.", bad.problems)
    except FieldProblems as bad:
        return refusal(422, "The lead could not be kept; nothing was stored.", bad.problems)
    post = Post(sender, arriving, _key(sender, headers, arriving), tandem.clock.now(), current_request_id())
    kept = await (keep(post) if post.key is not None else tandem.db.run(take_in_unnamed, post))
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
    """Store the leads that were not stored before, by the keys of their deliveries or their own ids.

    Each post has a key. Returns what their senders are answered.
    """
    named = [(post.origin, post.key or "") for post in posts]
    answers = {name: earlier.answer for name, earlier in earlier_answers(session, named).items()}
    new: dict[int, dict[tuple[str, str], Post]] = {}
    for name, post in zip(named, posts, strict=True):
        if name not in answers:
            new.setdefault(post.sender.workspace_id, {}).setdefault(name, post)
    for workspace_id, here in new.items():
        received = receive_leads(session, workspace_id, [_arriving(post) for post in here.values()])
        for (name, post), lead in zip(here.items(), received, strict=True):
            answers[name] = accepted(lead.lead_id, new=lead.new)
            remember_answer(session, *name, answers[name], post.at)
    return [dict(answers[name]) for name in named]


def take_in_unnamed(session: Session, post: Post) -> dict[str, Any]:
    """Store a lead whose delivery nothing names, unless this person was stored minutes ago."""
    known = _same_person(session, post.sender, post.lead, post.at)
    if known is not None:
        return accepted(known, new=False)
    received = receive_lead(session, post.sender.workspace_id, _arriving(post).lead, at=post.at, by=None)
    return accepted(received.lead_id, new=received.new)


def _arriving(post: Post) -> Arriving:
    lead, sender = post.lead, post.sender
    lead = replace(lead, team=lead.team or sender.team_key, tier=lead.tier or sender.tier)
    return Arriving(lead, post.at, post.request_id)


def _same_person(session: Session, sender: Sender, arriving: NewLead, at: datetime) -> int | None:
    """The lead that this source sent for the same address within ten minutes. The source waits its turn."""
    if arriving.email is None:
        return None
    session.get_one(Source, sender.id, with_for_update=True)
    return session.scalar(
        select(Lead.id)
        .where(
            Lead.workspace_id == sender.workspace_id,
            Lead.arrived_at > at - SAME_PERSON,
            Lead.source == sender.name,
            func.lower(Lead.email) == arriving.email.lower(),
        )
        .order_by(Lead.id.desc())
        .limit(1)
    )


def _key(sender: Sender, headers: Mapping[str, str], arriving: NewLead) -> str | None:
    """What names this delivery for good: the signed webhook id, else the lead's own id."""
    if sender.auth == "standard_webhooks":
        name = f"webhook:{headers['webhook-id']}"
    elif arriving.external_id is not None:
        name = f"lead:{arriving.external_id}"
    else:
        return None
    return name if len(name) <= LONGEST_KEY else hashlib.sha256(name.encode()).hexdigest()


def _parsed(body: bytes) -> Any:
    """The JSON in the body. Raises BadBody."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise BadBody({"": "is not UTF-8"}) from None
    except RecursionError:
        raise BadBody({"": "is nested too deeply"}) from None
    except ValueError:
        raise BadBody({"": "is not JSON"}) from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


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


def _is_genuine(sender: Sender | None, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Whether the sender proved itself. For an unknown one the same work is done, so that time tells nothing."""
    if sender is not None and sender.auth == "header":
        return hmac.compare_digest(_secret_in(headers).encode(), sender.secret.encode())
    return is_signed(sender.secret if sender else _STRANGER, headers, body, at) and sender is not None


def _secret_in(headers: Mapping[str, str]) -> str:
    """The secret that came in a header: `X-Tandem-Secret`, or `Authorization` with the scheme Bearer or none.

    A scheme's case does not count, and more than one space may follow it (RFC 9110, 11.4).
    """
    if given := headers.get("x-tandem-secret", "").strip():
        return given
    given = headers.get("authorization", "").strip()
    scheme, _, rest = given.partition(" ")
    return rest.strip() if scheme.casefold() == "bearer" else given
