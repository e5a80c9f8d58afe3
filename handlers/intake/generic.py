"""What most sources share: one lead in JSON or a form, known by the id that its system gave it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from domain.leads.arriving import NewLead
from domain.leads.taken import taken_lead
from handlers.intake.adapter import Sender
from handlers.intake.decoding import decoded
from handlers.intake.reading import read_lead
from handlers.intake.sent import as_sent

LONGEST_KEY: Final = 200


def one_lead(body: bytes, headers: Mapping[str, str], sender: Sender) -> list[NewLead]:
    """The lead in the body. Raises BadBody, FieldProblems."""
    return [lead_in(decoded(body, headers.get("content-type", "")), sender)]


def lead_in(document: Any, sender: Sender) -> NewLead:
    """The lead in a decoded body or a part of it, kept without the sender's secret. Raises BadBody, FieldProblems."""
    found = read_lead(document)
    return taken_lead(
        found.values,
        source=sender.name,
        external_id=short(found.id) if found.id is not None else None,
        rest=found.rest,
        sent=as_sent(document, sender.secret),
    )


def lead_key(_headers: Mapping[str, str], lead: NewLead) -> str | None:
    """The lead's own id and what it says: the same id with other words is no redelivery.

    Many senders name the person, not the message.
    """
    return short(f"lead:{lead.external_id}:{lead.said}") if lead.external_id is not None else None


def short(name: str) -> str:
    """The name as it is stored: a long one by its hash, so that two long ones are told apart by their ends, too."""
    if len(name) <= LONGEST_KEY and name.isprintable():
        return name
    return "sha256:" + hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
