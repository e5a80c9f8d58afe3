"""What waits to be said in Slack, for people who ask: how much of each priority, since when, and what holds it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import IS_WAITING, Delivery, Lane, RateBucket
from storage.outbox import Priority


@dataclass(frozen=True, slots=True)
class Wait:
    """Deliveries of one priority that have not left yet. `oldest`: how long the first of them was wanted ago."""

    priority: Priority
    count: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Pause:
    """Slack asked not to call `method` before `until` (aware, UTC)."""

    method: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue at one moment: `waits` from the most urgent on, `pauses` by method. Empty: all is said."""

    waits: Sequence[Wait]
    pauses: Sequence[Pause]


def read_queue(session: Session, workspace_id: int | None, at: datetime) -> Queue:
    """What waits in a workspace's lanes, and which methods rest; None: in all lanes.

    Reads what waits only, however much was ever sent.
    """
    here = [] if workspace_id is None else [Lane.workspace_id == workspace_id]
    resting = [] if workspace_id is None else [RateBucket.workspace_id == workspace_id]
    waiting = session.execute(
        select(Delivery.priority, func.count(), func.min(Delivery.due_at))
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(*here, Lane.due_at.is_not(None), IS_WAITING)
        .group_by(Delivery.priority)
        .order_by(Delivery.priority)
    ).all()
    paused = session.execute(
        select(RateBucket.method, func.max(RateBucket.paused_until))
        .where(*resting, RateBucket.paused_until > at)
        .group_by(RateBucket.method)
        .order_by(RateBucket.method)
    ).all()
    return Queue(
        waits=[Wait(Priority(row[0]), row[1], max(timedelta(), at - row[2])) for row in waiting],
        pauses=[Pause(method, until) for method, until in paused if until is not None],
    )
