"""What happens when a rung falls due: the card changes, the rep is reminded, the manager is told, the lead moves on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import note_event, ping_managers, refresh_lead, remind_rep
from domain.leads.clocks import Due, put_off_reminder, rung_reached, step_past, stop_clock, take_due
from domain.leads.judgement import note_missed
from domain.leads.lifecycle import hand_over
from domain.leads.routing import next_rep
from domain.leads.snoozing import working_moment
from storage import outbox
from storage.models import OPEN_LEAD_STATES, Clock, Lead, Member, Team
from storage.outbox import Priority
from storage.turns import Turns

PUT_OFF: Final = timedelta(minutes=10)
ASKED_AGAIN: Final = timedelta(minutes=15)
LONG_LOST: Final = timedelta(minutes=15)


def apply_due_rungs(session: Session, *, at: datetime, limit: int = 100, turns: Turns | None = None) -> list[Due]:
    """Apply up to `limit` rungs that are due at `at`, each with its effects, in this transaction.

    Workspaces take `turns`, so that many of one do not hold up those of another. A lead in somebody else's hands at
    this very moment is left for the next time.
    """
    taken = take_due(session, at, limit=limit, turns=turns)
    rungs = (_apply(session, clock, lead, team, at) for clock, lead, team, _ in taken)
    return [due for due in rungs if due is not None]


def put_off_broken_clocks(session: Session, *, at: datetime, limit: int = 100) -> list[tuple[int, str]]:
    """Try each due clock by itself, and put off those whose rung cannot be applied: they hold up no others.

    Nothing else is changed. Returns their ids, each with its error.
    """
    broken = []
    for clock_id in [row[0].id for row in take_due(session, at, limit=limit)]:
        with outbox.taken_back(session):
            trial = session.begin_nested()
            try:
                clock = session.get_one(Clock, clock_id)
                lead = session.get_one(Lead, clock.lead_id)
                _apply(session, clock, lead, session.get_one(Team, lead.team_id), at)
                session.flush()
            except Exception as error:
                broken.append((clock_id, type(error).__name__))
            trial.rollback()
    for clock_id, _ in broken:
        session.execute(update(Clock).where(Clock.id == clock_id).values(next_at=at + PUT_OFF))
    return broken


def _apply(session: Session, clock: Clock, lead: Lead, team: Team, at: datetime) -> Due | None:
    if lead.state not in OPEN_LEAD_STATES:
        stop_clock(session, lead, at)
        return None
    due = rung_reached(clock, at)
    if due.rung == "reassign":
        _reassign(session, clock, lead, team, at)
        return due
    if due.rung == "remind":
        waits = _works_at(session, lead, team, at)
        if waits > at:
            # The hours have changed, the rep is away, or we come late: nobody is reminded at a closed time.
            put_off_reminder(clock, waits, at)
            return None
        remind_rep(session, lead, at)
    elif due.rung == "breach":
        note_missed(lead, clock, at)
        event_id = note_event(session, lead, "breached", at=at, by=None, data={"due_at": clock.due_at.isoformat()})
        # After an outage: what was lost long ago must not stand in the way of what can still be saved.
        urgent = due.lateness < LONG_LOST
        ping_managers(session, lead, team, event_id, at, priority=Priority.ALARM if urgent else Priority.REMINDER)
    step_past(clock, due.rung, lead, at)
    refresh_lead(session, lead, at)
    return due


def _works_at(session: Session, lead: Lead, team: Team, at: datetime) -> datetime:
    """When the lead's rep works, from `at` on, or when to ask again: who is away may be back earlier (aware UTC)."""
    owner = session.get(Member, lead.owner_id) if lead.owner_id is not None else None
    hours = WorkingHours.from_json(team.hours)
    works_at = working_moment(hours, owner.away_until if owner else None, at)
    return works_at if works_at == at else min(works_at, working_moment(hours, None, at + ASKED_AGAIN))


def _reassign(session: Session, clock: Clock, lead: Lead, team: Team, at: datetime) -> None:
    """Nobody acted on the breach: the next available rep gets the lead; without one, the clock ends here."""
    rep = next_rep(session, team, at, without={lead.owner_id} if lead.owner_id else ())
    if rep is None:
        step_past(clock, "reassign", lead, at)
        refresh_lead(session, lead, at)
        return
    hand_over(session, lead, rep, by=None, at=at, kind="reassigned")
