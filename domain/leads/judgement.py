"""Whether a lead is late: the one judgement that card, Home, digest and lists share, in Python and as SQL.

A lead is judged by its deadlines, never by when the ticker got round to looking at them. The first deadline that
passes without contact is a miss, and stays one: more time or another rep can still save the lead, but a contact
after a miss is late. `leads.breached_at` holds that first missed deadline (aware UTC). Whatever stops or moves a
clock stores it (`note_missed`), and so does the breach rung. For an open lead the running clock is asked as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, and_

from domain.calendar import WorkingHours
from storage.models import IS_LIVE, IS_OPEN, Clock, Lead

Verdict = Literal["no_clock", "has_time", "overdue", "in_time", "late"]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a lead is judged by; all times are aware UTC.

    `began`: when its first clock started; `due_at`: the deadline of the clock that counts. Both are None without a
    clock. `missed_at`: the first deadline that is known to be missed. `settled_at`: contact or decline. `hands`: when
    each rep who had the lead was given it or took it, in order.
    """

    began: datetime | None
    due_at: datetime | None
    missed_at: datetime | None
    settled_at: datetime | None
    hours: WorkingHours
    hands: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Relief:
    """The lead changed hands after its first missed deadline.

    `missed`: which rep in turn had it then, `now`: which one has it now, or settled it; the first is 1. `took`: working
    time since the latter has it, until contact or now.
    """

    missed: int
    now: int
    took: timedelta


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a lead stands with its deadline.

    `missed_at`: the first deadline that was missed; an open lead that `has_time` may have one: it got more time, or
    another rep, after it. `used` and `allowed` are working time since the first clock started: until contact or now,
    and until the first missed deadline, else the present one. `over`: time past that deadline by the wall clock.
    `relief`: another rep has it since it was missed, or None.
    """

    verdict: Verdict
    due_at: datetime | None
    missed_at: datetime | None
    used: timedelta
    allowed: timedelta
    over: timedelta
    relief: Relief | None = None


def has_passed(due_at: datetime, at: datetime) -> bool:
    """Whether a deadline is missed at `at`: from the deadline on."""
    return due_at <= at


def judge(promise: Promise, at: datetime) -> Judgement:
    """How the lead stands at `at` (aware UTC), or stood when it was settled."""
    until = promise.settled_at or at
    missed_at = promise.missed_at
    overdue = promise.due_at is not None and has_passed(promise.due_at, until)
    if overdue and promise.due_at is not None:
        missed_at = min(missed_at or promise.due_at, promise.due_at)
    verdict: Verdict
    if promise.settled_at is not None:
        verdict = "late" if missed_at else "in_time"
    elif promise.due_at is None:
        verdict = "no_clock"
    else:
        verdict = "overdue" if overdue else "has_time"
    limit = missed_at or promise.due_at
    if promise.began is None or limit is None:
        return Judgement(verdict, promise.due_at, missed_at, timedelta(), timedelta(), timedelta())
    return Judgement(
        verdict,
        promise.due_at,
        missed_at,
        used=promise.hours.between(promise.began, until),
        allowed=promise.hours.between(promise.began, limit),
        over=max(timedelta(), until - limit),
        relief=_relief(promise, missed_at, until),
    )


def _relief(promise: Promise, missed_at: datetime | None, until: datetime) -> Relief | None:
    """Who was to blame is told by when the lead came into whose hands, not by names."""
    hands = [at for at in promise.hands if at <= until]
    if missed_at is None or not hands or hands[-1] < missed_at:
        return None
    before = sum(at < missed_at for at in hands)
    return Relief(before, len(hands), promise.hours.between(hands[-1], until)) if before else None


def note_missed(lead: Lead, clock: Clock, at: datetime) -> None:
    """Keep the clock's deadline as the lead's first missed one, if it has passed and none was missed before."""
    if lead.breached_at is None and has_passed(clock.due_at, at):
        lead.breached_at = clock.due_at


# The same judgement as conditions. Those of open leads need the outer join of LIVE_CLOCK.

LIVE_CLOCK: Final = and_(Clock.lead_id == Lead.id, IS_LIVE)
"""Joins a lead with the clock that counts for it: the one that runs, or ran out without contact."""

WAS_IN_TIME: Final = and_(Lead.contacted_at.is_not(None), Lead.breached_at.is_(None))
WAS_LATE: Final = and_(Lead.contacted_at.is_not(None), Lead.breached_at.is_not(None))
WAS_GIVEN_BACK_LATE: Final = and_(
    Lead.contacted_at.is_(None), Lead.state.in_(("declined", "nurture")), Lead.breached_at.is_not(None)
)
"""Nobody reached the person in time, and then the lead was declined: late is late."""
HAS_NO_CLOCK: Final = and_(IS_OPEN, Clock.id.is_(None))


def is_overdue(at: datetime) -> ColumnElement[bool]:
    """The lead is open and its deadline has passed at `at`."""
    return and_(IS_OPEN, Clock.due_at <= at)


def has_time(at: datetime) -> ColumnElement[bool]:
    """The lead is open and its deadline lies after `at`."""
    return and_(IS_OPEN, Clock.due_at > at)
