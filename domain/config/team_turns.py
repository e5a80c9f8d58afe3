"""What the settings change about a team's turns: how they go, with which shares and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import select, update

from domain.changes import Change
from domain.config.comparison import Comparison
from domain.config.errors import SettingsRefused
from domain.config.problems import Loc
from domain.config.schema import TeamSettings
from domain.config.values import describe_or_never
from storage.models import Member, Team, TeamMember


def _as_it_is(value: Any) -> Any:
    return value


def _cap(stored: int | None) -> int | str:
    return describe_or_never(stored or 0)


@dataclass(frozen=True, slots=True)
class TurnField:
    """A setting of a team that is a column of the same name. `filed`: as the file has it; `stored`: as it is kept."""

    name: str
    filed: Callable[[Any], Any] = _as_it_is
    stored: Callable[[Any], Any] = _as_it_is


TURN_FIELDS: Final = (
    TurnField("distribution"),
    TurnField("most_an_hour", _cap, lambda given: given or None),
    TurnField("most_a_day", _cap, lambda given: given or None),
    TurnField("most_open", _cap, lambda given: given or None),
    TurnField("own_hours"),
)


def turn_columns(wanted: TeamSettings) -> dict[str, Any]:
    """What a new team keeps of its settings."""
    given = {one: getattr(wanted, one.name) for one in TURN_FIELDS}
    return {one.name: one.stored(value) for one, value in given.items() if value is not None}


def compare_turns(comparison: Comparison, wanted: TeamSettings, team: Team) -> None:
    """Add a step for each thing that differs about the turns of a team that there is."""
    for one in TURN_FIELDS:
        given, before = getattr(wanted, one.name), getattr(team, one.name)
        if given is None or one.stored(given) == before:
            continue
        value = one.stored(given)
        told = (_told(one.filed(each)) for each in (before, value))
        comparison.step(
            Change("team_changed", team.name, one.name, next(told), next(told)), partial(setattr, team, one.name, value)
        )


def compare_weights(comparison: Comparison, loc: Loc, wanted: TeamSettings, team: Team | None) -> None:
    """Add a step when the shares of a team's members differ: whoever is not named has a share of 1.

    Comes after the step that makes the team, or its members.
    """
    if wanted.weights is None:
        return
    found = {name: comparison.person((*loc, "weights", name), name) for name in wanted.weights}
    after = {user_id: wanted.weights[name] for name, user_id in found.items() if user_id is not None}
    before = weights_of(comparison, team)
    members = set(before)
    if wanted.members is not None:
        members = {user_id for one in wanted.members if (user_id := comparison.find(one))}
    for name, user_id in found.items():
        if user_id is not None and user_id not in members:
            told = (comparison.called(user_id), wanted.key)
            comparison.problem((*loc, "weights", name), SettingsRefused("weight_not_in_team", told))
    old = {user_id: weight for user_id, weight in before.items() if weight != 1 and user_id in members}
    new = {user_id: weight for user_id, weight in after.items() if weight != 1}
    if old == new:
        return

    def write() -> None:
        session = comparison.session
        session.flush()
        chosen = select(Team.id).where(Team.workspace_id == comparison.workspace.id, Team.key == wanted.key)
        row = update(TeamMember).where(TeamMember.team_id == session.scalars(chosen).one())
        without_reading = {"synchronize_session": False}
        session.execute(row.values(weight=1), execution_options=without_reading)
        for user_id, weight in new.items():
            mine = row.where(TeamMember.member_id == comparison.member_id(user_id)).values(weight=weight)
            session.execute(mine, execution_options=without_reading)

    name = team.name if team is not None else wanted.name or wanted.key
    was, becomes = (_told_weights(comparison, each) for each in (old, new))
    comparison.step(Change("team_changed", name, "weights", was, becomes), write)


def compare_stand_ins(comparison: Comparison, loc: Loc, wanted: TeamSettings, team: Team | None) -> None:
    """Add a step when somebody else is to look after leads that nobody is free for, or to stand in for the manager."""
    _compare_stand_in(comparison, loc, wanted, team, "fallback")
    _compare_stand_in(comparison, loc, wanted, team, "delegate")


def _compare_stand_in(
    comparison: Comparison, loc: Loc, wanted: TeamSettings, team: Team | None, setting: Literal["fallback", "delegate"]
) -> None:
    """Somebody who manages: others could not give the leads to anybody."""
    given, column = getattr(wanted, setting), f"{setting}_id"
    if given is None:
        return
    person = comparison.person((*loc, setting), given) if given else None
    if given and person is None:
        return
    if person is not None and _role(comparison, person) not in ("manager", "admin"):
        told = (comparison.called(person),)
        comparison.problem((*loc, setting), SettingsRefused("fallback_no_manager", told))
    kept = getattr(team, column) if team is not None else None
    before = next((one.slack_user_id for one in comparison.members.values() if kept and one.id == kept), None)
    if before == person:
        return

    def write() -> None:
        session = comparison.session
        session.flush()
        session.execute(
            update(Team)
            .where(Team.workspace_id == comparison.workspace.id, Team.key == wanted.key)
            .values({column: comparison.member_id(person) if person else None})
        )

    name = team.name if team is not None else wanted.name or wanted.key
    was, becomes = (comparison.called(one) if one else "" for one in (before, person))
    comparison.step(Change("team_changed", name, setting, was, becomes), write)


def weights_of(comparison: Comparison, team: Team | None) -> Mapping[str, int]:
    """The share of each member of a team, by Slack user id."""
    if team is None:
        return {}
    rows = comparison.session.execute(
        select(Member.slack_user_id, TeamMember.weight)
        .join(TeamMember, TeamMember.member_id == Member.id)
        .where(TeamMember.team_id == team.id)
    )
    return {row.slack_user_id: row.weight for row in rows}


def _role(comparison: Comparison, user_id: str) -> str:
    """What somebody is once the settings are applied."""
    given = {comparison.find(name): role for name, role in (comparison.config.members or {}).items()}
    if user_id in given:
        return given[user_id]
    manages = {comparison.find(team.manager) for team in comparison.config.teams or () if team.manager}
    member = comparison.members.get(user_id)
    return "manager" if user_id in manages else member.role if member is not None else "rep"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _told_weights(comparison: Comparison, weights: Mapping[str, int]) -> str:
    return ", ".join(f"{comparison.called(user_id)} {weight}" for user_id, weight in weights.items()) or "all alike"
