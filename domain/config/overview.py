"""What is set now, for whoever shows it in Slack: the hub of `/tandem setup` and its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, describe_week
from domain.config.definition import describe_or_never_duration
from domain.config.route_sets import RouteSet, load_routes
from domain.config.teams import holidays_of
from domain.config.values import describe_days, describe_duration
from domain.leads.definition import latest_definition
from domain.leads.promised import Promised, promised
from domain.leads.terms import Terms
from domain.llm.budget import NOTHING_USED, LlmUse, latest_use
from domain.marks import mark
from domain.people import default_team
from domain.refusals import Refused, load_refusals
from domain.source_health import Health, load_health
from domain.webhooks.endpoints import named_endpoints
from domain.writeback.settings import WriteBackSet, load_write_backs
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
    delegate: str | None = None


@dataclass(frozen=True, slots=True)
class PolicySet:
    """A tier's durations as text, its days as numbers; None is never. `sources`: that give it to their leads."""

    tier: str
    contact: str
    reassign_after: str | None
    is_default: bool
    sources: tuple[str, ...] = ()
    claim: str | None = None
    tries: int | None = None
    tries_days: int = 3
    meeting_days: int | None = None
    bench_after: int = 2


@dataclass(frozen=True, slots=True)
class SourceSet:
    """A source; `team` and `tier` serve leads that name none. `has_key`: Tandem may ask the system for more."""

    name: str
    auth: str
    team: str | None
    tier: str | None
    paused: bool
    has_key: bool = False


@dataclass(frozen=True, slots=True)
class AudienceSet:
    """A digest's audience; `team` is a key, `minute` of the day in `zone`, `weekday` 0 is Monday.

    `mark` names its row in Slack (`domain.marks`). `id` 0: a new one, with no mark.
    """

    id: int
    key: str
    kind: str
    team: str | None
    channel: str | None
    weekday: int
    minute: int
    zone: str
    paused: bool
    when_empty: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class CompanySet:
    """What holds for the whole company. `capture_emoji`: the reaction that logs a message, "" for none.

    `answer_days`: working days, 0 is never. `rising_accounts`, `asked_a_day`: 0 is never, too.
    """

    marketing_channel: str | None
    competitors: tuple[str, ...]
    currency: str
    capture_emoji: str
    answer_days: int
    answer_accounts: int
    rising_accounts: int
    rising_times: int
    rising_a_day: int
    asked_a_day: int
    wins_channel: str | None = None
    goal_a_month: int = 0
    average_deal: int = 0
    won_of_1000: int = 0


@dataclass(frozen=True, slots=True)
class DefinitionSet:
    """The definition of a lead that sales gets. `criteria`: lines as the file writes them; `triage`: as well.

    `version` 0: there never was one. `sql_means` (SQL_MEANINGS): None where nobody chose.
    """

    version: int
    criteria: tuple[str, ...]
    triage: str
    sql_means: str | None


NO_DEFINITION: Final = DefinitionSet(0, (), "never", None)


@dataclass(frozen=True, slots=True)
class Overview:
    """All settings of a workspace. `people`: user ids of active members by role, reps left out.
    `watched`: Slack's ids of the channels in which Tandem suggests what to log. `model`: what was used of the language
    model. `tested`: when the systems behind sources last tried them, by the sources' names; `health`: how those do that
    were heard; `old_until`: when the secret before the last change ends, where there is one. `webhooks`: the hosts that
    changes are sent to, each with whether it is paused. `promised`: what each tier means for a lead that the default
    team gets now. `write_backs`: how sources write into their CRM, where it was ever set, by their names.
    `routes`: which lead goes to whom, in the order in which the rules are asked.
    """

    teams: tuple[TeamSet, ...]
    policies: tuple[PolicySet, ...]
    sources: tuple[SourceSet, ...]
    people: Mapping[str, tuple[str, ...]]
    audiences: tuple[AudienceSet, ...]
    company: CompanySet
    refused: tuple[Refused, ...] = ()
    watched: tuple[str, ...] = ()
    definition: DefinitionSet = NO_DEFINITION
    model: LlmUse = NOTHING_USED
    tested: Mapping[str, datetime] = field(default_factory=dict)
    health: Mapping[str, Health] = field(default_factory=dict)
    old_until: Mapping[str, datetime] = field(default_factory=dict)
    webhooks: tuple[tuple[str, bool], ...] = ()
    promised: Mapping[str, Promised] = field(default_factory=dict)
    write_backs: Mapping[str, WriteBackSet] = field(default_factory=dict)
    routes: tuple[RouteSet, ...] = ()

    def team(self, team_id: int) -> TeamSet | None:
        """The team with this id, if it is there."""
        return next((team for team in self.teams if team.id == team_id), None)

    def policy(self, tier: str) -> PolicySet | None:
        """The policy of this tier, if there is one."""
        return next((policy for policy in self.policies if policy.tier == tier), None)

    def source(self, name: str) -> SourceSet | None:
        """The source of this name, if it is there."""
        return next((source for source in self.sources if source.name == name), None)

    def audience(self, audience_id: int) -> AudienceSet | None:
        """The audience with this id, if it is there."""
        return next((audience for audience in self.audiences if audience.id == audience_id), None)

    @property
    def zone(self) -> str:
        """The default team's time zone: what a new team begins with."""
        return next((team.zone for team in self.teams if team.is_default), "UTC")


def load_overview(session: Session, workspace_id: int, at: datetime | None = None) -> Overview:
    """What is set now in the workspace; with `at` (aware UTC), also what the tiers mean for a lead of that moment."""
    workspace = session.get_one(Workspace, workspace_id)
    members = {row.id: row for row in session.scalars(select(Member).where(Member.workspace_id == workspace_id))}
    policies = session.scalars(
        select(Policy).where(Policy.workspace_id == workspace_id).order_by(Policy.position, Policy.id)
    ).all()
    sources = session.scalars(select(Source).where(Source.workspace_id == workspace_id).order_by(Source.id)).all()
    health = load_health(session, workspace_id) if sources else {}
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
                tuple(source.name for source in sources if source.tier == policy.tier),
                describe_duration(policy.claim_seconds) if policy.claim_seconds else None,
                policy.tries,
                policy.tries_days,
                policy.meeting_days,
                policy.bench_after,
            )
            for policy in policies
        ),
        sources=tuple(
            SourceSet(row.name, row.auth, row.team_key, row.tier, row.paused, row.sealed_key is not None)
            for row in sources
        ),
        people={role: tuple(user_ids) for role, user_ids in people.items()},
        audiences=_audiences(session, workspace_id),
        company=CompanySet(
            workspace.marketing_channel,
            tuple(map(str, workspace.competitors)),
            workspace.currency,
            workspace.capture_emoji,
            workspace.answer_days,
            workspace.answer_accounts,
            workspace.rising_accounts,
            workspace.rising_times,
            workspace.rising_a_day,
            workspace.asked_a_day,
            workspace.wins_channel,
            workspace.goal_a_month,
            workspace.average_deal,
            workspace.won_of_1000,
        ),
        refused=load_refusals(session, workspace_id),
        watched=tuple(map(str, workspace.watched_channels or ())),
        definition=_definition(session, workspace),
        model=latest_use(session, workspace_id),
        tested={row.name: row.tested_at for row in sources if row.tested_at is not None},
        health={row.name: health[row.id] for row in sources if row.id in health},
        old_until={row.name: row.old_secret_until for row in sources if row.old_secret_until is not None},
        webhooks=named_endpoints(session, workspace_id),
        promised=_promised(session, workspace_id, policies, at) if at is not None else {},
        write_backs={one.source: one for one in load_write_backs(session, workspace_id)} if sources else {},
        routes=load_routes(session, workspace_id),
    )


def _promised(session: Session, workspace_id: int, policies: Sequence[Policy], at: datetime) -> Mapping[str, Promised]:
    team = default_team(session, workspace_id)
    hours = WorkingHours.from_json(team.hours)
    return {policy.tier: promised(team.name, Terms.of(policy), hours, at) for policy in policies}


def _definition(session: Session, workspace: Workspace) -> DefinitionSet:
    latest = latest_definition(session, workspace.id)
    if latest is None:
        return replace(NO_DEFINITION, sql_means=workspace.sql_means)
    triage = describe_or_never_duration(latest.triage_seconds)
    return DefinitionSet(latest.version, tuple(map(str, latest.criteria)), triage, workspace.sql_means)


def _audiences(session: Session, workspace_id: int) -> tuple[AudienceSet, ...]:
    rows = session.execute(
        select(Audience, Team.key)
        .outerjoin(Team, Team.id == Audience.team_id)
        .where(Audience.workspace_id == workspace_id, Audience.removed_at.is_(None))
        .order_by(Audience.id)
    )
    return tuple(
        AudienceSet(
            row.id,
            row.key,
            row.kind,
            team,
            row.channel,
            row.weekday,
            row.minute,
            row.zone,
            row.paused,
            row.when_empty,
            mark(row.id, row.created_at),
        )
        for row, team in rows
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
        user_ids.get(team.delegate_id or 0),
    )
