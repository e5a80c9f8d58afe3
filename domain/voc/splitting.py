"""Splitting themes: some items, picked from a list, go to another theme or to a new one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.folding import fold
from domain.leads.announce import refresh_home
from domain.marks import mark, read_mark
from domain.people import Actor
from domain.text import slugify_theme
from domain.themes import find_or_add_theme
from domain.voc.errors import RegroupingRefused, VocFieldWrong
from domain.voc.grouped import hold_rows, name_of, theme_typed
from domain.voc.moving import MOVED_AT_ONCE, move_items, remember_moved
from domain.voc.regrouping import Regrouped, allow, begin_regrouping, regrouped
from storage.models import Account, Member, VocItem

PAGE: Final = 20
"""So many items stand in the list at a time."""
MOST_PICKED: Final = 60
"""So many items are split off at once; who wants more does it again."""


@dataclass(frozen=True, slots=True)
class Pickable:
    """An item that may go elsewhere, as the list shows it. `marked`: its name for forms; `words`: a quote or a note."""

    marked: str
    words: str
    author: str
    account: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SplitPage:
    """Some live items of a theme, the newest first. `page`: from 0 on; `more`: there are older ones."""

    theme_id: int
    born: datetime
    slug: str
    items: tuple[Pickable, ...]
    page: int
    more: bool


def list_to_split(session: Session, typed: str, page: int, *, by: Actor, at: datetime) -> SplitPage:
    """A page of the theme that was typed, with or without #. Raises NotAllowed, UnknownName."""
    theme = theme_typed(session, typed, by=by, at=at)
    allow(session, by)
    rows = session.execute(
        select(VocItem.id, VocItem.created_at, VocItem.quote, VocItem.verbatim, Member.name, Account.name)
        .join(Member, Member.id == VocItem.member_id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(VocItem.theme_id == theme.id, VocItem.state == "live", VocItem.of_item_id.is_(None))
        .order_by(VocItem.created_at.desc(), VocItem.id.desc())
        .offset(page * PAGE)
        .limit(PAGE + 1)
    ).all()
    items = tuple(
        Pickable(mark(item_id, born), quote or verbatim, author, account, born)
        for item_id, born, quote, verbatim, author, account in rows
    )
    return SplitPage(theme.id, theme.created_at, theme.slug, items[:PAGE], page, len(items) > PAGE)


def split_theme(
    session: Session, theme_id: int, picked: Collection[str], into: str, *, by: Actor, at: datetime
) -> Regrouped:
    """Put the picked items (marks) of a theme under another one, which is added when it is new.

    Raises NotAllowed, NotFound, FieldProblems (`into`), RegroupingRefused: for no item, for an item that is not under
    the theme any more, and for the theme itself.
    """
    allow(session, by)
    named = {found.id: one for one in picked if (found := read_mark("item", one)) is not None}
    items = _items(session, by, theme_id, named)
    (theme,) = hold_rows(session, by, "theme", theme_id)
    name = f"#{name_of(theme)}"
    if not named:
        raise RegroupingRefused("nothing_picked", name, "")
    if len(named) > MOST_PICKED:
        raise RegroupingRefused("too_many", name, str(MOST_PICKED))
    if len(items) < len(named):
        raise RegroupingRefused("gone", name, "")
    slug = slugify_theme(into)
    if slug is None:
        raise FieldProblems({"into": VocFieldWrong("no_theme")})
    target = find_or_add_theme(session, by.workspace_id, slug, at=at)
    if target.id == theme.id:
        raise FieldProblems({"into": RegroupingRefused("itself", name, name)})
    items = [*items, *session.scalars(select(VocItem.id).where(VocItem.of_item_id.in_(items)))]  # votes go along
    hold_rows(session, by, "theme", target.id)
    keys, names = (str(theme.id), str(target.id)), (theme.slug, target.slug)
    row = begin_regrouping(session, "theme", "split", keys, names, by=by, at=at, state="done")
    move_items(session, items, {"theme_id": target.id}, at)
    remember_moved(session, row, "item", items)
    row.moved = len(named)
    session.flush()
    fold(session, by.workspace_id, at=at, limit=MOVED_AT_ONCE)
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return regrouped(session, row)


def _items(session: Session, by: Actor, theme_id: int, named: dict[int, str]) -> Sequence[int]:
    """Those of the named items that are live and under the theme, locked before any theme is."""
    rows = session.execute(
        select(VocItem.id, VocItem.created_at)
        .where(
            VocItem.id.in_(named),
            VocItem.workspace_id == by.workspace_id,
            VocItem.theme_id == theme_id,
            VocItem.state == "live",
        )
        .order_by(VocItem.id)
        .with_for_update()
    )
    return [item_id for item_id, born in rows if mark(item_id, born) == named[item_id]]
