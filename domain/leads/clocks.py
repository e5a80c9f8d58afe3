"""The clock of a lead: its rungs, and what each of them sets off.

A clock starts when a rep is given the lead and stops at contact or decline; claiming does not stop it. It
counts the working time of the lead's team by the policy of its tier, both frozen when it starts. Where the policy says
so, a clock for tries or for the first meeting follows (domain/leads/tries.py, domain/leads/meetings.py): what each act
does to each clock stands in docs/clocks.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, literal, or_, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.judgement import note_missed
from domain.leads.ladder import BREACH, CALM, LADDER, LATE_RUNGS, RUNGS, Aim, Rung
from domain.leads.terms import CONTACT, MEETING, Purpose, Terms
from storage.database import wake
from storage.locking import locked
from storage.models import Clock, Lead, Member, Policy, Team
from storage.statements import Statement
from storage.turns import DueByWorkspace, Turns

LEFT_TO_NEWER: Final = timedelta(minutes=1)
"""While a release is rolled out, so long a worker leaves a rung that it does not know to those that do."""

# Made once, for the path from a deadline to Slack. The manager comes along, since he is asked for next.
_DUE = (
    select(Clock, Lead, Team, Member)
    .join(Lead, Lead.id == Clock.lead_id)
    .join(Team, Team.id == Lead.team_id)
    .join(Member, Member.id == Team.manager_id, isouter=True)
    .where(
        Clock.workspace_id == bindparam("workspace"),
        Clock.next_at.is_not(None),
        Clock.next_at <= bindparam("present"),
        or_(
            Clock.rung.in_([literal(name) for name in LADDER]),
            Clock.next_at <= bindparam("left"),
            Clock.due_at <= bindparam("present"),
        ),
    )
    .order_by(Clock.next_at)
    .limit(bindparam("most"))
    .with_for_update(of=(Clock, Lead), skip_locked=True)
    .execution_options(populate_existing=True)
)
_WITH_DUE = DueByWorkspace(Clock.next_at, while_stopped=True)
_START = Statement(insert(Clock))
_BEFORE = tuple(rung.name for rung in RUNGS)
_LATE = tuple(rung.name for rung in LATE_RUNGS)
_SNOOZED = frozenset(rung.name for rung in RUNGS if rung.snoozes)
_NEXT_DUE = Statement(select(Clock.next_at).where(Clock.next_at.is_not(None)).order_by(Clock.next_at).limit(1))


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
    clock = Clock(workspace_id=workspace_id, lead_id=lead_id, started_at=at, due_at=due_at, purpose=CONTACT)
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


def follow_clock(session: Session, before: Clock, purpose: Purpose, due_at: datetime, at: datetime) -> Clock:
    """Start a clock of another purpose after `before`, which is stopped: by the same terms and hours."""
    clock = Clock(
        workspace_id=before.workspace_id,
        lead_id=before.lead_id,
        state="running",
        started_at=at,
        due_at=due_at,
        purpose=purpose,
        policy=before.policy,
        hours=before.hours,
    )
    _aim(clock, Terms.from_json(before.policy), WorkingHours.from_json(before.hours), after=at)
    session.add(clock)
    session.flush()
    wake(session, "ticker")
    return clock


def last_clock(session: Session, lead_id: int) -> Clock | None:
    """The lead's latest clock before contact, running or not."""
    return session.scalars(
        locked(
            select(Clock).where(Clock.lead_id == lead_id, Clock.purpose != MEETING).order_by(Clock.id.desc()).limit(1)
        )
    ).first()


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
    running = live_clock(session, lead.id)
    if running is not None and running.purpose == MEETING:
        session.delete(running)  # there was no contact, so nothing followed from it
        session.flush()
    clock = last_clock(session, lead.id)
    if clock is None or clock.stopped_at is None:
        return clock
    stopped_at, clock.stopped_at = clock.stopped_at, None
    _run_on(session, clock, lead, stopped_at, breached_at)
    return clock


def take_over_clock(
    session: Session, lead: Lead, before: Clock, breached_at: datetime | None, at: datetime
) -> Clock | None:
    """Let the lead's live clock run on as the stopped one `before` would have; `breached_at` as for `resume_clock`."""
    clock = live_clock(session, lead.id)
    if clock is None or before.stopped_at is None:
        return clock
    note_missed(lead, clock, at)
    clock.started_at, clock.due_at, clock.snoozed_until = before.started_at, before.due_at, before.snoozed_until
    clock.policy, clock.hours, clock.purpose = before.policy, before.hours, before.purpose
    _run_on(session, clock, lead, before.stopped_at, breached_at)
    return clock


def _run_on(session: Session, clock: Clock, lead: Lead, stopped_at: datetime, breached_at: datetime | None) -> None:
    """From where the clock was when it was stopped."""
    clock.state = "running"
    if breached_at is not None and breached_at >= clock.due_at:
        step_past(clock, BREACH.name, lead, breached_at)
    else:
        clock.fence += 1
        _aim(clock, Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours), after=stopped_at)
    session.flush()
    wake(session, "ticker")


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


def put_off(clock: Clock, name: str, until: datetime, at: datetime) -> None:
    """Nobody is there for this rung before `until`. The deadline stays, and the other rungs come when they would."""
    clock.fence += 1
    clock.rung, clock.next_at = (name, until) if until < clock.due_at else (BREACH.name, clock.due_at)
    terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
    for rung in _rungs_of(clock):
        when = rung.when(clock, terms, hours)
        if rung.name != name and when is not None and at < when < clock.next_at:
            clock.rung, clock.next_at = rung.name, when
    if clock.rung not in (name, BREACH.name) and name in _SNOOZED:
        clock.snoozed_until = until  # what comes first aims the clock anew, and would find this rung's own time past


def _rungs_of(clock: Clock) -> tuple[Rung, ...]:
    """The rungs before the deadline that a clock of this purpose has."""
    return tuple(rung for rung in RUNGS if clock.purpose in rung.of)


def _planned(clock: Clock, rung: Rung, terms: Terms, hours: WorkingHours, at: datetime) -> datetime | None:
    """When a rung falls due, as of `at`: a snooze that lasts has moved it. None: by these terms, never."""
    if rung.snoozes and clock.snoozed_until is not None and clock.snoozed_until > at:
        return clock.snoozed_until
    return rung.when(clock, terms, hours)


def _aim(clock: Clock, terms: Terms, hours: WorkingHours, *, after: datetime) -> None:
    """Set the first rung that lies after `after`; the breach when no other does, even if it is past."""
    clock.rung, clock.next_at = BREACH.name, clock.due_at
    for rung in reversed(_rungs_of(clock)):
        when = _planned(clock, rung, terms, hours, after)
        # Of two at one moment the first of the ladder counts: the other one only shows what cards reckon by themselves.
        if when is not None and after < when < clock.due_at and when <= clock.next_at:
            clock.rung, clock.next_at = rung.name, when


def stage_of(clock: Clock, terms: Terms, hours: WorkingHours, at: datetime) -> str:
    """How a card shows the clock at `at`: by the last rung that was reached, whatever was snoozed."""
    for rung in (BREACH, *reversed(_rungs_of(clock))):
        when = rung.when(clock, terms, hours)
        if when is not None and when <= at:
            return rung.stage
    return CALM


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
    clock, so waiting could be waiting in a circle. A rung that a newer release knows is left to it for LEFT_TO_NEWER.
    """
    return [
        row
        for workspace_id, share in (turns or clock_turns()).shares(session, at, limit)
        for row in session.execute(
            _DUE, {"workspace": workspace_id, "present": at, "left": at - LEFT_TO_NEWER, "most": share}
        )
    ]


def rung_reached(clock: Clock, at: datetime) -> Due:
    """The latest rung that a due clock has reached.

    After a standstill the rungs in between are skipped: a rep is not reminded of what is already breached. A rung that
    only another release knows is skipped, too.
    """
    assert clock.rung is not None
    assert clock.next_at is not None
    rung, due_at = clock.rung, clock.next_at
    if due_at < clock.due_at or rung in _BEFORE:
        terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
        for one in (*_rungs_of(clock), BREACH):
            when = _planned(clock, one, terms, hours, at)
            if when is not None and due_at < when <= at:
                rung, due_at = one.name, when
    return Due(clock.id, clock.lead_id, rung, due_at, at - due_at)


def step_past(clock: Clock, rung: str, lead: Lead, at: datetime) -> None:
    """Set the clock to the rung after this one; `spent` when none is left. An unknown rung counts by its time."""
    terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
    clock.fence += 1
    known = rung in LADDER
    if rung in _BEFORE or (not known and clock.next_at is not None and clock.next_at < clock.due_at):
        _aim(clock, terms, hours, after=at)
        return
    # Counted from now, not from the deadline: whoever is to act gets the whole time.
    aim = Aim(clock, terms, hours, lead, max(at, clock.due_at))
    rest = LATE_RUNGS[_LATE.index(rung) + 1 :] if rung in _LATE else LATE_RUNGS
    for one in rest:
        when = one.when(aim)
        if when is not None:
            clock.rung, clock.next_at = one.name, when
            return
    clock.state, clock.rung, clock.next_at = "spent", None, None


def next_due(session: Session) -> datetime | None:
    """When the next rung of any clock falls due; None when no clock runs."""
    session.flush()
    due: datetime | None = _NEXT_DUE.scalar(session)
    return due
