"""Nurture: a lead rests until a day, and then sales gets it back by itself (domain/leads/returning.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, moment_of
from domain.errors import FieldProblems
from domain.leads.errors import LeadFieldWrong
from domain.leads.snoozing import MORNING, working_moment
from domain.zones import stored_zone
from storage.locking import locked
from storage.models import IS_NURTURED, Lead, Nurture, Team

LONGEST: Final = timedelta(days=731)


def proposed_day(team: Team, days: int, at: datetime) -> date:
    """The day on which the team works, about so many days on, as its zone counts them."""
    hours = WorkingHours.from_json(team.hours)
    zone = stored_zone(team.hours["zone"])
    return _morning(hours, zone.key, at.astimezone(zone).date() + timedelta(days=days)).astimezone(zone).date()


def nurture_until(team: Team, written: str, at: datetime) -> datetime:
    """The team's first working moment from that morning on (aware UTC); `written`: a date like 2026-12-24.

    Raises FieldProblems for what is no date, has come already, or lies more than two years ahead.
    """
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise FieldProblems({"until": LeadFieldWrong("no_day")}) from None
    zone = stored_zone(team.hours["zone"])
    today = at.astimezone(zone).date()
    if day <= today:
        raise FieldProblems({"until": LeadFieldWrong("day_passed")})
    if day - today > LONGEST:
        raise FieldProblems({"until": LeadFieldWrong("day_too_far")})
    return _morning(WorkingHours.from_json(team.hours), zone.key, day)


def begin_nurture(session: Session, lead: Lead, decline_id: int | None, until: datetime, at: datetime) -> None:
    """The lead rests until then. It has no owner's clock meanwhile, and keeps its owner."""
    lead.state, lead.decline_reason, lead.updated_at = "nurture", None, at
    session.add(
        Nurture(
            workspace_id=lead.workspace_id,
            lead_id=lead.id,
            decline_id=decline_id,
            state="waiting",
            until=until,
            next_at=until,
            began_at=at,
        )
    )
    session.flush()


def end_nurture(session: Session, lead_id: int, state: str, at: datetime) -> None:
    """The lead waits no more, if it did: it `returned`, nurture was `undone`, or `overtaken` by a newer lead."""
    waiting = session.scalars(locked(select(Nurture).where(Nurture.lead_id == lead_id, IS_NURTURED))).one_or_none()
    if waiting is not None:
        waiting.state, waiting.next_at, waiting.ended_at = state, None, at
        session.flush()


def _morning(hours: WorkingHours, zone: str, day: date) -> datetime:
    return working_moment(hours, None, moment_of(stored_zone(zone), day, MORNING).astimezone(UTC))
