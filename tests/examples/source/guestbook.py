"""A guest book's deliveries: the secret travels in the body, and several guests in one delivery."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery, Ignored, Kept, Sender
from handlers.intake.generic import lead_in, lead_key, object_in
from handlers.intake.signatures import doubt_given
from handlers.intake.views import BadBody


def doubt_key(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """The key in the body is the source's secret; a body that cannot be read proves nothing."""
    try:
        return doubt_given(str(object_in(delivery).get("key", "")), secret)
    except BadBody:
        return "no_proof"


def read_guests(delivery: Delivery, sender: Sender) -> list[NewLead | Ignored]:
    """Each guest by itself: one that nobody can be known by does not cost the others."""
    guests = object_in(delivery).get("guests")
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


def echo(query: Mapping[str, str], sender: Sender) -> Response | None:
    """The guest book checks an address before it uses it: it sends the key, and wants its word back."""
    if not hmac.compare_digest(query.get("key", "").encode(errors="replace"), sender.secret.encode()):
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
