"""Applies the rungs that fall due: each by its entry in the ladder (domain/leads/ladder.py)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.leads.announce import refresh_lead
from domain.leads.clocks import Due, put_off, rung_reached, step_past, stop_clock, take_due
from domain.leads.ladder import LADDER, HandOver, PutOff, Step
from domain.leads.lifecycle import hand_over
from domain.leads.terms import MEETING
from storage.models import OPEN_LEAD_STATES, Clock, Lead, Team
from storage.notes import taken_back
from storage.turns import Turns

PUT_OFF: Final = timedelta(minutes=10)


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
        with taken_back(session):
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
    if lead.state not in (("contacted",) if clock.purpose == MEETING else OPEN_LEAD_STATES):
        stop_clock(session, lead, at)
        return None
    due = rung_reached(clock, at)
    rung = LADDER.get(due.rung)
    decision = rung.effect(Step(session, clock, lead, team, at, due.lateness)) if rung is not None else None
    match decision:
        case PutOff(until):
            put_off(clock, due.rung, until, at)
            return None
        case HandOver(to, missed, why):
            hand_over(session, lead, to, by=None, at=at, kind="reassigned", because={"missed": missed, "why": why})
        case None:
            step_past(clock, due.rung, lead, at)
            refresh_lead(session, lead, at)
    return due
