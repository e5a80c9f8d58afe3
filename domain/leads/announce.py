"""Which messages a change of a lead calls for: every card that shows it, and the pings that are due.

Nobody is pinged for their own click: cards are edited in place, only somebody else's work is announced.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, insert, literal, select
from sqlalchemy.orm import Session

from domain.leads.at_once import settled_after
from domain.leads.hands import is_any_unanswered
from domain.leads.receivers import Receivers, receivers_of
from domain.people import Actor, audit
from domain.webhooks.leads import tell_lead
from domain.writeback.wanting import CHANGING, want_write
from storage import outbox
from storage.models import Lead, LeadEvent, Member, Team, is_told, is_written_back
from storage.outbox import Priority
from storage.statements import Statement

LEAD_CARDS: Final = ("lead_card", "lead_dm")
HOME_RESTS: Final = timedelta(seconds=3)
HANDOFF: Final = "lead_handoff"
REMINDER_CARD: Final = "lead_reminder"
MEETING_CARD: Final = "lead_meeting"
BREACH_CARD: Final = "lead_breach"
ENDED_CARD: Final = "lead_ended"
"""Tells whoever had a lead that it ended without them (domain/leads/withdrawing.py)."""

# Whether anybody outside is told comes with the line, so that nobody else pays for it.
_EVENT = Statement(
    insert(LeadEvent).returning(
        LeadEvent.id, is_told(LeadEvent).label("told"), is_written_back(LeadEvent).label("written")
    )
)
_ALERTS = Statement(
    select(LeadEvent.id, LeadEvent.kind).where(
        LeadEvent.lead_id == bindparam("lead"),
        LeadEvent.kind.in_([literal(kind) for kind in ("reminded", "breached", "meeting_asked", "untouched")]),
    )
)


def note_event(
    session: Session,
    lead: Lead,
    kind: str,
    *,
    at: datetime,
    by: Actor | None,
    data: dict[str, Any] | None = None,
) -> int:
    """Add a line to the lead's timeline; its id. Other systems that want to hear of it will."""
    line: dict[str, Any] = {
        "workspace_id": lead.workspace_id,
        "lead_id": lead.id,
        "at": at,
        "kind": kind,
        "by_id": by.id if by else None,
        "data": data or {},
        "settled_after": settled_after(session, lead.id, kind, by.id if by else None, at),
    }
    event = _EVENT.first(session, line)
    if event.told:
        tell_lead(session, lead, kind, at=at, by_id=line["by_id"], data=line["data"])
    if event.written and kind in CHANGING:
        want_write(session, lead.workspace_id, lead.id, at=at)
    return int(event.id)


def show_lead(session: Session, lead: Lead, team: Team, at: datetime, *, given: bool = True) -> None:
    """The team's channel gets the lead's card, its rep a DM with the same card.

    `given`: the rep did not take it by a click of their own. One who had the lead before then gets a new
    message, since editing the old one would tell them nothing.
    """
    if team.channel:
        outbox.put_card(
            session,
            lead.workspace_id,
            "lead_card",
            lead.id,
            team.channel,
            at=at,
            priority=Priority.LEAD,
        )
    if lead.owner_id is not None:
        owner = session.get_one(Member, lead.owner_id)
        outbox.put_card(
            session,
            lead.workspace_id,
            "lead_dm",
            lead.id,
            owner.slack_user_id,
            at=at,
            priority=Priority.LEAD,
            anew=given,
        )
    refresh_homes(session, lead, at)


def refresh_lead(session: Session, lead: Lead, at: datetime, *, by: Actor | None = None) -> None:
    """Every message that shows the lead tells the truth again: cards, reminders, breach pings, Homes.

    `by`: who did it, and sees it in their Home at once.
    """
    outbox.refresh_cards(session, lead.workspace_id, LEAD_CARDS, lead.id, at=at)
    for alert in _ALERTS.all(session, {"lead": lead.id}):
        if alert.kind in ("reminded", "meeting_asked"):
            card = REMINDER_CARD if alert.kind == "reminded" else MEETING_CARD
            outbox.refresh_cards(session, lead.workspace_id, (card,), alert.id, at=at)
        else:
            outbox.refresh_gathered(session, lead.workspace_id, BREACH_CARD, alert.id, at=at)
    refresh_homes(session, lead, at, by=by)


def refresh_homes(session: Session, lead: Lead, at: datetime, *, by: Actor | None = None) -> None:
    """The Homes of the lead's rep and of its team's manager, where they were ever opened."""
    team = session.get_one(Team, lead.team_id)
    for member_id in sorted({one for one in (lead.owner_id, team.manager_id) if one is not None}):
        refresh_home(session, lead.workspace_id, member_id, at, by=by)


def refresh_home(session: Session, workspace_id: int, member_id: int, at: datetime, *, by: Actor | None = None) -> None:
    """Publish a member's Home again, if they ever opened it: at once when they did it themselves (`by`).

    What else happens within HOME_RESTS is published together.
    """
    then = at if by is not None and by.id == member_id else at + HOME_RESTS
    outbox.refresh_in_the_end(session, workspace_id, "home", member_id, at=then, priority=Priority.HOME)


def remind_rep(session: Session, lead: Lead, clock_id: int, at: datetime) -> None:
    """A DM to the rep that the time of this clock is nearly up."""
    if lead.owner_id is None:
        return
    owner = session.get_one(Member, lead.owner_id)
    event_id = note_event(session, lead, "reminded", at=at, by=None, data={"clock": clock_id})
    outbox.put_first_card(
        session,
        lead.workspace_id,
        REMINDER_CARD,
        event_id,
        owner.slack_user_id,
        at=at,
        priority=Priority.REMINDER,
    )


def ask_meeting(session: Session, lead: Lead, clock_id: int, at: datetime) -> None:
    """A DM to the lead's rep that the time for a first meeting is nearly up."""
    if lead.owner_id is None:
        return
    owner = session.get_one(Member, lead.owner_id)
    event_id = note_event(session, lead, "meeting_asked", at=at, by=None, data={"clock": clock_id})
    outbox.put_first_card(
        session,
        lead.workspace_id,
        MEETING_CARD,
        event_id,
        owner.slack_user_id,
        at=at,
        priority=Priority.REMINDER,
    )


def ping_managers(
    session: Session,
    lead: Lead,
    team: Team,
    event_id: int,
    at: datetime,
    *,
    priority: Priority = Priority.ALARM,
    nobody: bool = False,
) -> None:
    """A DM to whoever manages the team, with the ways to save the lead: one for all that breach shortly after it.

    Who that is, and when, goes by who is there (domain/leads/receivers.py). `nobody`: no rep can be given the lead, so
    who looks after such leads is told, where the team names somebody.
    """
    fallback = session.get(Member, team.fallback_id) if nobody and team.fallback_id is not None else None
    keeper = fallback is not None and fallback.active
    found = Receivers([fallback], at) if keeper and fallback else receivers_of(session, team, lead.owner_id, at)
    if found.instead is not None:
        _note_stand_in(session, lead, event_id, found, at)
    for manager in found.told:
        outbox.put_gathered(
            session,
            lead.workspace_id,
            BREACH_CARD,
            event_id,
            manager.slack_user_id,
            at=found.at,
            priority=priority,
            is_open=is_any_unanswered,
        )


def _note_stand_in(session: Session, lead: Lead, event_id: int, found: Receivers, at: datetime) -> None:
    """Keep in the alarm and in the audit who is told in whose place, and why."""
    assert found.instead is not None
    event = session.get_one(LeadEvent, event_id)
    event.data = {**event.data, "instead": found.instead.id, "instead_why": found.why}
    data = {"told": [one.id for one in found.told], "instead": found.instead.id, "why": found.why}
    audit(session, lead.workspace_id, "lead.stand_in", "lead", lead.id, by=None, at=at, data=data)


def tell_loser(session: Session, lead: Lead, member_id: int, event_id: int, at: datetime) -> None:
    """A DM to the member who had the lead: somebody else's click took it. They are told once of each."""
    had = session.get_one(Member, member_id)
    outbox.put_notice(
        session,
        lead.workspace_id,
        "lead_lost",
        event_id,
        had.slack_user_id,
        at=at,
        priority=Priority.REMINDER,
        once=f"lead_lost:{event_id}",
    )


def announce_handoff(session: Session, lead: Lead, team: Team, event_id: int, at: datetime) -> None:
    """A line in the thread of the channel's card: who handed the lead to whom."""
    if team.channel is None:
        return
    card = outbox.find_card(session, lead.workspace_id, "lead_card", lead.id, team.channel)
    outbox.put_notice(
        session,
        lead.workspace_id,
        HANDOFF,
        event_id,
        team.channel,
        at=at,
        priority=Priority.LEAD,
        once=f"{HANDOFF}:{event_id}",
        thread_of=card,
    )
