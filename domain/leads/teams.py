"""The teams that leads can go to, as arrival needs them: found by key or name, however it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from domain.leads.routing import rules_of
from domain.leads.turns import TeamRules
from storage.models import Route, Team, Workspace, is_told, is_written_back
from storage.statements import Statement

# Made once: building a statement costs more than running it, and these run for every lead.
_OF_WORKSPACE: Final = select(
    Team.id,
    Team.key,
    Team.name,
    Team.channel,
    Team.manager_id,
    Team.hours,
    Team.is_default,
    Team.archived_at,
    Team.distribution,
    Team.most_an_hour,
    Team.most_a_day,
    Team.most_open,
    Team.own_hours,
    Team.fallback_id,
    is_told(Team).label("told"),
    is_written_back(Team).label("written"),
    exists().where(Route.workspace_id == Team.workspace_id).label("routed"),
    select(Workspace.definition_id).where(Workspace.id == Team.workspace_id).scalar_subquery().label("definition_id"),
).where(Team.workspace_id == bindparam("workspace"))
_ALL_TEAMS: Final = Statement(_OF_WORKSPACE)
_TEAMS: Final = Statement(
    _OF_WORKSPACE.where(
        or_(
            Team.is_default,
            Team.key.in_(bindparam("keys", expanding=True)),
            Team.name.in_(bindparam("names", expanding=True)),
        )
    )
)


@dataclass(frozen=True, slots=True)
class LeadTeam:
    """What arrival needs of a team. `told`: its workspace's changes go to other systems; `routed`: it has rules.
    `written`: some of them are written into the CRM that leads come from.

    `definition_id`: the version of the definition that leads must meet there, None: nothing is asked of them.
    """

    id: int
    key: str
    name: str
    channel: str | None
    manager_id: int | None
    hours: dict[str, Any]
    is_default: bool
    archived_at: datetime | None
    distribution: str
    most_an_hour: int | None
    most_a_day: int | None
    most_open: int | None
    own_hours: bool
    fallback_id: int | None
    told: bool
    written: bool
    routed: bool
    definition_id: int | None

    @property
    def rules(self) -> TeamRules:
        return rules_of(self)


def all_teams(session: Session, workspace_id: int) -> Mapping[int, LeadTeam]:
    """Every team of the workspace, archived ones too, by id."""
    return {row.id: LeadTeam(*row) for row in _ALL_TEAMS.all(session, {"workspace": workspace_id})}


def named_teams(session: Session, workspace_id: int, names: set[str]) -> Mapping[str, LeadTeam]:
    """The teams of these names or keys, however they are written, and the default team under "".

    Most senders write keys; all teams are read only for the sake of a name that no team bears just so.
    """
    asked = {"workspace": workspace_id, "keys": sorted({name.casefold() for name in names}), "names": sorted(names)}
    teams = [LeadTeam(*row) for row in _TEAMS.all(session, asked)]
    found = _by_name(teams, names)
    if found.keys() >= names:
        return found
    return _by_name(list(all_teams(session, workspace_id).values()), names)


def _by_name(teams: Sequence[LeadTeam], names: set[str]) -> Mapping[str, LeadTeam]:
    borne: dict[str, LeadTeam] = {}
    for team in teams:
        if not team.archived_at:
            borne.setdefault(team.key.casefold(), team)
            borne.setdefault(team.name.casefold(), team)
    found = {name: borne[name.casefold()] for name in names if name.casefold() in borne}
    return {"": next(team for team in teams if team.is_default), **found}
