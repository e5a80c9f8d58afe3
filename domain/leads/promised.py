"""What a tier's terms mean for a lead that is given now: the moments themselves, for whoever sets the terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendar import WorkingHours
from domain.leads.terms import Terms


@dataclass(frozen=True, slots=True)
class Promised:
    """By when what is due for a lead that the team of that name gets now (aware UTC); None where nothing is.

    `meeting_by`: if it is contacted at the deadline.
    """

    team: str
    claim_by: datetime | None
    contact_by: datetime
    tries: int | None
    tries_by: datetime | None
    meeting_by: datetime | None


def promised(team: str, terms: Terms, hours: WorkingHours, at: datetime) -> Promised:
    """The moments of a clock that starts at `at` (aware UTC)."""
    contact_by = hours.add(at, timedelta(seconds=terms.contact_seconds))
    return Promised(
        team=team,
        claim_by=hours.add(at, timedelta(seconds=terms.claim_seconds)) if terms.claim_seconds else None,
        contact_by=contact_by,
        tries=terms.tries,
        tries_by=hours.end_of_day(at, terms.tries_days) if terms.tries else None,
        meeting_by=hours.end_of_day(contact_by, terms.meeting_days) if terms.meeting_days else None,
    )
