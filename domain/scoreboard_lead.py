"""A lead as the scoreboard counts it: what sales did with it, by the judgement of the cards, or that it came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.calendar import WorkingHours
from domain.leads.judgement import Promise, judge
from storage.models import OPEN_LEAD_STATES

SETTLED_BACK: Final = ("declined", "nurture")


@dataclass(frozen=True, slots=True)
class Counted:
    """`team`, `owner`: their ids. `took`: working time until contact. `tries`: how often nobody answered.

    `missed_at`: the first deadline that was missed.
    """

    id: int
    team: int
    owner: int | None
    arrived_at: datetime
    is_open: bool
    contacted: bool
    missed: bool
    touched: bool
    accepted: bool
    given_back: bool
    nurture: bool
    took: timedelta | None
    tries: int
    missed_at: datetime | None
    contacted_at: datetime | None
    hours: WorkingHours

    @classmethod
    def of(cls, row: Any, began: datetime | None, tries: int, hours: WorkingHours, at: datetime) -> Counted:
        """Of a row of the lead and its clock. `began`: when its first clock did; `at`: now (aware UTC)."""
        contacted = row.contacted_at is not None
        given_back = row.state in SETTLED_BACK and not contacted  # who was reached, and waits, was accepted
        is_open = row.state in OPEN_LEAD_STATES
        # Of what was given back, only a deadline that passed before is told.
        due_at = row.due_at if is_open else None
        verdict = judge(Promise(began, due_at, row.breached_at, row.contacted_at, hours), at)
        return cls(
            id=row.id,
            team=row.team_id,
            owner=row.owner_id,
            arrived_at=row.arrived_at,
            is_open=is_open,
            contacted=contacted,
            missed=verdict.missed_at is not None,
            touched=contacted or row.claimed_at is not None or given_back,
            accepted=not given_back and (contacted or row.claimed_at is not None),
            given_back=given_back,
            nurture=row.state == "nurture",
            took=hours.between(began, row.contacted_at) if contacted and began is not None else None,
            tries=tries,
            missed_at=verdict.missed_at,
            contacted_at=row.contacted_at,
            hours=hours,
        )
