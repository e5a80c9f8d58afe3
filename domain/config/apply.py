"""Settings take effect: all of them in one transaction, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.changes import CHANGE, Change, Note
from domain.config.comparison import Comparison
from domain.config.difference import NO_NAMES, changes_in, compare, decides_people
from domain.config.errors import SettingsRefused
from domain.config.problems import ConfigProblems, Problem
from domain.config.schema import Config
from domain.issues import schedule_audience
from domain.leads.announce import refresh_home
from domain.people import Actor, audit
from domain.sources import add_source, pause_source
from storage.database import wake
from storage.models import Audience, Card, Member, Workspace

Seal = Callable[[str], str]
"""Encrypts a secret before it is stored."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What changed. `rescheduled`: ids of audiences whose next edition comes at another time or place.

    `secrets`: by the name of each new source; they are shown once and cannot be read again.
    """

    changes: tuple[Change, ...]
    notes: tuple[Note, ...] = ()
    rescheduled: tuple[int, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)


def apply_config(
    session: Session,
    workspace_id: int,
    config: Config,
    *,
    by: Actor | None,
    at: datetime,
    names: Mapping[str, str] = NO_NAMES,
    seal: Seal | None = None,
) -> Applied:
    """Make the settings true. What they do not mention stays; a team's members and the competitors are exact.

    Running clocks keep the terms they began with. `by` None: the command line. New sources need `seal`.
    Raises ConfigProblems, with nothing changed.
    """
    lock_settings(session, workspace_id)
    comparison = compare(session, workspace_id, config, names=names, by=by, at=at)
    if seal is None and comparison.new_sources:
        raise ConfigProblems((Problem(("sources",), "sources", SettingsRefused("no_secret_key")),))
    if decides_people(config):
        comparison.workspace.configured_at = comparison.workspace.configured_at or at
    for step in comparison.steps:
        step.write()
    session.flush()
    for audience_id in sorted(comparison.rescheduled):
        schedule_audience(session, session.get_one(Audience, audience_id), at)
    secrets = _add_sources(comparison, seal) if seal is not None else {}
    changes = changes_in(comparison)
    if changes:
        _record(comparison)
        wake(session, "ticker")  # somebody may be there for leads that wait
        _refresh_homes(comparison)
    return Applied(changes, tuple(dict.fromkeys(comparison.notes)), tuple(sorted(comparison.rescheduled)), secrets)


def lock_settings(session: Session, workspace_id: int) -> None:
    """Let nobody else change settings until this transaction ends. What was read before is read anew."""
    session.flush()
    session.expire_all()
    # Leads that arrive refer to the workspace's row, and must not wait for this.
    session.get_one(Workspace, workspace_id, with_for_update={"key_share": True})


def _add_sources(comparison: Comparison, seal: Seal) -> dict[str, str]:
    """Make the new sources; returns their secrets by name."""
    session, workspace_id, by, at = comparison.session, comparison.workspace.id, comparison.by, comparison.at
    made = {}
    for source in comparison.new_sources:
        made[source.name] = add_source(
            session,
            workspace_id,
            source.name,
            seal=seal,
            auth=source.auth,
            team_key=source.team_key,
            tier=source.tier,
            by=by,
            at=at,
        )
        if source.paused:
            pause_source(session, workspace_id, source.name, paused=True, by=by, at=at)
    return made


def _record(comparison: Comparison) -> None:
    """Keep what changed by what it is about: whoever has a form of it open is told.

    `about` names it for releases that kept sentences there, and tell who changed it without them.
    """
    facts: dict[str, list[dict[str, Any]]] = {}
    for step in comparison.steps:
        if step.record is not None:
            facts.setdefault(step.about, []).append(CHANGE.write(step.record))
    for source in comparison.new_sources:
        facts.setdefault(f"source:{source.name}", []).append(CHANGE.write(source.change))
    audit(
        comparison.session,
        comparison.workspace.id,
        "config.apply",
        "workspace",
        comparison.workspace.id,
        by=comparison.by,
        at=comparison.at,
        data={"facts": facts, "about": {about: [] for about in facts}},
    )


def _refresh_homes(comparison: Comparison) -> None:
    """The Homes of the admins, whose list of what to set next is shorter now, and of those whom the changes touch."""
    session, workspace_id = comparison.session, comparison.workspace.id
    opened = session.execute(
        select(Member.id, Member.slack_user_id, Member.role)
        .join(Card, Card.subject_id == Member.id)
        .where(Card.workspace_id == workspace_id, Card.kind == "home", Member.workspace_id == workspace_id)
    )
    for member_id, user_id, role in opened.all():
        if role == "admin" or user_id in comparison.touched:
            refresh_home(session, workspace_id, member_id, comparison.at, by=comparison.by)
