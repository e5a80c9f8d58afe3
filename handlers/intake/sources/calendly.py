"""Calendly's booked meetings: whoever books one is a lead, or it is news of the lead that they are.

Source: developer.calendly.com, "Webhooks overview", "Webhook signatures" and "Reschedule". A meeting that is moved
comes as canceled and as created, in any order: the canceled one is left alone. Whoever has the lead hears of
one that is canceled for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.leads.arriving import NewLead
from domain.leads.taken import moment_of
from domain.outcomes.crm import CrmWord
from domain.zones import find_zone
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.generic import lead_key, lead_of, object_in, short
from handlers.intake.payloads import is_yes, list_of, part_of, text_of
from handlers.intake.signatures import doubt_given, doubt_time, hex_hmac
from handlers.intake.views import BadBody

APART_AT_MOST: Final = timedelta(minutes=3)
"""Source: developer.calendly.com, "Webhook signatures": three minutes of tolerance."""


def doubt_signature(delivery: Delivery, secret: str, now: datetime) -> str | None:
    """`Calendly-Webhook-Signature: t=…,v1=…`: the hex HMAC of the seconds, a dot and the body's bytes."""
    given = delivery.headers.get("calendly-webhook-signature", "")
    if not given:
        return "no_proof"
    parts = [part.partition("=") for part in given.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    if len(stamps) != 1 or any(name not in ("t", "v1") for name, _, _ in parts):
        return "wrong_proof"
    expected = hex_hmac(secret, f"{stamps[0]}.".encode(errors="replace"), delivery.body)
    doubts = [doubt_given(value, expected) for name, _, value in parts if name == "v1"]
    if None not in doubts:
        return "wrong_proof"
    return doubt_time(stamps[0], now, a_second=1, apart=APART_AT_MOST)


def read_booking(delivery: Delivery, sender: Sender) -> list[NewLead | CrmWord | Ignored]:
    """The lead who booked a meeting, moved one or canceled it. Raises BadBody, FieldProblems."""
    document = object_in(delivery)
    event, invitee = text_of(document.get("event")), part_of(document, "payload")
    if not event or not invitee:
        raise BadBody({"payload": "is missing: the payload is of no webhook of Calendly’s"})
    if event == "invitee.canceled":
        return [_canceled(invitee)]
    if event != "invitee.created":
        return [Ignored(f"{event}: no booked meeting")]
    if "invitee" in invitee or not text_of(invitee.get("uri")):
        raise BadBody({"payload.uri": "is missing: this is a payload of Calendly’s old API, which has ended"})
    meeting = part_of(invitee, "scheduled_event")
    verb = "Moved a meeting" if text_of(invitee.get("old_invitee")) else "Booked a meeting"
    booked = f"{verb}: {text_of(meeting.get('name'), 150) or 'without a name'}{_when(meeting, invitee)}"
    said = {
        **{one: invitee.get(one) for one in ("name", "first_name", "last_name", "email")},
        "phone": invitee.get("text_reminder_number"),
        "asked": booked,
        "answers": [{"question": one.get("question"), "answer": one.get("answer")} for one in _answers(invitee)],
        **{one: value for one, value in part_of(invitee, "tracking").items() if one.startswith("utm_")},
    }
    uri = text_of(invitee.get("uri"))
    lead = lead_of(said, document, sender, known_as=f"meeting:{uri}", key=f"calendly:{event}:{uri}")
    return [replace(lead, follows=True, meeting=True)]


def _canceled(invitee: Mapping[str, Any]) -> CrmWord | Ignored:
    uri, email = text_of(invitee.get("uri")), text_of(invitee.get("email")) or None
    if is_yes(invitee.get("rescheduled")):
        return Ignored("a moved meeting: its new time comes by itself")
    if not uri:
        return Ignored("a canceled meeting is no lead")
    return CrmWord("canceled", (short(f"meeting:{uri}"),), email, key=short(f"calendly:canceled:{uri}"))


def _answers(invitee: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in list_of(invitee, "questions_and_answers") if text_of(one.get("question"))]


def _when(meeting: Mapping[str, Any], invitee: Mapping[str, Any]) -> str:
    """When the meeting begins, by the invitee's own clock."""
    start = moment_of(text_of(meeting.get("start_time")) or None)
    if start is None:
        return ""
    zone = find_zone(text_of(invitee.get("timezone")))
    there = start.astimezone(zone or UTC)
    return f", {there:%Y-%m-%d %H:%M} ({there.tzname() if zone is None else text_of(invitee.get('timezone'))})"


def example(person: Mapping[str, str]) -> Any:
    """A meeting that was booked."""
    uri = "https://api.calendly.com/scheduled_events/test/invitees/test"
    invitee = {"uri": uri, "name": person["name"], "email": person["email"], "scheduled_event": {"name": "Test"}}
    return {"event": "invitee.created", "payload": invitee}


ADAPTER = Adapter(
    title="Calendly: booked meetings",
    how="Make the webhook subscription by Calendly’s API: `url` is the address, `signing_key` the secret, and "
    "`events` are `invitee.created` and `invitee.canceled`.",
    verify=doubt_signature,
    read=read_booking,
    delivery_key=lead_key,
    example=example,
)
