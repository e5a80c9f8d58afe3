"""The company of a run: teams around the clock, each with a channel, two reps and a manager; clocks of seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from domain.calendar import WorkingHours
from domain.people import Profile, default_team, ensure_workspace, sync_members
from domain.sources import add_source
from playground.client import Slack
from storage.database import Database
from storage.migrate import migrate
from storage.models import Audience, Member, Policy, Team, TeamMember, Workspace
from tests.running import KEY

SOURCE = "website"


@dataclass(frozen=True, slots=True)
class Pace:
    """How short the clocks are: seconds until the deadlines of the two tiers, and from a breach to reassignment."""

    hot: int
    warm: int
    reassign: int


@dataclass(frozen=True, slots=True)
class Company:
    """What the driver needs to know of it. `teams`: keys; `secret` signs the webhooks of its one source.

    `name` stands in what it says and sends, so that none of it is taken for another company's.
    """

    workspace_id: int
    name: str
    source: str
    teams: tuple[str, ...]
    reps: tuple[str, ...]
    managers: tuple[str, ...]
    secret: str


def people(slack: Slack, teams: int) -> None:
    """Let everybody join, and make the channels."""
    slack.add_member("mia", is_admin=True, is_primary_owner=True)
    for number in range(teams):
        for name in (f"rep-{number}-a", f"rep-{number}-b", f"manager-{number}"):
            slack.add_member(name)
        slack.add_channel(f"#team-{number}", app=True)


def found(slack: Slack, url: str, teams: int, pace: Pace, *, name: str = "Chaos", source: str = SOURCE) -> Company:
    """Set the company up in a database that knows nothing of it yet."""
    db = Database(url)
    migrate(db.engine)
    try:
        return db.run_sync(settle, slack, teams, pace, name=name, source=source, at=datetime.now(UTC))
    finally:
        db.close()


def settle(session: Session, slack: Slack, teams: int, pace: Pace, *, name: str, source: str, at: datetime) -> Company:
    """The company's people, teams, clocks and source, as of `at` (aware UTC)."""
    workspace_id = ensure_workspace(session, slack.workspace.team_id, name=name, at=at)
    sync_members(
        session,
        workspace_id,
        [
            Profile(one.id, one.real_name, one.email, one.tz, one.is_admin, one.is_owner, active=True, is_bot=False)
            for one in slack.workspace.members.values()
            if not one.is_bot
        ],
        at,
    )
    session.get_one(Workspace, workspace_id).configured_at = at
    here = select(Member).where(Member.workspace_id == workspace_id)
    members = {one.slack_user_id: one for one in session.scalars(here)}
    mine = select(Team.id).where(Team.workspace_id == workspace_id)
    session.execute(delete(TeamMember).where(TeamMember.team_id.in_(mine)))
    fallback = default_team(session, workspace_id)
    fallback.hours = WorkingHours.always().to_json()
    for number in range(teams):
        manager, *reps = (
            members[slack.member(one).id] for one in (f"manager-{number}", f"rep-{number}-a", f"rep-{number}-b")
        )
        manager.role, manager.role_origin = "manager", "config"
        team = fallback
        if number:
            team = Team(workspace_id=workspace_id, key=f"team-{number}", name=f"Team {number}", created_at=at)
            team.hours = fallback.hours
            session.add(team)
        team.key, team.channel, team.manager_id = f"team-{number}", slack.channel(f"#team-{number}").id, manager.id
        session.flush()
        session.add_all(TeamMember(team_id=team.id, member_id=rep.id) for rep in reps)
    for policy in session.scalars(select(Policy).where(Policy.workspace_id == workspace_id)):
        policy.contact_seconds = pace.hot if policy.tier == "hot" else pace.warm
        policy.reassign_after_seconds = pace.reassign
        policy.bench_after = 0  # leads lapse here by the hundred, and nobody says that they are back
    audiences = select(Audience).where(Audience.workspace_id == workspace_id).order_by(Audience.id)
    for number, audience in enumerate(session.scalars(audiences)):
        audience.channel = slack.channel(f"#team-{number}").id
        audience.next_at = at + timedelta(days=7)
    secret = add_source(session, workspace_id, source, seal=Sealer(KEY).seal, at=at)
    numbers = range(teams)
    return Company(
        workspace_id,
        name,
        source,
        teams=tuple(f"team-{number}" for number in numbers),
        reps=tuple(f"rep-{number}-{letter}" for number in numbers for letter in "ab"),
        managers=tuple(f"manager-{number}" for number in numbers),
        secret=secret,
    )
