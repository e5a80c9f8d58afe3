"""The words and colours for a lead at one moment, shared by every message that shows it.

People are named without a mention: whoever must know gets a message of their own, and nobody is pinged twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.leads.ended import LOST_REASONS, OutcomeFacts
from domain.leads.endings import JoinedInto
from domain.leads.facts import Ending, LeadFacts, Person
from domain.leads.judgement import Judgement
from domain.leads.reasons import reason_named
from domain.leads.ticking import Ticking
from domain.text import shorten
from domain.zones import stored_zone
from handlers.blocks import date, escape, mention
from handlers.words import ordinal, span

CALM: Final = "#2f7de1"
HALF: Final = "#e0a100"
ALMOST: Final = "#e8710a"
OVERDUE: Final = "#d1263b"
DONE: Final = "#2e9e6b"
QUIET: Final = "#8a8f98"


@dataclass(frozen=True, slots=True)
class Look:
    """How a card shows a stage of the clock; `words` stand before the deadline."""

    colour: str
    words: str = ""


LOOKS: Final = {
    "calm": Look(CALM),
    "half": Look(HALF, "Half the time is gone"),
    "almost": Look(ALMOST, "Almost due"),
    "overdue": Look(OVERDUE),
}
"""By the stage of a rung (domain/leads/ladder.py)."""

ENDINGS: Final = {
    "contacted": "Contacted",
    "declined": "Declined",
    "won": "Won",
    "lost": "Lost",
    "nurture": "Moved to nurture",
    "withdrawn": "Withdrawn",
}


OUTCOMES: Final = {"qualified": "Qualified", "nurture": "In nurture", "won": "Won", "lost": "Lost"}
"""What came of a lead after contact."""


def named(person: Person | None, reader: str | None = None) -> str:
    """A member in bold, or "you" to themselves, as mrkdwn. `reader` is the user id of whoever reads it."""
    if person is None:
        return "*Tandem*"
    return "*you*" if person.user_id == reader else f"*{name_of(person)}*"


def name_of(person: Person) -> str:
    """A member as text that pings nobody: "Ana Ruiz". Only an id whose name we never learned is a mention."""
    if person.name == person.user_id:
        return mention(person.user_id)
    return escape(shorten(person.name, 60))


def unbold(text: str) -> str:
    """Our own words without the bold, for notifications."""
    return text.replace("*", "")


def sentence_case(text: str) -> str:
    """The text with "you" at its beginning as "You"; a name stays as its owner writes it."""
    return f"*You*{text[5:]}" if text.startswith("*you*") else text


def moment(at: datetime, now: datetime, zone: str, words: str = "", *, lasting: bool = False) -> str:
    """`words` and a time in each reader's zone, with the day when it is not today in `zone`.

    `lasting`: the text may still stand tomorrow, so the day is always said; Slack keeps it true as "yesterday".
    """
    local, today = at.astimezone(stored_zone(zone)), now.astimezone(stored_zone(zone))
    if local.date() == today.date() and not lasting:
        return date(at, words + "{time}", fallback=f"{words}{at:%H:%M} UTC")
    return date(at, words + "{date_short_pretty} {time}", fallback=f"{words}{at:%a %d %b %H:%M} UTC")


def relative(at: datetime, now: datetime) -> str:
    """ "· in 12 minutes", kept true by the reader's Slack; elsewhere it says when it was true."""
    words = f"{span(at - now)} left" if at > now else f"{span(now - at)} ago"
    # The dot is part of the token: Slack begins a token's text with a capital.
    return date(at, "· {ago}", fallback=f"· {words} at {now:%H:%M} UTC")


def zone_time(at: datetime, now: datetime, zone: str) -> str:
    """A time for places without date tokens, such as a lock screen: "14:20 UTC", "Mon 09:05 CET"."""
    local = at.astimezone(stored_zone(zone))
    same_day = local.date() == now.astimezone(stored_zone(zone)).date()
    return local.strftime("%H:%M %Z" if same_day else "%a %H:%M %Z")


def title(lead: LeadFacts) -> str:
    """ "Lee Wong, Northwind (demo request)" as mrkdwn, short enough for a lock screen."""
    parts = escape(shorten(lead.name, 60))
    if lead.company:
        parts += f", {escape(shorten(lead.company, 40))}"
    asked = " ".join((lead.asked or "").split())
    return f"{parts} ({escape(shorten(asked, 50))})" if asked else parts


def colour(lead: LeadFacts) -> str:
    """Calm, amber after half the time, orange when almost due; green or grey when settled. Late is red everywhere."""
    if lead.ticking is not None:
        return LOOKS[lead.ticking.stage].colour
    if lead.contacted_late:
        return OVERDUE
    return DONE if lead.state in ("contacted", "qualified", "won") else QUIET


def clock_line(lead: LeadFacts) -> str:
    """What the clock says, in mrkdwn: the deadline, how far away it is, and why it might stand still."""
    clock = lead.ticking
    if clock is None:
        done = lead.tries is not None and lead.tries.done
        return "*All tries are made.* Contacted, or declined?" if done else "This lead has no deadline."
    if clock.stage == "overdue":
        overdue = moment(clock.due_at, lead.at, lead.zone, "Overdue since ", lasting=True)
        pieces = [f"*{overdue}* {relative(clock.due_at, lead.at)}"]
        if clock.runs_on_at is not None:
            pieces.append(moment(clock.runs_on_at, lead.at, lead.zone, "team closed until ", lasting=True))
        return " · ".join(pieces)
    verb = "Extended to " if clock.extended else "All tries due " if _tries_run(lead) else "Due "
    words = LOOKS[clock.stage].words
    due = moment(clock.due_at, lead.at, lead.zone, verb.lower() if words else verb)
    first = f"*{words}* · {due}" if words else f"*{due}*"
    if clock.runs_on_at is None:
        first += f" {relative(clock.due_at, lead.at)}"
    return " · ".join([first, *_pauses(clock, lead)])


def _tries_run(lead: LeadFacts) -> bool:
    return lead.tries is not None and lead.tries.until is not None


def tries_line(lead: LeadFacts) -> str:
    """ "2 of 5 tries, the last today 11:20" where the policy asks for tries; empty before the first."""
    tries = lead.tries
    if tries is None or not tries.made or tries.last is None:
        return ""
    return f"{tries.made} of {tries.wanted} tries · {moment(tries.last, lead.at, lead.zone, 'the last ', lasting=True)}"


def meeting_line(lead: LeadFacts) -> str:
    """Whether a contacted lead has its first meeting, or until when one is due; empty where nobody asks."""
    meeting = lead.meeting
    if meeting is None:
        return ""
    if meeting.booked_at is not None:
        return moment(meeting.booked_at, lead.at, lead.zone, "Meeting booked ", lasting=True)
    if meeting.due_at is None:
        return ""
    passed = meeting.due_at <= lead.at
    words = "*No meeting yet*; it was due " if passed else "First meeting to be booked by "
    return moment(meeting.due_at, lead.at, lead.zone, words, lasting=True)


def _pauses(clock: Ticking, lead: LeadFacts) -> list[str]:
    """Why the clock, or the bot, keeps still for a while."""
    pieces = []
    if lead.judged.missed_at is not None:
        pieces.append("an earlier deadline was missed")
    muted = clock.snoozed_until if clock.snoozed_until is not None and clock.snoozed_until > lead.at else None
    if clock.runs_on_at is not None and muted == clock.runs_on_at and clock.begun:
        # One time, told once: nobody has to compare two of them.
        return [*pieces, moment(muted, lead.at, lead.zone, "the clock stands still, and no reminder comes, until ")]
    if clock.runs_on_at is not None:
        words = "the clock stands still until " if clock.begun else "the clock starts "
        pieces.append(moment(clock.runs_on_at, lead.at, lead.zone, words))
    elif clock.pauses:
        pieces.append("closed hours don’t count")
    if muted is not None:
        if muted >= clock.due_at:
            pieces.append("no reminder before the deadline")
        else:
            pieces.append(moment(muted, lead.at, lead.zone, "no reminder until "))
    return pieces


def owner_line(lead: LeadFacts, reader: str | None = None) -> str:
    """Who has an open lead, in mrkdwn."""
    if lead.owner is None:
        keeper = f"; {named(lead.fallback, reader)} looks after it" if lead.fallback is not None else ""
        return f"*Nobody* has this lead yet{keeper}"
    if lead.state == "claimed":
        return f"Claimed by {named(lead.claimed_by, reader)}"
    if lead.claim_by is not None:
        by = moment(lead.claim_by, lead.at, lead.zone, "to be claimed by ")
        return f"For {named(lead.owner, reader)} · {by}, then the next rep gets it"
    return f"For {named(lead.owner, reader)}"


def waiting_line(lead: LeadFacts) -> str:
    """Both times of a lead that waits too long: since it arrived, and how much working time was allowed."""
    arrived = moment(lead.arrived_at, lead.at, lead.zone, "Arrived ", lasting=True)
    allowed = f" · {span(lead.ticking.allowed)} of working time allowed" if lead.ticking else ""
    return f"{arrived} {relative(lead.arrived_at, lead.at)}{allowed}"


def ending_line(lead: LeadFacts, reader: str | None = None) -> str:
    """How the lead was settled, in mrkdwn: "Contacted by Ana Ruiz 4 min after arrival"."""
    ending = lead.ending
    if lead.joined is not None:
        return joined_line(lead.joined, reader)
    if ending is None:
        return ""
    if lead.state == "withdrawn":
        return withdrawn_line(lead, reader)
    kind = "contacted" if lead.outcome is not None else ending.kind
    line = f"*{ENDINGS.get(kind, kind.capitalize())}*"
    if ending.by is not None:
        line += f" by {named(ending.by, reader)}"
    elif ending.origin is not None:
        line += f", says {escape(shorten(ending.origin, 40))},"
    why = lead.decline_reason or (lead.declined.reason if lead.state == "nurture" and lead.declined else None)
    why = None if lead.outcome is not None else why
    if why is not None:
        return f"{line}: {escape(reason_named(why).label.lower())}"
    if lead.judged.verdict != "late":
        return f"{line} {_took(ending)} · in time"
    # How late it is tells the same time once more, where no closed hours lie between.
    took = f" {span(ending.took)} after arrival" if ending.took - lead.judged.used > timedelta(minutes=1) else ""
    return f"{line}{took} · {lateness(lead.judged)}"


def joined_line(joined: JoinedInto, reader: str | None = None) -> str:
    """ "*One lead now*: says hubspot, this is the same person as Lee Wong, Northwind. *Ana Ruiz* has that lead"."""
    who = escape(shorten(joined.name, 60)) + (f", {escape(shorten(joined.company, 40))}" if joined.company else "")
    said = f"{escape(shorten(joined.source, 40))} says that this is the same person as {who}"
    has = named(joined.owner, reader) if joined.owner is not None else "*nobody*"
    verb = "have" if has == "*you*" else "has"
    return f"*One with another lead*: {said}. {sentence_case(has) if verb == 'have' else has} {verb} that lead"


def withdrawn_line(lead: LeadFacts, reader: str | None = None) -> str:
    """ "*Erased on request*, says hubspot", "*Taken back* by its source, hubspot", in mrkdwn."""
    ending = lead.ending
    origin = escape(shorten(ending.origin, 40)) if ending is not None and ending.origin else ""
    if not lead.erased:
        return f"*Taken back* by its source{f', {origin}' if origin else ''}: nobody needs to contact them any more"
    by = f" by {named(ending.by, reader)}" if ending is not None and ending.by is not None else ""
    return f"*Erased on request*{by}{f', says {origin}' if origin else ''}"


def outcome_line(outcome: OutcomeFacts, reader: str | None = None) -> str:
    """ "*Lost* by Ana Ruiz: too expensive, to Rivalsoft · $40,000", in mrkdwn."""
    line = f"*{OUTCOMES[outcome.kind]}*"
    if outcome.by is not None:
        line += f" by {named(outcome.by, reader)}"
    elif outcome.origin:
        line += f", says {escape(shorten(outcome.origin, 40))}"
    why = [LOST_REASONS[outcome.reason].lower()] if outcome.reason in LOST_REASONS else []
    why += [f"to {escape(shorten(outcome.competitor, 60))}"] if outcome.competitor and outcome.kind == "lost" else []
    line += f": {', '.join(why)}" if why else ""
    line += f" · {escape(str(outcome.amount))}" if outcome.amount is not None else ""
    line += f" · comes back by itself {date(outcome.until, '{date_short}')}" if outcome.until is not None else ""
    return line


def outcome_note(outcome: OutcomeFacts) -> str:
    """What was said besides, in mrkdwn."""
    return f"“{escape(shorten(' '.join(outcome.note.split()), 200))}”" if outcome.note else ""


def lateness(judged: Judgement) -> str:
    """ "Late: 23 min, 10 allowed. The first rep missed it, the second took 7 min": how late a lead was, everywhere."""
    relief = judged.relief
    if relief is None:
        return _how_late(judged)
    missed, now = ordinal(relief.missed), ordinal(relief.now)
    return f"{_how_late(judged)}. The {missed} rep missed it, the {now} took {span(relief.took)}"


def _how_late(judged: Judgement) -> str:
    """ "Late: 23 min, 10 allowed", in working time; "Late by 1 s, 5 min allowed" where that would look the same."""
    used, allowed = span(judged.used), span(judged.allowed)
    if judged.used == judged.allowed:
        # Nothing of it was working time: the deadline was the end of the day, for instance.
        return f"Late by {span(judged.over)}, {allowed} allowed"
    if used == allowed:
        return f"Late by {span(max(judged.used - judged.allowed, timedelta(seconds=1)))}, {allowed} allowed"
    if used.endswith(" min") and allowed.endswith(" min") and used.count(" ") == allowed.count(" ") == 1:
        allowed = allowed.removesuffix(" min")
    return f"Late: {used}, {allowed} allowed"


def _took(ending: Ending) -> str:
    if ending.took < timedelta(seconds=1):
        return "at once"
    line = f"{span(ending.took)} after arrival"
    if ending.took - ending.worked > timedelta(minutes=1):
        line += f" ({span(ending.worked)} of working time)"
    return line


def touches_line(lead: LeadFacts, *, shown: int = 3) -> str:
    """ "3 touches: webinar, pricing page, ebook", the latest first; empty without any."""
    if not lead.touches:
        return ""
    count = len(lead.touches)
    names = ", ".join(escape(shorten(" ".join(what.split()), 40)) for what in lead.touches[:shown])
    return f"{count} {'touch' if count == 1 else 'touches'}: {names}{', …' if count > shown else ''}"
