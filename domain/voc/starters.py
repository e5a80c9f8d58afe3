"""Themes to begin with: those that sales teams meet everywhere, offered once to a workspace that has few of its own.

Tandem knows their words in four languages (domain/insight/vocabulary.py). Whoever opens the list again later adds
others, or takes away those that nothing was filed under.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import delete, func, literal, select
from sqlalchemy.orm import Session

from domain.insight.vocabulary import other_names, starter
from domain.leads.announce import refresh_home
from domain.near_themes import is_near
from domain.people import Actor, audit
from domain.themes import find_or_add_theme
from storage.base import Base
from storage.locking import locked
from storage.models import Theme, Workspace

FEW: Final = 5
"""A workspace with so many themes of its own is not offered any."""
LOOKED_THROUGH: Final = 500
"""So many of the newest themes are looked through for one that is the same by another name."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A theme to begin with. `there`: the slug of the workspace's theme that is the same, None: it has none."""

    slug: str
    there: str | None


@dataclass(frozen=True, slots=True)
class Starters:
    """All of them. `answered`: somebody of the workspace chose among them before."""

    themes: tuple[Starter, ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came of a choice, by slugs: added, taken away, and left since something is filed under it."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    in_use: tuple[str, ...]


@cache
def starter_slugs() -> tuple[str, ...]:
    """The slugs of the themes to begin with."""
    return tuple(starter())


def are_starters_offered(session: Session, workspace_id: int) -> bool:
    """Whether the workspace has few themes, and nobody chose yet."""
    answered = session.scalar(select(Workspace.starters_answered_at).where(Workspace.id == workspace_id))
    if answered is not None:
        return False
    first = select(Theme.id).where(Theme.workspace_id == workspace_id, Theme.merged_into_id.is_(None)).limit(FEW)
    return (session.scalar(select(func.count()).select_from(first.subquery())) or 0) < FEW


def open_starters(session: Session, *, by: Actor, at: datetime) -> Starters:  # noqa: ARG001  # asked as of now
    """The themes to begin with, and which of them the workspace has."""
    workspace = session.get_one(Workspace, by.workspace_id)
    there = _there(session, by.workspace_id)
    themes = tuple(Starter(slug, there.get(slug)) for slug in starter_slugs())
    return Starters(themes, workspace.starters_answered_at is not None)


def choose_starters(session: Session, wanted: Collection[str], *, by: Actor, at: datetime) -> Chosen:
    """Let the workspace have these of the themes to begin with. Asked twice, nothing changes the second time.

    One that is there already, by another name, by a slip of spelling or merged into another theme, is not added, nor
    taken away. Any other that is not wanted is taken away when nothing refers to it. They are never offered again.
    """
    workspace = session.scalars(locked(select(Workspace).where(Workspace.id == by.workspace_id))).one()
    there = _there(session, by.workspace_id)
    added, removed, in_use = list[str](), list[str](), list[str]()
    for slug in starter_slugs():
        if slug in wanted and slug not in there:
            find_or_add_theme(session, by.workspace_id, slug, at=at)
            added.append(slug)
        elif slug not in wanted and there.get(slug) == slug:
            (removed if _remove(session, by.workspace_id, slug) else in_use).append(slug)
    if workspace.starters_answered_at is None or added or removed:
        data = {"added": added, "removed": removed}
        audit(session, by.workspace_id, "theme.starters", "workspace", by.workspace_id, by=by, at=at, data=data)
        workspace.starters_answered_at = at
    session.flush()
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return Chosen(tuple(added), tuple(removed), tuple(in_use))


def _there(session: Session, workspace_id: int) -> dict[str, str]:
    """The workspace's theme for each theme to begin with that it has: by slug, slug. Of merged themes, what is left."""
    here = select(Theme.id, Theme.slug, Theme.merged_into_id).where(Theme.workspace_id == workspace_id)
    rows = [
        *session.execute(here.where(Theme.slug.in_(starter_slugs()))),
        *session.execute(here.order_by(Theme.id.desc()).limit(LOOKED_THROUGH)),
    ]
    gone = {row.merged_into_id for row in rows if row.merged_into_id is not None}
    left = {row.id: row.slug for row in session.execute(here.where(Theme.id.in_(gone)))}
    found: dict[str, str] = {}
    for slug in starter_slugs():
        same = [row for row in rows if row.slug == slug]
        same += [row for row in rows if row.slug in other_names()[slug] or is_near(slug, row.slug)]
        if same:
            found[slug] = left.get(same[0].merged_into_id, same[0].slug)
    return found


def _remove(session: Session, workspace_id: int, slug: str) -> bool:
    """Take the theme of that very slug away, unless anybody did anything with it. Whether it is gone."""
    theme = session.scalars(
        locked(select(Theme).where(Theme.workspace_id == workspace_id, Theme.slug == slug))
    ).one_or_none()
    if theme is None or theme.answer is not None or theme.owner_id is not None or theme.status != "new":
        return False
    if any(_refers(session, theme.id)):
        return False
    session.execute(delete(Theme).where(Theme.id == theme.id))
    session.expunge(theme)
    return True


def _refers(session: Session, theme_id: int) -> list[int]:
    """A number for each reference to the theme, in whatever table: one of a column at the most."""
    return [
        1
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is Theme.__table__
        and session.scalar(select(literal(1)).select_from(table).where(key.parent == theme_id).limit(1)) is not None
    ]
