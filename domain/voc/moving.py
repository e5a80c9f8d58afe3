"""Moves the items of what was merged or split, a few at a time, so that what somebody waits for goes in between.

Each step moves MOVED_AT_ONCE items, has them counted anew, and remembers which they were. It can be broken off after
any step: the next one goes on. What lands under a merged theme or account all the same (logged by an earlier release,
or in the very moment of the merge) is found by `find_strays` and gathered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from domain.folding import fold
from domain.merged import chain_of, chain_of_account
from domain.tallies import pulse_begin
from domain.voc.led_competitors import chain_of_competitor, competitor_name
from storage.jobs import enqueue
from storage.locking import locked
from storage.models import Account, RegroupedRow, Regrouping, Theme, VocItem
from storage.statements import Statement

MOVED_AT_ONCE: Final = 100
"""So many items in a transaction: whoever logs something meanwhile waits for no longer than one takes. Fewer than
tallies read one by one (MOST_UNCOUNTED)."""

_STRAYS: Final = {
    "theme": Statement(
        select(Theme.id)
        .where(Theme.merged_into_id.is_not(None), exists().where(VocItem.theme_id == Theme.id).correlate(Theme))
        .limit(1)
    ),
    "account": Statement(
        select(Account.id)
        .where(Account.merged_into_id.is_not(None), exists().where(VocItem.account_id == Account.id).correlate(Account))
        .limit(1)
    ),
    "competitor": Statement(
        select(Regrouping.id)
        .where(
            Regrouping.about == "competitor",
            Regrouping.state == "done",
            exists()
            .where(VocItem.workspace_id == Regrouping.workspace_id, VocItem.competitor_key == Regrouping.subject)
            .correlate(Regrouping),
        )
        .limit(1)
    ),
}
_FORGET: Final = Statement(
    delete(RegroupedRow).where(
        RegroupedRow.what == "item",
        RegroupedRow.row_id == bindparam("item"),
        RegroupedRow.regrouping_id.in_(select(Regrouping.id).where(Regrouping.about == bindparam("which_about"))),
    )
)
_REMEMBER: Final = Statement(insert(RegroupedRow))


@dataclass(frozen=True)
class MoveItems:
    """What the job is told that moves the items of a regrouping, or moves them back."""

    kind: ClassVar[str] = "move_items"

    regrouping: int


@dataclass(frozen=True, slots=True)
class Strays:
    """What leads to something else and has items: a theme or an account by its id, a competitor by its regrouping's."""

    about: str
    id: int


def move_first(session: Session, row: Regrouping, *, at: datetime) -> None:
    """Do the first step now, and have a job do the others."""
    if move_some(session, row.id, at=at):
        enqueue(session, row.workspace_id, MoveItems(row.id), at=at)


def move_some(session: Session, regrouping_id: int, *, at: datetime) -> bool:
    """Move some items of a regrouping, or move some back. Returns whether there is more to move."""
    row = session.scalars(locked(select(Regrouping).where(Regrouping.id == regrouping_id))).one_or_none()
    if row is None or row.state not in ("moving", "undoing"):
        return False
    if row.state == "moving":
        _move_on(session, row, at)
        left = session.scalar(select(VocItem.id).where(*items_of(row)).limit(1))
    else:
        _move_back(session, row, at)
        left = session.scalar(select(_moved_by(row).subquery().c.id).limit(1))
    if left is None:
        row.state = "done" if row.state == "moving" else "undone"
    session.flush()
    fold(session, row.workspace_id, at=at, limit=MOVED_AT_ONCE)
    return left is not None


def items_of(row: Regrouping) -> tuple[ColumnElement[bool], ...]:
    """Which items are the subject's."""
    if row.about == "theme":
        return (VocItem.theme_id == int(row.subject),)
    if row.about == "account":
        return (VocItem.account_id == int(row.subject),)
    return VocItem.workspace_id == row.workspace_id, VocItem.competitor_key == row.subject


def move_items(session: Session, item_ids: Collection[int], place: dict[str, Any], at: datetime) -> None:
    """Put items elsewhere; `place`: columns with their values. Each item has a new version, and waits to be counted
    unless it counts nowhere.
    """
    counts_nowhere = and_(
        VocItem.tallied.is_(None),
        VocItem.tallied_version == VocItem.version,
        or_(VocItem.state != "live", VocItem.created_at <= pulse_begin(at)),
    )
    counted = case((counts_nowhere, VocItem.version + 1), else_=VocItem.tallied_version)
    session.execute(
        update(VocItem)
        .where(VocItem.id.in_(item_ids))
        .values(**place, version=VocItem.version + 1, tallied_version=counted)
        .execution_options(synchronize_session=False)
    )


def remember_moved(
    session: Session, row: Regrouping, what: str, row_ids: Sequence[int], names: Sequence[str | None] = ()
) -> None:
    """Note which rows a regrouping moved; `names`: how each called the competitor before."""
    # One that it moved before may be here again: an earlier release put it back.
    this = RegroupedRow.regrouping_id == row.id, RegroupedRow.what == what
    session.execute(delete(RegroupedRow).where(*this, RegroupedRow.row_id.in_(row_ids)))
    named = names or [None] * len(row_ids)
    moved = zip(row_ids, named, strict=True)
    _REMEMBER.run_many(
        session, [{"regrouping_id": row.id, "what": what, "row_id": row_id, "name": name} for row_id, name in moved]
    )


def forget_moved(session: Session, item_id: int, about: str) -> None:
    """Somebody put the item under another theme, account or competitor: no undoing moves it any more."""
    _FORGET.run(session, {"item": item_id, "which_about": about})


def forget_what_moves(session: Session, item: VocItem, columns: Mapping[str, Any]) -> None:
    """Somebody is about to save the item with these columns: `forget_moved` what changes."""
    for about, column in {"theme": "theme_id", "account": "account_id", "competitor": "competitor"}.items():
        if getattr(item, column) != columns[column]:
            forget_moved(session, item.id, about)


def find_strays(session: Session) -> Strays | None:
    """A theme, an account or a competitor that leads to another one and has items; None: there is none."""
    for about, statement in _STRAYS.items():
        found = statement.scalar(session)
        if found is not None:
            return Strays(about, found)
    return None


def gather_strays(session: Session, strays: Strays, *, at: datetime) -> int:
    """Move some items of what leads elsewhere. Returns how many; 0 while a regrouping moves them."""
    if strays.about == "competitor":
        return _gather_named(session, strays.id, at)
    is_theme = strays.about == "theme"
    owner = session.get_one(Theme, strays.id) if is_theme else session.get_one(Account, strays.id)
    merge = session.scalars(
        locked(
            select(Regrouping).where(
                Regrouping.workspace_id == owner.workspace_id,
                Regrouping.about == strays.about,
                Regrouping.subject == str(strays.id),
                Regrouping.kind == "merge",
                Regrouping.state.in_(("moving", "done")),
            )
        )
    ).first()
    if owner.merged_into_id is None or (merge is not None and merge.state == "moving"):
        return 0
    column = f"{strays.about}_id"
    items = _some(session, getattr(VocItem, column) == strays.id)
    if items:
        ids = [item_id for item_id, _ in items]
        chain = chain_of if is_theme else chain_of_account
        move_items(session, ids, {column: chain(session, strays.id)[-1]}, at)
        if merge is not None:
            remember_moved(session, merge, "item", ids)
            merge.moved += len(ids)
            session.flush()
        fold(session, owner.workspace_id, at=at, limit=MOVED_AT_ONCE)
    return len(items)


def _gather_named(session: Session, regrouping_id: int, at: datetime) -> int:
    row = session.scalars(locked(select(Regrouping).where(Regrouping.id == regrouping_id))).one()
    moved = _move_on(session, row, at) if row.state == "done" else 0
    session.flush()
    fold(session, row.workspace_id, at=at, limit=MOVED_AT_ONCE)
    return moved


def _move_on(session: Session, row: Regrouping, at: datetime) -> int:
    """The subject's items go to where the target leads now. Returns how many."""
    items = _some(session, *items_of(row))
    if not items:
        return 0
    ids = [item_id for item_id, _ in items]
    move_items(session, ids, _place(session, row, row.target, row.target_name), at)
    remember_moved(session, row, "item", ids, [name for _, name in items] if row.about == "competitor" else ())
    row.moved += len(ids)
    return len(ids)


def _move_back(session: Session, row: Regrouping, at: datetime) -> None:
    """Items that the regrouping moved, and that nobody moved since, go to where its subject leads now.

    What a later merge took along counts as not moved: nobody decided about the item itself.
    """
    some = _moved_by(row).limit(MOVED_AT_ONCE).with_for_update(of=VocItem, skip_locked=True)
    moved = session.execute(some).all()
    back: dict[str | None, list[int]] = {}
    places = set(_chain(session, row, row.target))
    for item_id, place, name in moved:
        if str(place) in places:
            back.setdefault(name, []).append(item_id)
    for name, ids in back.items():
        move_items(session, ids, _place(session, row, row.subject, name or row.subject_name), at)
    this = RegroupedRow.regrouping_id == row.id, RegroupedRow.what == "item"
    session.execute(delete(RegroupedRow).where(*this, RegroupedRow.row_id.in_([one.id for one in moved])))


def _some(session: Session, *which: ColumnElement[bool]) -> list[tuple[int, str | None]]:
    """Some of these items, live and taken back, with their competitors; without those that somebody changes now."""
    some = select(VocItem.id, VocItem.competitor).where(*which).limit(MOVED_AT_ONCE)
    return [(item_id, name) for item_id, name in session.execute(some.with_for_update(skip_locked=True))]


def _moved_by(row: Regrouping) -> Select[*tuple[Any, ...]]:
    """The items that a regrouping moved, as (id, where they are now, how they called the competitor before).

    A renamed competitor has no row of its own that keeps its items: all that are called so go back.
    """
    if row.about == "competitor" and row.kind == "rename":
        named = select(VocItem.id, VocItem.competitor_key.label("place"), literal(row.subject_name).label("name"))
        return named.where(VocItem.workspace_id == row.workspace_id, VocItem.competitor_key == row.target)
    place = {"theme": VocItem.theme_id, "account": VocItem.account_id, "competitor": VocItem.competitor_key}[row.about]
    return (
        select(VocItem.id, place.label("place"), RegroupedRow.name)
        .join(RegroupedRow, RegroupedRow.row_id == VocItem.id)
        .where(RegroupedRow.regrouping_id == row.id, RegroupedRow.what == "item")
        .order_by(RegroupedRow.row_id)  # as the primary key has them: nothing is sorted, and no table read whole
    )


def _chain(session: Session, row: Regrouping, key: str) -> list[str]:
    if row.about == "competitor":
        return chain_of_competitor(session, row.workspace_id, key)
    chain = chain_of if row.about == "theme" else chain_of_account
    return [str(each) for each in chain(session, int(key))]


def _place(session: Session, row: Regrouping, key: str, name: str) -> dict[str, Any]:
    """The columns of an item that is to stand where this leads. `name`: of the competitor, where it leads nowhere."""
    last = _chain(session, row, key)[-1]
    if row.about == "competitor":
        led = competitor_name(session, row.workspace_id, key) if last != key else None
        return {"competitor": led or name, "competitor_key": last}
    return {f"{row.about}_id": int(last)}
