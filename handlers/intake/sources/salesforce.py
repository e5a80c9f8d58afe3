"""Salesforce's Outbound Messages: SOAP, up to 100 notifications in one, and an answer that says whether all were taken.

Source: developer.salesforce.com, "Outbound Messaging". Nothing is signed: the address has the secret, and says of which
organization it takes messages, since a copy of an organization (a sandbox) posts to the same address. Only the latest
data is sent, so a message says nothing of what was before. An id of a session is never read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.outcomes.crm import CrmWord
from handlers.intake.adapter import Adapter, Delivery, Ignored, Kept, Sender
from handlers.intake.generic import lead_key, lead_of
from handlers.intake.outcomes import amount_of, lost_reason, outcome_kind
from handlers.intake.payloads import is_yes, text_of
from handlers.intake.signatures import doubt_given
from handlers.intake.sources.header import doubt_secret
from handlers.intake.views import BadBody
from handlers.intake.xml import Element, read_xml

MOST: Final = 100
ID_LENGTH: Final = 15
"""Of an id that tells capitals apart; three more letters at its end repeat that for those who do not."""
PEOPLE: Final = frozenset({"Lead", "Contact", "CampaignMember"})
DEAL: Final = "Opportunity"
CALLED: Final = {"Title": "Job title", "LeadSource": "utm_source", "CompanyOrAccount": "Company"}
"""Fields that are called otherwise elsewhere."""

ITS_OWN: Final = frozenset({"Status", "OwnerId", "SystemModstamp", "IsUnreadByOwner", "LastModifiedById"})
"""What Salesforce keeps of a record by itself, or Tandem writes there: a message for its sake says nothing new."""

_ACK: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


def doubt_message(delivery: Delivery, secret: str, now: datetime) -> str | None:
    """The secret in the address, and the organization of the message is the one that the address names."""
    doubt = doubt_secret(delivery, secret, now)
    if doubt is not None:
        return doubt
    try:
        told = _notifications(delivery.body).first("OrganizationId")
    except BadBody:
        return None  # whoever knows the secret reads what is wrong with the body
    organization = told.text.strip() if told is not None else ""
    return doubt_given(organization[:ID_LENGTH], delivery.query.get("org", "")[:ID_LENGTH] or "none")


def read_message(delivery: Delivery, sender: Sender) -> list[NewLead | CrmWord | Ignored]:
    """Each notification by itself: one that cannot be kept does not cost the others. Raises BadBody."""
    found = list(_notifications(delivery.body).all("Notification"))
    if not found:
        raise BadBody({"notifications": "has no Notification"})
    if len(found) > MOST:
        raise BadBody({"notifications": f"has {len(found)}: Salesforce sends {MOST} at most"})
    read = [_lead(one, sender) for one in found]
    if all(isinstance(one, Ignored) and one.lost for one in read):
        raise BadBody({"sObject": "says of nobody who it is: let the message send Name, Email, Phone or Company"})
    return read


def _notifications(body: bytes) -> Element:
    """What the envelope holds. Raises BadBody."""
    envelope = read_xml(body)
    inside = envelope.first("Body") if envelope.name == "Envelope" else None
    found = inside.first("notifications") if inside is not None else None
    if found is None:
        raise BadBody({"": "is no Outbound Message: it lacks Envelope, Body and notifications"})
    return found


def _lead(notification: Element, sender: Sender) -> NewLead | CrmWord | Ignored:
    number, thing = notification.first("Id"), notification.first("sObject")
    kind = thing.attributes.get("type", "").rpartition(":")[2] if thing is not None else ""
    if thing is None:
        return Ignored("a notification without its sObject", lost=True)
    if kind not in {*PEOPLE, DEAL} and not kind.endswith("__c"):
        return Ignored(f"{text_of(kind, 60) or 'an sObject without a type'}: nobody’s record")
    fields = {one.name: one.text.strip() for one in thing.children if not one.nil and one.text.strip()}
    record = fields.get("Id", "")[:ID_LENGTH]
    if (word := _word(kind, fields)) is not None:
        return word
    said: dict[str, Any] = {CALLED.get(name, name): value for name, value in fields.items() if name != "Id"}
    said = {name.removesuffix("__c"): value for name, value in said.items() if name.endswith("__c")} | said
    key = number.text.strip() if number is not None else ""
    try:
        return lead_of(
            said,
            {"sObject": kind, **fields},
            sender,
            known_as=_record(record) if record else None,
            key=f"salesforce:{key}" if key else None,
            unsaid=ITS_OWN.__contains__,
        )
    except (BadBody, FieldProblems):
        return Ignored(f"{text_of(kind, 60)} {record}: nothing says who it is", lost=True)


def _word(kind: str, fields: Mapping[str, str]) -> CrmWord | Ignored | None:
    """What came of a lead: a lead that was converted, or an opportunity that was closed. None: it is a lead."""
    if kind == "Lead" and is_yes(fields.get("IsConverted")):
        return CrmWord("qualified", (_record(fields["Id"]),) if "Id" in fields else (), fields.get("Email"))
    if kind != DEAL:
        return None
    said = "won" if is_yes(fields.get("IsWon")) else outcome_kind(fields.get("StageName"))
    said = "lost" if said is None and is_yes(fields.get("IsClosed")) else said
    if said not in ("won", "lost"):
        return Ignored("an opportunity that is not closed")
    records = [value for name, value in fields.items() if _is_person(name)]
    email = next((value for name, value in fields.items() if "email" in name.casefold() and "@" in value), None)
    if not records and email is None:
        return Ignored("an opportunity that names nobody: let the message send the lead’s id or e-mail address")
    amount = fields.get("Amount")
    why = next((value for name, value in fields.items() if "reason" in name.casefold()), "")
    return CrmWord(
        said,
        tuple(map(_record, records)),
        email,
        amount=f"{amount_of(amount)} {fields.get('CurrencyIsoCode', '')}".strip() if amount else None,
        reason=lost_reason(why),
        note=why if lost_reason(why) == "other" else None,
    )


def _is_person(name: str) -> bool:
    """Whether a field of an opportunity holds the id of a lead or a contact; `LeadSource` does not."""
    return name.removesuffix("__c").replace("_", "").casefold() in ("lead", "leadid", "contact", "contactid")


def _record(number: str) -> str:
    return f"record:{number[:ID_LENGTH]}"


def acknowledged(results: Sequence[Kept | Ignored]) -> Response:
    """One word for all notifications: anything but `true` makes Salesforce send them again, for a day."""
    whole = not any(isinstance(one, Ignored) and one.lost for one in results)
    return Response(_ACK.format("true" if whole else "false"), media_type="text/xml; charset=utf-8")


def example(person: Mapping[str, str]) -> Any:
    """An envelope with one lead."""
    named = {"LastName": person["last_name"], "FirstName": person["first_name"], "Email": person["email"]}
    parts = "".join(f"<{name}>{value}</{name}>" for name, value in (named | {"Company": person["company"]}).items())
    lead = f'<sObject xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:Lead">{parts}</sObject>'
    return (
        '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><notifications>'
        f"<Notification><Id>test</Id>{lead}</Notification></notifications></Body></Envelope>"
    )


ADAPTER = Adapter(
    title="Salesforce: outbound messages",
    how="In Salesforce: Setup → Outbound Messages. The endpoint is the address with `?token=`, the secret, `&org=` and "
    "your organization’s id (Setup → Company Information) behind it. A Flow’s HTTP callout is of the kind with a "
    "secret in a header.",
    verify=doubt_message,
    read=read_message,
    delivery_key=lead_key,
    answer=acknowledged,
    secret_in="token",  # noqa: S106  # the name of a parameter
    example=example,
)
