"""Who gets a lead: round robin among those of its team who are here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, or_, select, text, tuple_, union_all, update
from sqlalchemy.orm import Session

from storage.database import GROUP_PATIENCE
from storage.models import Member, Team, TeamMember
from storage.statements import Statement

_BY_TURN: Final = (TeamMember.last_given_at.asc().nulls_first(), TeamMember.position, TeamMember.member_id)
IS_HERE: Final = (
    Member.active,
    or_(Member.away_until.is_(None), Member.away_until <= bindparam("present")),
)
# Made once: building a statement costs more than running it, and these run for every lead.
_FREE: Final = Statement(
    select(TeamMember.member_id)
    .where(TeamMember.team_id == bindparam("team"), TeamMember.member_id.in_(bindparam("reps", expanding=True)))
    .order_by(*_BY_TURN)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TURN: Final = Statement(
    update(TeamMember)
    .where(TeamMember.team_id == bindparam("team"), TeamMember.member_id == bindparam("member"))
    .values(last_given_at=bindparam("present"))
)
_AVAILABLE: Final = Statement(
    select(Member.id, Member.slack_user_id, Member.name)
    .join(TeamMember, TeamMember.member_id == Member.id)
    .where(TeamMember.team_id == bindparam("team"), *IS_HERE)
    .order_by(*_BY_TURN)
)
_IN_TURN: Final = (
    select(TeamMember.team_id, TeamMember.member_id, TeamMember.last_given_at, Member.slack_user_id, Member.name)
    .join(Member, Member.id == TeamMember.member_id)
    .where(TeamMember.team_id == bindparam("team"), *IS_HERE)
    .limit(bindparam("most"))
)
_NEVER: Final = _IN_TURN.where(TeamMember.last_given_at.is_(None)).order_by(TeamMember.position, TeamMember.member_id)
_LONG_AGO: Final = _IN_TURN.where(TeamMember.last_given_at.is_not(None)).order_by(
    TeamMember.last_given_at, TeamMember.position, TeamMember.member_id
)
# In two parts, each in the order of the index: where NULL comes in it, the databases see differently.
_NEXT: Final = Statement(union_all(select(_NEVER.subquery()), select(_LONG_AGO.subquery())))
_TAKE: Final = Statement(
    select(TeamMember.team_id, TeamMember.member_id, TeamMember.last_given_at)
    .where(tuple_(TeamMember.team_id, TeamMember.member_id).in_(bindparam("turns", expanding=True)))
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class Rep:
    """Who is given a lead, or could be."""

    id: int
    user_id: str
    name: str


def available_reps(session: Session, team_id: int, at: datetime, *, without: Collection[int] = ()) -> list[Rep]:
    """Whose turn it is: the team's active members who are not away, the one who waited longest first.

    Whoever is in the team takes turns, whatever their role.
    """
    session.flush()
    reps = (Rep(*row) for row in _AVAILABLE.all(session, {"team": team_id, "present": at}))
    return [rep for rep in reps if rep.id not in without]


def next_rep(session: Session, team: Team, at: datetime, *, without: Collection[int] = ()) -> Member | None:
    """The rep whose turn it is, with the turn taken; None when nobody is available.

    A rep who is being given another lead at this very moment is passed over, unless all are.
    """
    rep = _next_rep(session, team.id, at, without)
    return session.get_one(Member, rep.id) if rep is not None else None


def next_reps(session: Session, leads: Sequence[tuple[int, datetime]]) -> list[Rep | None]:
    """`next_rep` for leads that arrive together, one after the other: each by its team's id and its time."""
    often = Counter(team_id for team_id, _ in leads)
    present = max(at for _, at in leads)
    ready: dict[int, list[Any]] = {}
    for team_id in sorted(often):
        first = _NEXT.all(session, {"team": team_id, "present": present, "most": often[team_id]})
        ready[team_id] = first[: often[team_id]]
    contested = _contested(session, ready)
    found: list[Rep | None] = []
    turns: dict[tuple[int, int], datetime] = {}
    given: Counter[int] = Counter()
    for team_id, at in leads:
        here = ready[team_id]
        if team_id in contested:
            found.append(_next_rep(session, team_id, at))
        elif here:
            row = here[given[team_id] % len(here)]
            given[team_id] += 1
            turns[team_id, row.member_id] = at
            found.append(Rep(row.member_id, row.slack_user_id, row.name))
        else:
            found.append(None)
    if turns:
        rows = [{"team": team, "member": member, "present": at} for (team, member), at in turns.items()]
        _TURN.run_many(session, rows)
    return found


def took_turn(session: Session, team_id: int, member_id: int, at: datetime) -> None:
    """The member was given a lead now, so everyone else of the team comes before them next time."""
    _TURN.run(session, {"team": team_id, "member": member_id, "present": at})


def _next_rep(session: Session, team_id: int, at: datetime, without: Collection[int] = ()) -> Rep | None:
    reps = {rep.id: rep for rep in available_reps(session, team_id, at, without=without)}
    if not reps:
        return None
    free = _FREE.scalar(session, {"team": team_id, "reps": list(reps)})
    chosen = reps[free if free is not None else next(iter(reps))]
    took_turn(session, team_id, chosen.id, at)
    return chosen


def _contested(session: Session, turns: dict[int, list[Any]]) -> set[int]:
    """Lock the reps whose turns these are, by team, without waiting. The teams in which somebody else was faster."""
    wanted = {(row.team_id, row.member_id): row.last_given_at for here in turns.values() for row in here}
    if session.get_bind().dialect.name == "sqlite" or not wanted:
        return set()  # there is one writer
    locked = _TAKE.all(session, {"turns": list(wanted)})
    unchanged = {(team, member) for team, member, given_at in locked if wanted[team, member] == given_at}
    contested = {team for team, _ in wanted.keys() - unchanged}
    if contested and len(turns) > 1:
        # A lead may wait for somebody now, with other teams' turns in hand: in a circle perhaps, so not for long.
        session.execute(text(f"SET LOCAL lock_timeout = '{GROUP_PATIENCE}'"))
    return contested
