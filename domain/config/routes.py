"""What the settings change about where leads go: the rules in their order, and whose accounts are whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from domain.accounts import account_slug, find_account, find_or_add_account
from domain.changes import Change, Note
from domain.config.comparison import Comparison
from domain.config.errors import SettingsRefused
from domain.config.problems import Loc
from domain.config.rules import known_team, known_tier
from domain.config.schema import RouteSettings
from domain.leads.conditions import NAMED, conditions_of, write_condition
from storage.models import Account, Member, Route, Source, Team, TeamMember

BY_HAND = "by hand"
"""What the source of a lead is called that a member typed."""


def compare_routes(comparison: Comparison) -> None:
    """Add a step for each rule that differs. The list is exact: its order is the order of the rules."""
    wanted = comparison.config.routes
    if wanted is None:
        return
    session, workspace_id = comparison.session, comparison.workspace.id
    rows = session.scalars(
        select(Route).where(Route.workspace_id == workspace_id).order_by(Route.position, Route.id)
    ).all()
    teams = session.scalars(select(Team).where(Team.workspace_id == workspace_id)).all()
    keys = {team.id: team.key for team in teams}
    names = {member.id: user_id for user_id, member in comparison.members.items()}
    before = {row.name: _told(comparison, row, keys, names) for row in rows}
    told: dict[str, tuple[tuple[str, str], ...]] = {}
    comparison.about = "routes"
    for index, route in enumerate(wanted):
        loc: Loc = ("routes", index)
        person = _check(comparison, loc, route, last=index == len(wanted) - 1)
        told[route.name] = _made(
            conditions(route), route.team, comparison.called(person) if person else "", route.distribution
        )
    write = _Write(comparison, wanted)
    for name, made in told.items():
        if name not in before:
            comparison.step(Change("route_added", name, made=made), write.once)
        elif before[name] != made:
            old, new = dict(before[name]), dict(made)
            for setting in dict.fromkeys((*old, *new)):
                if old.get(setting, "") != new.get(setting, ""):
                    change = Change("route_changed", name, setting, old.get(setting, ""), new.get(setting, ""))
                    comparison.step(change, write.once)
    for name in before:
        if name not in told:
            comparison.step(Change("route_removed", name), write.once)
    stays = [name for name in told if name in before]
    if stays != [name for name in before if name in told]:
        comparison.step(Change("route_order", added=tuple(told)), write.once)


def conditions(route: RouteSettings) -> dict[str, Any]:
    """The conditions of a rule in the file, as they are kept."""
    found: dict[str, Any] = {name: list(values) for name in NAMED if (values := getattr(route, name))}
    if route.where:
        found["where"] = [write_condition(each) for each in route.where]
    return found


class _Write:
    """Writes all the rules anew, once, however many of them change."""

    def __init__(self, comparison: Comparison, wanted: Sequence[RouteSettings]) -> None:
        self._comparison, self._wanted, self._done = comparison, wanted, False

    def once(self) -> None:
        if self._done:
            return
        self._done = True
        comparison = self._comparison
        session, workspace_id = comparison.session, comparison.workspace.id
        session.flush()
        teams = {team.key: team.id for team in session.scalars(select(Team).where(Team.workspace_id == workspace_id))}
        session.execute(
            delete(Route).where(Route.workspace_id == workspace_id), execution_options={"synchronize_session": False}
        )
        for position, route in enumerate(self._wanted):
            person = comparison.find(route.person) if route.person else None
            session.add(
                Route(
                    workspace_id=workspace_id,
                    name=route.name,
                    position=position,
                    conditions=conditions(route),
                    team_id=teams[route.team],
                    member_id=comparison.member_id(person) if person else None,
                    distribution=route.distribution or None,
                )
            )
        session.flush()


def _check(comparison: Comparison, loc: Loc, route: RouteSettings, *, last: bool) -> str | None:
    """Note what is wrong with a rule. The Slack user id of whom it names."""
    known_team(comparison, (*loc, "team"), route.team)
    for tier in route.tier or ():
        known_tier(comparison, (*loc, "tier"), tier.casefold())
    if not conditions(route) and not last:
        comparison.problem(loc, SettingsRefused("route_takes_all", (route.name,)))
    sources = {source.name for source in comparison.config.sources or ()} | {BY_HAND}
    sources |= set(
        comparison.session.scalars(select(Source.name).where(Source.workspace_id == comparison.workspace.id))
    )
    known = {source.casefold() for source in sources}
    for source in route.source or ():
        if source.casefold() not in known:
            comparison.notes.append(Note("unknown_source", (route.name, source)))
    if not route.person:
        return None
    person = comparison.person((*loc, "person"), route.person)
    if person is not None and person not in _members(comparison, route.team):
        called = comparison.called(person)
        comparison.problem((*loc, "person"), SettingsRefused("person_not_in_team", (called, route.team)))
    return person


def _members(comparison: Comparison, key: str) -> set[str]:
    """The Slack user ids of a team's members, as the settings will have them."""
    named = next((team.members for team in comparison.config.teams or () if team.key == key), None)
    if named is not None:
        return {found for one in named if (found := comparison.find(one))}
    there = (
        select(Member.slack_user_id)
        .join(TeamMember, TeamMember.member_id == Member.id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(Team.workspace_id == comparison.workspace.id, Team.key == key)
    )
    return set(comparison.session.scalars(there))


def _told(
    comparison: Comparison, row: Route, keys: Mapping[int, str], names: Mapping[int, str]
) -> tuple[tuple[str, str], ...]:
    person = comparison.called(names.get(row.member_id or 0)) if row.member_id is not None else ""
    return _made(row.conditions, keys[row.team_id], person, row.distribution)


def _made(stored: Mapping[str, Any], team: str, person: str, distribution: str | None) -> tuple[tuple[str, str], ...]:
    """A rule as people are told of it."""
    asks = " and ".join(each.written for each in conditions_of(stored)) or "any lead"
    return (("if", asks), ("team", team), ("person", person), ("distribution", distribution or ""))


def compare_account_owners(comparison: Comparison) -> None:
    """Add a step for each account that the settings give another owner; accounts that are not mentioned keep theirs."""
    names = {member.id: user_id for user_id, member in comparison.members.items()}
    wanted = {account_slug(name): (name, given) for name, given in (comparison.config.account_owners or {}).items()}
    comparison.about = "account_owners"
    for name, given in wanted.values():
        person = comparison.person(("account_owners", name), given) if given else None
        if given and person is None:
            continue
        found = find_account(comparison.session, comparison.workspace.id, name)
        before = names.get(found.owner_id) if found is not None and found.owner_id is not None else None
        if before == person and (found is not None or person is None):
            continue
        called = [comparison.called(one) if one else "" for one in (before, person)]

        def write(name: str = name, person: str | None = person) -> None:
            account = find_or_add_account(comparison.session, comparison.workspace.id, name, at=comparison.at)
            row = comparison.session.get_one(Account, account.id)
            row.known = True
            row.owner_id = comparison.member_id(person) if person else None
            comparison.session.flush()

        comparison.step(
            Change("account_owner", found.name if found else name, before=called[0], after=called[1]), write
        )
