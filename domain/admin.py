"""What an admin reads in passing: what to set next, what is set, and what could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.marks import mark
from domain.people import OF_MARKETING, default_team
from domain.unsent import Unsent, find_unsent
from domain.voc.starters import are_starters_offered
from domain.zones import find_zone
from storage.models import Audience, Delivery, Lane, Member, Source, Team, TeamMember, Workspace

LATELY: Final = timedelta(days=1)
UNDELIVERED: Final = 3
_LOOKED_AT: Final = 10
"""How many places with refused messages are looked at, the latest first, to find UNDELIVERED that still are."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something an admin should set. `key`: people, channel, manager, members, digest, source, marketing or themes.

    `name` is the team's or the audience's, where it is about one; `subject` a team's id (of people: the default team's)
    or an audience's mark.
    """

    key: str
    name: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """When digests go out, and to which channels: `weekday` 0 is Monday, `minute` of the day in `zone`."""

    weekday: int
    minute: int
    zone: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Messages that Slack refused in the last day and nothing got through to `place` since; `error` is Slack's name.

    `unsent`: what of it goes out once the remedy is done.
    """

    place: str
    error: str
    count: int
    unsent: Unsent


@dataclass(frozen=True, slots=True)
class Setup:
    """What an admin has set, in short. `people`: members of the teams that take leads."""

    teams: int
    people: int
    sources: int
    slots: tuple[Slot, ...]
    undelivered: tuple[Undelivered, ...]


def load_setup(session: Session, workspace_id: int, at: datetime) -> Setup:
    """What is set now, and what was not delivered in the day up to `at` (aware UTC)."""
    active = (Team.workspace_id == workspace_id, Team.archived_at.is_(None))
    teams = session.scalar(select(func.count()).select_from(Team).where(*active)) or 0
    people = session.scalar(
        select(func.count(TeamMember.member_id.distinct()))
        .join(Team, Team.id == TeamMember.team_id)
        .join(Member, Member.id == TeamMember.member_id)
        .where(*active, Member.active)
    )
    sources = session.scalar(select(func.count()).select_from(Source).where(Source.workspace_id == workspace_id))
    return Setup(
        teams, people or 0, sources or 0, _slots(session, workspace_id), _undelivered(session, workspace_id, at)
    )


def _slots(session: Session, workspace_id: int) -> tuple[Slot, ...]:
    audiences = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == workspace_id, Audience.channel.is_not(None), ~Audience.paused)
        .order_by(Audience.weekday, Audience.minute, Audience.id)
    )
    channels: dict[tuple[int, int, str], list[str]] = {}
    for audience in audiences:
        channels.setdefault((audience.weekday, audience.minute, audience.zone), []).append(audience.channel or "")
    return tuple(Slot(*when, tuple(dict.fromkeys(where))) for when, where in channels.items())


def _undelivered(session: Session, workspace_id: int, at: datetime) -> tuple[Undelivered, ...]:
    """Places whose last word of the day is a refusal: what got through later shows that somebody has seen to it."""
    last = func.max(Delivery.finished_at).label("last")
    refused = session.execute(
        select(
            Delivery.lane_id, Lane.place, func.max(Delivery.error).label("error"), func.count().label("messages"), last
        )
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(Delivery.workspace_id == workspace_id, Delivery.state == "failed", Delivery.finished_at > at - LATELY)
        .group_by(Delivery.lane_id, Lane.place)
        .order_by(last.desc())
        .limit(_LOOKED_AT)
    ).all()
    found: list[Undelivered] = []
    for row in refused:
        through = select(Delivery.id).where(
            Delivery.lane_id == row.lane_id, Delivery.state == "sent", Delivery.finished_at > row.last
        )
        if len(found) < UNDELIVERED and session.scalar(through.limit(1)) is None:
            unsent = find_unsent(session, workspace_id, row.place, at)
            found.append(Undelivered(row.place, row.error or "", row.messages, unsent))
    return tuple(found)


def next_steps(session: Session, workspace_id: int) -> tuple[NextStep, ...]:
    """What an admin should set next, the most important first; empty when nothing is missing."""
    workspace = session.get_one(Workspace, workspace_id)
    steps = [] if workspace.configured_at else [NextStep("people", subject=str(default_team(session, workspace_id).id))]
    staffed = set(
        session.scalars(
            select(TeamMember.team_id)
            .join(Member, Member.id == TeamMember.member_id)
            .where(Member.workspace_id == workspace_id, Member.active)
        )
    )
    managers = set(session.scalars(select(Member.id).where(Member.workspace_id == workspace_id, Member.active)))
    teams = session.scalars(
        select(Team)
        .where(Team.workspace_id == workspace_id, Team.archived_at.is_(None))
        .order_by(Team.is_default.desc(), Team.name, Team.id)
    ).all()
    for team in teams:
        missing = {
            "channel": team.channel is None,
            "manager": team.manager_id not in managers,
            "members": team.id not in staffed,
        }
        steps += [NextStep(key, team.name, str(team.id)) for key, absent in missing.items() if absent]
    silent = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == workspace_id, Audience.channel.is_(None), ~Audience.paused)
        .order_by(Audience.id)
    )
    steps += [NextStep("digest", audience.key, mark(audience.id, audience.created_at)) for audience in silent]
    if session.scalar(select(Source.id).where(Source.workspace_id == workspace_id).limit(1)) is None:
        steps.append(NextStep("source"))
    if workspace.marketing_channel is None and not _has_marketers(session, workspace_id):
        steps.append(NextStep("marketing"))
    if are_starters_offered(session, workspace_id):
        steps.append(NextStep("themes"))
    return tuple(steps)


def _has_marketers(session: Session, workspace_id: int) -> bool:
    marketer = select(Member.id).where(Member.workspace_id == workspace_id, Member.role == "marketer", OF_MARKETING)
    return session.scalar(marketer.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class UnusableZone:
    """A time zone that this computer does not know: whose it is, what it is called, and which one is used instead."""

    whose: str
    zone: str
    instead: str


def unusable_zones(session: Session, workspace_id: int) -> list[UnusableZone]:
    """The time zones of people, teams and digests for which another one is used."""
    members = session.execute(
        select(Member.name, Member.refused_zone, Member.tz).where(
            Member.workspace_id == workspace_id, Member.active, Member.refused_zone.is_not(None)
        )
    )
    teams = session.execute(
        select(Team.name, Team.hours).where(Team.workspace_id == workspace_id, Team.archived_at.is_(None))
    )
    audiences = session.execute(select(Audience.key, Audience.zone).where(Audience.workspace_id == workspace_id))
    found = [UnusableZone(name, str(zone), tz) for name, zone, tz in members]
    stored = [(f"team {name}", str(hours["zone"])) for name, hours in teams]
    stored += [(f"digest {key}", zone) for key, zone in audiences]
    return found + [UnusableZone(whose, zone, "UTC") for whose, zone in stored if find_zone(zone) is None]
