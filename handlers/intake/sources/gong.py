"""Gong's automation rules: what trackers heard in a call. A tracker says how often, not in which words.

Source: help.gong.io, "Payload sent to webhooks" and "Create a webhook rule". Gong puts the secret into the address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.voc.heard import MOST_OF_A_CALL, NewVoc
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.generic import object_in, short
from handlers.intake.payloads import address_of, count_of, domain_of, is_yes, list_of, part_of, text_of
from handlers.intake.sources.header import doubt_secret
from handlers.intake.views import BadBody

MOST_PHRASES: Final = 3


def read_call(delivery: Delivery, _sender: Sender) -> list[NewVoc | Ignored]:
    """An item for each tracker that a customer set off. Raises BadBody.

    The call stands under `callData`, or, as in the sample of Gong's page, at the top.
    """
    document = object_in(delivery)
    call = document["callData"] if isinstance(document.get("callData"), dict) else document
    about = part_of(call, "metaData")
    call_id = text_of(about.get("id"))
    if not call_id:
        raise BadBody({"callData.metaData.id": "is missing: the payload is of no call of Gong’s"})
    if is_yes(document.get("isTest")):
        return [Ignored("a test of Gong’s: it arrived, and nothing is logged", test=True)]
    if is_yes(document.get("isPrivate")) or is_yes(about.get("isPrivate")):
        return [Ignored("a private call")]
    if text_of(about.get("scope")).casefold() == "internal":
        return [Ignored("a call among yourselves")]
    heard = [_heard(one, call, call_id) for one in list_of(part_of(call, "content"), "trackers") if _count(one)]
    if not heard:
        return [Ignored("no tracker heard anything in this call")]
    left_out = len(heard) - MOST_OF_A_CALL
    more = [Ignored(f"{left_out} more trackers: {MOST_OF_A_CALL} of a call are logged")] if left_out > 0 else []
    return [*heard[:MOST_OF_A_CALL], *more]


def _heard(tracker: Mapping[str, Any], call: Mapping[str, Any], call_id: str) -> NewVoc | Ignored:
    name = text_of(tracker.get("name"), 200)
    parties = list_of(call, "parties")
    customers = [one for one in parties if text_of(one.get("affiliation")).casefold() == "external"]
    if not name:
        return Ignored("a tracker without a name")
    count = _by_customers(tracker, customers)
    if not count:
        return Ignored(f"{name}: only your own side said so")
    about = part_of(call, "metaData")
    title = text_of(about.get("title"), 200)
    where = f" in the call “{title}”" if title else " in a call"
    often = "once" if count == 1 else f"{count} times"
    phrases = [text_of(one.get("phrase"), 100) for one in list_of(tracker, "phrases") if count_of(one.get("count"))]
    words = ", ".join(f"“{phrase}”" for phrase in phrases[:MOST_PHRASES] if phrase)
    return NewVoc(
        key=short(f"gong:{call_id}:{text_of(tracker.get('id')) or name}"),
        text=f"“{name}” came up {often}{where}" + (f": {words}" if words else ""),
        call=title,
        subject=name,
        host=_host(parties, text_of(about.get("primaryUserId"))),
        account=_account(call),
        domains=tuple(filter(None, (domain_of(text_of(one.get("emailAddress"))) for one in customers))),
        permalink=address_of(about.get("url")),
    )


def _count(tracker: Mapping[str, Any]) -> int:
    return count_of(tracker.get("count"))


def _by_customers(tracker: Mapping[str, Any], customers: Sequence[Mapping[str, Any]]) -> int:
    """How often customers said it. Where the payload does not tell who spoke, each time counts."""
    spoken = [text_of(one.get("speakerId")) for one in list_of(tracker, "occurrences")]
    theirs = {text_of(one.get("speakerId")) for one in customers} - {""}
    if not any(spoken) or not theirs:
        return _count(tracker)
    return sum(speaker in theirs for speaker in spoken)


def _host(parties: Sequence[Mapping[str, Any]], user_id: str) -> str | None:
    """The address of whoever held the call, in Gong's words its primary user."""
    held = (one for one in parties if user_id and text_of(one.get("userId")) == user_id)
    return next((email for one in held if (email := text_of(one.get("emailAddress")))), None)


def _account(call: Mapping[str, Any]) -> str | None:
    """The account's name in the CRM, where Gong knows it: of the call, else of one who took part."""
    of_people = (one for party in list_of(call, "parties") for one in list_of(party, "context"))
    for context in (*list_of(call, "context"), *of_people):
        for thing in list_of(context, "objects"):
            if text_of(thing.get("objectType")).casefold() in ("account", "company"):
                named = {text_of(one.get("name")).casefold(): one.get("value") for one in list_of(thing, "fields")}
                if found := text_of(named.get("name"), 70):
                    return found
    return None


ADAPTER = Adapter(
    title="Gong: what trackers hear in calls",
    how="In Gong, make an automation rule with a webhook to the address and `?token=` and the secret behind it.",
    verify=doubt_secret,
    read=read_call,
    delivery_key=None,
    secret_in="token",  # noqa: S106  # the name of a parameter
)
