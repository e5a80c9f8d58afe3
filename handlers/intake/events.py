"""What Segment and RudderStack send: events of whoever was on a website, of which those that name a person are leads.

Source: segment.com/docs/connections/spec (common, identify, track) and rudderstack.com/docs, "Event specification".
RudderStack has an identify's traits in `context.traits`, Segment at the top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.persons.gone import PersonGone
from handlers.intake.adapter import Ignored, Sender
from handlers.intake.generic import lead_of, short
from handlers.intake.payloads import part_of, text_of
from handlers.intake.reading import names_field
from handlers.intake.views import BadBody

MOST: Final = 4_000
"""Of a batch. Source: segment.com/docs, "Webhooks (Actions) Destination", "Batch size limits"."""
TELLING: Final = frozenset({"identify", "track"})
REACHES: Final = frozenset({"email", "phone"})
PERSON: Final = REACHES | {"name", "first_name", "last_name"}
TRIED: Final = "segment-test-message"
"""How the message ids of Segment's Event Tester begin."""


def leads_in(document: Any, sender: Sender) -> list[NewLead | PersonGone | Ignored]:
    """Each event by itself: one that names nobody does not cost the others. Raises BadBody."""
    if isinstance(document, dict) and isinstance(document.get("batch"), list):
        document = document["batch"]
    events: Sequence[Any] = document if isinstance(document, list) else [document]
    if not events or len(events) > MOST:
        raise BadBody({"": f"must be an event, or a list of 1 to {MOST:,}"})
    if len(events) == 1 and not (isinstance(events[0], dict) and text_of(events[0].get("type"))):
        raise BadBody({"type": "is missing: this is no event"})
    return [_lead(one, sender) for one in events]


def example(person: Mapping[str, str]) -> Any:
    """An identify with the person's traits."""
    traits = {name: person[name] for name in ("name", "email", "company")}
    return {"type": "identify", "messageId": "trial", "userId": "trial", "traits": traits}


def _lead(event: Any, sender: Sender) -> NewLead | PersonGone | Ignored:
    kind = text_of(event.get("type")).casefold() if isinstance(event, Mapping) else ""
    if not kind:
        return Ignored("no event: its type is missing", lost=True)
    number = text_of(event.get("messageId"))
    if kind == "delete":
        return _erasure(event, number)
    if number.startswith(TRIED):
        return Ignored("a test of Segment’s", test=True)
    if kind not in TELLING:
        return Ignored(f"{text_of(kind, 60)}: no lead")
    context, user = part_of(event, "context"), text_of(event.get("userId"))
    traits = {**part_of(context, "traits"), **part_of(event, "traits")}
    properties, campaign = part_of(event, "properties"), part_of(context, "campaign")
    if "@" in user and not _names(traits, REACHES):
        traits["email"] = user
    if not (_names(traits, PERSON) or _names(properties, REACHES)):
        return Ignored("nobody: no e-mail address, phone number or name in traits or properties")
    said = {
        "traits": traits,
        "properties": properties,
        "form_name": text_of(event.get("event"), 200),
        "utm_campaign": campaign.get("name"),
        "utm_source": campaign.get("source"),
        "utm_medium": campaign.get("medium"),
    }
    called = f"event:{number}" if number else None
    try:
        return lead_of(said, event, sender, known_as=called, key=called)
    except (BadBody, FieldProblems):
        return Ignored("nobody: what should name a person cannot be read", lost=True)


def _erasure(event: Mapping[str, Any], number: str) -> PersonGone | Ignored:
    """Whom Segment was told to delete, by `userId`. Source: segment.com/docs/privacy, "Regulations"."""
    user = text_of(event.get("userId"), 500)
    email = user if "@" in user else text_of(part_of(event, "traits").get("email"), 500)
    if not user and not email:
        return Ignored("an erasure of nobody: its userId is missing", lost=True)
    return PersonGone(
        "erasure", email=email or None, user=user or None, key=short(f"event:{number}") if number else None
    )


def _names(values: Mapping[str, Any], fields: frozenset[str]) -> bool:
    """Whether one of the fields is filled. A product has a `name`, too: properties name a person by an address only."""
    return any(names_field(str(name)) in fields and text_of(value) for name, value in values.items())
