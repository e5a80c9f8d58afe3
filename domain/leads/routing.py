"""Who of a team gets a lead: the ledgers of turns as they are kept. One transaction at a time has the ledger of a team.

It locks the row of the team (`hold_ledgers`): a turn that another process is just giving is waited for. Were its rep
passed over instead, whoever else is in the team could be given two leads meanwhile, and turns were not fair.
Whose turn it is, `domain.leads.turns` reckons. Leads of teams with plain turns that arrive together are shared out in a
few statements (`next_reps`); everything else goes one by one (`Ledger`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select, text, union_all, update
from sqlalchemy.orm import Session

from domain.leads.turns import Standing, TeamRules, after, stand_in_line, take_lead, take_turn
from domain.leads.why import Passed, Why
from storage.database import GROUP_PATIENCE
from storage.models import IS_OPEN, Lead, Member, Team, TeamMember
from storage.statements import Statement

SHOWN: Final = 8
"""So many people who were passed over are named in an explanation."""

_BY_TURN: Final = (TeamMember.last_given_at.asc().nulls_first(), TeamMember.position, TeamMember.member_id)
IS_HERE: Final = (
    Member.active,
    Member.benched_at.is_(None),
    or_(Member.away_until.is_(None), Member.away_until <= bindparam("present")),
)
# Made once: building a statement costs more than running it, and these run for every lead.
_TURN: Final = Statement(
    update(TeamMember)
    .where(TeamMember.team_id == bindparam("team"), TeamMember.member_id == bindparam("member"))
    .values(last_given_at=bindparam("present"))
)
_LATEST: Final = Statement(select(func.max(TeamMember.last_given_at)).where(TeamMember.team_id == bindparam("team")))
_AVAILABLE: Final = Statement(
    select(Member.id, Member.slack_user_id, Member.name)
    .join(TeamMember, TeamMember.member_id == Member.id)
    .where(TeamMember.team_id == bindparam("team"), *IS_HERE)
    .order_by(*_BY_TURN)
)
_IN_TURN: Final = (
    select(
        TeamMember.team_id,
        TeamMember.member_id,
        TeamMember.last_given_at,
        Member.slack_user_id,
        Member.name,
        select(func.max(TeamMember.last_given_at))
        .where(TeamMember.team_id == bindparam("team"))
        .correlate(None)
        .scalar_subquery()
        .label("latest"),
    )
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
_LEDGERS: Final = Statement(
    select(Team.id)
    .where(Team.id.in_(bindparam("teams", expanding=True)))
    .order_by(Team.id)
    .with_for_update(key_share=True)  # rows that refer to the team are written beside it
)
_STANDINGS: Final = Statement(
    select(
        Member.id,
        Member.slack_user_id,
        Member.name,
        Member.active,
        Member.away_until,
        Member.tz,
        TeamMember.position,
        TeamMember.weight,
        TeamMember.last_given_at,
        TeamMember.served,
        TeamMember.lead_at,
        TeamMember.recent,
        Member.benched_at,
    )
    .join(Member, Member.id == TeamMember.member_id)
    .where(TeamMember.team_id == bindparam("team"))
    .order_by(TeamMember.position, TeamMember.member_id)
)
_OPEN: Final = Statement(
    select(Lead.owner_id, func.count().label("open"))
    .where(Lead.owner_id.in_(bindparam("members", expanding=True)), IS_OPEN)
    .group_by(Lead.owner_id)
)
_WRITE: Final = Statement(
    update(TeamMember)
    .where(TeamMember.team_id == bindparam("team"), TeamMember.member_id == bindparam("member"))
    .values(
        last_given_at=bindparam("turn"),
        served=bindparam("far"),
        lead_at=bindparam("got"),
        recent=bindparam("lately"),
    )
)


@dataclass(frozen=True, slots=True)
class Rep:
    """Who is given a lead, or could be."""

    id: int
    user_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it was, None when nobody was free. `last`: when they had theirs before (aware UTC).

    `free`: how many could have been given the lead; 0: nobody counted. `passed`: who could not.
    """

    rep: Rep | None
    last: datetime | None = None
    free: int = 0
    passed: tuple[Passed, ...] = ()


def available_reps(session: Session, team_id: int, at: datetime, *, without: Collection[int] = ()) -> list[Rep]:
    """The team's active members who are not away, the one who waited longest first.

    Whoever is in the team takes turns, whatever their role.
    """
    session.flush()
    reps = (Rep(*row) for row in _AVAILABLE.all(session, {"team": team_id, "present": at}))
    return [rep for rep in reps if rep.id not in without]


def rules_of(team: Team | Any) -> TeamRules:
    """What a team says of its turns."""
    return TeamRules(
        team.id,
        team.name,
        team.hours,
        team.distribution,
        team.most_an_hour,
        team.most_a_day,
        team.most_open,
        bool(team.own_hours),
    )


def next_rep(session: Session, team: Team, at: datetime, *, without: Collection[int] = ()) -> Member | None:
    """The rep whose turn it is, with the turn taken; None when nobody is free."""
    rep = Ledger(session).give_turn(rules_of(team), at, without=without).rep
    return session.get_one(Member, rep.id) if rep is not None else None


def next_reps(session: Session, leads: Sequence[tuple[TeamRules, datetime]]) -> list[Turn]:
    """The turns of leads that arrive together, one after the other: each by its team and its time.

    Only for teams with plain turns.
    """
    often = Counter(team.id for team, _ in leads)
    hold_ledgers(session, often)
    present = max(at for _, at in leads)
    ready: dict[int, list[Any]] = {}
    for team_id in sorted(often):
        first = _NEXT.all(session, {"team": team_id, "present": present, "most": often[team_id]})
        ready[team_id] = first[: often[team_id]]
    found: list[Turn] = []
    turns: dict[tuple[int, int], datetime] = {}
    latest = {team_id: here[0].latest if here else None for team_id, here in ready.items()}
    given: Counter[int] = Counter()
    for team, at in leads:
        here = ready[team.id]
        if here:
            row = here[given[team.id] % len(here)]
            given[team.id] += 1
            last = turns.pop((team.id, row.member_id), row.last_given_at)
            latest[team.id] = turns[team.id, row.member_id] = after(at, [latest[team.id]])
            found.append(Turn(Rep(row.member_id, row.slack_user_id, row.name), last))
        else:
            found.append(Turn(None))
    if turns:
        rows = [{"team": team, "member": member, "present": at} for (team, member), at in turns.items()]
        _TURN.run_many(session, rows)
    return found


def took_turn(session: Session, team_id: int, member_id: int, at: datetime) -> datetime:
    """The member got a lead now by somebody's hand, so everyone else of the team comes before them next time.

    Returns the moment of the turn (aware UTC).
    """
    hold_ledgers(session, (team_id,))
    turn = after(at, [_LATEST.scalar(session, {"team": team_id})])
    _TURN.run(session, {"team": team_id, "member": member_id, "present": turn})
    return turn


def hold_ledgers(session: Session, team_ids: Collection[int]) -> None:
    """Nobody else reads or writes the turns of these teams until this transaction ends. Those who do are waited for."""
    if session.get_bind().dialect.name != "sqlite":  # there is one writer
        _LEDGERS.all(session, {"teams": sorted(team_ids)})


class Ledger:
    """The ledgers of teams as one transaction reads and writes them, lead by lead. `trial`: nothing is written."""

    def __init__(self, session: Session, *, trial: bool = False) -> None:
        self._session, self._trial = session, trial
        self._known: dict[int, list[Standing]] = {}

    def of(self, team: TeamRules) -> list[Standing]:
        """The team's members as they stand now, and as they will until this transaction writes otherwise."""
        if team.id not in self._known:
            if not self._trial:
                hold_ledgers(self._session, (team.id,))
            self._session.flush()
            self._known[team.id] = [_standing(row) for row in _STANDINGS.all(self._session, {"team": team.id})]
            self._count_open(team, self._known[team.id])
        return self._known[team.id]

    def find(self, team: TeamRules, member_id: int) -> Standing | None:
        """A member of the team as they stand; None for somebody else."""
        return next((one for one in self.of(team) if one.id == member_id), None)

    def give_turn(
        self, team: TeamRules, at: datetime, *, distribution: str | None = None, without: Collection[int] = ()
    ) -> Turn:
        """Whose turn it is, with the turn taken. `distribution`: in place of the team's; `without`: ids of members."""
        how = distribution or team.distribution
        line = stand_in_line(self.of(team), team, at, distribution=how, without=without)
        if not line.free:
            return Turn(None, passed=line.passed)
        one = line.free[0]
        last = one.turn_at
        take_turn(one, self.of(team), team, at, how)
        self._write(team, one)
        return Turn(Rep(one.id, one.user_id, one.name), last, len(line.free), line.passed)

    def give_to(self, team: TeamRules, one: Standing, at: datetime) -> None:
        """A member of the team gets a lead that takes no turn."""
        take_lead(one, team, at)
        if not team.plain:
            self._write(team, one)

    def _write(self, team: TeamRules, one: Standing) -> None:
        if self._trial:
            return
        recent = [moment.isoformat() for moment in one.recent]
        row = {"turn": one.turn_at, "far": one.served, "got": one.lead_at, "lately": recent or None}
        _WRITE.run(self._session, {"team": team.id, "member": one.id, **row})

    def _count_open(self, team: TeamRules, standings: Sequence[Standing]) -> None:
        if team.most_open is None or not standings:
            return
        counts = {
            row.owner_id: row.open for row in _OPEN.all(self._session, {"members": [one.id for one in standings]})
        }
        for one in standings:
            one.open = counts.get(one.id, 0)


def told(turn: Turn) -> dict[str, Any]:
    """What an explanation tells of a turn, as fields of Why."""
    return {
        "passed": turn.passed[:SHOWN],
        "passed_more": max(0, len(turn.passed) - SHOWN),
        "free": turn.free,
        "last_turn": turn.last,
    }


def why_by_turn(team: TeamRules, turn: Turn, distribution: str | None = None, **more: Any) -> Why:
    """The explanation of a turn."""
    how = (distribution or team.distribution) if turn.rep is not None else "nobody"
    return Why(how=how, team=team.name, **told(turn), **more)


def person_apart(member: Member | Any) -> Standing:
    """A member as they stand apart from any team."""
    return Standing(
        member.id,
        member.slack_user_id,
        member.name,
        bool(member.active),
        member.away_until,
        member.tz,
        benched_at=member.benched_at,
    )


def _standing(row: Any) -> Standing:
    return Standing(
        row.id,
        row.slack_user_id,
        row.name,
        bool(row.active),
        row.away_until,
        row.tz,
        row.position,
        row.weight,
        row.last_given_at,
        row.served,
        row.lead_at,
        _moments(row.recent),
        benched_at=row.benched_at,
    )


def _moments(stored: Any) -> list[datetime]:
    return [datetime.fromisoformat(one).astimezone(UTC) for one in stored or ()]


def wait_briefly(session: Session) -> None:
    """A lead may wait for somebody now, with other teams' turns in hand: in a circle perhaps, so not for long."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text(f"SET LOCAL lock_timeout = '{GROUP_PATIENCE}'"))
