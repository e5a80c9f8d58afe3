"""To whom a manager can give a lead: reps, each with how many leads they have open, and whether they are here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.leads.receivers import hours_in_zone
from domain.people import Actor
from storage.models import IS_OPEN, IS_STAFF, Lead, Member, Team, TeamMember


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rep who can be given the lead, with their open leads. `team`: the name of theirs, None: it is the lead's own.

    `away_until`: in the future (aware UTC), or None. `benched`: out of the rotation, since leads lapsed. `closed`:
    these are not the hours in which they work.
    """

    user_id: str
    name: str
    open: int
    away_until: datetime | None
    team: str | None
    benched: bool = False
    closed: bool = False


def list_candidates(session: Session, lead_id: int, *, by: Actor, at: datetime) -> tuple[Candidate, ...]:
    """The reps who can be given the lead.

    First those of its team who are here, those with the fewest open leads before the others; then those of other teams,
    those at work before the others; who is away comes last.
    Whoever is in a team takes leads, whatever their role; who has the lead and who asks are left out.
    """
    lead = session.scalars(select(Lead).where(Lead.id == lead_id, Lead.workspace_id == by.workspace_id)).one_or_none()
    if lead is None:
        return ()
    rows = session.execute(
        select(
            Member.id,
            Member.slack_user_id,
            Member.name,
            Member.away_until,
            Team.id.label("team_id"),
            Team.name,
            Member.benched_at,
            Member.tz,
            Team.hours,
            Team.own_hours,
        )
        .join(TeamMember, TeamMember.member_id == Member.id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            Team.workspace_id == by.workspace_id,
            Team.archived_at.is_(None),
            Member.active,
            IS_STAFF,
            Member.id.not_in([one for one in (lead.owner_id, by.id) if one is not None]),
        )
        .order_by((Team.id == lead.team_id).desc(), Team.name, Team.id)
    ).all()
    teams: dict[int, tuple[Any, str | None]] = {}
    for row in rows:
        teams.setdefault(row[0], (row, None if row.team_id == lead.team_id else row[5]))
    counted = select(Lead.owner_id, func.count()).where(Lead.owner_id.in_(teams), IS_OPEN).group_by(Lead.owner_id)
    counts = {row[0]: row[1] for row in session.execute(counted)} if teams else {}
    is_open: dict[tuple[int, str | None], bool] = {}
    for row, _ in teams.values():
        week = (row.team_id, row.tz if row.own_hours else None)
        if week not in is_open:
            is_open[week] = hours_in_zone(row.hours, week[1]).is_open(at)
    found = [
        Candidate(
            row[1],
            row[2],
            counts.get(row[0], 0),
            row[3] if row[3] is not None and row[3] > at else None,
            team,
            row.benched_at is not None,
            not is_open[row.team_id, row.tz if row.own_hours else None],
        )
        for row, team in teams.values()
    ]
    found.sort(
        key=lambda one: (
            one.away_until is not None or one.benched,
            one.team is not None,
            one.closed,
            one.open,
            one.name,
            one.user_id,
        )
    )
    return tuple(found)
