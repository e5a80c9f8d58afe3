"""Counts items into the tallies (domain/tallies.py): what arrived, what changed, and what grew too old.

Whoever logs something counts a few of the items that wait when there are many, so that there are never many; the worker
counts the rest every few seconds. One process at a time does it for a workspace. Themes that are counted anew are
looked at afterwards, whether they rise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain.rises import COMPARED, look_at_themes
from domain.tallies import (
    IN_ORDER,
    TOO_OLD,
    UNCOUNTED,
    changes_of,
    counted_now,
    load_sheets,
    pulse_begin,
    work_out,
)
from domain.tally_sheets import Sheet, WorkedOut
from storage.models import Tally, TallyBook, TallyPart, VocItem, Workspace
from storage.statements import Statement

AT_ONCE: Final = 16
"""From so many items that wait on, whoever logs one more counts as many."""

PUT_BACK: Final = timedelta(minutes=10)
"""Who counts may have looked at the clock so long ago; a clock that is further behind was put back."""

_HERE: Final = VocItem.workspace_id == Workspace.id


def _first(*which: ColumnElement[bool], order: Sequence[Any]) -> ScalarSelect[int]:
    """Some such item of a workspace, found in the order of an index: see UNCOUNTED."""
    return select(VocItem.id).where(_HERE, *which).order_by(*order).limit(1).correlate(Workspace).scalar_subquery()


_UNFOLDED: Final = Statement(
    select(Workspace.id).where(
        or_(
            _first(VocItem.tallied_version != VocItem.version, order=IN_ORDER).is_not(None),
            _first(
                VocItem.tallied.is_not(None), VocItem.created_at <= bindparam("begin"), order=(VocItem.created_at,)
            ).is_not(None),
            exists().where(TallyBook.workspace_id == Workspace.id, TallyBook.folded_at > bindparam("ahead")),
        )
    )
)
_OURS: Final = TallyBook.workspace_id == bindparam("workspace")
_BOOK: Final = Statement(select(TallyBook.folded_at).where(_OURS).with_for_update(skip_locked=True))
_HAS_BOOK: Final = Statement(select(TallyBook.workspace_id).where(_OURS))
_TURN: Final = Statement(update(TallyBook).where(_OURS).values(folds=TallyBook.folds + 1, folded_at=bindparam("as_of")))
_TAKEN_OFF: Final = Statement(
    update(VocItem)
    .where(
        VocItem.workspace_id == bindparam("workspace"),
        VocItem.state == "live",
        VocItem.created_at > bindparam("begin"),
        VocItem.tallied.is_(None),
        VocItem.tallied_version == VocItem.version,
    )
    .values(tallied_version=0)
)

_MANY: Final = Statement(
    select(VocItem.id)
    .where(VocItem.workspace_id == bindparam("workspace"), VocItem.tallied_version != VocItem.version)
    .order_by(*IN_ORDER)
    .offset(AT_ONCE - 1)
    .limit(1)
)
_NEW: Final = Statement(UNCOUNTED.limit(bindparam("most")).with_for_update(skip_locked=True))
_OLD: Final = Statement(TOO_OLD.limit(bindparam("most")).with_for_update(skip_locked=True))
_MARK: Final = Statement(
    update(VocItem)
    .where(VocItem.id == bindparam("item"))
    .values(tallied_version=bindparam("as_version"), tallied=bindparam("as_counted"))
)
_ADD: Final = Statement(insert(Tally))
_KEEP: Final = Statement(
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
_DROP: Final = Statement(delete(Tally).where(Tally.id == bindparam("tally")))
_DROP_PART: Final = Statement(
    delete(TallyPart).where(
        TallyPart.tally_id == bindparam("tally"),
        TallyPart.part == bindparam("of_part"),
        TallyPart.minor == bindparam("size"),
        TallyPart.count <= 0,
    )
)
_PART_KEY: Final = [TallyPart.tally_id, TallyPart.part, TallyPart.minor]


_DIALECTS: Final[dict[str, Any]] = {"sqlite": sqlite, "postgresql": postgresql}


def _parts(insertion: Any, *, add: bool) -> Statement:
    """Stores parts of a tally: `add` to what is counted of them, or in its place."""
    made = insertion(TallyPart)
    count = TallyPart.count + made.excluded.count if add else made.excluded.count
    return Statement(made.on_conflict_do_update(index_elements=_PART_KEY, set_={"count": count}))


_MORE: Final = {name: _parts(module.insert, add=True) for name, module in _DIALECTS.items()}
_LARGEST: Final = {name: _parts(module.insert, add=False) for name, module in _DIALECTS.items()}


def workspaces_to_fold(session: Session, at: datetime) -> Sequence[int]:
    """The workspaces in which something is to be counted, or to be taken off."""
    return _UNFOLDED.scalars(session, {"begin": pulse_begin(at), "ahead": at + PUT_BACK})


def fold(session: Session, workspace_id: int, *, at: datetime, limit: int) -> int:
    """Count up to `limit` items that wait for it, and take off as many that grew too old. Returns how many there were.

    0 also while another process does it, or somebody changes the very items; then they are left for the next time.
    What a clock that was ahead took off waits to be counted once more.
    """
    book = _turn(session, workspace_id)
    if book is None:
        return 0
    last: datetime | None = book.folded_at
    was_ahead = last is not None and last > at + PUT_BACK
    if was_ahead:
        _TAKEN_OFF.run(session, {"workspace": workspace_id, "begin": pulse_begin(at)})
    rows = list(_NEW.all(session, {"workspace": workspace_id, "most": limit}))
    heard = changes_of((row for row in rows if row.created_at > at - COMPARED), at)
    rows += _OLD.all(session, {"workspace": workspace_id, "begin": pulse_begin(at), "most": limit})
    as_of = at if last is None or was_ahead else max(at, last)
    if not rows:
        if was_ahead:
            _TURN.run(session, {"workspace": workspace_id, "as_of": as_of})
        return 0
    changed = changes_of(rows, at)
    sheets = load_sheets(session, workspace_id, changed)
    _store(session, workspace_id, work_out(session, sheets, changed).values())
    marks = []
    for row in rows:
        counted = counted_now(row, at)
        stored = counted.to_json() if counted is not None else None
        marks.append({"item": row.id, "as_version": row.version, "as_counted": stored})
    _MARK.run_many(session, marks)
    look_at_themes(session, workspace_id, (int(of) for about, of in heard if about == "theme"), at)
    _TURN.run(session, {"workspace": workspace_id, "as_of": as_of})
    return len(rows)


def keep_up(session: Session, workspace_id: int, *, at: datetime) -> None:
    """Count some items when many wait: those who read a count read them all."""
    if _MANY.first(session, {"workspace": workspace_id}) is not None:
        fold(session, workspace_id, at=at, limit=AT_ONCE)


def _turn(session: Session, workspace_id: int) -> Any:
    """The workspace's book: its tallies are ours for this transaction; None while they are another's."""
    asked = {"workspace": workspace_id}
    found = _BOOK.first(session, asked)
    if found is None and _HAS_BOOK.first(session, asked) is None:  # an insert would wait for whoever holds it
        upsert = _DIALECTS[session.get_bind().dialect.name].insert(TallyBook)
        session.execute(upsert.values(workspace_id=workspace_id, folds=0).on_conflict_do_nothing())
        found = _BOOK.first(session, asked)
    return found


def _store(session: Session, workspace_id: int, worked: Iterable[WorkedOut]) -> None:
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
    dialect = session.get_bind().dialect.name
    _KEEP.run_many(session, kept)
    _MORE[dialect].run_many(session, more)
    _LARGEST[dialect].run_many(session, largest)
    less = [row for row in (*more, *largest) if row["count"] <= 0]
    _DROP_PART.run_many(
        session, [{"tally": row["tally_id"], "of_part": row["part"], "size": row["minor"]} for row in less]
    )
    _DROP.run_many(session, gone)


def _add(session: Session, workspace_id: int, sheet: Sheet) -> int:
    about, subject = sheet.subject
    values = _columns(0, sheet)
    del values["tally"]
    columns = {name.removeprefix("now_"): value for name, value in values.items()}
    return _ADD.insert(session, {"workspace_id": workspace_id, "about": about, "subject": subject, **columns})


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
