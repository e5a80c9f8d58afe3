"""A change of a lead asks, in its own transaction, that its record in the CRM be written; there is one job for each.

The job waits for a moment, so that what is undone at once is never written. It writes what is true when it runs
(domain/writeback/writing.py). Whoever asks holds the lead, and so does whoever ends a write: no change falls between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain.writeback.crms import RECORD, record_of
from storage import jobs
from storage.locking import locked
from storage.models import Job, Source, Wish, WriteBack, WrittenRecord
from storage.statements import Statement

SETTLES: Final = timedelta(seconds=10)
"""So long a change waits for the next one, or for its undoing."""

CHANGING: Final = frozenset(
    {
        "given",
        "claimed",
        "contacted",
        "reopened",
        "declined",
        "reassigned",
        "taken",
        "handed_back",
        "passed",
        "dropped",
        "decline_accepted",
        "disputed",
        "ruled",
        "news",
        "breached",
        "qualified",
        "nurture",
        "won",
        "lost",
        "outcome_undone",
    }
)
"""What happens to leads after which another owner or another state may be theirs."""

_RECORDS: Final = Statement(
    select(Source.id, Source.auth, Source.name, Source.created_at, Wish.external_id, func.max(Wish.at).label("at"))
    .join(Source, Source.name == Wish.source)
    .join(WriteBack, WriteBack.source_id == Source.id)
    .where(
        Wish.lead_id == bindparam("lead"),
        Wish.external_id.startswith(RECORD, autoescape=True),
        Source.workspace_id == bindparam("workspace"),
        WriteBack.state != "off",
    )
    .group_by(Source.id, Source.auth, Source.name, Source.created_at, Wish.external_id)
    .order_by(Source.id, Wish.external_id)
)
_SOURCE: Final = Statement(
    select(Source.id, Source.auth)
    .join(WriteBack, WriteBack.source_id == Source.id)
    .where(
        Source.name == bindparam("named"),
        Source.workspace_id == bindparam("workspace"),
        WriteBack.state != "off",
    )
)
_OPEN: Final = Statement(select(Job.id).where(Job.id == bindparam("job"), Job.due_at.is_not(None)))


@dataclass(frozen=True)
class CrmWrite:
    """The job that writes a record. `record_id`: of the row in `written_records`."""

    kind: ClassVar[str] = "crm_write"

    record_id: int


def want_write(session: Session, workspace_id: int, lead_id: int, *, at: datetime) -> None:
    """Something happened to the lead, which is locked: its records are written, where they are to be."""
    for row in _RECORDS.all(session, {"workspace": workspace_id, "lead": lead_id}):
        if row.at >= row.created_at:  # before that, another source bore the name
            _want(session, workspace_id, row.id, record_of(row.auth, row.external_id), lead_id, at)


def want_first_write(
    session: Session, workspace_id: int, lead_id: int, source: str, external_id: str | None, *, at: datetime
) -> None:
    """A new lead was given to somebody: its record is written, where it is to be."""
    if external_id is None or not external_id.startswith(RECORD):
        return
    row = _SOURCE.first(session, {"workspace": workspace_id, "named": source})
    if row is not None:
        _want(session, workspace_id, row.id, record_of(row.auth, external_id), lead_id, at)


def _want(session: Session, workspace_id: int, source_id: int, record: str | None, lead_id: int, at: datetime) -> None:
    if record is None:
        return
    fresh = {
        "workspace_id": workspace_id,
        "source_id": source_id,
        "lead_id": lead_id,
        "record": record,
        "sent": [],
        "turn": 0,
        "unsure": False,
        "failures": 0,
        "due": False,
    }
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(WrittenRecord).values(fresh).on_conflict_do_nothing())
    mine = (WrittenRecord.source_id == source_id, WrittenRecord.record == record)
    row = session.scalars(locked(select(WrittenRecord).where(*mine))).one()
    if row.gone_at is None:
        ask(session, row, at=at)


def ask(session: Session, row: WrittenRecord, *, at: datetime) -> None:
    """Have the locked record written, unless that is under way: whoever ends it looks whether more is to be written."""
    if row.job_id is None or not is_open(session, row.job_id):
        row.job_id = jobs.enqueue(session, row.workspace_id, CrmWrite(row.id), at=at, not_before=at + SETTLES)
        session.flush()


def is_open(session: Session, job_id: int) -> bool:
    """Whether the job has not ended yet."""
    return _OPEN.scalar(session, {"job": job_id}) is not None
