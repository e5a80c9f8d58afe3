"""The first meeting: where the policy says so, it is booked within so many working days of contact.

A booked meeting stops that clock, whether a rep says so or a calendar. A meeting that is moved stays booked; one
that is canceled is none any more, and the clock begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import note_event, refresh_lead
from domain.leads.clocks import follow_clock, last_clock, live_clock
from domain.leads.errors import StepRefused
from domain.leads.terms import MEETING, Terms
from domain.people import Actor
from storage.locking import locked
from storage.models import Clock, Lead, LeadEvent

BOOKED: Final = "meeting"
OFF: Final = "meeting_off"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The first meeting of a lead that was contacted: due until `due_at`, or booked at `booked_at` (aware UTC).

    `asked_for`: nobody booked one yet, and a clock waits for it, or waited in vain.
    """

    due_at: datetime | None
    booked_at: datetime | None

    @property
    def asked_for(self) -> bool:
        return self.due_at is not None and self.booked_at is None


def await_meeting(session: Session, lead: Lead, before: Clock | None, at: datetime) -> None:
    """The lead was contacted, and `before` is the clock that this stopped: the next one waits for a meeting."""
    terms = Terms.from_json(before.policy) if before is not None else None
    if before is None or terms is None or not terms.meeting_days or _is_booked(session, lead.id):
        return
    due_at = WorkingHours.from_json(before.hours).end_of_day(at, terms.meeting_days)
    follow_clock(session, before, MEETING, due_at, at)


def book_meeting(session: Session, lead_id: int, *, by: Actor, at: datetime) -> None:
    """A first meeting is booked, the member says. A second word changes nothing. Raises NotFound, StepRefused."""
    lead = session.scalars(
        locked(select(Lead).where(Lead.id == lead_id, Lead.workspace_id == by.workspace_id))
    ).one_or_none()
    if lead is None or lead.state != "contacted":
        raise StepRefused("no_meeting")
    note_meeting(session, lead, by=by, at=at)
    refresh_lead(session, lead, at, by=by)


def note_meeting(session: Session, lead: Lead, *, by: Actor | None, at: datetime) -> None:
    """The locked lead has a meeting. Its clock for first contact, if that still runs, is left alone: nobody called."""
    if _is_booked(session, lead.id):
        return
    clock = live_clock(session, lead.id)
    if clock is not None and clock.purpose == MEETING:
        clock.state, clock.stopped_at = "stopped", at
        clock.rung = clock.next_at = None
        clock.fence += 1
    note_event(session, lead, BOOKED, at=at, by=by)
    session.flush()


def cancel_meeting(session: Session, lead: Lead, *, origin: str, at: datetime) -> bool:
    """The meeting of the locked lead is off, says the calendar called `origin`; whether it had one.

    After contact a clock waits for another meeting from now on, where the lead's policy asks for one.
    """
    if not _is_booked(session, lead.id):
        return False
    note_event(session, lead, OFF, at=at, by=None, data={"origin": origin})
    if lead.state == "contacted":
        await_meeting(session, lead, last_clock(session, lead.id), at)
    return True


def booked_at(events: Iterable[Any]) -> datetime | None:
    """When the first meeting was booked (aware UTC), by a lead's events in their order; None where none stands."""
    latest = None
    for event in events:
        if event.kind in (BOOKED, OFF):
            latest = event.at if event.kind == BOOKED else None
    return latest


def _is_booked(session: Session, lead_id: int) -> bool:
    about = select(LeadEvent.kind).where(LeadEvent.lead_id == lead_id, LeadEvent.kind.in_((BOOKED, OFF)))
    session.flush()
    return session.scalar(about.order_by(LeadEvent.id.desc()).limit(1)) == BOOKED
