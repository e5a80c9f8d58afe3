"""What is set now, for whoever shows it in Slack: the hub of `/tandem setup` and its forms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, describe_week
from domain.config.teams import holidays_of
from domain.config.values import describe_days, describe_duration
from storage.models import ROLES, Audience, Member, Policy, Source, Team, TeamMember, Workspace


@dataclass(frozen=True, slots=True)
class TeamSet:
    """A team; people are Slack user ids, `holidays` and `closed` as the settings file writes them.

    `id` 0: a new one.
    """

    id: int
    key: str
    name: str
    channel: str | None
    manager: str | None
    members: tuple[str, ...]
    zone: str
    hours: str
    holidays: str
    closed: tuple[str, ...]
    is_default: bool
    archived: bool

    @property
    def version(self) -> str:
        """Changes whenever something about the team does."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class PolicySet:
    """A tier's durations as text; `reassign_after` is None for never."""

    tier: str
    contact: str
    reassign_after: str | None
    is_default: bool


@dataclass(frozen=True, slots=True)
class SourceSet:
    """A source; `team` and `tier` serve leads that name none."""

    name: str
    auth: str
    team: str | None
    tier: str | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All settings of a workspace. `people`: user ids of active members by role, reps left out.

    `digests`: the channel of each audience, None where it goes nowhere.
    """

    teams: tuple[TeamSet, ...]
    policies: tuple[PolicySet, ...]
    sources: tuple[SourceSet, ...]
    people: Mapping[str, tuple[str, ...]]
    digests: Mapping[str, str | None]
    marketing_channel: str | None
    competitors: tuple[str, ...]
    currency: str

    def team(self, team_id: int) -> TeamSet | None:
        """The team with this id, if it is there."""
        return next((team for team in self.teams if team.id == team_id), None)

    @property
    def zone(self) -> str:
        """The default team's time zone: what a new team begins with."""
        return next((team.zone for team in self.teams if team.is_default), "UTC")


def load_overview(session: Session, workspace_id: int) -> Overview:
    """What is set now in the workspace."""
    workspace = session.get_one(Workspace, workspace_id)
    members = {row.id: row for row in session.scalars(select(Member).where(Member.workspace_id == workspace_id))}
    policies = session.scalars(
        select(Policy).where(Policy.workspace_id == workspace_id).order_by(Policy.position, Policy.id)
    )
    sources = session.scalars(select(Source).where(Source.workspace_id == workspace_id).order_by(Source.id))
    audiences = session.scalars(select(Audience).where(Audience.workspace_id == workspace_id).order_by(Audience.id))
    people: dict[str, list[str]] = {role: [] for role in ROLES if role != "rep"}
    for member in sorted(members.values(), key=lambda one: (one.name.casefold(), one.id)):
        if member.active and member.role in people:
            people[member.role].append(member.slack_user_id)
    return Overview(
        teams=_teams(session, workspace_id, {row.id: row.slack_user_id for row in members.values()}),
        policies=tuple(
            PolicySet(
                policy.tier,
                describe_duration(policy.contact_seconds),
                describe_duration(policy.reassign_after_seconds) if policy.reassign_after_seconds else None,
                policy.is_default,
            )
            for policy in policies
        ),
        sources=tuple(SourceSet(row.name, row.auth, row.team_key, row.tier, row.paused) for row in sources),
        people={role: tuple(user_ids) for role, user_ids in people.items()},
        digests={row.key: None if row.paused else row.channel for row in audiences},
        marketing_channel=workspace.marketing_channel,
        competitors=tuple(map(str, workspace.competitors)),
        currency=workspace.currency,
    )


def _teams(session: Session, workspace_id: int, user_ids: dict[int, str]) -> tuple[TeamSet, ...]:
    members: dict[int, list[str]] = {}
    for row in session.scalars(
        select(TeamMember)
        .join(Team, Team.id == TeamMember.team_id)
        .where(Team.workspace_id == workspace_id)
        .order_by(TeamMember.position, TeamMember.member_id)
    ):
        members.setdefault(row.team_id, []).append(user_ids[row.member_id])
    teams = session.scalars(
        select(Team)
        .where(Team.workspace_id == workspace_id)
        .order_by(Team.archived_at.is_not(None), Team.is_default.desc(), Team.name, Team.id)
    )
    return tuple(_team(team, tuple(members.get(team.id, ())), user_ids) for team in teams)


def _team(team: Team, members: tuple[str, ...], user_ids: dict[int, str]) -> TeamSet:
    hours = WorkingHours.from_json(team.hours)
    return TeamSet(
        team.id,
        team.key,
        team.name,
        team.channel,
        user_ids.get(team.manager_id or 0),
        members,
        hours.zone,
        describe_week(hours.week),
        holidays_of(hours),
        tuple(describe_days(hours.closed)),
        team.is_default,
        team.archived_at is not None,
    )
