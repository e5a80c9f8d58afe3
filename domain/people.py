"""Workspaces and members: who exists, who may do what, and what holds before anything is configured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.defaults import DEFAULT_HOURS, set_defaults
from domain.errors import NotFound
from domain.text import key_words
from domain.undescribed import members_topic
from domain.zones import find_zone, stored_zone
from storage.database import wake
from storage.models import Audience, AuditEvent, Member, Policy, Team, TeamMember, Workspace
from storage.statements import Statement

EVERYONE: Final = ("rep", "marketer", "manager", "admin")
MANAGERS: Final = ("manager", "admin")
MARKETERS: Final = ("marketer", "manager", "admin")
ADMINS: Final = ("admin",)
NOT_STAFF: Final = ("guest", "stranger")
"""Kinds of members who get no leads and no say."""

# Each value by itself: a Statement has no lists but those that are handed over.
OF_MARKETING: Final = and_(
    Member.active,
    Member.role.in_([literal(role) for role in MARKETERS]),
    or_(Member.kind.is_(None), Member.kind.not_in([literal(kind) for kind in NOT_STAFF])),
)
"""Whether a member can look after themes."""

MARKETERS_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """The member who acts. `tz` is their IANA zone, `user_id` their Slack user id; `active`: not deactivated there.

    `kind`: what Slack says they are in this workspace (MEMBER_KINDS), None until it was asked.
    """

    id: int
    workspace_id: int
    user_id: str
    name: str
    role: str
    tz: str
    active: bool = True
    kind: str | None = None


# Made once: it runs for whatever arrives, and building it costs more than running it.
_ACTOR: Final = Statement(
    select(
        Member.id,
        Member.workspace_id,
        Member.slack_user_id,
        Member.name,
        Member.role,
        Member.tz,
        Member.active,
        Member.kind,
    )
    .join(Workspace, Workspace.id == Member.workspace_id)
    .where(Workspace.slack_team_id == bindparam("team"), Member.slack_user_id == bindparam("user"))
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack describes them (users.info). `kind`: what they are in the workspace (MEMBER_KINDS).

    `tz`: what Slack calls their zone, which need not be one.
    """

    user_id: str
    name: str
    email: str | None
    tz: str
    is_admin: bool
    is_owner: bool
    active: bool
    is_bot: bool
    kind: str = "member"

    @property
    def is_ours(self) -> bool:
        """Whether this is a person of the workspace, be it a guest."""
        return not self.is_bot and self.kind != "stranger"


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
        set_defaults(session, workspace.id, at)
    else:
        workspace.name = name or workspace.name
        workspace.domain = domain or workspace.domain
        workspace.bot_user_id = bot_user_id or workspace.bot_user_id
    return workspace.id


def find_workspace(session: Session, slack_team_id: str) -> Workspace:
    """The workspace with this Slack team id. Raises NotFound."""
    workspace = session.scalars(select(Workspace).where(Workspace.slack_team_id == slack_team_id)).one_or_none()
    if workspace is None:
        raise NotFound("workspace")
    return workspace


def slack_team_of(session: Session, workspace_id: int) -> str:
    """What Slack calls the workspace."""
    return session.get_one(Workspace, workspace_id).slack_team_id


def find_actor(session: Session, slack_team_id: str, user_id: str) -> Actor | None:
    """The member who acts, by Slack's ids; None when they, or the workspace, were never seen."""
    row = _ACTOR.first(session, {"team": slack_team_id, "user": user_id})
    return Actor(*row) if row is not None else None


def ensure_member(session: Session, workspace_id: int, user_id: str, *, name: str, at: datetime) -> Actor:
    """The member behind a Slack user id, created as a rep on first sight.

    They take no turns before Slack has said who they are, which is asked soon.
    """
    member = session.scalars(
        select(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id == user_id)
    ).one_or_none()
    if member is None:
        member = Member(workspace_id=workspace_id, slack_user_id=user_id, created_at=at)
        name_member(member, name or user_id)
        session.add(member)
        session.flush()
        wake(session, members_topic(workspace_id))
    return actor(member)


def name_member(member: Member, name: str) -> None:
    """Give a member their name, and the keys under which it is compared."""
    member.name = name
    words = key_words(name)
    member.name_key, member.first_name_key = "-".join(words), words[0] if words else ""


def actor(member: Member) -> Actor:
    return Actor(
        member.id,
        member.workspace_id,
        member.slack_user_id,
        member.name,
        member.role,
        member.tz,
        member.active,
        member.kind,
    )


def sync_members(
    session: Session, workspace_id: int, profiles: Iterable[Profile], at: datetime, *, more: bool = False
) -> list[int]:
    """Take over names, zones and Slack's admins. A role given by configuration stays as it is.

    Who is not of this workspace is not taken in; whoever was, is put out. `more`: these are a part, and others
    follow, so the workspace's owner may still come. Returns the ids of members who can have no leads any more.
    """
    described = {profile.user_id: profile for profile in profiles}
    known = {
        member.slack_user_id: member
        for member in session.scalars(
            select(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id.in_(list(described)))
        )
    }
    people = [profile for profile in described.values() if profile.is_ours]
    new = {
        one.user_id: Member(workspace_id=workspace_id, slack_user_id=one.user_id, name=one.name, created_at=at)
        for one in people
        if one.user_id not in known
    }
    session.add_all(new.values())
    session.flush()
    known |= new
    working = [member for member in known.values() if _can_work(member)]
    joining = [known[one.user_id].id for one in people if _joins(known[one.user_id], one)]
    for profile in people:
        _take_over(session, known[profile.user_id], profile, at)
    for profile in described.values():
        if not profile.is_ours and profile.user_id in known:
            _put_out(session, known[profile.user_id], at)
    session.flush()
    _join_default_team(session, workspace_id, joining)
    wake(session, "ticker")  # somebody may be there for leads that wait
    _adopt_owner(session, workspace_id, owner_only=more)
    return [member.id for member in working if not _can_work(member)]


def _can_work(member: Member) -> bool:
    return member.active and member.kind not in NOT_STAFF


def _joins(member: Member, profile: Profile) -> bool:
    """Whether they are new to the work: described for the first time, no guest any more, or no admin of Slack's.

    A member of old whom Slack had described before kinds were kept is in their teams already.
    """
    was_apart = member.kind in NOT_STAFF or member.synced_at is None
    was_admin = member.role_origin == "slack" and not (profile.is_admin or profile.is_owner)
    return profile.kind not in NOT_STAFF and (was_apart or was_admin)


def _take_over(session: Session, member: Member, profile: Profile, at: datetime) -> None:
    """What Slack says of a person of this workspace; a zone that cannot be used is noted, and another one used."""
    name_member(member, profile.name or member.name)
    member.email = profile.email or member.email
    member.active, member.kind = profile.active, profile.kind
    member.is_owner = profile.is_owner
    member.synced_at = at
    zone = find_zone(profile.tz or member.tz)
    member.refused_zone = None if zone else profile.tz or member.tz
    member.tz = zone.key if zone else workspace_zone(session, member.workspace_id)
    if profile.kind == "guest":
        _take_off_duty(session, member)
    elif member.role_origin != "config":
        member.role = "admin" if profile.is_admin or profile.is_owner else "rep"
        member.role_origin = "slack" if member.role == "admin" else "default"


def _put_out(session: Session, member: Member, at: datetime) -> None:
    """Somebody who is not of this workspace is told nothing, given nothing and may do nothing."""
    member.kind, member.active, member.is_owner, member.synced_at = "stranger", False, False, at
    _take_off_duty(session, member)


def put_out(session: Session, workspace_id: int, user_id: str, at: datetime) -> list[int]:
    """Slack knows nobody of that id in this workspace. Returns the member's id where there was one."""
    member = session.scalars(
        select(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id == user_id)
    ).one_or_none()
    if member is None:
        return []
    _put_out(session, member, at)
    return [member.id]


def _take_off_duty(session: Session, member: Member) -> None:
    """Guests and strangers lead no team, take no turns in one, and have no say."""
    member.role, member.role_origin = "rep", "default"
    session.execute(delete(TeamMember).where(TeamMember.member_id == member.id))
    session.execute(update(Team).where(Team.manager_id == member.id).values(manager_id=None))


def workspace_zone(session: Session, workspace_id: int) -> str:
    """The zone of whom nobody knows a better one: the default team's."""
    return stored_zone(default_team(session, workspace_id).hours["zone"]).key


def _join_default_team(session: Session, workspace_id: int, new_members: Sequence[int]) -> None:
    """Until an admin says who takes leads, everyone is in the one default team; admins only while nobody else is."""
    if session.get_one(Workspace, workspace_id).configured_at is not None:
        return
    team = default_team(session, workspace_id)
    if new_members:
        there = set(session.scalars(select(TeamMember.member_id).where(TeamMember.team_id == team.id)))
        session.add_all(
            TeamMember(team_id=team.id, member_id=member_id) for member_id in new_members if member_id not in there
        )
        session.flush()
    others = (
        select(Member.id)
        .join(TeamMember, TeamMember.member_id == Member.id)
        .where(TeamMember.team_id == team.id, Member.active, Member.role != "admin")
    )
    if session.scalar(others.limit(1)) is not None:
        admins = select(Member.id).where(Member.workspace_id == workspace_id, Member.role == "admin")
        session.execute(delete(TeamMember).where(TeamMember.team_id == team.id, TeamMember.member_id.in_(admins)))


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


def marketing_places(session: Session, workspace_id: int) -> tuple[str, ...]:
    """Where marketing is told: in its channel, else some marketers are, else whoever manages the default team."""
    channel = session.get_one(Workspace, workspace_id).marketing_channel
    if channel:
        return (channel,)
    marketers = session.scalars(
        select(Member.slack_user_id)
        .where(Member.workspace_id == workspace_id, Member.role == "marketer", OF_MARKETING)
        .order_by(Member.id)
        .limit(MARKETERS_TOLD)
    ).all()
    if marketers:
        return tuple(marketers)
    return tuple(one.slack_user_id for one in managers_of(session, default_team(session, workspace_id)))


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
