"""What people ask of digests: a look at what the next one would say, and when and where it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from digests.editions import Facts, preview_edition, publish_audience, schedule_audience
from domain.calendar import CalendarError, zone_named
from domain.errors import FieldProblems, NotFound
from domain.people import ADMINS, Actor, audit
from storage.models import AUDIENCE_KINDS, WHEN_EMPTY, Audience, Member

ZONES_OFFERED: Final = 100

_KIND_OF_ROLE: Final = {"rep": "sales", "marketer": "marketing"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and when a digest goes out. `minute` is of the day, in `zone`; `next_at` None: it does not go out."""

    id: int
    key: str
    kind: str
    channel: str | None
    weekday: int
    minute: int
    zone: str
    paused: bool
    when_empty: str
    next_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What a digest would say now. `settings` None: no audience gets this kind. `may_change` tells of the reader."""

    facts: Facts
    settings: Settings | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """One digest's settings, what else there is to set, and the zones to choose from."""

    settings: Settings
    others: tuple[Settings, ...]
    zones: tuple[str, ...]


def preview_digest(session: Session, kind: str, *, by: Actor, at: datetime) -> Preview:
    """The last seven days as the digest of that kind would tell them; an unknown kind: the one for the role."""
    if kind not in AUDIENCE_KINDS:
        kind = _KIND_OF_ROLE.get(by.role, "sales")
    audience = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == by.workspace_id, Audience.kind == kind)
        .order_by(Audience.id)
        .limit(1)
    ).first()
    facts = preview_edition(session, audience or _unsaved(by, kind, at), at)
    return Preview(facts, _settings(audience) if audience else None, by.role in ADMINS)


def load_settings(session: Session, audience_id: int, *, by: Actor, at: datetime) -> SettingsForm:  # noqa: ARG001
    """The settings of a digest, for the form. Raises NotFound."""
    audience = _audience(session, audience_id, by.workspace_id)
    others = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == by.workspace_id, Audience.id != audience.id)
        .order_by(Audience.id)
    )
    found = session.scalars(
        select(Member.tz).where(Member.workspace_id == by.workspace_id, Member.active).distinct().limit(ZONES_OFFERED)
    )
    zones = sorted({*found, by.tz, "UTC"} - {audience.zone})[: ZONES_OFFERED - 1]
    return SettingsForm(_settings(audience), tuple(map(_settings, others)), tuple(sorted([audience.zone, *zones])))


def change_audience(
    session: Session,
    audience_id: int,
    *,
    channel: str | None,
    weekday: int,
    minute: int,
    zone: str,
    paused: bool,
    when_empty: str,
    by: Actor,
    at: datetime,
) -> Settings:
    """Set where and when a digest goes out. An issue that is due already goes out by the old settings first.

    Raises FieldProblems (`weekday`, `time`, `zone`, `when_empty`), NotFound.
    """
    problems = {}
    if not 0 <= weekday <= 6:
        problems["weekday"] = "Pick a day of the week."
    if not 0 <= minute < 24 * 60:
        problems["time"] = "Pick a time of the day."
    if when_empty not in WHEN_EMPTY:
        problems["when_empty"] = "Pick what happens in a week without news."
    try:
        zone_named(zone)
    except CalendarError as error:
        problems["zone"] = str(error)
    if problems:
        raise FieldProblems(problems)
    audience = _audience(session, audience_id, by.workspace_id, lock=True)
    publish_audience(session, audience, at)
    before = _settings(audience)
    audience.channel, audience.weekday, audience.minute, audience.zone = channel, weekday, minute, zone
    audience.paused, audience.when_empty = paused, when_empty
    schedule_audience(session, audience, at)
    after = _settings(audience)
    changed = {
        name: getattr(after, name)
        for name in ("channel", "weekday", "minute", "zone", "paused", "when_empty")
        if getattr(after, name) != getattr(before, name)
    }
    if changed:
        audit(session, by.workspace_id, "audience.change", "audience", audience.id, by=by, at=at, data=changed)
    return after


def _audience(session: Session, audience_id: int, workspace_id: int, *, lock: bool = False) -> Audience:
    query = select(Audience).where(Audience.id == audience_id, Audience.workspace_id == workspace_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    audience = session.scalars(query).one_or_none()
    if audience is None:
        raise NotFound("digest")
    return audience


def _unsaved(by: Actor, kind: str, at: datetime) -> Audience:
    """Stands in for an audience where a workspace has none of that kind."""
    return Audience(
        workspace_id=by.workspace_id, key=kind, kind=kind, weekday=0, minute=9 * 60, zone=by.tz, created_at=at
    )


def _settings(audience: Audience) -> Settings:
    return Settings(
        audience.id,
        audience.key,
        audience.kind,
        audience.channel,
        audience.weekday,
        audience.minute,
        audience.zone,
        audience.paused,
        audience.when_empty,
        audience.next_at,
        audience.created_at,
    )
