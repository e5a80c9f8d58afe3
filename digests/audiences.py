"""What people ask of digests: a look at what the next one would say, and when and where it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from digests.editions import preview_edition, publish_audience
from digests.kinds import KINDS
from digests.sections import Facts
from domain.config.apply import Applied, Seal, apply_config, lock_settings
from domain.config.difference import NO_NAMES
from domain.config.forms import new_key
from domain.config.overview import AudienceSet, Overview, load_overview
from domain.config.problems import ConfigProblems
from domain.config.saving import Opened, Saved, check_opened, last_name, settings_now
from domain.config.schema import Config, check_config
from domain.errors import FieldProblems, NotFound
from domain.people import ADMINS, Actor
from storage.models import Audience


@dataclass(frozen=True, slots=True)
class DigestSettings:
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
    settings: DigestSettings | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class AudienceForm:
    """What was filled in about a digest. `id` 0: a new one, called `name`; `version`: of what the form was made from.

    `team` is a key, None for all teams; `time` as it was typed or picked, "09:30".
    """

    id: int
    version: str
    name: str
    kind: str
    team: str | None
    channel: str | None
    weekday: str
    time: str
    zone: str
    paused: bool
    when_empty: str


@dataclass(frozen=True, slots=True)
class SavedAudience:
    """A digest's settings as they are now, and what of them changed, in words."""

    settings: DigestSettings
    saved: Saved


def preview_digest(session: Session, kind: str, *, by: Actor, at: datetime) -> Preview:
    """The last seven days as the digest of that kind would tell them; an unknown kind: the one for the role."""
    if kind not in KINDS:
        kind = next((one.name for one in KINDS.values() if one.role == by.role), next(iter(KINDS)))
    audience = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == by.workspace_id, Audience.kind == kind, Audience.removed_at.is_(None))
        .order_by(Audience.id)
        .limit(1)
    ).first()
    facts = preview_edition(session, audience or _unsaved(by, kind, at), at)
    return Preview(facts, _settings(audience) if audience else None, by.role in ADMINS)


def load_audience(session: Session, audience_id: int, *, by: Actor, at: datetime) -> tuple[AudienceSet, Overview]:  # noqa: ARG001
    """A digest's audience for its form, and all that is set. Raises NotFound."""
    overview = load_overview(session, by.workspace_id)
    audience = overview.audience(audience_id)
    if audience is None:
        raise NotFound("digest")
    return audience, overview


def blank_audience(overview: Overview) -> AudienceSet:
    """What the form of a new digest begins with."""
    return AudienceSet(0, "", "sales", None, None, 0, 9 * 60, overview.zone, False, "line")


def save_audience(session: Session, form: AudienceForm, *, by: Actor, at: datetime) -> SavedAudience:
    """Set who gets a digest, where and when, or add one. An issue that is due goes out by the old settings first.

    Raises FieldProblems by the form's fields, NotFound, Changed.
    """
    overview = settings_now(session, by)
    audience = overview.audience(form.id)
    if form.id and audience is None:
        raise NotFound("digest")
    if audience is not None:
        opened = Opened("digest", f"audience:{audience.key}", form.version)
        check_opened(session, opened, audience, by=by, at=at)
    given: dict[str, Any] = {
        "key": audience.key if audience else new_key(form.name, [each.key for each in overview.audiences], "digest"),
        "kind": form.kind,
        "team": form.team or "none",
        "channel": form.channel or "none",
        "weekday": form.weekday,
        "time": form.time,
        "zone": form.zone,
        "paused": form.paused,
        "when_empty": form.when_empty,
    }
    try:
        config = check_config({"audiences": [given]})
        applied = apply_settings(session, by.workspace_id, config, by=by, at=at)
    except ConfigProblems as error:
        field = last_name("name")
        raise FieldProblems({field(problem.loc): problem.wrong for problem in error.problems}) from error
    row = session.scalars(
        select(Audience).where(Audience.workspace_id == by.workspace_id, Audience.key == given["key"])
    ).one()
    return SavedAudience(_settings(row), Saved(applied.changes, load_overview(session, by.workspace_id), applied.notes))


def remove_audience(session: Session, audience_id: int, *, by: Actor, at: datetime) -> Saved:
    """Take a digest away; what was sent stays. Raises NotFound."""
    audience = settings_now(session, by).audience(audience_id)
    if audience is None:
        raise NotFound("digest")
    config = check_config({"audiences": [{"key": audience.key, "removed": True}]})
    applied = apply_settings(session, by.workspace_id, config, by=by, at=at)
    return Saved(applied.changes, load_overview(session, by.workspace_id), applied.notes)


def apply_settings(
    session: Session,
    workspace_id: int,
    config: Config,
    *,
    by: Actor | None,
    at: datetime,
    names: Mapping[str, str] = NO_NAMES,
    seal: Seal | None = None,
) -> Applied:
    """Make settings true (`apply_config`). An issue that is due already goes out by the old settings first.

    Raises ConfigProblems.
    """
    lock_settings(session, workspace_id)
    keys = [audience.key for audience in config.audiences or ()]
    due = select(Audience).where(Audience.workspace_id == workspace_id, Audience.key.in_(keys), Audience.next_at <= at)
    for audience in session.scalars(due.with_for_update()):
        publish_audience(session, audience, at)
    return apply_config(session, workspace_id, config, by=by, at=at, names=names, seal=seal)


def _unsaved(by: Actor, kind: str, at: datetime) -> Audience:
    """Stands in for an audience where a workspace has none of that kind."""
    return Audience(
        workspace_id=by.workspace_id, key=kind, kind=kind, weekday=0, minute=9 * 60, zone=by.tz, created_at=at
    )


def _settings(audience: Audience) -> DigestSettings:
    return DigestSettings(
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
