"""Lead forms of Google Ads: the key travels in the body, and is left out of what is kept.

Source: developers.google.com/google-ads/webhook/docs/implementation. Every field may be missing; ids are numbers of 64
bits. Nothing says when a delivery was sent: one that comes again is known by its `lead_id`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery, Ignored, Kept, Sender
from handlers.intake.generic import lead_key, lead_of, object_in
from handlers.intake.payloads import is_yes, list_of, text_of
from handlers.intake.signatures import doubt_given
from handlers.intake.views import BadBody

CALLED: Final = {"REGION": "State or region"}
"""A column that would be taken for something else: a region of Google's is where a person lives, not a sales team."""


def doubt_key(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """`google_key` in the body is the secret. A body that cannot be read proves nothing."""
    try:
        return doubt_given(text_of(object_in(delivery).get("google_key")), secret)
    except BadBody:
        return "no_proof"


def read_form(delivery: Delivery, sender: Sender) -> list[NewLead | Ignored]:
    """The lead in a form. Raises BadBody, FieldProblems."""
    document = {name: value for name, value in object_in(delivery).items() if name != "google_key"}
    if is_yes(document.get("is_test")):
        return [Ignored("a test of Google’s", test=True)]
    number, campaign = text_of(document.get("lead_id")), text_of(document.get("campaign_id"))
    said = {"answers": [_answer(one) for one in list_of(document, "user_column_data")]}
    brought = {"utm_campaign": f"Google Ads campaign {campaign}"} if campaign else {}
    return [
        lead_of(
            said | brought,
            document,
            sender,
            known_as=number or None,
            key=f"google:{number}" if number else None,
        )
    ]


def _answer(column: Any) -> dict[str, Any]:
    """Known columns are named by their id; a question of the advertiser's own by its words, which may be missing."""
    column_id, words = text_of(column.get("column_id")), text_of(column.get("column_name"))
    own = column_id.startswith("QUESTION") or not column_id
    label = words or column_id if own else CALLED.get(column_id, column_id)
    return {"label": label, "value": column.get("string_value")}


def nothing_more(_results: Sequence[Kept | Ignored]) -> Response:
    """Google waits for 200 and an empty object; 202 counts as a failure."""
    return JSONResponse({})


def example(person: Mapping[str, str]) -> Any:
    """A form, without the mark by which Google tells its own tests."""
    columns = {"FULL_NAME": person["name"], "EMAIL": person["email"], "COMPANY_NAME": person["company"]}
    data = [{"column_id": name, "string_value": value} for name, value in columns.items()]
    return {"lead_id": "test", "user_column_data": data, "api_version": "1.0"}


ADAPTER = Adapter(
    title="Google Ads lead forms",
    how="In Google Ads: the lead form → Lead delivery → Webhook. The address is the URL, the secret is the key.",
    verify=doubt_key,
    read=read_form,
    delivery_key=lead_key,
    answer=nothing_more,
    example=example,
)
