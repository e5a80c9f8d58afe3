"""Who gets a lead: round robin among the available reps of its team."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from storage.models import Member, Team, TeamMember

_BY_TURN: Final = (TeamMember.last_given_at.asc().nulls_first(), TeamMember.position, TeamMember.member_id)
# Made once: building a statement costs more than running it, and these run for every lead.
_FREE: Final = (
    select(TeamMember.member_id)
    .where(TeamMember.team_id == bindparam("team"), TeamMember.member_id.in_(bindparam("reps", expanding=True)))
    .order_by(*_BY_TURN)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TURN: Final = (
    update(TeamMember)
    .where(TeamMember.team_id == bindparam("team"), TeamMember.member_id == bindparam("member"))
    .values(last_given_at=bindparam("present"))
)
_AVAILABLE = (
    select(Member)
    .join(TeamMember, TeamMember.member_id == Member.id)
    .where(
        TeamMember.team_id == bindparam("team"),
        Member.active,
        or_(Member.away_until.is_(None), Member.away_until <= bindparam("present")),
    )
    .order_by(*_BY_TURN)
)


def available_reps(session: Session, team_id: int, at: datetime, *, without: Collection[int] = ()) -> list[Member]:
    """The team's active members who are not away, the one who waited longest first.

    Reps come before other roles: a manager or marketer is given a lead only when the team has no rep.
    """
    rows = session.scalars(_AVAILABLE, {"team": team_id, "present": at})
    members = [member for member in rows if member.id not in without]
    return [member for member in members if member.role == "rep"] or members


def next_rep(session: Session, team: Team, at: datetime, *, without: Collection[int] = ()) -> Member | None:
    """The rep whose turn it is, with the turn taken; None when nobody is available.

    A rep who is being given another lead at this very moment is passed over, unless all are.
    """
    reps = {member.id: member for member in available_reps(session, team.id, at, without=without)}
    if not reps:
        return None
    free = session.connection().execute(_FREE, {"team": team.id, "reps": list(reps)}).scalar()
    chosen = reps[free if free is not None else next(iter(reps))]
    took_turn(session, team.id, chosen.id, at)
    return chosen


def took_turn(session: Session, team_id: int, member_id: int, at: datetime) -> None:
    """The member was given a lead now, so everyone else of the team comes before them next time."""
    session.connection().execute(_TURN, {"team": team_id, "member": member_id, "present": at})
