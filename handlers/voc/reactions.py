"""Reactions: an emoji on a message logs the message's words, and whoever reacted reads what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.errors import Deactivated, NotAllowed, NotForGuests, NotOurs
from domain.marks import mark
from domain.people import EVERYONE
from domain.voc.facts import VocFacts
from domain.voc.reactions import Outcome, Reacted, does_log, note_reaction, refuse_reaction, take_reaction_back
from domain.voc.receipt import VocReceipt
from handlers.answers import NOTHING, Answer, Receipt
from handlers.arrival import Arrival
from handlers.blocks import actions, button, escape, section
from handlers.listeners import Listeners
from handlers.voc import views

LONGEST: Final = 255
"""Characters of an id of Slack's, and of an emoji's name."""

_REFUSED: Final = {
    "guest": "You are a guest in this Slack workspace, so nothing was logged. Ask a member to react.",
    "stranger": "Tandem works for the people of another workspace, so nothing was logged.",
    "deactivated": "Your account is deactivated in Slack, so nothing was logged.",
    "own_message": "This message is Tandem’s own, so nothing was logged. React to what a customer said.",
    "gone": "This message is gone, so nothing was logged. `{voc}` logs it in your own words.",
    "no_access": "Slack does not show Tandem this message, so nothing was logged. `{voc}` logs it in your own words.",
    "no_words": "This message has no words, so nothing was logged. `{voc}` logs what the customer said.",
    "sensitive": "A card number, a secret or a list of phones seems to stand in this message, so nothing was logged. "
    "*Log this message* in its menu asks before it saves.",
}


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.event("reaction_added", roles=EVERYONE)(on_added)
    listeners.event("reaction_removed", roles=EVERYONE)(on_removed)


async def on_added(arrival: Arrival) -> Answer:
    """Most reactions mean something else: they cost one look."""
    reacted = await _reacted(arrival)
    if reacted is None:
        return NOTHING
    try:
        await arrival.run(note_reaction, reacted)
    except (NotOurs, NotForGuests, NotAllowed, Deactivated) as refused:
        whys: dict[type[Exception], Outcome] = {Deactivated: "deactivated", NotForGuests: "guest"}
        why = whys.get(type(refused), "stranger")
        tandem = arrival.tandem
        await tandem.db.run(refuse_reaction, arrival.team_id, arrival.user_id, reacted, why, at=arrival.at)
    return NOTHING


async def on_removed(arrival: Arrival) -> Answer:
    reacted = await _reacted(arrival)
    if reacted is not None:
        await arrival.run(take_reaction_back, reacted)
    return NOTHING


def read_reaction(body: Mapping[str, Any]) -> Reacted | None:
    """The reaction of an event; None for one to a file, or what Slack does not send.

    Source: https://docs.slack.dev/reference/events/reaction_added
    """
    event = body.get("event") or {}
    item = event.get("item")
    if not isinstance(item, Mapping) or item.get("type") != "message":
        return None
    seen_by = next(iter(body.get("authorizations") or ()), None) or {}
    emoji, channel, ts = _id(event.get("reaction")), _id(item.get("channel")), _id(item.get("ts"))
    if not (emoji and channel and ts):
        return None
    return Reacted(emoji, channel, ts, _id(event.get("item_user")), _id(seen_by.get("user_id")) or "-")


def outcome_receipt(outcome: str, name: str, voc: str, item: VocReceipt | VocFacts | None) -> Receipt | None:
    """What whoever reacted reads; None when the item is another's, or gone, meanwhile. `voc`: the command's name."""
    if isinstance(item, VocReceipt):
        return views.receipt(item, "restored" if outcome == "restored" else "logged")
    if isinstance(item, VocFacts) and outcome == "theirs":
        text = f"{escape(name)} has logged this message already, so it is there once."
        heard = button("I heard this too", "voc.heard", mark(item.id, item.created_at), about=item.verbatim)
        return Receipt(text, [section(text), actions(heard, block_id="voc.reacted")] if item.live else [section(text)])
    if isinstance(item, VocFacts):
        return Receipt(views.WITHDRAWN, views.withdrawn_blocks(item))
    if outcome not in _REFUSED:
        return None
    text = _REFUSED[outcome].format(voc=voc)
    return Receipt(text, [section(text)])


async def _reacted(arrival: Arrival) -> Reacted | None:
    """The reaction, if it is one that logs."""
    reacted = read_reaction(arrival.body)
    if reacted is None or arrival.user_id in ("", reacted.ours):
        return None
    return reacted if await arrival.tandem.db.read(does_log, arrival.team_id, reacted.emoji) else None


def _id(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= LONGEST else ""
