"""The clock of a lead: its rungs, and what each of them sets off.

A clock starts when a rep is given the lead and stops at contact or decline; claiming does not stop it. It
counts the working time of the lead's team by the policy of its tier, both frozen when it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.judgement import note_missed
from storage.database import wake
from storage.frozen import Shape
from storage.locking import locked
from storage.models import RUNGS, Clock, Lead, Member, Policy, Team
from storage.statements import Statement
from storage.turns import DueByWorkspace, Turns

# Made once, for the path from a deadline to Slack. The manager comes along, since he is asked for next.
_DUE = (
    select(Clock, Lead, Team, Member)
    .join(Lead, Lead.id == Clock.lead_id)
    .join(Team, Team.id == Lead.team_id)
    .join(Member, Member.id == Team.manager_id, isouter=True)
    .where(
        Clock.workspace_id == bindparam("workspace"), Clock.next_at.is_not(None), Clock.next_at <= bindparam("present")
    )
    .order_by(Clock.next_at)
    .limit(bindparam("most"))
    .with_for_update(of=(Clock, Lead), skip_locked=True)
    .execution_options(populate_existing=True)
)
_WITH_DUE = DueByWorkspace(Clock.next_at, while_stopped=True)
_START = Statement(insert(Clock))
_NEXT_DUE = select(Clock.next_at).where(Clock.next_at.is_not(None)).order_by(Clock.next_at).limit(1)


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy as a clock remembers it; seconds are working time, shares are of `contact_seconds`."""

    tier: str
    contact_seconds: int
    half_at: float
    remind_at: float
    reassign_after_seconds: int | None
    max_reassigns: int

    @classmethod
    def of(cls, policy: Policy) -> Terms:
        return cls(
            policy.tier,
            policy.contact_seconds,
            policy.half_at,
            policy.remind_at,
            policy.reassign_after_seconds,
            policy.max_reassigns,
        )

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Terms:
        return _TERMS.read(data)

    def to_json(self) -> dict[str, Any]:
        return _TERMS.write(self)


_TERMS: Final[Shape[Terms]] = Shape("policy", Terms)


def start_clock(session: Session, lead: Lead, team: Team, policy: Policy, at: datetime) -> None:
    """Start the lead's clock anew: a clock that still ran is stopped, for instance when the lead changes hands."""
    stop_clock(session, lead, at)
    first_clock(session, lead, team, policy, at)


def first_clock(session: Session, lead: Lead, team: Team, policy: Policy, at: datetime) -> None:
    """Start the clock of a lead that has none yet."""
    session.flush()
    hours = WorkingHours.from_json(team.hours)
    first_clocks(session, [clock_row(lead.workspace_id, lead.id, team.hours, hours, Terms.of(policy), at)])


def clock_row(
    workspace_id: int, lead_id: int, stored: dict[str, Any], hours: WorkingHours, terms: Terms, at: datetime
) -> dict[str, Any]:
    """The clock of a lead that starts at `at`, for `first_clocks`; `stored`: the hours as the team's row has them."""
    due_at = hours.add(at, timedelta(seconds=terms.contact_seconds))
    clock = Clock(workspace_id=workspace_id, lead_id=lead_id, started_at=at, due_at=due_at)
    _aim(clock, terms, hours, after=at)
    return {
        "workspace_id": workspace_id,
        "lead_id": lead_id,
        "started_at": at,
        "due_at": due_at,
        "rung": clock.rung,
        "next_at": clock.next_at,
        "policy": terms.to_json(),
        "hours": stored,
    }


def first_clocks(session: Session, rows: list[dict[str, Any]]) -> None:
    """Start the clocks of leads that have none yet."""
    _START.run_many(session, rows)
    wake(session, "ticker")


def live_clock(session: Session, lead_id: int) -> Clock | None:
    """The clock that counts for the lead: running, or spent without contact."""
    return session.scalars(
        locked(select(Clock).where(Clock.lead_id == lead_id, Clock.state != "stopped"))
    ).one_or_none()


def stop_clock(session: Session, lead: Lead, at: datetime) -> Clock | None:
    """Stop the lead's clock, if one is live. A deadline that passed by then was missed, whoever looked when."""
    clock = live_clock(session, lead.id)
    if clock is not None:
        note_missed(lead, clock, min(at, lead.contacted_at or at))
        clock.state, clock.stopped_at = "stopped", at
        clock.rung = clock.next_at = None
        clock.fence += 1
        session.flush()
    return clock


def resume_clock(session: Session, lead: Lead, breached_at: datetime | None) -> Clock | None:
    """Let the lead's clock run on as if it had not been stopped; what fell due meanwhile is due now.

    `breached_at`: when its deadline was found to be missed, None when it was not.
    """
    clock = session.scalars(
        locked(select(Clock).where(Clock.lead_id == lead.id).order_by(Clock.id.desc()).limit(1))
    ).first()
    if clock is None or clock.stopped_at is None:
        return clock
    stopped_at, clock.stopped_at, clock.state = clock.stopped_at, None, "running"
    if breached_at is not None and breached_at >= clock.due_at:
        step_past(clock, "breach", lead, breached_at)
    else:
        clock.fence += 1
        _aim(clock, Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours), after=stopped_at)
    session.flush()
    wake(session, "ticker")
    return clock


def extend_clock(session: Session, lead: Lead, clock: Clock, to: datetime, at: datetime) -> None:
    """Move the deadline to `to`; the rungs that are then ahead count again. A deadline that has passed stays missed."""
    note_missed(lead, clock, at)
    clock.due_at = to
    clock.state = "running"
    clock.snoozed_until = None
    clock.fence += 1
    _aim(clock, Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours), after=at)
    wake(session, "ticker")


def snooze_clock(session: Session, clock: Clock, until: datetime, at: datetime) -> None:
    """Remind the rep then and not before. The deadline stays, and so do the breach and the card's colours."""
    clock.snoozed_until = until
    clock.fence += 1
    _aim(clock, Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours), after=at)
    wake(session, "ticker")


def put_off_reminder(clock: Clock, until: datetime, at: datetime) -> None:
    """Nobody can be reminded before `until`. The deadline stays, and the other rungs come when they would."""
    clock.fence += 1
    clock.rung, clock.next_at = ("remind", until) if until < clock.due_at else ("breach", clock.due_at)
    half = rung_time(clock, "half", Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours))
    if at < half < clock.next_at:
        clock.rung, clock.next_at = "half", half


def rung_time(clock: Clock, rung: str, terms: Terms, hours: WorkingHours) -> datetime:
    """When a rung of this clock falls due (aware UTC)."""
    if rung == "breach":
        return clock.due_at
    if rung == "reassign":
        return hours.add(clock.due_at, timedelta(seconds=terms.reassign_after_seconds or 0))
    share = terms.half_at if rung == "half" else terms.remind_at
    total = hours.between(clock.started_at, clock.due_at)
    return hours.add(clock.started_at, total * share)


def _planned(clock: Clock, rung: str, terms: Terms, hours: WorkingHours, at: datetime) -> datetime:
    """`rung_time` as of `at`, with the reminder where a snooze that lasts has moved it."""
    if rung == "remind" and clock.snoozed_until is not None and clock.snoozed_until > at:
        return clock.snoozed_until
    return rung_time(clock, rung, terms, hours)


def _aim(clock: Clock, terms: Terms, hours: WorkingHours, *, after: datetime) -> None:
    """Set the first rung that lies after `after`; the breach when no other does, even if it is past."""
    clock.rung, clock.next_at = "breach", clock.due_at
    for rung in ("remind", "half"):
        when = _planned(clock, rung, terms, hours, after)
        if after < when < clock.next_at:
            clock.rung, clock.next_at = rung, when


@dataclass(frozen=True, slots=True)
class Due:
    """A rung that has fallen due: `rung` is the latest one reached, `lateness` how long ago that was."""

    clock_id: int
    lead_id: int
    rung: str
    due_at: datetime
    lateness: timedelta


def clock_turns() -> Turns:
    """Whose rungs a ticker has applied last; each ticker has its own."""
    return Turns(_WITH_DUE)


def take_due(
    session: Session, at: datetime, *, limit: int, turns: Turns | None = None
) -> list[Row[Clock, Lead, Team, Member]]:
    """Lock the clocks whose next rung is due, each with its lead; the team and its manager unlocked.

    Workspaces take `turns`, each with its share of `limit`; the earliest of a workspace come first.

    What somebody else has locked, be it the clock or the lead, is left out: people lock the lead before its
    clock, so waiting could be waiting in a circle.
    """
    return [
        row
        for workspace_id, share in (turns or clock_turns()).shares(session, at, limit)
        for row in session.execute(_DUE, {"workspace": workspace_id, "present": at, "most": share})
    ]


def rung_reached(clock: Clock, at: datetime) -> Due:
    """The latest rung that a due clock has reached.

    After a standstill the rungs in between are skipped: a rep is not reminded of what is already breached.
    """
    assert clock.rung is not None
    assert clock.next_at is not None
    rung, due_at = clock.rung, clock.next_at
    if rung in ("half", "remind"):
        terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
        for later in RUNGS[RUNGS.index(rung) + 1 : 3]:
            when = _planned(clock, later, terms, hours, at)
            if when <= at:
                rung, due_at = later, when
    return Due(clock.id, clock.lead_id, rung, due_at, at - due_at)


def step_past(clock: Clock, rung: str, lead: Lead, at: datetime) -> None:
    """Set the clock to the rung after this one; `spent` when none is left."""
    terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
    clock.fence += 1
    if rung in ("half", "remind"):
        _aim(clock, terms, hours, after=at)
    elif rung == "breach" and terms.reassign_after_seconds and lead.reassigns < terms.max_reassigns:
        # Counted from now, not from the deadline: the manager gets the whole time to act first.
        clock.rung = "reassign"
        clock.next_at = hours.add(max(at, clock.due_at), timedelta(seconds=terms.reassign_after_seconds))
    else:
        clock.state, clock.rung, clock.next_at = "spent", None, None


def next_due(session: Session) -> datetime | None:
    """When the next rung of any clock falls due; None when no clock runs."""
    return session.scalar(_NEXT_DUE)
