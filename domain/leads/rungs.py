"""What happens when a rung falls due: the card changes, the rep is reminded, the manager is told, the lead moves on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.announce import note_event, ping_managers, refresh_lead, remind_rep
from domain.leads.clocks import Due, step_past, stop_clock, take_due
from domain.leads.lifecycle import hand_over
from domain.leads.routing import next_rep
from storage.models import OPEN_LEAD_STATES, Clock, Lead, Team


def apply_due_rungs(session: Session, *, at: datetime, limit: int = 100) -> list[Due]:
    """Apply up to `limit` rungs that are due at `at`, each with its effects, in this transaction.

    A lead in somebody else's hands at this very moment is left for the next time: people lock the lead before its
    clock, so waiting for it here could be waiting in a circle.
    """
    applied = []
    taken = take_due(session, at, limit=limit)
    leads = {
        lead.id: lead
        for lead in session.scalars(
            select(Lead)
            .where(Lead.id.in_([due.lead_id for _, due in taken]))
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
    }
    for clock, due in taken:
        lead = leads.get(due.lead_id)
        if lead is None:
            continue
        if lead.state not in OPEN_LEAD_STATES:
            stop_clock(session, lead, at)
            continue
        _apply(session, clock, lead, due.rung, at)
        applied.append(due)
    return applied


def _apply(session: Session, clock: Clock, lead: Lead, rung: str, at: datetime) -> None:
    team = session.get_one(Team, lead.team_id)
    if rung == "reassign":
        _reassign(session, clock, lead, team, at)
        return
    if rung == "remind":
        remind_rep(session, lead, at)
    elif rung == "breach":
        lead.breached_at = lead.breached_at or at
        event = note_event(session, lead, "breached", at=at, by=None, data={"due_at": clock.due_at.isoformat()})
        ping_managers(session, lead, team, event, at)
    step_past(session, clock, rung, lead, at)
    refresh_lead(session, lead, at)


def _reassign(session: Session, clock: Clock, lead: Lead, team: Team, at: datetime) -> None:
    """Nobody acted on the breach: the next available rep gets the lead; without one, the clock ends here."""
    rep = next_rep(session, team, at, without={lead.owner_id} if lead.owner_id else ())
    if rep is None:
        step_past(session, clock, "reassign", lead, at)
        refresh_lead(session, lead, at)
        return
    hand_over(session, lead, rep, by=None, at=at, kind="reassigned")
