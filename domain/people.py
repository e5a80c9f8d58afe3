"""Workspaces and members: who exists, who may do what, and what holds before anything is configured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.errors import NotFound
from storage.inbox import Earlier, noted_answer
from storage.models import Audience, AuditEvent, InboxKey, Member, Policy, Team, TeamMember, Workspace

EVERYONE: Final = ("rep", "marketer", "manager", "admin")
MANAGERS: Final = ("manager", "admin")
MARKETERS: Final = ("marketer", "manager", "admin")
ADMINS: Final = ("admin",)

DEFAULT_HOURS: Final = "mon-fri 09:00-18:00"
MINUTE: Final = 60
HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Actor:
    """The member who acts. `tz` is their IANA zone, `user_id` their Slack user id; `active`: not deactivated there."""

    id: int
    workspace_id: int
    user_id: str
    name: str
    role: str
    tz: str
    active: bool = True


# Made once: they run for whatever arrives, and building them costs more than running them.
_ACTOR: Final = (
    select(Member.id, Member.workspace_id, Member.slack_user_id, Member.name, Member.role, Member.tz, Member.active)
    .join(Workspace, Workspace.id == Member.workspace_id)
    .where(Workspace.slack_team_id == bindparam("team"), Member.slack_user_id == bindparam("user"))
)
_ARRIVING: Final = _ACTOR.add_columns(InboxKey.key, InboxKey.answer).outerjoin(
    InboxKey, and_(InboxKey.origin == bindparam("origin"), InboxKey.key == bindparam("arrival"))
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack describes them (users.info)."""

    user_id: str
    name: str
    email: str | None
    tz: str
    is_admin: bool
    is_owner: bool
    active: bool
    is_bot: bool


def ensure_workspace(
    session: Session, slack_team_id: str, *, name: str, at: datetime, domain: str = "", bot_user_id: str = ""
) -> int:
    """The workspace's id. A new one gets what it needs to work unconfigured: a team, policies, audiences."""
    workspace = session.scalars(select(Workspace).where(Workspace.slack_team_id == slack_team_id)).one_or_none()
    if workspace is None:
        workspace = Workspace(
            slack_team_id=slack_team_id, name=name, domain=domain, bot_user_id=bot_user_id, created_at=at
        )
        session.add(workspace)
        session.flush()
        _set_defaults(session, workspace.id, at)
    else:
        workspace.name = name or workspace.name
        workspace.domain = domain or workspace.domain
        workspace.bot_user_id = bot_user_id or workspace.bot_user_id
    return workspace.id


def _set_defaults(session: Session, workspace_id: int, at: datetime) -> None:
    session.add(
        Team(
            workspace_id=workspace_id,
            key="sales",
            name="Sales",
            hours=WorkingHours("UTC", parse_week(DEFAULT_HOURS)).to_json(),
            is_default=True,
            created_at=at,
        )
    )
    for position, (tier, seconds, reassign) in enumerate(
        (("hot", 5 * MINUTE, 10 * MINUTE), ("warm", 2 * HOUR, HOUR), ("cool", 24 * HOUR, None))
    ):
        session.add(
            Policy(
                workspace_id=workspace_id,
                tier=tier,
                position=position,
                contact_seconds=seconds,
                reassign_after_seconds=reassign,
                is_default=tier == "warm",
            )
        )
    for kind in ("sales", "marketing"):
        session.add(
            Audience(
                workspace_id=workspace_id,
                key=kind,
                kind=kind,
                weekday=0,
                minute=9 * 60,
                zone="UTC",
                created_at=at,
            )
        )


def find_workspace(session: Session, slack_team_id: str) -> Workspace:
    """The workspace with this Slack team id. Raises NotFound."""
    workspace = session.scalars(select(Workspace).where(Workspace.slack_team_id == slack_team_id)).one_or_none()
    if workspace is None:
        raise NotFound("workspace")
    return workspace


def find_actor(session: Session, slack_team_id: str, user_id: str) -> Actor | None:
    """The member who acts, by Slack's ids; None when they, or the workspace, were never seen."""
    row = session.connection().execute(_ACTOR, {"team": slack_team_id, "user": user_id}).first()
    return Actor(*row) if row is not None else None


def find_arriving(
    session: Session, slack_team_id: str, user_id: str, origin: str, key: str
) -> tuple[Actor, Earlier | None] | None:
    """The member who acts, and what the first delivery of this arrival was answered; None when they were never seen.

    `find_actor` and `earlier_answer` in one statement, as each waits for the database.
    """
    asked = {"team": slack_team_id, "user": user_id, "origin": origin, "arrival": key}
    row = session.connection().execute(_ARRIVING, asked).first()
    if row is None:
        return None
    *member, known, answer = row
    earlier = Earlier(answer) if known is not None else noted_answer(session, origin, key)
    return Actor(*member), earlier


def ensure_member(session: Session, workspace_id: int, user_id: str, *, name: str, at: datetime) -> Actor:
    """The member behind a Slack user id, created as a rep on first sight (their profile is synced later)."""
    member = session.scalars(
        select(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id == user_id)
    ).one_or_none()
    if member is None:
        member = Member(workspace_id=workspace_id, slack_user_id=user_id, name=name or user_id, created_at=at)
        session.add(member)
        session.flush()
        _join_default_team(session, workspace_id, [member.id])
    return actor(member)


def actor(member: Member) -> Actor:
    return Actor(
        member.id, member.workspace_id, member.slack_user_id, member.name, member.role, member.tz, member.active
    )


def sync_members(
    session: Session, workspace_id: int, profiles: Iterable[Profile], at: datetime, *, more: bool = False
) -> None:
    """Take over names, zones and Slack's admins. A role given by configuration stays as it is.

    `more`: these are a part, and others follow, so the workspace's owner may still come.
    """
    people = [profile for profile in profiles if not profile.is_bot]
    known = {
        member.slack_user_id: member
        for member in session.scalars(
            select(Member).where(
                Member.workspace_id == workspace_id, Member.slack_user_id.in_([one.user_id for one in people])
            )
        )
    }
    new = {
        one.user_id: Member(workspace_id=workspace_id, slack_user_id=one.user_id, name=one.name, created_at=at)
        for one in people
        if one.user_id not in known
    }
    session.add_all(new.values())
    session.flush()
    _join_default_team(session, workspace_id, [member.id for member in new.values()])
    known |= new
    for profile in people:
        member = known[profile.user_id]
        member.name = profile.name or member.name
        member.email = profile.email or member.email
        member.tz = profile.tz or member.tz
        member.active = profile.active
        member.is_owner = profile.is_owner
        member.synced_at = at
        if member.role_origin != "config":
            member.role = "admin" if profile.is_admin or profile.is_owner else "rep"
            member.role_origin = "slack" if member.role == "admin" else "default"
    session.flush()
    _adopt_owner(session, workspace_id, owner_only=more)


def _join_default_team(session: Session, workspace_id: int, new_members: Sequence[int]) -> None:
    """Until an admin says who takes leads, everyone is in the one default team."""
    if new_members and session.get_one(Workspace, workspace_id).configured_at is None:
        team = default_team(session, workspace_id)
        session.add_all(TeamMember(team_id=team.id, member_id=member_id) for member_id in new_members)


def _adopt_owner(session: Session, workspace_id: int, *, owner_only: bool) -> None:
    """Unconfigured: the workspace's owner (else its first admin) manages the default team, in their zone."""
    workspace = session.get_one(Workspace, workspace_id)
    team = default_team(session, workspace_id)
    if workspace.configured_at is not None or team.manager_id is not None:
        return
    owner = session.scalars(
        select(Member)
        .where(Member.workspace_id == workspace_id, Member.active, Member.role == "admin")
        .order_by(Member.is_owner.desc(), Member.id)
        .limit(1)
    ).first()
    if owner is None or (owner_only and not owner.is_owner):
        return
    team.manager_id = owner.id
    team.hours = WorkingHours(owner.tz, parse_week(DEFAULT_HOURS)).to_json()
    session.execute(
        update(Audience).where(Audience.workspace_id == workspace_id, Audience.channel.is_(None)).values(zone=owner.tz)
    )


def default_team(session: Session, workspace_id: int) -> Team:
    """The fallback for everything that names no team, or an unknown one."""
    return session.scalars(select(Team).where(Team.workspace_id == workspace_id, Team.is_default)).one()


def default_policy(session: Session, workspace_id: int) -> Policy:
    """The policy of leads that name no tier, or an unknown one."""
    return session.scalars(select(Policy).where(Policy.workspace_id == workspace_id, Policy.is_default)).one()


def managers_of(session: Session, team: Team) -> list[Member]:
    """Who is told of a breach: the team's manager, else the workspace's managers, else its admins."""
    if team.manager_id is not None:
        manager = session.get_one(Member, team.manager_id)
        if manager.active:
            return [manager]
    for role in ("manager", "admin"):
        found = session.scalars(
            select(Member)
            .where(Member.workspace_id == team.workspace_id, Member.role == role, Member.active)
            .order_by(Member.id)
        ).all()
        if found:
            return list(found[:3])
    return []


def admins_of(session: Session, workspace_id: int) -> list[Member]:
    """The active admins, the owner first."""
    return list(
        session.scalars(
            select(Member)
            .where(Member.workspace_id == workspace_id, Member.role == "admin", Member.active)
            .order_by(Member.is_owner.desc(), Member.id)
        )
    )


def audit(
    session: Session,
    workspace_id: int,
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    by: Actor | None,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    """Write down who changed what; no customer's words and no secrets belong in `data`."""
    session.add(
        AuditEvent(
            workspace_id=workspace_id,
            at=at,
            by_id=by.id if by else None,
            action=action,
            subject=subject,
            subject_id=subject_id,
            data=data or {},
        )
    )
