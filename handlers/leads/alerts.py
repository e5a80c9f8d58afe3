"""What is sent because time ran short: the rep's reminder, the manager's breach card, the thread's notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from domain.leads.facts import Alert, Handoff, LeadFacts
from domain.leads.news import News
from domain.leads.reasons import reason_named
from domain.leads.reassigning import Candidate
from domain.leads.returning import BY_MERGE, BY_NURTURE, BY_RULING
from domain.leads.triage import BY_TRIAGE
from domain.marks import mark
from domain.text import compare_key, shorten
from handlers.answers import Block
from handlers.blocks import Element, actions, button, context, escape, external_select, option, quote, section, select
from handlers.leads.declined import reason_words
from handlers.leads.phrases import (
    clock_line,
    colour,
    ending_line,
    meeting_line,
    moment,
    name_of,
    named,
    owner_line,
    sentence_case,
    title,
    tries_line,
    unbold,
    waiting_line,
    zone_time,
)
from handlers.leads.views import contact_block, headline, row_id, small_print, spoken_name, work_row
from handlers.messages import Rendering

MOST_DETAILS: Final = 6
MOST_OFFERED: Final = 100
EXTENSIONS: Final = (
    ("15m", "15 minutes"),
    ("1h", "1 hour"),
    ("4h", "4 hours"),
    ("next_day", "To the next working day"),
)


def reminder(alert: Alert, reader: str) -> Rendering:
    """The DM to the rep whose time is nearly up; once the lead moved on, what became of it, without buttons."""
    lead = alert.lead
    if alert.resolved:
        return _closed(lead, outcome(alert, reader))
    zone = lead.owner.tz if lead.owner else lead.zone
    due = zone_time(lead.ticking.due_at, lead.at, zone) if lead.ticking else ""
    late = lead.ticking is not None and lead.ticking.stage == "overdue"
    return Rendering(
        text=f"{'Overdue since' if late else 'Almost due, at'} {due}: {title(lead)}.",
        blocks=(
            headline(lead, lead_in="Reminder:", asked=False),
            section(clock_line(lead)),
            *contact_block(lead),
            *work_row(lead, claim=False),
        ),
        colour=colour(lead),
        extra=small_print(lead),
    )


def breach(alert: Alert, reader: str) -> Rendering:
    """The DM to the manager: who had the lead and how late it is, with the ways to save it; then how it ended."""
    lead = alert.lead
    if alert.resolved:
        return _closed(lead, outcome(alert, reader))
    if alert.nobody:
        text = f"Nobody is available for {title(lead)}. Reassign it or take it yourself."
        lead_in, status = (
            "Nobody is available for",
            f"{clock_line(lead)}\n*Nobody* of {escape(lead.team_name)} is there. Whoever is back first gets this lead",
        )
    else:
        had = f" {name_of(alert.rep)} had it." if alert.rep else ""
        text = f"Overdue: {title(lead)}.{had}"
        lead_in, status = "No contact in time:", f"{clock_line(lead)}\n{who_had(alert, reader)}\n{waiting_line(lead)}"
        if alert.kind == "untouched":
            text, lead_in = f"Nobody has touched {title(lead)} yet.", "Nobody has touched:"
    status = "\n".join(filter(None, (status, stand_in_line(alert))))
    return Rendering(
        text=text,
        blocks=(
            headline(lead, lead_in=lead_in),
            section(status),
            *contact_block(lead),
            *rescue(lead),
        ),
        colour=colour(lead),
        extra=small_print(lead),
    )


def meeting(lead: LeadFacts, reader: str) -> Rendering:
    """The DM to whoever reached the person: the time for a first meeting is nearly up; then how it ended."""
    waits = lead.meeting is not None and lead.meeting.asked_for and lead.state == "contacted"
    told = meeting_line(lead) or sentence_case(ending_line(lead, reader))
    if not waits:
        return _closed(lead, told)
    return Rendering(
        text=f"No meeting yet with {title(lead)}.",
        blocks=(
            headline(lead, lead_in="No meeting yet:", asked=False),
            section(told),
            *contact_block(lead),
            *work_row(lead),
        ),
        extra=small_print(lead),
    )


def handoff(step: Handoff) -> Rendering:
    """The line in the thread of the channel's card: who handed the lead to whom, or gave it back and why."""
    lead, before, to = step.lead, named(step.before), named(step.to)
    if step.kind == "declined":
        return _declined(step)
    if step.back and step.kind == "given":
        text = f"{_back(step)} {to} has this lead now."
    elif step.kind == "handed_back":
        text = f"{named(step.by)} took that back: {to if step.to else '*nobody*'} has this lead again."
    elif step.kind == "taken":
        text = f"{to} took this lead over" + (f" from {before}." if step.before else ".")
    elif step.by is not None:
        text = f"{named(step.by)} handed this lead" + (f" from {before}" if step.before else "") + f" to {to}."
    elif step.kind == "given" and step.before is not None:
        text = f"{before} is not here any more, so {to} has this lead now."
    elif step.before is not None and step.missed == "claim":
        text = f"{before} did not claim this in time, so {to} has this lead now."
    elif step.before is not None:
        text = f"{before} made no contact in time, so {to} has this lead now."
    else:
        text = f"{to} has this lead now."
    due = ""
    if lead.ticking and lead.owner == step.to:
        due = moment(lead.ticking.due_at, lead.at, lead.zone, " Due ", lasting=True)
    return Rendering(text=unbold(text), blocks=(section(f"{text}{due}"),))


def _declined(step: Handoff) -> Rendering:
    if step.undone:
        text = f"{named(step.by)} declined this lead by mistake and took that back."
        return Rendering(text=unbold(text), blocks=(section(text),))
    reason = f": {escape(reason_named(step.reason).label.lower())}" if step.reason else ""
    text = f"{named(step.by)} declined this lead{reason}."
    blocks: list[Block] = [section(text)]
    if step.note:
        blocks.append(quote(step.note))
    return Rendering(text=unbold(text), blocks=blocks)


def _back(step: Handoff) -> str:
    """Why somebody is given a lead that was given back."""
    decline = step.lead.declined
    if step.back == BY_RULING:
        return f"{named(step.by)} ruled: sales takes it back."
    if step.back == BY_NURTURE:
        return "Back from nurture."
    if step.back == BY_MERGE:
        return "It was not deleted: it is one with another record."
    if step.back == BY_TRIAGE:
        return "Marketing held it and passed it on."
    why = f": {reason_words(decline)}" if decline is not None else ""
    return f"{named(step.by)} declined it{why}."


def news(one: News, reader: str) -> Rendering:
    """The message to whoever has the lead: what its person says anew, and until when somebody must answer."""
    lead = one.lead
    lead_in = "Asked again:" if one.asked else "News of"
    lead_in = "Two leads are one now:" if one.joined else lead_in
    told = [f"{escape(shorten(one.source, 40))} says that they are one person"] if one.joined else []
    told += [f"They wrote as *{escape(shorten(one.name, 80))}*"] if one.name else []
    told += [f"{escape(label)} is now {escape(shorten(text, 120))}" for label, text in one.details[:MOST_DETAILS]]
    if one.touches:
        named_ones = ", ".join(escape(shorten(" ".join(what.split()), 60)) for what in one.touches[:MOST_DETAILS])
        told.append(f"{'Touch' if len(one.touches) == 1 else 'Touches'}: {named_ones}")
    if one.canceled:
        told.append("They canceled the meeting")
    if one.tier:
        told.append(f"The lead is *{escape(shorten(one.tier, 40))}* now, and its clock starts again")
    status = sentence_case(ending_line(lead, reader)) if lead.ending else clock_line(lead)
    asked = f": {shorten(' '.join(one.asked.split()), 100)}" if one.asked else ""
    who = spoken_name(lead.name, lead.company)
    return Rendering(
        text=f"{escape(shorten(who, 100))} {_what_they_did(one)}{escape(asked)}.",
        blocks=(
            _newest(lead, one.asked, lead_in),
            *([section("\n".join(told))] if told else []),
            section(status),
            *contact_block(lead),
            actions(
                button("Brief", "lead.details", mark(lead.id, lead.arrived_at), about=who),
                block_id=row_id(lead),
            ),
        ),
    )


def _what_they_did(one: News) -> str:
    if one.canceled:
        return "canceled the meeting"
    if one.joined:
        return "was two leads, which are one now"
    return "asked again" if one.asked else "has news"


def _newest(lead: LeadFacts, asked: str | None, lead_in: str) -> Block:
    """The headline with what was asked now, whatever the lead was first asked for."""
    return headline(replace(lead, asked=asked), lead_in=lead_in)


def stand_in_line(alert: Alert) -> str:
    """Why whoever reads this is told of it: they stand in for somebody; empty where they do not."""
    if alert.instead is None:
        return ""
    who = named(alert.instead)
    match alert.instead_why:
        case "own":
            return f"You stand in for {who}, whose own lead it is"
        case "away" if alert.instead.away_until is not None and alert.instead.away_until > alert.lead.at:
            until = moment(alert.instead.away_until, alert.lead.at, alert.lead.zone, "away until ", lasting=True)
            return f"You stand in for {who}, {until}"
    return f"You stand in for {who}, who is not there"


def who_had(alert: Alert, reader: str) -> str:
    """Who had the lead when its time ran out, and what they did."""
    lead = alert.lead
    if alert.rep is None:
        return owner_line(lead, reader)
    if lead.owner != alert.rep:
        return f"{sentence_case(named(alert.rep, reader))} had it, {named(lead.owner, reader)} claimed it"
    claimed = "claimed it, but has not made contact" if lead.state == "claimed" else "has not reacted"
    who = named(alert.rep, reader)
    return sentence_case(f"{who} {claimed}" if who != "*you*" else "*you* have it")


def outcome(alert: Alert, reader: str) -> str:
    """How it ended, in one line."""
    lead, turn = alert.lead, alert.turn
    if lead.ending is not None:
        return ending_line(lead, reader)
    if turn is None and alert.kind == "reminded" and alert.tried and lead.owner == alert.rep:
        return tries_line(lead)
    if turn is None or turn.kind == "given":
        return f"Now with {named(lead.owner, reader)}"
    if turn.kind == "extended" and turn.until is not None:
        until = moment(turn.until, lead.at, lead.zone, "extended the deadline to ", lasting=True)
        return f"{sentence_case(named(turn.by, reader))} {until}"
    if turn.kind == "taken":
        return f"{sentence_case(named(turn.by, reader))} took the lead over"
    if turn.by is None and turn.missed == "claim":
        return f"Not claimed in time, so the lead went to {named(turn.to, reader)}"
    if turn.by is None:
        return f"No contact in time, so the lead went to {named(turn.to, reader)}"
    return f"{sentence_case(named(turn.by, reader))} handed the lead to {named(turn.to, reader)}"


def ended(lead: LeadFacts) -> Rendering:
    """The DM to whoever had an open lead that ended without them: which, and that nothing is left to do."""
    came = moment(lead.arrived_at, lead.at, lead.zone, lasting=True)
    of = f"*{escape(shorten(lead.company, 80))}*" if lead.company else f"*{escape(shorten(lead.source, 60))}*"
    if lead.erased:
        who, why = f"The person of your lead of {of}", "was erased on request"
    else:
        who, why = f"*{escape(shorten(lead.name, 80))}* of {of}", "was taken back by the system that sent them"
    then = "The lead has ended and its clock has stopped: please do not contact them."
    if not lead.erased and lead.state != "withdrawn":
        why, then = "is still known to the system that sent them, under another record", "The lead goes on."
    return Rendering(text=unbold(f"{who} {why}. {then}"), blocks=(section(f"{who}, who came {came}, {why}. {then}"),))


def about_erased() -> Rendering:
    """What stands in place of a message about somebody who was erased."""
    text = "This was about a lead whose person was erased on request."
    return Rendering(text=text, blocks=(context(text),))


def _closed(lead: LeadFacts, outcome: str) -> Rendering:
    return Rendering(
        text=f"{title(lead)}: {unbold(outcome)}.",
        blocks=(headline(lead, asked=False), section(outcome)),
    )


def rescue(lead: LeadFacts) -> list[Block]:
    """The ways to save a lead. To whom it can be given is asked for when the menu opens, so it is as of then."""
    who, marked = spoken_name(lead.name, lead.company), mark(lead.id, lead.arrived_at)
    elements: list[Element] = [
        external_select("lead.reassign", "Reassign to…"),
        select("lead.extend", "Extend…", [option(label, value) for value, label in EXTENSIONS]),
        button("I’ll take it", "lead.take", marked, about=who),
    ]
    return [actions(*elements, block_id=row_id(lead))]


def candidates_named(candidates: Sequence[Candidate], query: str) -> tuple[tuple[str, str], ...]:
    """What the menu offers of them, as (label, value): those in whose label stands what was typed. Slack takes 100."""
    labels = ((candidate_label(one), one.user_id) for one in candidates)
    wanted = compare_key(query)
    return tuple(islice((one for one in labels if wanted in compare_key(one[0])), MOST_OFFERED))


def candidate_label(candidate: Candidate) -> str:
    """ "Bo Larsen · 3 open · here", in the 75 characters of a menu."""
    if candidate.away_until is not None:
        there = "away"
    elif candidate.benched:
        there = "let leads lapse"
    else:
        there = "not at work now" if candidate.closed else "here"
    pieces = ["", f"{candidate.open} open", there]
    if candidate.team is not None:
        pieces.append(shorten(candidate.team, 20))
    rest = " · ".join(pieces)
    return f"{shorten(candidate.name, 75 - len(rest))}{rest}"
