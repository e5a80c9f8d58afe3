"""A guest book's deliveries: the secret travels in the body, and several guests in one delivery."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Ignored, Kept, Sender
from handlers.intake.decoding import decoded
from handlers.intake.generic import lead_in, lead_key
from handlers.intake.views import BadBody


def _document(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    document = decoded(body, headers.get("content-type", ""))
    return document if isinstance(document, dict) else {}


def doubt_key(body: bytes, headers: Mapping[str, str], secret: str, _now: datetime) -> str | None:
    """The key in the body is the source's secret; a body that cannot be read proves nothing."""
    try:
        given = str(_document(body, headers).get("key", ""))
    except BadBody:
        return "no_proof"
    genuine = hmac.compare_digest(given.encode(errors="replace"), secret.encode())
    return None if genuine else "wrong_proof" if given else "no_proof"


def read_guests(body: bytes, headers: Mapping[str, str], sender: Sender) -> list[NewLead | Ignored]:
    """Each guest by itself: one that nobody can be known by does not cost the others."""
    guests = _document(body, headers).get("guests")
    if not isinstance(guests, list):
        raise BadBody({"guests": "must be a list"})
    return [_guest(one, sender) for one in guests]


def _guest(one: Any, sender: Sender) -> NewLead | Ignored:
    try:
        return lead_in(one, sender)
    except (BadBody, FieldProblems):
        return Ignored("a guest without a name or an address", lost=True)


def counted(results: Sequence[Kept | Ignored]) -> Response:
    """What the guest book waits for."""
    return JSONResponse({"kept": sum(isinstance(one, Kept) for one in results)})


def echo(query: Mapping[str, str], secret: str) -> Response | None:
    """The guest book checks an address before it uses it: it sends the key, and wants its word back."""
    if not hmac.compare_digest(query.get("key", "").encode(errors="replace"), secret.encode()):
        return None
    return PlainTextResponse(query.get("word", ""))


ADAPTER = Adapter(
    title="A guest book",
    how="The secret is the guest book's key.",
    verify=doubt_key,
    read=read_guests,
    delivery_key=lead_key,
    answer=counted,
    challenge=echo,
)
