"""Refused deliveries of sources: counted by source and reason, and told to an admin once until it has been quiet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.people import admins_of
from storage import outbox
from storage.locking import locked
from storage.models import Refusal
from storage.outbox import Priority

REFUSED_NOTICE: Final = "intake_refused"
UNKNOWN: Final = ""
"""Stands for every source that there is none of: strangers must not be able to fill the table with names."""

QUIET: Final = timedelta(days=1)
WINDOW: Final = timedelta(hours=1)
ADMINS_TOLD: Final = 3

ENOUGH: Final[Mapping[str, int | None]] = {
    "unknown_source": 3,
    "no_proof": 3,
    "wrong_proof": 3,
    "stale": 3,
    "paused": None,
    "too_many": 3,
    "too_large": 3,
    "unreadable": 1,
    "nobody": 1,
    "no_key": 1,
}
"""How many within an hour an admin hears of. One, where a proven sender lost a lead; None: never, they know."""


@dataclass(frozen=True, slots=True)
class Refused:
    """So many refusals of a source for one reason, from when to when (aware UTC). `detail`: of the last; no secret."""

    source: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    detail: str | None = None


def note_refusals(session: Session, workspace_id: int, counted: Sequence[Refused]) -> None:
    """Add what was counted since the last time, and tell the admins where it is enough to be told."""
    rows = {
        (row.source, row.reason): row
        for row in session.scalars(
            locked(
                select(Refusal)
                .where(Refusal.workspace_id == workspace_id, Refusal.source.in_({one.source for one in counted}))
                .order_by(Refusal.id)
            )
        )
    }
    for one in sorted(counted, key=lambda each: (each.source, each.reason)):
        row = rows.get((one.source, one.reason))
        if row is None:
            row = Refusal(
                workspace_id=workspace_id,
                source=one.source,
                reason=one.reason,
                count=0,
                first_at=one.first_at,
                last_at=one.first_at,
                recent=0,
                recent_at=one.first_at,
            )
            session.add(row)
        if one.first_at - row.last_at >= QUIET:
            row.told_at = None  # it had been over
        if one.last_at - row.recent_at > WINDOW:
            row.recent, row.recent_at = 0, one.first_at
        row.count += one.count
        row.recent += one.count
        row.last_at = max(row.last_at, one.last_at)
        row.detail = one.detail
        session.flush()
        enough = ENOUGH[one.reason]
        if enough is not None and row.recent >= enough and row.told_at is None:
            row.told_at = one.last_at
            _tell(session, row)


def load_refusals(session: Session, workspace_id: int, since: datetime | None = None) -> tuple[Refused, ...]:
    """What was refused since then, the latest first. None: ever."""
    query = select(Refusal).where(Refusal.workspace_id == workspace_id).order_by(Refusal.last_at.desc(), Refusal.id)
    if since is not None:
        query = query.where(Refusal.last_at > since)
    return tuple(_refused(row) for row in session.scalars(query))


def load_refusal(session: Session, refusal_id: int, workspace_id: int) -> Refused | None:
    """The refusals that a notice is about; None when this workspace has none such."""
    row = session.get(Refusal, refusal_id)
    return _refused(row) if row is not None and row.workspace_id == workspace_id else None


def forget_before(session: Session, at: datetime) -> None:
    """Forget what was refused for the last time before `at`."""
    session.execute(delete(Refusal).where(Refusal.last_at < at))


def _refused(row: Refusal) -> Refused:
    return Refused(row.source, row.reason, row.count, row.first_at, row.last_at, row.detail)


def _tell(session: Session, row: Refusal) -> None:
    for admin in admins_of(session, row.workspace_id)[:ADMINS_TOLD]:
        outbox.put_notice(
            session,
            row.workspace_id,
            REFUSED_NOTICE,
            row.id,
            admin.slack_user_id,
            at=row.last_at,
            priority=Priority.REMINDER,
            once=f"{REFUSED_NOTICE}:{row.id}:{admin.id}:{row.last_at:%Y%m%d%H%M%S}",
        )
