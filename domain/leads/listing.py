"""Which leads still wait for contact: a member's own, and those of the teams they manage, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.leads.facts import LeadFacts, load_lead
from domain.leads.judgement import LIVE_CLOCK
from domain.people import MANAGERS, Actor
from storage.models import IS_OPEN, Clock, Lead, Member, Team

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class OpenLeads:
    """`mine` and `team` (without mine) show the first SHOWN; the counts are of all. `manages`: `team` means something.

    `away_until` is in the future or None.
    """

    mine: tuple[LeadFacts, ...]
    mine_count: int
    team: tuple[LeadFacts, ...]
    team_count: int
    manages: bool
    away_until: datetime | None


def list_open_leads(session: Session, *, by: Actor, at: datetime) -> OpenLeads:
    """The member's open leads, and for managers those of the teams they manage (of all teams when they manage none)."""
    mine, mine_count = _open(session, by, at, Lead.owner_id == by.id)
    manages = by.role in MANAGERS
    team: tuple[LeadFacts, ...] = ()
    team_count = 0
    if manages:
        scope = Lead.owner_id.is_distinct_from(by.id)
        managed = session.scalars(
            select(Team.id).where(Team.workspace_id == by.workspace_id, Team.manager_id == by.id)
        ).all()
        if managed:
            scope &= Lead.team_id.in_(managed)
        team, team_count = _open(session, by, at, scope)
    away = session.get_one(Member, by.id).away_until
    return OpenLeads(mine, mine_count, team, team_count, manages, away if away and away > at else None)


def _open(session: Session, by: Actor, at: datetime, scope: ColumnElement[bool]) -> tuple[tuple[LeadFacts, ...], int]:
    """The first open leads in this scope by deadline, and how many there are."""
    where = (Lead.workspace_id == by.workspace_id, IS_OPEN, scope)
    ids = session.scalars(
        select(Lead.id)
        .join(Clock, LIVE_CLOCK, isouter=True)
        .where(*where)
        .order_by(Clock.due_at.asc().nulls_last(), Lead.id)
        .limit(SHOWN)
    ).all()
    count = session.scalar(select(func.count()).select_from(Lead).where(*where)) or 0
    found = (load_lead(session, lead_id, by.workspace_id, at) for lead_id in ids)
    return tuple(lead for lead in found if lead is not None), count
