"""HubSpot's webhooks of an app: a list of events, each with a contact's id; a job asks HubSpot for the contact.

Source: developers.hubspot.com, "Webhooks API" and "Contacts". A newer app calls a contact `object` with the type 0-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.outcomes.crm import CrmWord
from domain.persons.gone import PersonGone
from domain.voc.heard import Fetch
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.asking import Asking, LeadFetch
from handlers.intake.decoding import decoded
from handlers.intake.generic import lead_key, lead_of, short
from handlers.intake.hubspot_proof import doubt_v3
from handlers.intake.payloads import part_of, text_of
from handlers.intake.sources.hubspot_workflow import is_its_own
from handlers.intake.views import BadBody
from handlers.jobs import Impossible

ENDPOINT: Final = "https://api.hubapi.com/crm/v3/objects/contacts"
CONTACT: Final = "0-1"
MOST: Final = 1_000
STATUS: Final = "hs_lead_status"
PROPERTIES: Final = (
    "email firstname lastname phone mobilephone company jobtitle message website hubspotscore lifecyclestage "
    "hs_lead_status recent_conversion_event_name city state country createdate"
)
NO_LEADS: Final = frozenset({"", "subscriber", "opportunity", "customer", "evangelist", "other"})
"""Stages of a contact's life that hand nobody over."""
TELLING: Final = {
    "lifecyclestage": {"opportunity": "qualified", "customer": "won"},
    "hs_lead_status": {"attempted_to_contact": "tried", "connected": "contacted", "open_deal": "qualified"},
}
"""What a property's new value says of a lead that there is. Source: knowledge.hubspot.com, "Lead status" (defaults)."""
GONE: Final[Mapping[str, Literal["erasure", "withdrawal"]]] = {"privacyDeletion": "erasure", "deletion": "withdrawal"}
"""A deleted contact can be restored for 90 days, one that was deleted for privacy cannot.

Source: knowledge.hubspot.com, "Understand restorable and permanent contact deletions".
"""


def read_events(delivery: Delivery, sender: Sender) -> list[Fetch | CrmWord | PersonGone | Ignored]:
    """The contacts to ask for, what came of those that are leads, and who is gone. Raises BadBody."""
    document = decoded(delivery.body, delivery.kind)
    events = document if isinstance(document, list) else [document]
    if not events or len(events) > MOST:
        raise BadBody({"": f"must be a list of 1 to {MOST:,} events"})
    found = [_event(one, sender) for one in events]
    if all(isinstance(one, Ignored) and one.lost for one in found):
        raise BadBody({"subscriptionType": "is missing: the payload is of no webhook of HubSpot’s"})
    return found


def _event(event: Any, sender: Sender) -> Fetch | CrmWord | PersonGone | Ignored:
    kind, contact = (
        text_of(event.get(one)) if isinstance(event, Mapping) else "" for one in ("subscriptionType", "objectId")
    )
    thing, _, what = kind.partition(".")
    if not kind:
        return Ignored("no event of HubSpot’s", lost=True)
    if thing != "contact" and not (thing == "object" and text_of(event.get("objectTypeId")) == CONTACT):
        return Ignored(f"{text_of(kind, 60)}: no contact")
    if what == "merge":
        return _merged(event)
    said, name, value = None, "", ""
    if what == "propertyChange":
        name, value = text_of(event.get("propertyName"), 60), text_of(event.get("propertyValue")).casefold()
        said = TELLING.get(name, {}).get(value)
        if said is None and (name != "lifecyclestage" or value in NO_LEADS):
            return Ignored(f"a change of {name or 'nothing'}: leads come from the life cycle stage")
    elif what != "creation" and what not in GONE:
        return Ignored(f"{text_of(kind, 60)}: no new lead")
    if not (contact.isascii() and contact.isdecimal()):
        return Ignored("an event without its objectId", lost=True)
    key = _key(event, contact)
    if what in GONE:
        return PersonGone(GONE[what], (f"record:{contact}",), key=key)
    if said:
        return CrmWord(said, (f"record:{contact}",), key=key, written=value if name == STATUS else None)
    return Fetch(key, LeadFetch(sender.id, contact, key))


def _merged(event: Mapping[str, Any]) -> CrmWord | Ignored:
    """Contacts that are one from now on: the new one, where HubSpot made one of them, else the one that stays."""
    others = event.get("mergedObjectIds")
    listed = others if isinstance(others, list) else [others]
    numbers = [text_of(one) for one in (event.get("newObjectId"), event.get("primaryObjectId"), *listed[:MOST])]
    contacts = list(dict.fromkeys(one for one in numbers if one.isascii() and one.isdecimal()))
    if len(contacts) < 2:
        return Ignored("a merge that does not say of which contacts", lost=True)
    return CrmWord("joined", tuple(f"record:{one}" for one in contacts), key=_key(event, contacts[0]))


def _key(event: Mapping[str, Any], contact: str) -> str:
    """What names an event for good."""
    named = ":".join(text_of(event.get(one)) for one in ("portalId", "appId", "subscriptionId", "eventId"))
    return short(f"hubspot:{named}:{contact}")


async def ask_contact(asking: Asking, wanted: LeadFetch, sender: Sender) -> NewLead | Ignored:
    """The contact. Raises Impossible, Retry, OSError."""
    told = await asking.get(f"{ENDPOINT}/{wanted.number}", {"properties": ",".join(PROPERTIES.split())})
    if told.status == 404:
        raise Impossible(f"HubSpot knows no contact {wanted.number}, or does not show it to the access token")
    if told.status != 200:
        raise ConnectionError(f"HubSpot: http {told.status}")
    properties = {name: value for name, value in part_of(told.body, "properties").items() if value not in (None, "")}
    number = text_of(told.body.get("id")) or wanted.number
    try:
        return lead_of(
            properties,
            {"id": number, "properties": properties},
            sender,
            known_as=f"record:{number}",
            key=None,
            unsaid=is_its_own,
        )
    except (BadBody, FieldProblems):
        return Ignored("a contact of whom nothing says who it is")


ADAPTER = Adapter(
    title="HubSpot: an app’s webhooks",
    how="In HubSpot: your app → Webhooks → Target URL is the address. Subscribe to\n"
    "•  contacts that are created, or changes of `lifecyclestage`\n"
    "•  changes of `hs_lead_status`, if HubSpot shall tell who was reached\n"
    "•  merges of contacts, so that leads of one person become one\n"
    "•  contacts that are deleted, and deleted for privacy, so that they are erased here, too\n"
    "Then paste two things into this source’s screen: the app’s client secret, and an access token that may read "
    "contacts, since the webhook only names them.",
    verify=doubt_v3,
    read=read_events,
    delivery_key=lead_key,
    secret_of="HubSpot",  # noqa: S106  # a name
    key_of="HubSpot",
    ask=ask_contact,
)
