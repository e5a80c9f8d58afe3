"""Lead forms on Facebook and Instagram: Meta names a lead, and a job asks for it with a page's access token.

Source: developers.facebook.com, "Webhooks for leadgen", "Webhooks: getting started" and "Lead ads: retrieving". Meta
signs the bytes as they are sent, with whatever is not ASCII written as `\\u00e4`. Nothing signed says when: a lead that
is told of again is known by its id.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import PlainTextResponse, Response

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.voc.heard import Fetch
from handlers.intake.adapter import Adapter, Delivery, Ignored, Kept, Sender
from handlers.intake.asking import Asking, LeadFetch
from handlers.intake.generic import META_TEST, lead_key, lead_of, object_in, short
from handlers.intake.payloads import list_of, part_of, text_of
from handlers.intake.signatures import doubt_given, hex_hmac
from handlers.intake.views import BadBody
from handlers.jobs import Impossible, Retry

ENDPOINT: Final = "https://graph.facebook.com/v24.0"
FIELDS: Final = "created_time,id,ad_id,form_id,field_data"
DASHBOARDS_TEST: Final = "444444444444"
"""The lead that the test button of Meta's dashboard tells of; nobody can ask for it."""
MOST: Final = 1_000
LONGEST_WORD: Final = 100
TOO_OFTEN: Final = frozenset({4, 17, 32, 341, 613, 80005})
TOKEN_REFUSED: Final = frozenset({10, 102, 190, 200})
"""Codes of Graph's errors. Source: developers.facebook.com/docs/graph-api/guides/error-handling and rate-limiting."""


def doubt_signature(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """`X-Hub-Signature-256: sha256=` and the hex HMAC of the body's bytes."""
    return doubt_given(delivery.headers.get("x-hub-signature-256", ""), "sha256=" + hex_hmac(secret, delivery.body))


def read_notice(delivery: Delivery, sender: Sender) -> list[Fetch | Ignored]:
    """The leads to ask for. Raises BadBody."""
    document = object_in(delivery)
    changes = [change for entry in list_of(document, "entry") for change in list_of(entry, "changes")]
    if not changes or len(changes) > MOST:
        raise BadBody({"entry": f"must have 1 to {MOST:,} changes"})
    found = [_change(one, sender) for one in changes]
    if all(isinstance(one, Ignored) and one.lost for one in found):
        raise BadBody({"entry.changes": "names no lead: the payload is of no webhook of Meta’s"})
    return found


def _change(change: Mapping[str, Any], sender: Sender) -> Fetch | Ignored:
    field, number = text_of(change.get("field"), 60), text_of(part_of(change, "value").get("leadgen_id"), 100)
    if field and field != "leadgen":
        return Ignored(f"{field}: no lead")
    if not (number.isascii() and number.isalnum()):
        return Ignored("a change without its leadgen_id", lost=True)
    if number == DASHBOARDS_TEST:
        return Ignored("a test of Meta’s", test=True)
    key = short(f"meta:{number}")
    return Fetch(key, LeadFetch(sender.id, number, key))


async def ask_lead(asking: Asking, wanted: LeadFetch, sender: Sender) -> NewLead | Ignored:
    """The lead's answers. Raises Impossible, Retry, OSError."""
    proof = hex_hmac(sender.secret, asking.token.encode())  # some apps take a token only together with this
    told = await asking.get(f"{ENDPOINT}/{wanted.number}", {"fields": FIELDS, "appsecret_proof": proof}, refused=())
    if told.status != 200:
        _refuse(part_of(told.body, "error").get("code"), told.status, wanted.number)
    answers = list_of(told.body, "field_data")
    if any(text_of(value).startswith(META_TEST) for one in answers for value in _values(one)):
        return Ignored("a test of Meta’s", test=True)
    said = {"answers": [{"label": text_of(one.get("name")), "value": _only(_values(one))} for one in answers]}
    try:
        return lead_of(said, dict(told.body), sender, known_as=f"meta:{wanted.number}", key=None)
    except (BadBody, FieldProblems):
        raise Impossible(f"nothing in the lead {wanted.number} of Meta’s says who it is") from None


def _values(answer: Mapping[str, Any]) -> list[Any]:
    found = answer.get("values")
    return found if isinstance(found, list) else [found]


def _only(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _refuse(code: Any, status: int, number: str) -> None:
    if code in TOO_OFTEN:
        raise Retry(timedelta(minutes=10), "Meta was asked too often")
    if code in TOKEN_REFUSED or status in (401, 403):
        raise Impossible("Meta refuses the access token")
    if status in (400, 404):
        raise Impossible(f"Meta knows no lead {number}, or does not show it to the access token")
    raise ConnectionError(f"Meta: http {status}")


def heard(_results: Sequence[Kept | Ignored]) -> Response:
    """Meta tells of the same again after anything but 200."""
    return PlainTextResponse("heard")


def answer_check(query: Mapping[str, str], sender: Sender) -> Response | None:
    """Meta checks an address before it uses it: the word of a right token comes back. The token is the source's name.

    The token only shows that whoever typed it meant this source; what is posted later is signed.
    """
    if query.get("hub.mode") != "subscribe":
        return None
    given = query.get("hub.verify_token", "").encode(errors="replace")
    word = query.get("hub.challenge", "")
    if not hmac.compare_digest(given, sender.name.encode()) or not (word.isalnum() and len(word) <= LONGEST_WORD):
        return PlainTextResponse("The verify token is the name of the source.", 403)
    return PlainTextResponse(word)


ADAPTER = Adapter(
    title="Meta: lead forms on Facebook and Instagram",
    how="In Meta’s app dashboard: Webhooks → Page → the address, with the source’s name as verify token → subscribe to "
    "leadgen. Then paste into this source’s screen the app secret, and the page’s access token that may read leads.",
    verify=doubt_signature,
    read=read_notice,
    delivery_key=lead_key,
    answer=heard,
    challenge=answer_check,
    secret_of="Meta",  # noqa: S106  # a name
    key_of="Meta",
    ask=ask_lead,
)
