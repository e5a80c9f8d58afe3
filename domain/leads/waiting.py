"""Leads that nobody could be given: offered again whenever their team has somebody.

The ticker asks at each of its looks, so whatever brings somebody back is noticed: the end of an absence, a rep who says
that they are back, new settings, a member who joined. Nobody who changes those needs to think of the leads that wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from domain.leads.lifecycle import hand_over
from domain.leads.routing import IS_HERE, Ledger, person_apart, rules_of, why_by_turn
from domain.leads.turns import Standing, TeamRules, obstacle, opening
from domain.leads.why import Passed, Why, kept_why, why_from_json
from storage.models import IS_UNOWNED, Account, Lead, LeadEvent, Member, Route, Team, TeamMember
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
        ledger = Ledger(session)
        for lead in session.scalars(_LEADS, {"team": team_id, "most": left}).all():
            error = _give(session, ledger, lead, team, at)
            if error is not None:
                broken.append((lead.id, error))
                ledger = Ledger(session)  # what it wrote was taken back
            elif lead.owner_id is None:
                break  # nobody is free, for the others neither
            else:
                count += 1
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


def _give(session: Session, ledger: Ledger, lead: Lead, team: Team, at: datetime) -> str | None:
    """Give the lead to whom its rule names, its account's owner, or the next rep of its team.

    It stays as it is when nobody is free. The name of the error when it cannot be given; nothing is changed then.
    """
    try:
        with all_or_nothing(session):
            rep, why = _find_rep(session, ledger, lead, team, at)
            if rep is not None:
                hand_over(session, lead, rep, by=None, at=at, kind="given", because={"why": kept_why(why)})
    except Exception as error:
        return type(error).__name__
    return None


def _find_rep(session: Session, ledger: Ledger, lead: Lead, team: Team, at: datetime) -> tuple[Member | None, Why]:
    story: dict[str, Any] = {"waited": True}
    for claim, person, home in _claims(session, lead, team, story):
        standing = ledger.find(home, person.id)
        hindrance = _hindrance(claim, standing, person, home, at)
        if hindrance is None:
            if standing is not None:
                ledger.give_to(home, standing, at)
            return person, Why(how=claim, team=team.name, **story)
        story[claim] = hindrance
    rules = rules_of(team)
    turn = ledger.give_turn(rules, at)
    why = why_by_turn(rules, turn, **story)
    return (session.get_one(Member, turn.rep.id) if turn.rep is not None else None), why


def _claims(
    session: Session, lead: Lead, team: Team, story: dict[str, Any]
) -> Iterator[tuple[Literal["person", "owner"], Member, TeamRules]]:
    """Whose the lead is in any case, each with the team whose limits count: its rule's person, its account's owner."""
    named = _named(session, lead)
    if named is not None:
        yield "person", named, rules_of(team)
    account = session.get(Account, lead.account_id) if lead.account_id is not None else None
    owner = session.get(Member, account.owner_id) if account is not None and account.owner_id is not None else None
    if account is not None and owner is not None:
        story["account"] = account.name
        yield "owner", owner, _home(session, team, owner)


def _hindrance(claim: str, standing: Standing | None, person: Member, home: TeamRules, at: datetime) -> Passed | None:
    """What keeps the person from being given the lead now, their own hours included."""
    if standing is None and claim == "person":
        return Passed(person.name, "other_team")
    one = standing or person_apart(person)
    found = obstacle(one, home, at)
    if found is None and home.own_hours and (begins := opening(one, home, at)) > at:
        return Passed(person.name, "asleep", begins)
    return found


def _named(session: Session, lead: Lead) -> Member | None:
    """Whom the rule names that held when the lead came, if the rule still does."""
    waits = (
        select(LeadEvent.data)
        .where(LeadEvent.lead_id == lead.id, LeadEvent.kind == "breached")
        .order_by(LeadEvent.id)
        .limit(1)
    )
    why = why_from_json((session.scalar(waits) or {}).get("why"))
    if why is None or not why.route:
        return None
    return session.scalars(
        select(Member)
        .join(Route, Route.member_id == Member.id)
        .where(Route.workspace_id == lead.workspace_id, Route.name == why.route)
        .limit(1)
    ).first()


def _home(session: Session, team: Team, owner: Member) -> TeamRules:
    """The team whose limits count for an account's owner: the lead's if they are of it, else their first."""
    mine = (
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.member_id == owner.id, Team.archived_at.is_(None))
        .order_by(Team.id != team.id, Team.id)
        .limit(1)
    )
    return rules_of(session.scalars(mine).first() or team)
