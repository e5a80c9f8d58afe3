"""The difference between settings and what is set now, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from domain.changes import Change, Note
from domain.config.audiences import compare_audiences
from domain.config.comparison import Comparison
from domain.config.problems import ConfigProblems
from domain.config.routes import compare_account_owners, compare_routes
from domain.config.rules import compare_policies, compare_sources, compare_workspace
from domain.config.schema import Config
from domain.config.teams import compare_roles, compare_teams
from domain.people import Actor
from storage.models import Workspace

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying the settings would change; `notes` are worth reading, but change nothing."""

    changes: tuple[Change, ...]
    notes: tuple[Note, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)


def plan_config(
    session: Session, workspace_id: int, config: Config, *, at: datetime, names: Mapping[str, str] = NO_NAMES
) -> Plan:
    """What `apply_config` would change at `at`. Writes nothing.

    `names`: ids by channel name (`#sales`) and by e-mail address in small letters, as far as Slack was asked
    (`names_to_look_up` says for which). Raises ConfigProblems.
    """
    comparison = compare(session, workspace_id, config, names=names, by=None, at=at)
    return Plan(changes_in(comparison), tuple(dict.fromkeys(comparison.notes)))


def compare(
    session: Session,
    workspace_id: int,
    config: Config,
    *,
    names: Mapping[str, str],
    by: Actor | None,
    at: datetime,
) -> Comparison:
    """The settings beside what is set. Raises ConfigProblems with all that stands in the way."""
    workspace = session.get_one(Workspace, workspace_id)
    comparison = Comparison(session, workspace, config, names, by, at)
    compare_workspace(comparison)
    compare_roles(comparison)
    compare_teams(comparison)
    compare_policies(comparison)
    compare_audiences(comparison)
    compare_sources(comparison)
    compare_routes(comparison)
    compare_account_owners(comparison)
    if comparison.problems:
        raise ConfigProblems(tuple(dict.fromkeys(comparison.problems)))
    if decides_people(config) and workspace.configured_at is None:
        comparison.notes.append(Note("by_your_word"))
    return comparison


def decides_people(config: Config) -> bool:
    """Whether the settings say who takes leads or gets digests: after that nothing is arranged by itself any more."""
    return any(part is not None for part in (config.teams, config.members, config.audiences))


def changes_in(comparison: Comparison) -> tuple[Change, ...]:
    """Every change that a person should read about."""
    steps = [step.change for step in comparison.steps if step.change is not None]
    return (*steps, *(source.change for source in comparison.new_sources))
