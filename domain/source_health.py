"""When systems that post to us were heard: their pace, their silences, and what their last payload looked like.

The pace is told in working time of the team that the leads go to, so nights and weekends are no silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.mapping import Path
from domain.people import admins_of
from storage import outbox
from storage.frozen import Shape
from storage.locking import locked
from storage.models import Source, SourceHealth, SourceSilence, Team, Workspace
from storage.outbox import Priority

SILENT_CARD: Final = "source_silent"
ADMINS_TOLD: Final = 3
APART: Final = timedelta(hours=1)
"""Deliveries that come sooner after each other count as one: fifty leads of one webinar are no pace."""

MOST_HEARD: Final = 41
FEWEST_PAUSES: Final = 5
LEAST_SILENCE: Final = timedelta(hours=8)
"""Of working time: nobody is told of less."""

USUAL_TIMES: Final = 4
LONGEST_TIMES: Final = 1.25
MOST_SAMPLED: Final = 300
"""Fields of a sample."""

SAMPLE_KEPT: Final = timedelta(days=14)


Hours = Mapping[tuple[int, str | None], WorkingHours]
"""Working hours by workspace and key of the team; None is the default team."""


@dataclass(frozen=True, slots=True)
class SampleField:
    """Something that was sent: where it stands, and its value with every person masked; "": not sent the last time."""

    path: Path
    shown: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The last payload of a source, masked. `at`: aware UTC. `read`: what was found in it without any mapping, by
    the lead's fields."""

    at: datetime
    fields: tuple[SampleField, ...] = ()
    read: tuple[tuple[str, str], ...] = ()


SAMPLE: Final[Shape[Sample]] = Shape("source_sample", Sample)


@dataclass(frozen=True, slots=True)
class Heard:
    """A source was heard, the last time at `at` (aware UTC). `sample`: of what it sent last, None: nothing to show."""

    workspace_id: int
    source_id: int
    at: datetime
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a source is heard, in working time: its usual pause, its longest, and the one that is an alarm."""

    usual: timedelta
    longest: timedelta
    alarm_after: timedelta


@dataclass(frozen=True, slots=True)
class Health:
    """`heard_at`: when a source was heard last; `pace`: None before there is one.

    `silent`: it was not heard for far longer than usual, and admins were told.
    """

    heard_at: datetime
    pace: Pace | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """A source's silence: since when, and until when, None: it goes on. `heard`: a delivery ended it, not a pause."""

    source: str
    heard: bool
    since: datetime
    ended_at: datetime | None
    pace: Pace | None


def note_heard(session: Session, heard: Sequence[Heard]) -> None:
    """Remember that these sources were heard; a silence that was told of ends. One that was removed is passed over."""
    ids = sorted({one.source_id for one in heard})
    there = set(session.scalars(select(Source.id).where(Source.id.in_(ids))))
    rows = {
        row.source_id: row
        for row in session.scalars(
            locked(select(SourceHealth).where(SourceHealth.source_id.in_(ids)).order_by(SourceHealth.source_id))
        )
    }
    for one in sorted(heard, key=lambda each: each.source_id):
        if one.source_id not in there:
            continue
        row = rows.get(one.source_id)
        if row is None:
            row = SourceHealth(
                source_id=one.source_id, workspace_id=one.workspace_id, heard_at=one.at, heard=[one.at.isoformat()]
            )
            session.add(row)
        row.heard_at = max(row.heard_at, one.at)
        moments = _moments(row)
        if not moments or one.at - moments[-1] >= APART:
            row.heard = [*map(str, row.heard), one.at.isoformat()][-MOST_HEARD:]
        if one.sample is not None:
            row.sample, row.sample_at = SAMPLE.write(_with_earlier(one.sample, row.sample)), one.sample.at
    session.flush()
    ended = session.scalars(
        select(SourceSilence).where(SourceSilence.source_id.in_(ids), SourceSilence.ended_at.is_(None))
    )
    latest = {one.source_id: one.at for one in heard}
    for silence in ended.all():
        _end(session, silence, latest[silence.source_id])


def _with_earlier(sample: Sample, stored: Mapping[str, Any] | None) -> Sample:
    """The sample, and the fields of the ones before: forms leave out what nobody filled in."""
    if stored is None:
        return sample
    here = {one.path for one in sample.fields}
    earlier = (SampleField(one.path, "") for one in SAMPLE.read(stored).fields if one.path not in here)
    return replace(sample, fields=(*sample.fields, *earlier)[:MOST_SAMPLED])


def load_health(session: Session, workspace_id: int) -> dict[int, Health]:
    """How each source of the workspace that was ever heard does, by its id."""
    silent = set(
        session.scalars(
            select(SourceSilence.source_id).where(
                SourceSilence.workspace_id == workspace_id, SourceSilence.ended_at.is_(None)
            )
        )
    )
    rows = session.execute(
        select(SourceHealth, Source.team_key)
        .join(Source, Source.id == SourceHealth.source_id)
        .where(SourceHealth.workspace_id == workspace_id)
    ).all()
    hours = _hours(session, {workspace_id}) if rows else {}
    return {
        row.source_id: Health(row.heard_at, _pace(row, hours, team_key), row.source_id in silent)
        for row, team_key in rows
    }


def load_sample(session: Session, source_id: int) -> Sample | None:
    """The source's last payload, masked; None: none came in the last SAMPLE_KEPT."""
    stored = session.scalar(select(SourceHealth.sample).where(SourceHealth.source_id == source_id))
    return SAMPLE.read(stored) if stored is not None else None


def load_silence(session: Session, silence_id: int, workspace_id: int) -> Silence | None:
    """The silence that a card is about; None when this workspace has none such."""
    row = session.get(SourceSilence, silence_id)
    if row is None or row.workspace_id != workspace_id:
        return None
    source = session.get_one(Source, row.source_id)
    health = load_health(session, workspace_id).get(row.source_id)
    heard = health is not None and health.heard_at > row.since
    return Silence(source.name, heard, row.since, row.ended_at, health.pace if health else None)


def find_silent(session: Session, at: datetime) -> list[int]:
    """The sources that fell silent for far longer than usual, and of which nobody was told."""
    told = select(SourceSilence.source_id).where(SourceSilence.ended_at.is_(None))
    rows = session.execute(
        select(SourceHealth, Source.team_key)
        .join(Source, Source.id == SourceHealth.source_id)
        .join(Workspace, Workspace.id == SourceHealth.workspace_id)
        .where(
            SourceHealth.heard_at < at - LEAST_SILENCE,
            Source.paused.is_(False),
            Workspace.state == "active",
            SourceHealth.source_id.not_in(told),
        )
    ).all()
    hours = _hours(session, {row.workspace_id for row, _ in rows})
    return [row.source_id for row, team_key in rows if _is_silent(row, hours, team_key, at)]


def tell_silent(session: Session, source_id: int, *, at: datetime) -> bool:
    """Tell the workspace's admins that the source fell silent, once; False: it was heard, or they were told."""
    row = session.scalars(locked(select(SourceHealth).where(SourceHealth.source_id == source_id))).one_or_none()
    source = session.get(Source, source_id)
    if row is None or source is None or source.paused:
        return False
    standing = select(SourceSilence.id).where(SourceSilence.source_id == source_id, SourceSilence.ended_at.is_(None))
    hours = _hours(session, {row.workspace_id})
    if session.scalar(standing) is not None or not _is_silent(row, hours, source.team_key, at):
        return False
    silence = SourceSilence(workspace_id=row.workspace_id, source_id=source_id, since=row.heard_at, found_at=at)
    session.add(silence)
    session.flush()
    for admin in admins_of(session, row.workspace_id)[:ADMINS_TOLD]:
        outbox.put_card(
            session,
            row.workspace_id,
            SILENT_CARD,
            silence.id,
            admin.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
        )
    return True


def end_paused(session: Session, at: datetime) -> int:
    """End the silences of sources that were paused meanwhile, for nobody waits for them; how many."""
    standing = (
        select(SourceSilence)
        .join(Source, Source.id == SourceSilence.source_id)
        .where(SourceSilence.ended_at.is_(None), Source.paused.is_(True))
    )
    found = session.scalars(standing).all()
    for silence in found:
        _end(session, silence, at)
    return len(found)


def forget_samples(session: Session, before: datetime) -> None:
    """Forget the payloads of before then."""
    session.execute(update(SourceHealth).where(SourceHealth.sample_at < before).values(sample=None, sample_at=None))


def pace_of(moments: Sequence[datetime], hours: WorkingHours) -> Pace | None:
    """The pace of a source that was heard at these moments (aware UTC, in their order); None: too few to tell."""
    pauses = [hours.between(before, after) for before, after in pairwise(moments)]
    if len(pauses) < FEWEST_PAUSES:
        return None
    usual, longest = timedelta(seconds=median(one.total_seconds() for one in pauses)), max(pauses)
    return Pace(usual, longest, max(LEAST_SILENCE, USUAL_TIMES * usual, LONGEST_TIMES * longest))


def _is_silent(row: SourceHealth, hours: Hours, team: str | None, at: datetime) -> bool:
    pace = _pace(row, hours, team)
    return pace is not None and _of(hours, row, team).between(row.heard_at, at) > pace.alarm_after


def _pace(row: SourceHealth, hours: Hours, team: str | None) -> Pace | None:
    return pace_of(_moments(row), _of(hours, row, team))


def _of(hours: Mapping[tuple[int, str | None], WorkingHours], row: SourceHealth, team: str | None) -> WorkingHours:
    """The hours of the team that the source's leads go to, else of the default team."""
    return hours.get((row.workspace_id, team)) or hours[row.workspace_id, None]


def _hours(session: Session, workspaces: set[int]) -> dict[tuple[int, str | None], WorkingHours]:
    """The working hours of the workspaces' teams by their keys, and of the default team under None."""
    found: dict[tuple[int, str | None], WorkingHours] = {}
    teams = select(Team.workspace_id, Team.key, Team.hours, Team.is_default).where(Team.workspace_id.in_(workspaces))
    for team in session.execute(teams) if workspaces else ():
        hours = WorkingHours.from_json(team.hours)
        found[team.workspace_id, team.key] = hours
        if team.is_default:
            found[team.workspace_id, None] = hours
    return found


def _moments(row: SourceHealth) -> list[datetime]:
    return [datetime.fromisoformat(str(one)).astimezone(UTC) for one in row.heard]


def _end(session: Session, silence: SourceSilence, at: datetime) -> None:
    silence.ended_at = at
    session.flush()
    outbox.refresh_cards(session, silence.workspace_id, (SILENT_CARD,), silence.id, at=at)
