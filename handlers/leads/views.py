"""The card of a lead: one for the team's channel, the same in the second person for its rep's DM.

A card is read in a hurry on a phone: the headline, the clock and whose lead it is, how to reach it, one row of
buttons. Where it came from stands below, beside a bar in the clock's colour, which Slack may fold up.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from digests.periods import short_date
from domain.leads.ended import AFTER_CONTACT
from domain.leads.facts import LeadFacts
from domain.leads.passed import PassedFacts
from domain.leads.snoozing import Snooze
from domain.marks import mark
from domain.text import shorten
from domain.zones import stored_zone
from handlers.answers import Block
from handlers.blocks import Element, actions, button, context, escape, option, section, select
from handlers.leads.declined import back_line, back_words, decline_line
from handlers.leads.phrases import (
    clock_line,
    colour,
    ending_line,
    meeting_line,
    name_of,
    named,
    outcome_line,
    outcome_note,
    owner_line,
    sentence_case,
    title,
    touches_line,
    tries_line,
    unbold,
    waiting_line,
    zone_time,
)
from handlers.messages import Rendering

ASKED_SHOWN: Final = 280
NOTES_SHOWN: Final = 3
PLAIN_EMAIL: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
MUTE: Final = "Mute reminders…"
MUTED: Final = {"10m": "10 minutes", "1h": "1 hour", "deadline": "Until the deadline"}


def lead_card(lead: LeadFacts) -> Rendering:
    """The card in the team's channel."""
    return Rendering(
        text=_notification(lead, back_words(lead, "New lead"), lead.zone),
        blocks=(headline(lead), section(status_words(lead)), *contact_block(lead), *work_row(lead)),
        colour=colour(lead),
        extra=small_print(lead),
    )


def lead_dm(lead: LeadFacts, reader: str) -> Rendering:
    """The card in the DM of the member with this user id; when somebody else has the lead, it only says so."""
    if lead.owner is not None and lead.owner.user_id != reader:
        gone = ending_line(lead, reader) if lead.ending else f"{_left(lead)} {named(lead.owner)}"
        return Rendering(
            text=f"{title(lead)}: {_left(lead).lower()} {name_of(lead.owner)}.",
            blocks=(headline(lead, asked=False), section(gone)),
        )
    zone = lead.owner.tz if lead.owner else lead.zone
    return Rendering(
        text=_notification(lead, back_words(lead, "New lead for you"), zone),
        blocks=(headline(lead), section(status_words(lead, reader)), *contact_block(lead), *work_row(lead)),
        colour=colour(lead),
        extra=small_print(lead),
    )


def headline(lead: LeadFacts, *, lead_in: str = "", asked: bool = True) -> Block:
    """The lead's name in bold, its company, and what it asked for; shown as they are, whatever they hold."""
    elements: list[Element] = []
    if lead_in:
        elements.append(_text(f"{lead_in} "))
    elements.append({**_text(shorten(lead.name, 120)), "style": {"bold": True}})
    if lead.company:
        elements.append(_text(f" · {shorten(lead.company, 100)}"))
    words = " ".join((lead.asked or "").split())
    if asked and words:
        elements.append(_text(f"\n{shorten(words, ASKED_SHOWN)}"))
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def small_print(lead: LeadFacts, *, why: bool = True) -> list[Block]:
    """Where the lead came from, what marketing did before, and what was unknown on arrival.

    `why`: with the words of who declined it.
    """
    facts = [escape(shorten(lead.source, 60))]
    if lead.score is not None:
        facts.append(f"score {lead.score}")
    facts.append(escape(shorten(lead.tier, 40)))
    if lead.passed is not None:
        facts.append(definition_words(lead.passed))
    printed = [" · ".join(facts)]
    if lead.passed is not None and lead.passed.how == "passed":
        printed.append(passed_anyway(lead.passed))
    if touches := touches_line(lead):
        printed.append(touches)
    if why and lead.state in ("declined", "nurture") and lead.decline_note:
        printed.append(f"“{escape(shorten(' '.join(lead.decline_note.split()), 200))}”")
    printed += [escape(shorten(note, 160)) for note in lead.notes[:NOTES_SHOWN]]
    return [context("\n".join(printed))]


def definition_words(passed: PassedFacts) -> str:
    """ "MQL v3: 4 of 4", how much of the definition the lead meets; all of it stands in the brief."""
    return f"{passed.stage} v{passed.version}: {len(passed.met)} of {passed.asked} criteria"


def passed_anyway(passed: PassedFacts) -> str:
    """Who passed a lead on that fails the definition, and why, in mrkdwn."""
    failed = escape(shorten(", ".join(passed.failed), 200))
    reason = f" “{escape(shorten(passed.reason, 200))}”" if passed.reason else ""
    return f"{named(passed.by)} passed it on, though not: {failed}.{reason}"


def contact_block(lead: LeadFacts) -> list[Block]:
    """Job title, e-mail address and phone number, character for character, so that a copy is exact; or no block.

    The address is a link where it is a plain one, which every Slack takes.
    """
    elements: list[Element] = []
    if lead.job_title:
        elements.append(_text(shorten(lead.job_title, 80)))
    if lead.email:
        elements += [_text(" · ")] if elements else []
        link = {"type": "link", "url": f"mailto:{lead.email}", "text": lead.email}
        elements.append(link if PLAIN_EMAIL.fullmatch(lead.email) else _text(lead.email))
    if lead.phone:
        elements.append(_text(f" · {lead.phone}" if elements else lead.phone))
    return (
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}] if elements else []
    )


def work_row(lead: LeadFacts, *, claim: bool = True) -> list[Block]:
    """The buttons of an open lead: Claim until somebody did, Contacted, Brief, Decline, Mute; Brief once settled.

    A part of another lead has none: what is to be done is done there. None either once its person was erased.
    """
    elements: list[Element] = []
    who, marked = spoken_name(lead.name, lead.company), mark(lead.id, lead.arrived_at)
    if lead.joined is not None or lead.erased:
        return []
    if lead.is_open:
        claimed = lead.state == "claimed"
        if claim and not claimed:
            elements.append(button("Claim", "lead.claim", marked, style="primary", about=who))
        first = claimed or not claim
        elements.append(button("Contacted", "lead.contacted", marked, style="primary" if first else None, about=who))
        if lead.tries is not None and not lead.tries.done:
            elements.append(button("Tried", "lead.tried", marked, about=who))
        elements.append(button("Brief", "lead.details", marked, about=who))
        elements.append(button("Decline", "lead.decline", marked, about=who))
        if lead.ticking is not None and lead.ticking.snoozes:
            offered = [option(_until(one, lead), one.choice) for one in lead.ticking.snoozes]
            elements.append(select("lead.snooze", MUTE, offered))
    else:
        if lead.meeting is not None and lead.meeting.asked_for:
            elements.append(button("Meeting booked", "lead.meeting", marked, style="primary", about=who))
        if lead.state in AFTER_CONTACT:
            elements.append(button("Outcome", "lead.outcome", marked, about=who))
        elements.append(button("Brief", "lead.details", marked, about=who))
    return [actions(*elements, block_id=row_id(lead))] if elements else []


def spoken_name(name: str, company: str | None) -> str:
    """Whose buttons these are, for those who hear the card: all cards have a "Contacted"."""
    return f"{name}, {company}" if company else name


def row_id(lead: LeadFacts) -> str:
    """The block id of a lead's buttons. It changes with the clock, so that a select that was used is empty again."""
    return f"lead.{lead.ticking.fence if lead.ticking else 0}:{mark(lead.id, lead.arrived_at)}"


def status_words(lead: LeadFacts, reader: str | None = None) -> str:
    """How long there is time and who has it, or what became of it; None: to whoever reads it."""
    if not lead.is_open:
        came = (outcome_line(lead.outcome, reader), outcome_note(lead.outcome)) if lead.outcome is not None else ()
        told = (*came, sentence_case(ending_line(lead, reader)), meeting_line(lead), decline_line(lead, reader))
        return "\n".join(filter(None, told))
    lines = [clock_line(lead)]
    if lead.ticking is not None and lead.ticking.stage == "overdue":
        lines.append(waiting_line(lead))
    lines += [tries_line(lead), owner_line(lead, reader)]
    return "\n".join(filter(None, [*lines, back_line(lead, reader)]))


def _until(snooze: Snooze, lead: LeadFacts) -> str:
    """A time that is offered: "1 hour", "Monday 9:00", with the zone where the rep's is not the team's.

    No "tomorrow": the card may stand until then.
    """
    if snooze.choice in MUTED:
        return MUTED[snooze.choice]
    local = snooze.until.astimezone(stored_zone(snooze.zone))
    far = snooze.until - lead.at >= timedelta(days=6)
    day = f"{local:%a} {short_date(local.date())}" if far else f"{local:%A}"
    zone = f" {local:%Z}" if local.utcoffset() != snooze.until.astimezone(stored_zone(lead.zone)).utcoffset() else ""
    return f"{day} {local.hour}:{local:%M}{zone}"


def _left(lead: LeadFacts) -> str:
    """How the lead went to another rep: they took it, or it was given to them."""
    return "Claimed by" if lead.own_pick else "Handed to"


def _notification(lead: LeadFacts, new: str, zone: str) -> str:
    """What a lock screen shows: "New lead: Lee Wong, Northwind (demo request). Due 14:20 UTC." """
    if lead.outcome is not None:
        return f"{title(lead)}: {unbold(outcome_line(lead.outcome))}."
    if lead.ending is not None:
        return f"{title(lead)}: {unbold(ending_line(lead))}."
    if lead.ticking is None:
        return f"{new}: {title(lead)}."
    due = zone_time(lead.ticking.due_at, lead.at, zone)
    if lead.ticking.stage == "overdue":
        return f"Overdue since {due}: {title(lead)}."
    return f"{new if lead.state == 'new' else 'Claimed lead'}: {title(lead)}. Due {due}."


def _text(text: str) -> Element:
    return {"type": "text", "text": text}
