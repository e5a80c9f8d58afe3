"""A write of one record: it begins by reading what is true, and ends by looking whether that is still so.

Between the two the CRM is asked, outside any transaction (handlers/setup/write_back_jobs.py). A lead is locked before
its record, as whoever changes a lead does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.people import admins_of
from domain.writeback.crms import RECORD
from domain.writeback.wanting import ask, is_open
from storage import outbox
from storage.locking import locked
from storage.models import Lead, Member, Source, Wish, Workspace, WriteBack, WrittenRecord
from storage.outbox import Priority

TROUBLE: Final = "write_back_trouble"
ADMINS_TOLD: Final = 3
SENT_KEPT: Final = 10
ECHOES_FOR: Final = timedelta(days=1)
"""How long the CRM may tell of what was sent, once something else was sent since."""

NOTED_AGAIN: Final = timedelta(minutes=1)
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Going:
    """What is written now: to which record, whose it is (`email`), its status; None: that stays as it is.

    `turn`: of the record, one more with each write. `sealed_key`, `address`, `client_id`: open the CRM. `failures`: how
    often in a row it could not be written; `trouble`: what stood in the way of the source before.
    """

    row_id: int
    source_id: int
    source: str
    auth: str
    record: str
    email: str | None
    status: str | None
    turn: int
    failures: int
    trouble: str | None
    sealed_key: str | None = field(repr=False, default=None)
    address: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a write. `stopped`: why the CRM lets us in no more; `gone`: it has no such record.

    `nobody`: the address for which it knows no owner.
    """

    going: Going | None
    stopped: str | None = None
    gone: bool = False
    nobody: str | None = None


def begin_write(session: Session, workspace_id: int, row_id: int, job_id: int, *, at: datetime) -> Going | None:
    """What this job writes; None: nothing, or another job does, or nothing may be written now."""
    row = _held(session, workspace_id, row_id)
    if row is None or session.get_one(Workspace, workspace_id).state != "active":
        return None
    if row.job_id != job_id:
        if row.job_id is not None and is_open(session, row.job_id):
            return None
        row.job_id = job_id
    setting = session.get(WriteBack, row.source_id)
    source = session.get_one(Source, row.source_id)
    if setting is None or setting.state == "off" or row.gone_at is not None:
        return None
    if setting.state == "stopped":
        row.due = True
        session.flush()
        return None
    email, status = _wanted(session, row, source, setting)
    email, status = _changed(row, email, status)
    if email is None and status is None:
        row.unsure, row.due = False, False
        session.flush()
        return None
    row.turn, row.unsure, row.failures = row.turn + 1, True, row.failures + 1
    if status is not None:
        row.sent = [*row.sent, {"status": status, "at": at.isoformat()}][-SENT_KEPT:]
    session.flush()
    return Going(
        row.id,
        source.id,
        source.name,
        source.auth,
        row.record,
        email,
        status,
        row.turn,
        row.failures - 1,
        setting.trouble,
        source.sealed_key,
        setting.address,
        setting.client_id,
    )


def end_write(session: Session, workspace_id: int, row_id: int, ended: Ended, *, at: datetime) -> None:
    """Keep what came of the write; where something else is true by now, it is written next."""
    lead_id = session.scalar(
        select(WrittenRecord.lead_id).where(WrittenRecord.id == row_id, WrittenRecord.workspace_id == workspace_id)
    )
    if lead_id is None:
        return
    session.scalars(locked(select(Lead).where(Lead.id == lead_id))).one_or_none()
    row = _held(session, workspace_id, row_id)
    setting = _setting(session, row.source_id) if row is not None else None
    if row is None or setting is None or setting.state == "off":
        return
    going = ended.going
    if going is not None and going.turn == row.turn:
        if ended.stopped is not None:
            row.due, row.failures = True, 0
            _stop(session, setting, ended.stopped, at)
            return
        if ended.gone:
            row.gone_at, row.unsure, row.due = at, False, False
            _tell(session, setting, "gone", row.record, at)
            session.flush()
            return
        row.owner = going.email if going.email is not None else row.owner
        row.status = going.status if going.status is not None else row.status
        row.unsure, row.due, row.failures = False, False, 0
        _worked(session, setting, ended.nobody, at)
    if setting.state == "on" and row.gone_at is None:
        source = session.get_one(Source, row.source_id)
        if row.unsure or row.due or _changed(row, *_wanted(session, row, source, setting)) != (None, None):
            ask(session, row, at=at)
    session.flush()


def is_latest(session: Session, going: Going) -> bool:
    """Whether nobody began to write the record since, in a look that locks nothing."""
    return session.scalar(select(WrittenRecord.turn).where(WrittenRecord.id == going.row_id)) == going.turn


def still_mine(session: Session, going: Going, *, at: datetime) -> bool:
    """Whether nobody began to write the record since; else it is written once more, as nobody knows who was last."""
    row = session.scalars(locked(select(WrittenRecord).where(WrittenRecord.id == going.row_id))).one_or_none()
    if row is None or row.turn == going.turn:
        return True
    row.unsure = True
    ask(session, row, at=at)
    session.flush()
    return False


def note_away(session: Session, source_id: int, code: str, *, at: datetime) -> None:
    """The CRM does not answer as it should: the source's screen says so until it does."""
    setting = _setting(session, source_id)
    if setting is not None and setting.state == "on" and setting.trouble != code:
        setting.trouble, setting.trouble_with, setting.trouble_at = code, None, at


def pause_after(failures: int, asked: timedelta | None) -> timedelta:
    """How long a record waits for its next try: four times as long with each failure, or as long as was asked for."""
    usual = min(timedelta(seconds=FIRST_PAUSE * 4 ** min(failures, 8)), LONGEST_PAUSE)
    return max(usual, asked or timedelta())


def is_echo(
    session: Session, workspace_id: int, source: str, records: Collection[str], status: str, at: datetime
) -> bool:
    """Whether the CRM behind the source tells of a record what we wrote there ourselves.

    `records`: names as sources give them. What was written last is an echo for good, what was before it for a day.
    """
    numbers = [one.removeprefix(RECORD) for one in records]
    rows = session.scalars(
        select(WrittenRecord)
        .join(Source, Source.id == WrittenRecord.source_id)
        .where(WrittenRecord.workspace_id == workspace_id, Source.name == source, WrittenRecord.record.in_(numbers))
    )
    return any(_echoes(row, status.strip().casefold(), at) for row in rows)


def _echoes(row: WrittenRecord, status: str, at: datetime) -> bool:
    if row.status is not None and row.status.casefold() == status:
        return True
    return any(
        str(one["status"]).casefold() == status
        and at - datetime.fromisoformat(str(one["at"])).astimezone(UTC) < ECHOES_FOR
        for one in row.sent
    )


def _wanted(session: Session, row: WrittenRecord, source: Source, setting: WriteBack) -> tuple[str | None, str | None]:
    """The address of whose the record's latest lead is, and what its state is called in the CRM."""
    latest = (
        select(func.max(Wish.id))
        .where(
            Wish.workspace_id == row.workspace_id,
            Wish.source == source.name,
            Wish.external_id == f"{RECORD}{row.record}",
            Wish.at >= source.created_at,
        )
        .scalar_subquery()
    )
    found = session.execute(
        select(Lead.id, Lead.state, Member.email)
        .join(Wish, Wish.lead_id == Lead.id)
        .outerjoin(Member, Member.id == Lead.owner_id)
        .where(Wish.id == latest)
    ).one_or_none()
    if found is None:
        return None, None
    row.lead_id = found.id
    status = str(setting.statuses.get(found.state) or "") or None
    return (found.email or "").strip().casefold() or None, status


def _changed(row: WrittenRecord, email: str | None, status: str | None) -> tuple[str | None, str | None]:
    """What of it is not written yet. What people change in the CRM since stays, as long as it is the same here."""
    if row.unsure:
        return email, status
    return (email if email != row.owner else None), (status if status != row.status else None)


def _worked(session: Session, setting: WriteBack, nobody: str | None, at: datetime) -> None:
    if nobody is not None:
        _tell(session, setting, "no_owner", nobody, at)
    elif setting.trouble is not None and setting.trouble not in ("gone", "no_owner"):
        setting.trouble = setting.trouble_with = setting.trouble_at = None
    if setting.worked_at is None or at - setting.worked_at >= NOTED_AGAIN:
        setting.worked_at = at


def _stop(session: Session, setting: WriteBack, code: str, at: datetime) -> None:
    """The CRM lets nobody in: nothing more is tried, and admins are told this once, however many leads wait."""
    if setting.state == "on":
        setting.state = "stopped"
        _tell(session, setting, code, None, at)
    session.flush()


def _tell(session: Session, setting: WriteBack, code: str, what: str | None, at: datetime) -> None:
    """Keep what stands in the way, and tell admins once a day. All records that are gone are told as one thing."""
    setting.trouble, setting.trouble_with, setting.trouble_at = code, what, at
    session.flush()
    said = "" if code == "gone" else what or f"{at:%H:%M:%S}"
    for admin in admins_of(session, setting.workspace_id)[:ADMINS_TOLD]:
        outbox.put_notice(
            session,
            setting.workspace_id,
            TROUBLE,
            setting.source_id,
            admin.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
            once=f"{TROUBLE}:{admin.id}:{setting.source_id}:{code}:{said}:{at:%Y-%m-%d}",
            data={"why": code, "what": what},
        )


def _held(session: Session, workspace_id: int, row_id: int) -> WrittenRecord | None:
    mine = (WrittenRecord.id == row_id, WrittenRecord.workspace_id == workspace_id)
    return session.scalars(locked(select(WrittenRecord).where(*mine))).one_or_none()


def _setting(session: Session, source_id: int) -> WriteBack | None:
    return session.scalars(locked(select(WriteBack).where(WriteBack.source_id == source_id))).one_or_none()


def waiting_records(session: Session, source_id: int) -> list[Any]:
    """The records that wait until the CRM lets us in again, locked."""
    due = (WrittenRecord.source_id == source_id, WrittenRecord.due.is_(True))
    return list(session.scalars(locked(select(WrittenRecord).where(*due).order_by(WrittenRecord.id))))
