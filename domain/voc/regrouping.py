"""What merges, renames and splits have in common: who may do them, their rows, and what people read of them.

It is about themes, accounts and competitors alike. domain/voc/moving.py moves the items, domain/voc/undoing.py takes a
regrouping back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from domain.errors import NotAllowed
from domain.people import MARKETERS, Actor, admins_of, audit
from domain.voc.errors import RegroupingRefused
from domain.webhooks.themes import tell_regrouping
from storage.frozen import Shape
from storage.models import Member, Regrouping, VocItem

COUNTED: Final = 100_000
"""Of more items than that, nobody is told the exact number."""
HISTORY: Final = 10
MARKS: Final = {"theme": "#", "account": "@", "competitor": "!"}
"""What stands before a name when it is typed."""
DONE: Final = {"merge": "merged", "rename": "renamed", "split": "split"}
"""How the audit log calls them: theme.merged."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as a theme had it. `by`: a member's id. `text`, `by` and `at` are None when there was no answer."""

    text: str | None
    by: int | None
    at: datetime | None
    audience: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Before:
    """What undoing puts back. `answer`: the target theme's, when it took the subject's; `title`: of what was renamed.

    `listed`: the subject was in the workspace's list of competitors; or a merge confirmed the target account.
    """

    answer: KeptAnswer | None = None
    title: str | None = None
    listed: bool = False


BEFORE: Final[Shape[Before]] = Shape("regrouping_before", Before)


@dataclass(frozen=True, slots=True)
class Items:
    """How many live items of how many accounts; `more`: there are more than that."""

    items: int
    accounts: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A merge, a rename or a split, for whoever did it and for the history.

    `subject` and `target` are names of then, without their marks. `moved`: how many items it moved; `left`: more are
    being moved, or being moved back. `by` and `undone_by` are names.
    """

    id: int
    about: str
    kind: str
    subject: str
    target: str
    moved: int
    left: bool
    by: str
    at: datetime
    undone_by: str | None
    undone_at: datetime | None


def called(about: str, name: str) -> str:
    """A name as it is typed: `#pricing`, `@Acme`, `!Rivalsoft`."""
    return f"{MARKS[about]}{name}"


def allow(session: Session, by: Actor) -> None:
    """Raise NotAllowed unless the member is of marketing, or manages."""
    if by.role not in MARKETERS:
        ask = next((admin.slack_user_id for admin in admins_of(session, by.workspace_id)), "")
        raise NotAllowed("regroup", MARKETERS, by.role, ask)


def refuse_busy(session: Session, workspace_id: int, about: str, keys: Collection[str]) -> None:
    """Raise RegroupingRefused while items are still being moved to or from one of these."""
    busy = session.scalars(
        select(Regrouping)
        .where(
            Regrouping.workspace_id == workspace_id,
            Regrouping.state.in_(("moving", "undoing")),
            Regrouping.about == about,
            or_(Regrouping.subject.in_(keys), Regrouping.target.in_(keys)),
        )
        .limit(1)
    ).first()
    if busy is not None:
        raise RegroupingRefused("busy", called(about, busy.subject_name), called(about, busy.target_name))


def begin_regrouping(
    session: Session,
    about: str,
    kind: str,
    keys: tuple[str, str],
    names: tuple[str, str],
    *,
    by: Actor,
    at: datetime,
    before: Before | None = None,
    state: str = "moving",
) -> Regrouping:
    """Write down who does what. `keys`: of the subject and the target; `names`: as people read them."""
    row = Regrouping(
        workspace_id=by.workspace_id,
        about=about,
        kind=kind,
        subject=keys[0],
        target=keys[1],
        subject_name=names[0],
        target_name=names[1],
        before=BEFORE.write(before or Before()),
        state=state,
        by_id=by.id,
        at=at,
    )
    session.add(row)
    session.flush()
    note_regrouping(session, row, DONE[kind], by=by, at=at)
    return row


def note_regrouping(session: Session, row: Regrouping, did: str, *, by: Actor, at: datetime) -> None:
    """Write it into the audit log, too, and tell other systems."""
    subject = int(row.subject) if row.about != "competitor" else None
    data = {"regrouping": row.id}
    audit(session, row.workspace_id, f"{row.about}.{did}", row.about, subject, by=by, at=at, data=data)
    session.flush()
    tell_regrouping(session, row, did, by=by, at=at)


def count_items(session: Session, *which: ColumnElement[bool]) -> Items:
    """How many live items of how many accounts these are, of all times."""
    some = select(VocItem.account_id).where(*which, VocItem.state == "live").limit(COUNTED + 1).subquery()
    items, accounts = session.execute(
        select(func.count(), func.count(some.c.account_id.distinct())).select_from(some)
    ).one()
    return Items(min(items, COUNTED), accounts, items > COUNTED)


def regrouped(session: Session, row: Regrouping) -> Regrouped:
    """What people read of a regrouping."""
    by = session.get_one(Member, row.by_id)
    undone_by = session.get(Member, row.undone_by_id) if row.undone_by_id is not None else None
    return _regrouped(row, by.name, undone_by.name if undone_by is not None else None)


def history(session: Session, workspace_id: int, about: str, key: str) -> Sequence[Regrouped]:
    """What was done with it lately, the newest first."""
    undoer = aliased(Member)
    rows = session.execute(
        select(Regrouping, Member.name, undoer.name)
        .join(Member, Member.id == Regrouping.by_id)
        .outerjoin(undoer, undoer.id == Regrouping.undone_by_id)
        .where(*_about(workspace_id, about, key))
        .order_by(Regrouping.id.desc())
        .limit(HISTORY)
    )
    return [_regrouped(*row) for row in rows]


def has_history(session: Session, workspace_id: int, about: str, key: str) -> bool:
    """Tell whether anything was done with it."""
    some = select(Regrouping.id).where(*_about(workspace_id, about, key)).limit(1)
    return session.scalar(some) is not None


def _about(workspace_id: int, about: str, key: str) -> tuple[ColumnElement[bool], ...]:
    named = or_(Regrouping.subject == key, Regrouping.target == key)
    return Regrouping.workspace_id == workspace_id, Regrouping.about == about, named


def _regrouped(row: Regrouping, by: str, undone_by: Any) -> Regrouped:
    return Regrouped(
        id=row.id,
        about=row.about,
        kind=row.kind,
        subject=row.subject_name,
        target=row.target_name,
        moved=row.moved,
        left=row.state in ("moving", "undoing"),
        by=by,
        at=row.at,
        undone_by=undone_by,
        undone_at=row.undone_at,
    )
