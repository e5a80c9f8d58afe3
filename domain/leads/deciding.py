"""Where leads that arrive go: by the rules in their order, to whoever they belong to, else by the team's turns.

Each step is written down as it is taken, so that anybody can be told why (domain/leads/why.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount
from domain.leads.arriving import NewLead
from domain.leads.conditions import conditions_of, first_unmet, what_it_says
from domain.leads.routing import SHOWN, Ledger, Rep, Turn, next_reps, person_apart, told, wait_briefly
from domain.leads.teams import LeadTeam, all_teams
from domain.leads.turns import Standing, TeamRules, obstacle
from domain.leads.why import Passed, Unmet, Why
from storage.models import Member, Route, TeamMember
from storage.statements import Statement

Claim = Literal["person", "before", "owner"]
"""Why a lead is somebody's, whoever's turn it is: a rule names them, they had this person's lead, or it is their
account."""

_ROUTES: Final = Statement(
    select(Route.name, Route.conditions, Route.team_id, Route.member_id, Route.distribution)
    .where(Route.workspace_id == bindparam("workspace"))
    .order_by(Route.position, Route.id)
)
_PEOPLE: Final = Statement(
    select(
        Member.id, Member.slack_user_id, Member.name, Member.active, Member.away_until, Member.tz, Member.benched_at
    ).where(Member.id.in_(bindparam("members", expanding=True)))
)
_MEMBERSHIPS: Final = Statement(
    select(TeamMember.member_id, TeamMember.team_id)
    .where(TeamMember.member_id.in_(bindparam("members", expanding=True)))
    .order_by(TeamMember.team_id)
)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A lead that needs a team and a rep. `team` and `team_by` ("lead", "default"): where it goes without a rule.

    `tier`: what it counts as. `before`: the id of who had the person's lead before.
    """

    lead: NewLead
    at: datetime
    team: LeadTeam
    team_by: str
    tier: str
    account: FoundAccount | None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Where a lead goes. `rep` None: nobody is free, and it waits."""

    team: LeadTeam
    rep: Rep | None
    why: Why


def decide(session: Session, workspace_id: int, leads: Sequence[Undecided], *, trial: bool = False) -> list[Decided]:
    """Where each of the leads goes, in their order; turns are taken. `trial`: only in mind, nothing is written."""
    deciding = _Deciding(session, workspace_id, leads, trial=trial)
    if len(leads) > 1 and deciding.holds and not trial:
        wait_briefly(session)
    decided: dict[int, Decided] = {}
    by_turn: list[tuple[int, _Course]] = []
    for number, lead in enumerate(leads):
        course = deciding.course(lead)
        found = deciding.give_by_claim(course)
        if found is None and (trial or course.distribution is not None or not course.team.rules.plain):
            turn = deciding.ledger.give_turn(course.team.rules, lead.at, distribution=course.distribution)
            found = course.by_turn(turn)
        if found is None:
            by_turn.append((number, course))
        else:
            decided[number] = found
    if by_turn:
        turns = next_reps(session, [(course.team.rules, course.lead.at) for _, course in by_turn])
        for (number, course), turn in zip(by_turn, turns, strict=True):
            decided[number] = course.by_turn(turn)
    return [_with_fallback(session, decided[number]) for number in range(len(leads))]


def _with_fallback(session: Session, decided: Decided) -> Decided:
    """A lead that nobody is free for is looked after by somebody, where the team names somebody."""
    if decided.rep is not None or decided.team.fallback_id is None:
        return decided
    keeper = session.get_one(Member, decided.team.fallback_id)
    return replace(decided, why=replace(decided.why, fallback=keeper.name)) if keeper.active else decided


@dataclass(slots=True)
class _Course:
    """What is settled so far about a lead, and what its explanation says of it."""

    lead: Undecided
    team: LeadTeam
    team_by: str
    claims: list[tuple[Claim, int]]
    distribution: str | None
    story: dict[str, Any]

    def by_turn(self, turn: Turn) -> Decided:
        how = (self.distribution or self.team.distribution) if turn.rep is not None else "nobody"
        return self._decided(turn.rep, how, **told(turn))

    def by_claim(self, claim: Claim, one: Standing) -> Decided:
        return self._decided(Rep(one.id, one.user_id, one.name), claim)

    def _decided(self, rep: Rep | None, how: str, **more: Any) -> Decided:
        why = Why(how=how, team=self.team.name, team_by=self.team_by, **self.story, **more)
        return Decided(self.team, rep, why)


class _Deciding:
    """What the decisions of one transaction have read. Most workspaces have no rules, and nothing is read for them."""

    def __init__(self, session: Session, workspace_id: int, leads: Sequence[Undecided], *, trial: bool) -> None:
        self._session, self._workspace_id = session, workspace_id
        self.ledger = Ledger(session, trial=trial)
        self._routed = bool(leads) and leads[0].team.routed
        self._claimed = {lead.before for lead in leads} | {lead.account.owner_id for lead in leads if lead.account}
        self.holds = self._routed or self._claimed != {None} or any(not lead.team.rules.plain for lead in leads)

    @cached_property
    def _teams(self) -> Mapping[int, LeadTeam]:
        return all_teams(self._session, self._workspace_id)

    @cached_property
    def _routes(self) -> Sequence[Any]:
        return _ROUTES.all(self._session, {"workspace": self._workspace_id}) if self._routed else ()

    @cached_property
    def _people(self) -> Mapping[int, Standing]:
        """Whoever a lead may belong to, as they are apart from any team."""
        ids = {one for one in {*self._claimed, *(route.member_id for route in self._routes)} if one is not None}
        self._session.flush()
        return {row.id: person_apart(row) for row in _PEOPLE.all(self._session, {"members": sorted(ids)})}

    @cached_property
    def _homes(self) -> Mapping[int, Sequence[int]]:
        """The ids of the teams in which they are, by member."""
        homes: dict[int, list[int]] = {}
        for row in _MEMBERSHIPS.all(self._session, {"members": sorted(self._people)}):
            if self._teams[row.team_id].archived_at is None:
                homes.setdefault(row.member_id, []).append(row.team_id)
        return homes

    def course(self, lead: Undecided) -> _Course:
        """What the rules say of the lead, and whose it may be."""
        account = lead.account
        owner_id = account.owner_id if account is not None else None
        story: dict[str, Any] = {"account": account.name} if account is not None and owner_id is not None else {}
        course = _Course(lead, lead.team, lead.team_by, [], None, story)
        if self._routed:
            self._follow_rules(course)
        if lead.before is not None:
            course.claims.append(("before", lead.before))
        if owner_id is not None:
            course.claims.append(("owner", owner_id))
        return course

    def _follow_rules(self, course: _Course) -> None:
        """The first rule that holds decides; a rule for a team that was archived holds for nothing."""
        says = what_it_says(course.lead.lead, tier=course.lead.tier)
        unmet: list[Unmet] = []
        for route in self._routes:
            team = self._teams[route.team_id]
            if team.archived_at is not None:
                unmet.append(Unmet(route.name, "", team.name))
                continue
            conditions = conditions_of(route.conditions)
            failed = first_unmet(conditions, says)
            if failed is not None:
                unmet.append(Unmet(route.name, failed[0].written, failed[1]))
                continue
            course.team, course.team_by, course.distribution = team, "route", route.distribution
            course.story |= {"route": route.name, "met": tuple(one.written for one in conditions)}
            if route.member_id is not None:
                course.claims.append(("person", route.member_id))
            break
        course.story |= {"unmet": tuple(unmet[:SHOWN]), "unmet_more": max(0, len(unmet) - SHOWN)}

    def give_by_claim(self, course: _Course) -> Decided | None:
        """Give the lead to whoever it belongs to; None when nobody can have it so. What is in the way is noted."""
        at = course.lead.at
        for claim, member_id in course.claims:
            person = self._people.get(member_id)
            if person is None:
                continue
            team = self._home(course, member_id) if claim == "owner" else course.team
            rules = team.rules
            standing = self.ledger.find(rules, member_id)
            hindrance = self._hindrance(claim, standing, person, rules, at)
            if hindrance is not None:
                course.story[claim] = hindrance
                continue
            if standing is not None:
                self.ledger.give_to(rules, standing, at)
            if team.id != course.team.id:
                course.team, course.team_by = team, "owner"
            return course.by_claim(claim, person)
        return None

    def _hindrance(
        self, claim: Claim, standing: Standing | None, person: Standing, rules: TeamRules, at: datetime
    ) -> Passed | None:
        if standing is None and claim != "owner":
            return Passed(person.name, "other_team")
        return obstacle(standing or person, rules, at)

    def _home(self, course: _Course, member_id: int) -> LeadTeam:
        """The team in which an account's owner gets a lead: the lead's, else their own, whose limits count then."""
        homes = self._homes.get(member_id, ())
        return course.team if not homes or course.team.id in homes else self._teams[homes[0]]
