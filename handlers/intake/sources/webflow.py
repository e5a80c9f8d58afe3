"""Webflow's forms. A webhook that an app or a token made is signed; one of the dashboard has the secret in its address.

Source: developers.webflow.com, "Working with webhooks" and "Form submission". The secret is Webflow's: of the app that
made the webhook, or the webhook's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.generic import lead_key, lead_of, object_in
from handlers.intake.payloads import part_of, text_of
from handlers.intake.signatures import doubt_given, doubt_time, hex_hmac
from handlers.intake.sources.header import doubt_secret
from handlers.intake.views import BadBody

APART_AT_MOST: Final = timedelta(minutes=5)


def doubt_signature(delivery: Delivery, secret: str, now: datetime) -> str | None:
    """`x-webflow-signature`: the hex HMAC of `x-webflow-timestamp` (milliseconds), a colon and the body's bytes."""
    given, stamp = (delivery.headers.get(f"x-webflow-{part}") for part in ("signature", "timestamp"))
    if given is None and stamp is None:
        return doubt_secret(delivery, secret, now)
    expected = hex_hmac(secret, f"{stamp or ''}:".encode(errors="replace"), delivery.body)
    return doubt_given(given or "", expected) or doubt_time(stamp or "", now, a_second=1000, apart=APART_AT_MOST)


def read_form(delivery: Delivery, sender: Sender) -> list[NewLead | Ignored]:
    """The lead in a form, in the shape of today's API or of the one before. Raises BadBody, FieldProblems."""
    document = object_in(delivery)
    trigger = text_of(document.get("triggerType"))
    if trigger and trigger != "form_submission":
        return [Ignored(f"{trigger}: no form")]
    form: Mapping[str, Any] = part_of(document, "payload") if "payload" in document else document
    if not isinstance(form.get("data"), Mapping | list):
        raise BadBody({"data": "is missing: the payload is of no form of Webflow’s"})
    number = text_of(form.get("id")) or text_of(form.get("_id"))
    return [
        lead_of(
            {"form_name": text_of(form.get("name")), "data": form["data"]},
            document,
            sender,
            known_as=f"submission:{number}" if number else None,
            key=f"webflow:{number}" if number else None,
        )
    ]


def example(person: Mapping[str, str]) -> Any:
    """A form."""
    named = {"Name": person["name"], "Email": person["email"], "Company": person["company"], "Message": person["asked"]}
    return {"triggerType": "form_submission", "payload": {"name": "Test", "id": "test", "data": named}}


ADAPTER = Adapter(
    title="Webflow",
    how="A webhook made in Webflow’s dashboard posts to the address with `?token=` and the secret behind it. For one "
    "that the API made, paste Webflow’s own secret into this source’s screen.",
    verify=doubt_signature,
    read=read_form,
    delivery_key=lead_key,
    secret_in="token",  # noqa: S106  # the name of a parameter
    secret_of="Webflow",  # noqa: S106  # a name
    example=example,
)
