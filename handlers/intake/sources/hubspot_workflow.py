"""HubSpot's workflow action "Send a webhook": the whole contact with its history, or a body of the admin's own.

Source: knowledge.hubspot.com, "Use webhooks with HubSpot workflows". Where a delivery is signed, the signature has its
time; with a secret in a header, the same bytes of a contact are a resend, since a contact's times change with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.generic import lead_key, lead_of, object_in
from handlers.intake.hubspot_proof import HEADER, doubt_v3
from handlers.intake.payloads import part_of, text_of
from handlers.intake.sources.header import doubt_secret

OTHER_THINGS = ("dealId", "companyId", "ticketId")


def doubt_workflow(delivery: Delivery, secret: str, now: datetime) -> str | None:
    """The signature where there is one; else the secret as an API key."""
    return doubt_v3(delivery, secret, now) if HEADER in delivery.headers else doubt_secret(delivery, secret, now)


def read_contact(delivery: Delivery, sender: Sender) -> list[NewLead | Ignored]:
    """The lead. Raises BadBody, FieldProblems."""
    document = object_in(delivery)
    contact = text_of(document.get("vid")) or text_of(document.get("canonical-vid"))
    if document.get("is-contact") is False or (not contact and any(one in document for one in OTHER_THINGS)):
        return [Ignored("no contact: leads come from workflows of contacts")]
    if not contact or not isinstance(document.get("properties"), Mapping):
        return [lead_of(document, document, sender, known_as=None, key=None)]
    said = {name: _latest(value) for name, value in part_of(document, "properties").items()}
    words = hashlib.sha256(delivery.body).hexdigest()
    return [
        lead_of(
            said,
            _in_short(document, said),
            sender,
            known_as=f"record:{contact}",
            key=f"hubspot:{text_of(document.get('portal-id'))}:{contact}:{words}",
            unsaid=is_its_own,
        )
    ]


def is_its_own(name: str) -> bool:
    """Whether HubSpot keeps the property by itself, or Tandem writes it: a delivery for its sake says nothing new."""
    return name.startswith(("hs_", "hubspot_")) or name in ("lastmodifieddate", "notes_last_updated")


def _latest(value: Any) -> Any:
    """The value of a property; those it had before stand beside it."""
    return value.get("value") if isinstance(value, Mapping) else value


def _in_short(document: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept to be read: without the history, and first what a person would look for."""
    about = {one: document[one] for one in ("vid", "portal-id", "profile-url") if one in document}
    filled = {name: value for name, value in said.items() if value not in (None, "")}
    ours = {name: value for name, value in filled.items() if not name.startswith("hs_")}
    return {**about, "properties": {**ours, **filled}}


def example(person: Mapping[str, str]) -> Any:
    """A contact."""
    named = {"firstname": "first_name", "lastname": "last_name", "email": "email", "company": "company"}
    properties = {name: {"value": person[field]} for name, field in named.items()}
    return {"vid": 1, "is-contact": True, "properties": properties}


ADAPTER = Adapter(
    title="HubSpot: workflow",
    how="In HubSpot: the workflow’s action Send a webhook → POST → the address, then API key → in the request header → "
    "`X-Tandem-Secret` and the secret. Or let HubSpot sign: paste your app’s client secret into this source’s screen.",
    verify=doubt_workflow,
    read=read_contact,
    delivery_key=lead_key,
    secret_in="token",  # noqa: S106  # the name of a parameter
    secret_of="HubSpot",  # noqa: S106  # a name
    a_second=1000,
    example=example,
)
