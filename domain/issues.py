"""When digests are due: an audience's weekday and minute by the wall clock of its zone, and its next issue."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.calendar import moment_of
from domain.zones import stored_zone
from storage.database import wake
from storage.models import Audience, Edition

LEAST_GAP: Final = timedelta(hours=20)
"""When the time of a digest is changed, the next issue keeps this distance from the last: never two in a day."""


class Timing(Protocol):
    """When digests go out: `weekday` (Monday is 0) and `minute` of the day in `zone` (IANA). An Audience is one."""

    @property
    def weekday(self) -> int: ...
    @property
    def minute(self) -> int: ...
    @property
    def zone(self) -> str: ...


def next_issue(timing: Timing, after: datetime) -> datetime:
    """The first moment strictly after `after` at which an issue is due (aware UTC)."""
    return _issue(timing, after, 1)


def last_issue(timing: Timing, at: datetime) -> datetime:
    """The last moment at or before `at` at which an issue was due (aware UTC)."""
    return _issue(timing, at, -1)


def schedule_audience(session: Session, audience: Audience, at: datetime) -> datetime | None:
    """Set when the audience's next issue is due, after its settings changed: None while paused or without a channel."""
    if audience.paused or audience.channel is None:
        audience.next_at = None
    else:
        last = session.scalar(
            select(func.max(Edition.period_end)).where(
                Edition.audience_id == audience.id, Edition.state == "frozen", Edition.period_end <= at
            )
        )
        audience.next_at = next_issue(audience, max(at, last + LEAST_GAP) if last else at)
    session.flush()
    wake(session, "digests")
    return audience.next_at


def _issue(timing: Timing, moment: datetime, direction: int) -> datetime:
    zone = stored_zone(timing.zone)
    wall = time(*divmod(timing.minute, 60))
    day = moment.astimezone(zone).date()
    # A day of margin: near midnight a wall time that clocks skip belongs to the day before or after.
    day -= direction * timedelta(days=1)
    while True:
        if day.weekday() == timing.weekday:
            issue = moment_of(zone, day, wall)
            if (direction > 0 and issue > moment) or (direction < 0 and issue <= moment):
                return issue
        day += direction * timedelta(days=1)
