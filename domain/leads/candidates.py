"""Whom a lead can be given to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from domain.leads.routing import available_reps
from storage.models import IS_STAFF, Lead, Member, Team, TeamMember
from storage.statements import Statement

READER_AND_OWNER: Final = 2
"""People who are counted, and to whom the lead cannot be given: the manager who asks, and who has it."""

TEAMS_EACH: Final = 1.5
"""Rows read for each person that is wanted: somebody of two teams has two."""


# Made once: every alarm is made of these.
_WHOSE = Statement(select(Lead.owner_id, Lead.team_id).where(Lead.id == bindparam("lead")))
_SOME = (
    select(Member.id)
    .where(Member.workspace_id == bindparam("workspace"), Member.active, IS_STAFF)
    .limit(bindparam("crowd"))
)
_HOW_MANY = Statement(select(func.count()).select_from(_SOME.subquery()))
_PEOPLE_BY_TEAM = Statement(
    select(
        Member.id,
        Member.slack_user_id,
        Member.name,
        Member.role,
        Member.away_until,
        Team.id.label("team_id"),
        Team.name.label("team_name"),
    )
    .join(TeamMember, TeamMember.member_id == Member.id, isouter=True)
    .join(Team, Team.id == TeamMember.team_id, isouter=True)
    .where(Member.workspace_id == bindparam("workspace"), Member.active, IS_STAFF)
    .order_by(case((TeamMember.team_id == bindparam("first_team"), 0), else_=1), Member.name, Member.id)
    .limit(bindparam("rows"))
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a lead can be given to. `group`: "ready" now, else "away", else of another team's name."""

    user_id: str
    name: str
    group: str


def load_candidates(
    session: Session, lead_id: int, workspace_id: int, at: datetime, *, most: int
) -> tuple[Candidate, ...] | None:
    """Who can be given the lead: its team's available reps by turn, its absent ones, then everybody else.

    None when these are more than `most`, beside whoever asks: then nobody needs to be read.
    """
    crowd = most + READER_AND_OWNER
    if _HOW_MANY.scalar(session, {"workspace": workspace_id, "crowd": crowd + 1}) > crowd:
        return None
    lead = _WHOSE.first(session, {"lead": lead_id})
    ready = [rep for rep in available_reps(session, lead.team_id, at) if rep.id != lead.owner_id]
    first = {rep.id for rep in ready}
    own: dict[int, Candidate] = {}
    others: dict[int, Candidate] = {}
    wanted = {"workspace": workspace_id, "first_team": lead.team_id, "rows": int(most * TEAMS_EACH)}
    for one in _PEOPLE_BY_TEAM.all(session, wanted):
        if one.id in first or one.id == lead.owner_id:
            continue
        away = one.away_until is not None and one.away_until > at
        group = "away" if away else (one.team_name or one.role)
        (own if one.team_id == lead.team_id else others)[one.id] = Candidate(one.slack_user_id, one.name, group)
    others = {member_id: candidate for member_id, candidate in others.items() if member_id not in own}
    lead_on = [Candidate(rep.user_id, rep.name, "ready") for rep in ready]
    return (*lead_on, *own.values(), *others.values())
