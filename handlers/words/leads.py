"""Sentences about leads: steps that cannot be taken, and fields that cannot be kept."""

from __future__ import annotations

from typing import Final

from domain.errors import LeadAlreadyClaimed, LeadSettled
from domain.leads.errors import (
    AwayRefused,
    CannotBeFixed,
    CannotHaveLead,
    CompanyDoubtMoved,
    CriterionUnmet,
    DeclineMoved,
    DoubtMoved,
    HoldMoved,
    LeadFieldWrong,
    LeadNotFound,
    NotTheirLead,
    NotTheirRuling,
    OutcomeRefused,
    StepRefused,
    TooManyTouches,
)
from domain.leads.file_imports import ImportSettled, ImportWrong
from domain.leads.mapping import FIELDS, Unmapped
from handlers.words.lengths import ago
from handlers.words.saying import Say

_STEP: Final = {
    "still_open": "There is nothing to undo: this lead is still open.",
    "too_late_to_undo": "Only the person who clicked can undo it, within ten minutes. A manager can reassign the lead.",
    "moved_on": "This lead has moved on since, so there is nothing to undo. A manager can reassign the lead.",
    "past_deadline": "This lead is past its deadline. Contact the person now, or ask a manager for more time.",
    "time_passed": "That time has passed. Pick a later time.",
    "no_deadline": "This lead has no deadline to extend. Reassign the lead to start its clock.",
    "no_snooze_picked": "Pick until when to mute reminders.",
    "no_tries": "The policy of this lead asks for no tries. Press Contacted once you reached the person.",
    "no_meeting": "A first meeting is noted once the lead is contacted. Nothing was changed.",
    "no_extension_picked": "Pick how much more time to give.",
    "erased": "The person of this lead was erased on request, so nothing more is done with it. Nothing was changed.",
}

_AWAY: Final = {
    "not_understood": (
        "I don't know when that is. Say until when you are away: `tomorrow`, `4h`, `2d`, `friday`, or a date "
        "like `2026-12-24`."
    ),
    "passed": "That time has passed. Say when you are back.",
    "too_far": "That is more than a year. Ask an admin to take you out of the team instead.",
}

_FIELD: Final = {
    "no_reason": "Pick a reason.",
    "no_note": "Say why in a few words: marketing reads it.",
    "no_name": "A lead needs a name.",
    "nobody": "A lead needs something to know the person by: a name, an e-mail address, a phone number or a company.",
    "no_address": "This is not an e-mail address; write for example lee@northwind.com.",
    "several_addresses": "These are several e-mail addresses; put one here, and the others into what they asked.",
    "no_number": "A score is a number, for example 87.",
    "no_day": "Pick the day on which sales gets the lead back.",
    "day_passed": "That day has come already. Pick a later one.",
    "day_too_far": "That is more than two years ahead. Pick an earlier day.",
    "nobody_else": "Nobody else of the team is here now. Pick another team, or give it back to marketing.",
    "no_consequence": "Pick what happens then.",
    "no_words": "Say why in a sentence: the others read it.",
    "no_verdict": "Pick how you rule.",
    "no_outcome": "Pick what came of it.",
    "no_triage_reason": "Say why in a few words: sales and your colleagues read it.",
}

_SETTLED: Final = {
    "held": "Marketing holds this lead: it does not meet the definition yet. Nothing was changed.",
    "dropped": "Marketing dropped this lead. Nothing was changed.",
    "joined": "This lead is one with another of the same person by now. Nothing was changed.",
    "withdrawn": "This lead was taken back by the system that it came from. Nothing was changed.",
}
_HOLD: Final = {
    "held": "This lead is held again",
    "fixed": "This lead was fixed and went to sales",
    "passed": "This lead was passed on to sales",
    "dropped": "This lead was dropped",
}

_IMPORT: Final = {
    "name": "Use 1 to 40 small letters, digits and hyphens, for example fair-2026.",
    "no_file": "Pick one CSV file.",
}
_IMPORT_SETTLED: Final = {
    "storing": "The file is being stored already, so it cannot be thrown away.",
    "stored": "The file is stored already, so it cannot be thrown away.",
    "dropped": "The file was thrown away. Nothing of it was stored: import it again to store it.",
    "refused": "The file could not be taken to its end. Import it again: nothing is stored twice.",
}


def lead_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case LeadAlreadyClaimed():
            return f"This lead was already claimed by {say(error.by)}, {ago(error.now - error.at)}."
        case LeadSettled() if error.state in _SETTLED:
            return _SETTLED[error.state]
        case CriterionUnmet():
            return f"This does not meet the definition yet: {say(error.criterion)}."
        case CannotBeFixed():
            return f"The lead still fails {say(error.criterion)}, which cannot be typed. Pass it anyway, or drop it."
        case OutcomeRefused():
            if error.state in ("new", "claimed"):
                return "This lead was not contacted yet. Press Contacted first, then say what came of it."
            return "This lead is not with sales any more, so nothing was changed. Undo that first, or ask marketing."
        case DoubtMoved():
            if error.state == "over":
                return "One of the two leads has ended meanwhile, so there is nothing to make one. Nothing was changed."
            by = f" by {say(error.by)}" if error.by else ""
            when = f", {ago(error.now - error.at)}" if error.at else ""
            said = "These two were made one lead" if error.state == "same" else "These two were said to be two people"
            return f"{said}{by}{when}. Nothing was changed."
        case CompanyDoubtMoved():
            by = f" by {say(error.by)}" if error.by else ""
            when = f", {ago(error.now - error.at)}" if error.at else ""
            two = "These two were said to be two companies"
            return f"{two if error.state == 'two' else 'These two were put together'}{by}{when}. Nothing was changed."
        case HoldMoved():
            by = f" by {say(error.by)}" if error.by else ""
            when = f", {ago(error.now - error.at)}" if error.at else ""
            return f"{_HOLD.get(error.state, 'This lead has moved on')}{by}{when}. Nothing was changed."
        case LeadSettled():
            by = f" by {say(error.by)}" if error.by else ""
            when = f", {ago(error.now - error.at)}" if error.at else ""
            return f"Nothing to do: this lead was already {error.state}{by}{when}."
        case StepRefused():
            return _STEP[error.why]
        case LeadNotFound():
            if not error.text:
                return "You have no lead. Say which one, for example `/lead why northwind`, or its number."
            return (
                f"No lead here is called “{say(error.text)}”. Write a person’s or company’s name, or a lead’s number."
            )
        case NotTheirLead():
            return (
                f"This lead belongs to {say(error.team)}: its people and managers can work on it. Nothing was changed."
            )
        case CannotHaveLead():
            return _cannot_have(error, say(error.name))
        case AwayRefused():
            return _AWAY[error.why]
        case LeadFieldWrong():
            return _FIELD[error.why]
        case TooManyTouches():
            return f"At most {error.limit} touches fit; this lead has {error.count}."
        case DeclineMoved():
            return _decline_moved(error, say)
        case ImportWrong():
            return _IMPORT[error.why]
        case ImportSettled():
            return _IMPORT_SETTLED.get(error.state, "The file is not looked at yet. Please try again in a minute.")
        case NotTheirRuling():
            return f"You are one of the two sides here, so {say(error.ask)} rules. Nothing was changed."
    return None


def _decline_moved(error: DeclineMoved, say: Say) -> str:
    by = say(error.by) if error.by else "Somebody"
    when = f", {ago(error.now - error.at)}" if error.at else ""
    match error.state:
        case "accepted":
            return f"Nothing to do: {by} accepted this decline{when}."
        case "disputed":
            return f"{by} disputed this decline{when}. A manager rules now, so nothing else changes it."
        case "ruled":
            return f"{by} ruled on this decline{when}, and the ruling stands."
        case "open":
            return "Nobody disputed this decline, so there is nothing to rule."
    return f"{by} took this decline back{when}: sales has the lead again."


def _cannot_have(error: CannotHaveLead, name: str) -> str:
    match error.why:
        case "stranger":
            return f"{name} is not in this Slack workspace. Pick somebody else."
        case "inactive":
            return f"{name} no longer has an active account. Pick somebody else."
        case "guest":
            return f"{name} is a guest in this Slack workspace, and guests get no leads. Pick somebody else."
        case "has_it":
            return f"{name} already has this lead. Pick somebody else, or extend the deadline."


def mapping_note(mark: Unmapped) -> str:
    """A note of a lead: where what an admin picked did not serve it."""
    match mark.why:
        case "nothing":
            return "Nothing was sent where this source’s mapping looks: read as usual."
        case "unusable":
            return f"{FIELDS[mark.field]} is not what stands in “{mark.given}”: read as usual."
        case "no_label":
            return f"{FIELDS[mark.field]} “{mark.given}” has no label in this source’s mapping: kept as sent."
