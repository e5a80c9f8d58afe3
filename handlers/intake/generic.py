"""What most sources share: one lead in JSON or a form, known by the id that its system gave it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.mapping import Unmapped, apply_mapping
from domain.leads.taken import taken_lead
from domain.outcomes.crm import CrmWord
from handlers.intake.adapter import Delivery, Ignored, Sender
from handlers.intake.decoding import decoded
from handlers.intake.flat import flat
from handlers.intake.outcomes import word_in
from handlers.intake.reading import Read, read_lead
from handlers.intake.sent import as_sent
from handlers.intake.views import BadBody, Within
from handlers.words.leads import mapping_note

LONGEST_KEY: Final = 200
META_TEST: Final = "<test lead: dummy data"
"""How every answer of a lead begins that Meta's Lead Ads Testing Tool made."""


def one_lead(delivery: Delivery, sender: Sender) -> list[NewLead | CrmWord | Ignored]:
    """The lead in the body, or what came of one. Meta's tests come by many a Zap. Raises BadBody, FieldProblems."""
    document = decoded(delivery.body, delivery.kind)
    if META_TEST.encode() in delivery.body and any(str(one).startswith(META_TEST) for one in flat(document).values()):
        return [Ignored("a test of Meta’s", test=True)]
    word = word_in(document)
    return [word if word is not None else lead_in(document, sender)]


def object_in(delivery: Delivery) -> dict[str, Any]:
    """The JSON object or the form in the body. Raises BadBody."""
    document = decoded(delivery.body, delivery.kind)
    if not isinstance(document, dict):
        raise BadBody({"": "must be an object"})
    return document


def lead_in(document: Any, sender: Sender) -> NewLead:
    """The lead in a decoded body or a part of it, kept without the sender's secret. Raises BadBody, FieldProblems."""
    found = read_lead(document)
    return _taken(found, document, document, sender, found.id)


def lead_of(
    document: Any,
    sent: Any,
    sender: Sender,
    *,
    known_as: str | None,
    key: str | None,
    unsaid: Callable[[str], bool] | None = None,
) -> NewLead:
    """The lead in what an adapter made of a payload. `sent`: the payload, or the part of it that is of this lead.

    `known_as`: what the vendor calls the lead for good, with its kind ("record:7"); `key`: what it calls the delivery.
    `unsaid`: tells the labels of what the vendor says of itself, and of what Tandem writes there: the same lead with
    other ones of these says nothing new. Raises BadBody, FieldProblems.
    """
    lead = _taken(read_lead(document), document, sent, sender, known_as, unsaid)
    return replace(lead, key=short(key) if key is not None else None)


def _taken(
    found: Read,
    document: Any,
    sent: Any,
    sender: Sender,
    known_as: str | None,
    unsaid: Callable[[str], bool] | None = None,
) -> NewLead:
    """The lead as the source's mapping has it; what the mapping says nothing of is found by its name."""
    values, rest, marks = dict(found.values), dict(found.rest), list[Unmapped]()
    if sender.mapping:
        values, rest, marks = apply_mapping(sender.mapping, values, rest, flat(document))
    try:
        lead = taken_lead(
            values,
            source=sender.name,
            external_id=short(known_as) if known_as is not None else None,
            rest=rest,
            sent=as_sent(sent, *sender.secrets),
            unsaid=unsaid,
        )
    except FieldProblems as error:
        raise error from Within(document)
    return replace(lead, marks=(*lead.marks, *map(mapping_note, marks)), document=document)


def lead_key(_delivery: Delivery, lead: NewLead) -> str | None:
    """The lead's own id and what it says: the same id with other words is no redelivery.

    Many senders name the person, not the message.
    """
    return short(f"lead:{lead.external_id}:{lead.said}") if lead.external_id is not None else None


def short(name: str) -> str:
    """The name as it is stored: a long one by its hash, so that two long ones are told apart by their ends, too."""
    if len(name) <= LONGEST_KEY and name.isprintable():
        return name
    return "sha256:" + hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
