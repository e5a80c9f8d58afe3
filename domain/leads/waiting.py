"""Leads that nobody could be given: offered again whenever their team has somebody.

The ticker asks at each of its looks, so whatever brings somebody back is noticed: the end of an absence, a rep who says
that they are back, new settings, a member who joined. Nobody who changes those needs to think of the leads that wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from domain.leads.lifecycle import hand_over
from domain.leads.routing import IS_HERE, next_rep, took_turn
from storage.models import IS_UNOWNED, Lead, Member, Team, TeamMember
from storage.notes import all_or_nothing
from storage.statements import Statement

# Made once: they run at each look of the ticker.
_TEAMS: Final = Statement(
    select(Team.id)
    .where(
        exists().where(Lead.team_id == Team.id, IS_UNOWNED),
        exists().where(TeamMember.team_id == Team.id, Member.id == TeamMember.member_id, *IS_HERE),
    )
    .order_by(Team.id)
)
_LEADS: Final = (
    select(Lead)
    .where(Lead.team_id == bindparam("team"), IS_UNOWNED)
    .order_by(Lead.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Given:
    """What became of leads that waited: how many were given, and the ids of those that could not be, with the error."""

    count: int
    broken: tuple[tuple[int, str], ...]


def give_waiting_leads(session: Session, *, at: datetime, limit: int) -> Given:
    """Give up to `limit` leads without an owner to the reps of their teams who are here, the oldest lead first.

    Each rep's clock begins now, as when a lead is reassigned. A lead in somebody else's hands at this very moment is
    left for the next time, and one that cannot be given holds up no others.
    """
    count = 0
    broken: list[tuple[int, str]] = []
    session.flush()
    for team_id in _TEAMS.scalars(session, {"present": at}):
        left = limit - count - len(broken)
        if left <= 0:
            break
        team = session.get_one(Team, team_id)
        served: set[int] = set()
        for number, lead in enumerate(session.scalars(_LEADS, {"team": team_id, "most": left}).all()):
            error = _give(session, lead, team, served, at)
            if error is None and lead.owner_id is not None:
                # Turns taken at one moment keep their order.
                took_turn(session, team.id, lead.owner_id, at + timedelta(microseconds=number))
            if error is None:
                count += 1
            else:
                broken.append((lead.id, error))
    return Given(count, tuple(broken))


def count_waiting(session: Session, workspace_id: int) -> Sequence[tuple[str, int]]:
    """How many leads wait for an owner, by the name of their team."""
    rows = session.execute(
        select(Team.name, func.count())
        .join(Lead, and_(Lead.team_id == Team.id, IS_UNOWNED))
        .where(Team.workspace_id == workspace_id)
        .group_by(Team.id, Team.name)
        .order_by(Team.id)
    )
    return [(name, count) for name, count in rows]


def _give(session: Session, lead: Lead, team: Team, served: set[int], at: datetime) -> str | None:
    """Give the lead to the next rep of its team. The name of the error when it cannot be; nothing is changed then.

    `served`: who was given a lead in this round, at the same moment.
    """
    try:
        with all_or_nothing(session):
            rep = next_rep(session, team, at, without=served)
            if rep is None:
                served.clear()
                rep = next_rep(session, team, at)
            if rep is not None:
                served.add(rep.id)
                hand_over(session, lead, rep, by=None, at=at, kind="given")
    except Exception as error:
        return type(error).__name__
    return None
