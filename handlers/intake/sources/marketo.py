"""Marketo's webhooks: a template of the admin's own, and an answer that Marketo maps back into the lead.

Source: experienceleague.adobe.com, "Webhooks". Marketo puts text into quotation marks itself, and writes nothing for a
number that is missing: a template that forgets either makes broken JSON. The lead is read all the same, and its card
says what to change. No delivery has a name or a time: the same words of a person within an hour are a resend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery, Ignored, Kept, Sender
from handlers.intake.decoding import decoded, parsed_json
from handlers.intake.generic import lead_of
from handlers.intake.sources.header import doubt_secret
from handlers.intake.views import BadBody

TWICE: Final = (
    "Marketo’s template has quotation marks around a token. Marketo adds them itself: an admin takes them out."
)
MISSING: Final = "Marketo’s template has a number that may be missing: an admin gives its token a default."
ENCODING: Final = (
    "cannot be read: set “Request Token Encoding” of the webhook to JSON, and write its tokens without quotation marks"
)

_TWICE: Final = re.compile(r'(:\s*)""([^"\n]+)""(?=\s*[,}])')
_MISSING: Final = re.compile(r":(?=\s*[,}])")


def read_person(delivery: Delivery, sender: Sender) -> list[NewLead]:
    """The lead; what is wrong with the template is marked on it. Raises BadBody, FieldProblems."""
    try:
        document, wrong = decoded(delivery.body, delivery.kind), ""
    except BadBody:
        document, wrong = _mended(delivery.body)
    lead = lead_of(document, document, sender, known_as=None, key=None)
    return [replace(lead, marks=(*lead.marks, wrong)) if wrong else lead]


def _mended(body: bytes) -> tuple[Any, str]:
    """What a broken template was to say, and what is wrong with it. Raises BadBody."""
    text = body.decode(errors="replace")
    once = _TWICE.sub(lambda found: found[1] + json.dumps(found[2]), text)
    whole = _MISSING.sub(":null", once)
    try:
        return parsed_json(whole), TWICE if once != text else MISSING
    except (ValueError, RecursionError):
        raise BadBody({"": ENCODING}) from None


def mapped_back(results: Sequence[Kept | Ignored]) -> Response:
    """What Marketo can write into the lead's fields."""
    kept = next((one for one in results if isinstance(one, Kept)), None)
    if kept is None:
        return JSONResponse({"lead_id": "", "owner": "", "status": "ignored"})
    status = "duplicate" if kept.status == "duplicate" else "accepted"
    return JSONResponse({"lead_id": str(kept.row_id), "owner": kept.owner or "", "status": status})


ADAPTER = Adapter(
    title="Marketo",
    how="In Marketo: Admin → Webhooks → the address, Request Token Encoding JSON, then Webhook Actions → Set Custom "
    "Header → `X-Tandem-Secret` and the secret. Map the answer’s `lead_id`, `owner` and `status` as you like.",
    verify=doubt_secret,
    read=read_person,
    delivery_key=lambda _delivery, _lead: None,
    answer=mapped_back,
    tells_owner=True,
)
