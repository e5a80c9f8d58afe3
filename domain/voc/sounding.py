"""Which of the workspace's themes a line without a hashtag is about: filed under it, asked about, or left alone.

No theme is added by a guess, and what a person decided about an item's theme outranks every guess for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from domain.insight.assign import Assigner, Band
from domain.text import compare_key
from domain.themes import FoundTheme, top_themes
from storage.models import Theme, VocItem
from storage.statements import Statement

TYPED, BY_RULE, CONFIRMED, DECLINED = "typed", "rule", "confirmed", "declined"
"""What `theme_by` of an item says: a person typed the theme; its words did; a person took what was proposed; a person
said that it is none of what was proposed. None: an earlier release stored the item, or nobody said anything."""
KINDS_NOT_HEARD: Final = frozenset({"praise"})
"""Praise of a theme's subject is no objection to it."""
MOST_THEMES: Final = 200
"""So many of the themes used most lately, and so many of the newest, are listened for."""
LOOKED_BACK: Final = 400
"""So many of the newest items are looked through for those whose theme a person gave."""
LISTENED: Final = 600
"""So many characters of a text are listened to: what it is about stands in its beginning."""
FRESH: Final = timedelta(minutes=5)
"""After this time items are looked through again. A theme that was added is known at once."""

_NEWEST: Final = Statement(select(func.max(Theme.id).label("id")).where(Theme.workspace_id == bindparam("workspace")))
_NAMED: Final = Statement(
    select(Theme.id, Theme.slug, Theme.answer, Theme.created_at, Theme.answer_audience, Theme.answer_until).where(
        Theme.workspace_id == bindparam("workspace"),
        Theme.slug == bindparam("slug"),
        Theme.merged_into_id.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Sounding:
    """The theme that a line may be about. `sure`: so surely that it is filed under it."""

    theme: FoundTheme
    sure: bool


@dataclass(frozen=True, slots=True)
class _Ear:
    """What a process listens with for one workspace, made of what there was `at` a time, up to the theme `newest`."""

    assigner: Assigner
    newest: int
    at: datetime


_EARS: Final[WeakKeyDictionary[Any, dict[int, _Ear]]] = WeakKeyDictionary()
"""By database and workspace. Whatever is kept here can be made again, so each process has its own."""


def listen(session: Session, workspace_id: int, text: str, kind: str, *, at: datetime) -> Sounding | None:
    """The theme of the workspace that the words of an item are about; None where nothing speaks for any."""
    newest = _NEWEST.first(session, {"workspace": workspace_id})
    if kind in KINDS_NOT_HEARD or newest is None or newest.id is None:
        return None
    slug, band = _ear(session, workspace_id, newest.id, at).assigner.assign(text[:LISTENED])
    if slug is None or band is Band.UNSURE:
        return None
    row = _NAMED.first(session, {"workspace": workspace_id, "slug": slug})
    return Sounding(FoundTheme(*row), band is Band.SURE) if row is not None else None


def decided_by_form(by: str | None, before: int | None, after: int | None) -> str | None:
    """What `theme_by` is once a person saved a form: `before` and `after` are the ids of the item's theme."""
    if after is None:
        return DECLINED if before is not None else by
    if after != before:
        return TYPED
    return CONFIRMED if by == BY_RULE else by


def _ear(session: Session, workspace_id: int, newest: int, at: datetime) -> _Ear:
    ears = _EARS.setdefault(session.get_bind().engine, {})
    ear = ears.get(workspace_id)
    if ear is None or ear.newest != newest or not timedelta() <= at - ear.at < FRESH:
        ear = ears[workspace_id] = _Ear(_make_assigner(session, workspace_id, at), newest, at)
    return ear


def _make_assigner(session: Session, workspace_id: int, at: datetime) -> Assigner:
    used = [one.theme_id for one in top_themes(session, workspace_id, at=at, limit=MOST_THEMES)]
    themes = select(Theme.id, Theme.slug, Theme.title).where(
        Theme.workspace_id == workspace_id, Theme.merged_into_id.is_(None)
    )
    rows = [
        *session.execute(themes.where(Theme.id.in_(used))),
        *session.execute(themes.order_by(Theme.id.desc()).limit(MOST_THEMES)),
    ]
    slugs = {row.id: row.slug for row in rows}
    words = {row.slug: (row.title,) if compare_key(row.title) != compare_key(row.slug) else () for row in rows}
    newest = (
        select(VocItem.verbatim, VocItem.theme_id, VocItem.theme_by)
        .where(VocItem.workspace_id == workspace_id, VocItem.state == "live", VocItem.of_item_id.is_(None))
        .order_by(VocItem.created_at.desc())
        .limit(LOOKED_BACK)
    )
    confirmed = [
        (row.verbatim, slugs[row.theme_id])
        for row in session.execute(newest)
        if row.theme_id in slugs and row.theme_by != BY_RULE
    ]
    return Assigner(words, confirmed)
