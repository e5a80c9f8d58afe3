"""Editions: a digest for one audience and one period, made once, its facts frozen.

An audience row carries when its next issue is due; whoever holds its lock makes the issue, queues it and moves
the time on in one transaction. So a restart, a second worker or a late start neither repeats nor skips one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from digests.kinds import KINDS
from digests.periods import Period, week_of_issue, week_until
from digests.sections import Asked, Facts
from domain.issues import next_issue, schedule_audience
from storage import outbox
from storage.models import Audience, Edition, Team, Workspace
from storage.outbox import Priority

STALE_AFTER: Final = timedelta(days=3)
"""An issue that is later than this is recorded and not sent: its week is old news."""

LONGEST: Final = timedelta(days=14, hours=2)
"""The longest time that one issue tells of; what lies before it is named as untold."""

LAG: Final = timedelta(seconds=10)
"""Issues tell of what happened until so long before they are due: what is still being stored is told by the next."""

LOOKED_AT: Final = 60
"""So many issues back one is looked for that told something."""

FARTHEST: Final = timedelta(days=9)
"""No issue is further away: a week, the gap to the last one, and an hour where clocks change."""


def publish_due_editions(session: Session, *, at: datetime) -> list[int]:
    """Make all editions that are due at `at` in one transaction. Returns their ids, skipped ones included."""
    return [
        edition_id
        for audience_id in due_audiences(session, at=at)
        for edition_id in publish_if_due(session, audience_id, at=at)
    ]


def due_audiences(session: Session, *, at: datetime) -> list[int]:
    """The audiences that want an edition now, the longest overdue first; and those not scheduled yet.

    A kind of digest that only a newer release knows is left to its workers.
    """
    unscheduled = Audience.next_at.is_(None) & Audience.paused.is_(False) & Audience.channel.is_not(None)
    return list(
        session.scalars(
            select(Audience.id)
            .join(Workspace, Workspace.id == Audience.workspace_id)
            .where((Audience.next_at <= at) | unscheduled, Audience.kind.in_(KINDS), Workspace.state == "active")
            .order_by(Audience.next_at, Audience.id)
        )
    )


def publish_if_due(session: Session, audience_id: int, *, at: datetime) -> list[int]:
    """Make the editions of one audience that are due at `at`, and queue those that are to be sent.

    An audience whose settings were changed by code that could not schedule it is scheduled. One that another
    worker holds is left to it. Returns the ids of the editions, skipped ones included.
    """
    audience = session.scalars(
        select(Audience)
        .where(Audience.id == audience_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if audience is None:
        return []
    if audience.next_at is None:
        schedule_audience(session, audience, at)
    return publish_audience(session, audience, at)


def publish_audience(session: Session, audience: Audience, at: datetime) -> list[int]:
    """Make every issue of a locked audience that is due at `at`, and move it on to the next one."""
    made = []
    while audience.next_at is not None and audience.next_at <= at:
        edition = _make_issue(session, audience, audience.next_at, at)
        if edition is not None:
            made.append(edition.id)
        audience.next_at = next_issue(audience, audience.next_at)
    session.flush()
    return made


def bring_editions_back(session: Session, at: datetime) -> None:
    """After the clock was put back: an audience that a clock which was ahead moved on comes due as it should."""
    for audience in session.scalars(select(Audience).where(Audience.next_at > at + FARTHEST).with_for_update()):
        schedule_audience(session, audience, at)


def next_due(session: Session) -> datetime | None:
    """When the next issue of any audience is due; None when none is scheduled."""
    return session.scalar(
        select(func.min(Audience.next_at))
        .join(Workspace, Workspace.id == Audience.workspace_id)
        .where(Audience.next_at.is_not(None), Audience.kind.in_(KINDS), Workspace.state == "active")
    )


def preview_edition(session: Session, audience: Audience, at: datetime) -> Facts:
    """What an issue would say if the week ended at `at`; stores nothing."""
    period = week_until(at, audience.zone)
    asked = Asked(session, audience.workspace_id, period, at, _team(session, audience), _stored(audience))
    facts: Facts = KINDS[audience.kind].gather(asked)
    return facts


def load_facts(edition: Edition) -> Facts:
    """The facts that were frozen in an edition. Raises ValueError for an edition that was skipped as stale."""
    facts: Facts = KINDS[edition.facts["kind"]].shape.read(edition.facts)
    return facts


def _make_issue(session: Session, audience: Audience, end: datetime, at: datetime) -> Edition | None:
    """The edition of the period that ends at `end`; None when it exists."""
    made = session.scalars(
        select(Edition).where(Edition.audience_id == audience.id, Edition.period_end == end)
    ).one_or_none()
    if made is not None and made.created_at <= at:
        return None
    period, untold = _period(session, audience, end)
    facts: dict[str, Any]
    if at - end > STALE_AFTER:
        state, facts = "skipped", {"kind": audience.kind, "skipped": "stale"}
    else:
        gathered = _gather(session, audience, period, untold, at)
        silent = gathered.is_empty and audience.when_empty == "silence"
        state, facts = "skipped" if silent else "frozen", KINDS[gathered.kind].shape.write(gathered)
    # One that a clock made which was ahead knew nothing of this week: it is made anew.
    edition = made or Edition(workspace_id=audience.workspace_id, audience_id=audience.id, period_end=end)
    edition.period_start, edition.facts, edition.state, edition.created_at = period.start, facts, state, at
    session.add(edition)
    session.flush()
    if state == "frozen" and audience.channel is not None:
        outbox.put_notice(
            session,
            audience.workspace_id,
            "edition",
            edition.id,
            audience.channel,
            at=at,
            priority=Priority.DIGEST,
            once=f"edition:{edition.id}" if made is None else f"edition:{edition.id}:{at.isoformat()}",
        )
    return edition


def _period(session: Session, audience: Audience, end: datetime) -> tuple[Period, Period | None]:
    """What the issue due at `end` tells of: all since the last one that told something, so that nothing is told twice
    or never; and the time that is left out of it, where that would be more than LONGEST.

    So a moved day makes one period shorter or longer, and the digest after a missed one tells of two weeks.
    """
    week = week_of_issue(audience, end)
    told = _told_until(session, audience, end)
    if told is None:
        return replace(week, lag=LAG), None
    if end - told <= LONGEST:
        return Period(told, end, week.zone, LAG), None
    return replace(week, lag=LAG), Period(told, week.start, week.zone)


def _told_until(session: Session, audience: Audience, end: datetime) -> datetime | None:
    """Where the last period ends that an issue before `end` told of; a week that was silent, being empty, is told."""
    earlier = session.scalars(
        select(Edition)
        .where(Edition.audience_id == audience.id, Edition.period_end < end)
        .order_by(Edition.period_end.desc())
        .limit(LOOKED_AT)
    )
    return next((one.period_end for one in earlier if one.facts.get("skipped") != "stale"), None)


def _gather(session: Session, audience: Audience, period: Period, untold: Period | None, at: datetime) -> Facts:
    """The facts of an issue; what it tells of content is noted as told in the same transaction."""
    asked = Asked(session, audience.workspace_id, period, at, _team(session, audience), audience, issue=True)
    facts: Facts = KINDS[audience.kind].gather(asked, untold=untold)
    return facts


def _stored(audience: Audience) -> Audience | None:
    """None for one that only stands in for an audience."""
    return audience if audience.id is not None else None


def _team(session: Session, audience: Audience) -> Team | None:
    """The only team that the audience reads of; None: of all."""
    return session.get(Team, audience.team_id) if audience.team_id is not None else None
