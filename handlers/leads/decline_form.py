"""The form of a decline: why, and what happens then. It grows once a reason is picked, and proposes what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.leads.declining import MARKETING, NEXT, NURTURE, Consequences, Then
from domain.leads.facts import LeadFacts
from domain.leads.lifecycle import NOTE_LIMIT
from domain.leads.reasons import REASONS, Reason
from domain.marks import mark
from domain.text import shorten
from handlers.answers import Block, View
from handlers.blocks import Element, context, escape, input_block, modal, option, select, text_input
from handlers.leads.views import headline
from handlers.words.reasons import meaning_of

DECLINE_FORM: Final = "lead.decline_form"
PICK_REASON: Final = "lead.decline_reason"
PICK_THEN: Final = "lead.decline_then"


@dataclass(frozen=True, slots=True)
class Picked:
    """A reason that was picked, with what can follow. `then`: the value of what is picked of it, None: nothing yet."""

    reason: Reason
    found: Consequences
    then: str | None


def decline_form(lead: LeadFacts, response_url: str, picked: Picked | None = None, note: str = "") -> View:
    """Why the lead is given back, and what then. The context carries the lead's mark."""
    reasons = {one.name: option(one.label, one.name) for one in REASONS if one.offered}
    chosen = reasons.get(picked.reason.name) if picked is not None else None
    why = input_block("reason", "Why?", select(PICK_REASON, "Pick a reason", list(reasons.values()), initial=chosen))
    blocks: list[Block] = [headline(lead, lead_in="You give back", asked=False), {**why, "dispatch_action": True}]
    if picked is not None:
        blocks += [context(escape(meaning_of(picked.reason.name))), *_then(picked)]
    words = text_input(multiline=True, max_length=NOTE_LIMIT, initial=note)
    hint = "Your words go with the lead, and appear in the thread of its card."
    blocks.append(input_block("note", "What should the others know?", words, optional=True, hint=hint))
    remembered = {"lead": mark(lead.id, lead.arrived_at), "response_url": response_url}
    return modal(DECLINE_FORM, "Decline lead", blocks, submit="Decline", context=remembered)


def until_field(name: str, proposed: str, *, hint: str) -> Block:
    """The day of nurture's end. `name`: a new field for each proposal, since Slack keeps what stands in an old one."""
    day: Element = {"type": "datepicker", "action_id": f"value:{name}", "initial_date": proposed}
    return input_block("until", "Until", day, hint=hint)


def _then(picked: Picked) -> list[Block]:
    offered = {one.value: option(then_words(one), one.value) for one in picked.found.offered}
    # Each reason has a menu of its own: Slack keeps what was picked in an old one.
    menu = select(
        f"{PICK_THEN}:{picked.reason.name}",
        "Pick what happens",
        list(offered.values()),
        initial=offered.get(picked.then or ""),
    )
    blocks: list[Block] = [{**input_block("then", "What happens then?", menu), "dispatch_action": True}]
    if picked.then == NURTURE:
        hint = "On that day sales gets the lead back by itself, with a fresh clock and its history."
        blocks.append(until_field(picked.reason.name, picked.found.until, hint=hint))
    elif picked.then == MARKETING:
        blocks.append(context("Marketing reads why, and accepts it or disputes it."))
    elif picked.then is not None:
        blocks.append(context("It goes there at once, with a fresh clock. Your words go with it."))
    return blocks


def then_words(one: Then) -> str:
    """Something that can follow, as a menu offers it."""
    if one.value == NEXT:
        return shorten(f"The next rep of {one.team} gets it", 75)
    if one.value == MARKETING:
        return "Back to marketing"
    if one.value == NURTURE:
        return "Nurture until a day"
    return shorten(f"Team {one.team} gets it", 75)
