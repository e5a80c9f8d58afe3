"""Which leads still wait for contact: a member's own, and those of the teams they manage, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.leads.facts import LeadFacts, load_leads
from domain.leads.urgency import count_open, most_urgent
from domain.people import MANAGERS, Actor
from storage.models import Lead, Member, Team

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class OpenLeads:
    """`mine` and `team` (without mine) show the first SHOWN; the counts are of all. `manages`: `team` means something.

    `away_until` is in the future or None. `benched`: the member gets none, since several lapsed.
    """

    mine: tuple[LeadFacts, ...]
    mine_count: int
    team: tuple[LeadFacts, ...]
    team_count: int
    manages: bool
    away_until: datetime | None
    benched: bool = False


def list_open_leads(session: Session, *, by: Actor, at: datetime) -> OpenLeads:
    """The member's open leads, and for managers those of the teams they manage (of all teams when they manage none)."""
    mine, mine_count = _first(session, by, at, Lead.owner_id == by.id)
    manages = by.role in MANAGERS
    team: tuple[LeadFacts, ...] = ()
    team_count = 0
    if manages:
        teams = session.execute(select(Team.id, Team.manager_id).where(Team.workspace_id == by.workspace_id)).all()
        managed = [row.id for row in teams if row.manager_id == by.id]
        theirs = Lead.team_id.in_(managed or [row.id for row in teams])
        team, team_count = _first(session, by, at, theirs & Lead.owner_id.is_distinct_from(by.id))
    member = session.get_one(Member, by.id)
    away = member.away_until if member.away_until is not None and member.away_until > at else None
    return OpenLeads(mine, mine_count, team, team_count, manages, away, member.benched_at is not None)


def _first(session: Session, by: Actor, at: datetime, which: ColumnElement[bool]) -> tuple[tuple[LeadFacts, ...], int]:
    """The first of these open leads by deadline, and how many there are."""
    count = count_open(session, which)
    ids = most_urgent(session, by.workspace_id, which, count=count, limit=SHOWN)
    return load_leads(session, ids, by.workspace_id, at), count
