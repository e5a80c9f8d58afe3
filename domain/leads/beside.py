"""What a card tells of a lead's clocks: the deadline, until when to claim, the tries, the first meeting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.calendar import WorkingHours
from domain.leads.clocks import stage_of
from domain.leads.ladder import to_claim
from domain.leads.meetings import Meeting, booked_at
from domain.leads.snoozing import Snooze
from domain.leads.terms import MEETING, Terms
from domain.leads.ticking import Ticking
from domain.leads.tries import Tries, tries_of


def ticking_told(clock: Any, at: datetime, snoozes: tuple[Snooze, ...], *, extended: bool) -> Ticking:
    """A clock that is not stopped, as it stands at `at` (aware UTC)."""
    hours, terms = WorkingHours.from_json(clock.hours), Terms.from_json(clock.policy)
    return Ticking(
        due_at=clock.due_at,
        stage=stage_of(clock, terms, hours, at),
        runs_on_at=None if hours.is_open(at) else hours.next_opening(at),
        begun=hours.between(clock.started_at, at) > timedelta(),
        pauses=at < clock.due_at and hours.between(at, clock.due_at) < clock.due_at - at,
        allowed=hours.between(clock.started_at, clock.due_at),
        extended=extended,
        snoozed_until=clock.snoozed_until,
        snoozes=snoozes,
        fence=clock.fence,
    )


def tries_told(events: Sequence[Any], clock: Any) -> Tries | None:
    """The tries of an open lead, by its events and its last clock; None where its policy asks for none."""
    terms = Terms.from_json(clock.policy) if clock is not None else None
    return tries_of(events, terms.tries, clock) if terms is not None and terms.tries else None


def meeting_told(events: Sequence[Any], clocks: Sequence[Any]) -> Meeting | None:
    """The first meeting of a contacted lead; None where nobody asks for one and none is booked."""
    waits = next((clock for clock in reversed(clocks) if clock.purpose == MEETING), None)
    booked = booked_at(events)
    return Meeting(waits.due_at if waits is not None else None, booked) if waits is not None or booked else None


def claimed_until(lead: Any, clock: Any, at: datetime) -> datetime | None:
    """When an unclaimed lead goes to the next rep (aware UTC); None where it does not, or did already."""
    if clock is None or clock.state == "stopped" or lead.owner_id is None:
        return None
    terms = Terms.from_json(clock.policy)
    when = to_claim(clock, terms, WorkingHours.from_json(clock.hours)) if terms.claim_seconds else None
    return when if when is not None and when > at and lead.reassigns < terms.max_reassigns else None
