"""What the oracle says of clicks: each did what it asked for, or its answer says why not."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from domain.errors import NotOurs
from domain.leads.errors import NotTheirLead
from handlers.dispatch import DATABASE_AWAY
from handlers.leads.taking import NOT_OPENED
from handlers.words import sentence
from tests.chaos.answers import Answers, Click
from tests.chaos.happened import is_given_back
from tests.chaos.ledger import Ledger
from tests.chaos.records import Records, Violation

SETTLED = ("contacted", "declined")
GIVEN_BACK = "given back"
"""A lead came to somebody again who, or whose colleague, had given it back: it is open, and no slip to undo."""
WANTED = {
    "lead.claim": ("claimed", "taken", *SETTLED),
    "lead.contacted": SETTLED,
    "lead.take_over": ("claimed", *SETTLED),
    "lead.decline": SETTLED,
    "lead.reassign": ("reassigned", "taken", *SETTLED),
    "lead.take": ("taken", "claimed", *SETTLED),
    "lead.extend": ("extended", "taken", *SETTLED),
    "lead.hand_back": ("handed_back", "reassigned"),
    "lead.undo": ("reopened", GIVEN_BACK, "disputed", "ruled"),
}
"""By what was clicked the kinds of events of which one is due: what was asked for, or what stood in its way."""
RECEIPTS = {"Marked as contacted: ": "contacted", "Declined: ": "declined"}
"""How what a person reads begins, by the kind of the event that it tells of."""
ANSWERED_WITHIN = 15.0
"""Seconds after a click in which its answer comes, if it does."""
NOT_SERVED = sentence(NotOurs())
"""What somebody reads who clicked just as the app was removed."""


def look_at_clicks(records: Records, ledger: Ledger, answers: Answers, *, ahead: float) -> Iterator[Violation]:
    """`ahead`: how many seconds the program's clock was ahead of Slack's at most."""
    for user, said in ledger.read.items():
        for _at, text in said:
            for begin, kind in RECEIPTS.items():
                if text.startswith(begin) and not _has_done(records, user, kind, unescape(text)):
                    yield Violation("lost", f"{user} read “{text}”, which never happened")
    for click in answers.clicks:
        before = click.at + ANSWERED_WITHIN
        events = [one for one in records.events[click.lead] if one.at.timestamp() <= before + ahead]
        if any((GIVEN_BACK if is_given_back(event) else event.kind) in WANTED[click.what] for event in events):
            continue
        read = [text for at, text in ledger.read[click.by] if click.at <= at <= before]
        if not any(_says_why(text, records, click) for text in read):
            done = f"{click.what} on lead {click.lead} by {click.by}"
            yield Violation("lost", f"{done} was acknowledged, without effect; they read {read}")


def _says_why(text: str, records: Records, click: Click) -> bool:
    """Whether the person knows that it may not have been saved, or truly that and why it was not."""
    if DATABASE_AWAY in text or NOT_OPENED in text or text == NOT_SERVED:
        return True
    team = records.teams[records.leads[click.lead].team_id]
    me = next((one.id for one in records.members.values() if one.slack_user_id == click.by), None)
    theirs = me in records.reps.get(team.id, ()) or me == team.manager_id
    return not theirs and unescape(text) == sentence(NotTheirLead(team.name))


def _has_done(records: Records, user: str, kind: str, text: str) -> bool:
    return any(
        event.kind == kind
        and event.by_id is not None
        and records.members[event.by_id].slack_user_id == user
        and records.leads[lead_id].name in text
        for lead_id, events in records.events.items()
        for event in events
    )
