"""Counts items into the tallies (domain/tallies.py): what arrived, what changed, and what grew too old.

The worker does this every few seconds, a few items in each transaction, so that nobody who logs something waits for
it. One process at a time does it for a workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain.tallies import (
    TOO_OLD,
    UNCOUNTED,
    Sheet,
    WorkedOut,
    changes_of,
    counted_now,
    load_sheets,
    pulse_begin,
    work_out,
)
from storage.base import insert_one
from storage.models import Tally, TallyBook, TallyPart, VocItem, Workspace

# Made once: they run every few seconds.
_HERE: Final = VocItem.workspace_id == Workspace.id
_UNFOLDED: Final = select(Workspace.id).where(
    or_(
        exists().where(_HERE, VocItem.tallied_version != VocItem.version),
        exists().where(_HERE, VocItem.tallied.is_not(None), VocItem.created_at <= bindparam("begin")),
    )
)
_BOOK: Final = (
    select(TallyBook.folds).where(TallyBook.workspace_id == bindparam("workspace")).with_for_update(skip_locked=True)
)
_TURN: Final = (
    update(TallyBook).where(TallyBook.workspace_id == bindparam("workspace")).values(folds=TallyBook.folds + 1)
)
_MARK: Final = (
    update(VocItem)
    .where(VocItem.id == bindparam("item"))
    .values(tallied_version=bindparam("as_version"), tallied=bindparam("as_counted"))
)
_ADD: Final = insert(Tally)
_KEEP: Final = (
    update(Tally)
    .where(Tally.id == bindparam("tally"))
    .values(
        name=bindparam("now_name"),
        items=bindparam("now_items"),
        objections=bindparam("now_objections"),
        reps=bindparam("now_reps"),
        accounts=bindparam("now_accounts"),
        deals=bindparam("now_deals", type_=Tally.deals.type),
    )
)
_DROP: Final = delete(Tally).where(Tally.id == bindparam("tally"))


def workspaces_to_fold(session: Session, at: datetime) -> Sequence[int]:
    """The workspaces in which something is to be counted, or to be taken off."""
    return session.scalars(_UNFOLDED, {"begin": pulse_begin(at)}).all()


def fold(session: Session, workspace_id: int, *, at: datetime, limit: int) -> int:
    """Count up to `limit` items that wait for it, and take off as many that grew too old. Returns how many there were.

    0 also while another process does it, or somebody changes the very items; then they are left for the next time.
    """
    if not _has_turn(session, workspace_id):
        return 0
    rows: list[Any] = []
    for waiting, order in ((UNCOUNTED, VocItem.id), (TOO_OLD, VocItem.created_at)):
        asked = {"workspace": workspace_id, "begin": pulse_begin(at), "most": limit}
        locked = waiting.order_by(order).with_for_update(skip_locked=True)
        rows += session.connection().execute(locked, asked).all()
    if not rows:
        return 0
    changed = changes_of(rows, at)
    sheets = load_sheets(session, workspace_id, changed)
    _store(session, workspace_id, [work_out(session, sheets[subject], changes) for subject, changes in changed.items()])
    marks = []
    for row in rows:
        counted = counted_now(row, at)
        stored = counted.to_json() if counted is not None else None
        marks.append({"item": row.id, "as_version": row.version, "as_counted": stored})
    session.connection().execute(_MARK, marks)
    session.connection().execute(_TURN, {"workspace": workspace_id})
    return len(rows)


def _has_turn(session: Session, workspace_id: int) -> bool:
    """Whether the workspace's tallies are ours for this transaction."""
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    if session.get(TallyBook, workspace_id) is None:
        session.execute(upsert(TallyBook).values(workspace_id=workspace_id, folds=0).on_conflict_do_nothing())
    return session.connection().execute(_BOOK, {"workspace": workspace_id}).first() is not None


def _store(session: Session, workspace_id: int, worked: list[WorkedOut]) -> None:
    kept: list[dict[str, Any]] = []
    more: list[dict[str, Any]] = []
    largest: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for one in worked:
        tally_id = one.sheet.id
        if tally_id is None:
            tally_id = _add(session, workspace_id, one.sheet)
        elif one.sheet.items > 0:
            kept.append(_columns(tally_id, one.sheet))
        more += [{"tally_id": tally_id, "part": p, "minor": m, "count": count} for (p, m), count in one.more.items()]
        largest += [{"tally_id": tally_id, "part": p, "minor": 0, "count": most} for p, most in one.largest.items()]
        if one.sheet.items <= 0:
            gone.append({"tally": tally_id})
    connection = session.connection()
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    parts = upsert(TallyPart)
    key = [TallyPart.tally_id, TallyPart.part, TallyPart.minor]
    if kept:
        connection.execute(_KEEP, kept)
    if more:
        adding = parts.on_conflict_do_update(index_elements=key, set_={"count": TallyPart.count + parts.excluded.count})
        connection.execute(adding, more)
    if largest:
        connection.execute(
            parts.on_conflict_do_update(index_elements=key, set_={"count": parts.excluded.count}), largest
        )
    touched = [(row["tally_id"], row["part"], row["minor"]) for row in (*more, *largest) if row["count"] <= 0]
    if touched:
        connection.execute(delete(TallyPart).where(tuple_(*key).in_(touched), TallyPart.count <= 0))
    if gone:
        connection.execute(_DROP, gone)


def _add(session: Session, workspace_id: int, sheet: Sheet) -> int:
    about, subject = sheet.subject
    values = _columns(0, sheet)
    del values["tally"]
    columns = {name.removeprefix("now_"): value for name, value in values.items()}
    return insert_one(session, _ADD, {"workspace_id": workspace_id, "about": about, "subject": subject, **columns})


def _columns(tally_id: int, sheet: Sheet) -> dict[str, Any]:
    return {
        "tally": tally_id,
        "now_name": sheet.name,
        "now_items": sheet.items,
        "now_objections": sheet.objections,
        "now_reps": sheet.reps,
        "now_accounts": sheet.accounts,
        "now_deals": {currency: list(pair) for currency, pair in sheet.deals.items()},
    }
