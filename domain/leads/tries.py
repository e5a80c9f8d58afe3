"""Tries to reach a person who does not answer: each is written down, so that trying counts and stopping early shows.

Only where the policy says so. The first try answers the deadline for first contact; from then on the clock is for all
tries, within so many working days. When all are made, the clock has nothing left to wait for: contact, or decline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import note_event, refresh_lead
from domain.leads.clocks import follow_clock, last_clock, stop_clock
from domain.leads.errors import StepRefused
from domain.leads.lifecycle import claim_lead, open_lead
from domain.leads.terms import CONTACT, TRIES, Terms
from domain.people import Actor
from storage.models import LeadEvent
from storage.statements import Statement

TRIED: Final = "tried"
APART: Final = timedelta(minutes=1)
"""What comes sooner after a try is the same try: a button was pressed twice, or a CRM tells it, too."""

_BEGINS: Final = ("given", "reassigned", "taken", "handed_back", "claimed", TRIED)


_COUNTED: Final = Statement(
    select(LeadEvent.lead_id, func.count().label("tries"))
    .where(LeadEvent.lead_id.in_(bindparam("leads", expanding=True)), LeadEvent.kind == TRIED)
    .group_by(LeadEvent.lead_id)
)


@dataclass(frozen=True, slots=True)
class Tries:
    """So many tries are `made` of those that are `wanted`.

    `until`: when all are due, None before the first; `last`: when the latest was made (aware UTC).
    """

    made: int
    wanted: int
    until: datetime | None
    last: datetime | None = None

    @property
    def done(self) -> bool:
        return self.made >= self.wanted


def count_tries(session: Session, leads: Sequence[int]) -> dict[int, int]:
    """How often each of these leads was tried in vain, whoever had it; those never tried are left out."""
    return {row.lead_id: row.tries for row in _COUNTED.all(session, {"leads": list(leads)})} if leads else {}


def log_try(session: Session, lead_id: int, *, by: Actor, at: datetime) -> Tries:
    """The member tried to reach the person, and nobody answered. A lead that nobody claimed is claimed with it.

    What comes within a minute of the last try changes nothing. Raises LeadSettled, StepRefused where the policy asks
    for no tries, and LeadAlreadyClaimed.
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    clock = last_clock(session, lead.id)
    terms = Terms.from_json(clock.policy) if clock is not None else None
    if clock is None or terms is None or not terms.tries:
        raise StepRefused("no_tries")
    if lead.claimed_by_id != by.id:
        claim_lead(session, lead_id, by=by, at=at)
    before = tries_of(_events(session, lead.id), terms.tries, clock)
    if before.last is not None and at - before.last < APART:
        return before
    made = before.made + 1
    live = clock.state != "stopped"
    if live and (made >= terms.tries or clock.purpose == CONTACT):
        stop_clock(session, lead, at)
        if made < terms.tries:
            clock = follow_clock(session, clock, TRIES, _due(clock.started_at, clock.hours, terms, at), at)
    note_event(session, lead, TRIED, at=at, by=by, data={"try": made, "of": terms.tries})
    lead.updated_at = at
    refresh_lead(session, lead, at, by=by)
    return Tries(made, terms.tries, clock.due_at if clock.purpose == TRIES else None, at)


def tries_of(events: Sequence[Any], wanted: int, clock: Any) -> Tries:
    """How far the tries are, by the lead's events in their order: whoever gets the lead begins anew."""
    made: list[datetime] = []
    for event in events:
        if event.kind == TRIED:
            made.append(event.at)
        elif event.kind in _BEGINS and (event.kind != "claimed" or "from" in (event.data or {})):
            made = []
    until = clock.due_at if clock is not None and clock.purpose == TRIES else None
    return Tries(len(made), wanted, until, made[-1] if made else None)


def _events(session: Session, lead_id: int) -> Sequence[LeadEvent]:
    session.flush()
    wanted = select(LeadEvent).where(LeadEvent.lead_id == lead_id, LeadEvent.kind.in_(_BEGINS)).order_by(LeadEvent.id)
    return session.scalars(wanted).all()


def _due(given: datetime, stored: dict[str, Any], terms: Terms, at: datetime) -> datetime:
    """The end of the last of the working days since the lead was given; a first try that comes late has one day."""
    hours = WorkingHours.from_json(stored)
    return max(hours.end_of_day(given, terms.tries_days), hours.end_of_day(at, 1))
