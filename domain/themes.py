"""Themes: what voc items have in common, how often each came up, and marketing's approved answer to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, insert, or_, select, union_all
from sqlalchemy.orm import Session

from domain.errors import (
    AnswerDateWrong,
    AnswerWrong,
    Changed,
    FieldProblems,
    NoSuchTheme,
    NotFound,
    TandemError,
)
from domain.merged import own_theme
from domain.people import Actor, audit
from domain.pulse import UNTAGGED, Pulse, count_themes, take_pulse
from domain.rises import show_rise_anew
from domain.tallies import pulse_begin, read_first
from domain.text import TextEmpty, TextTooLong, clean_text, compare_key, slugify_theme
from domain.theme_news import note_news
from domain.versions import version_of
from domain.webhooks.themes import tell_new_theme, tell_theme
from storage.beginnings import begins_with
from storage.locking import locked
from storage.models import ANSWER_AUDIENCES, Member, Theme, is_told
from storage.statements import Statement

ANSWER_LIMIT: Final = 1_000
LOOKED_THROUGH: Final = 500

# Made once: building a statement costs more than running it, and these run for every line.
_HERE: Final = select(Theme.id).where(Theme.workspace_id == bindparam("workspace"))
# Two steps in two indexes. For one condition with "or", SQLite reads all themes of the workspace.
_MEANT: Final = union_all(_HERE.where(Theme.key == bindparam("keyed")), _HERE.where(Theme.slug == bindparam("slugged")))
_FIND: Final = Statement(
    select(
        Theme.id,
        Theme.slug,
        Theme.answer,
        Theme.created_at,
        Theme.answer_audience,
        Theme.answer_until,
        Theme.merged_into_id,
    )
    .where(Theme.id.in_(_MEANT))
    .order_by(case((Theme.slug == bindparam("slugged"), 0), else_=1), Theme.id)
    .limit(1)
)
_ADD: Final = Statement(insert(Theme).returning(Theme.id, is_told(Theme).label("told")))
_MARKED: Final = re.compile(r"(?<!\S)#([\w-]+)")


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """A theme and how many live items it had in the last PULSE_DAYS days."""

    theme_id: int
    slug: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """Whom an answer is for (ANSWER_AUDIENCES), and the last day on which it was said to hold, None: no day is set."""

    audience: str
    until: date | None = None

    def is_to_check(self, at: datetime) -> bool:
        """Whether that day is over (by UTC)."""
        return self.until is not None and at.date() > self.until


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """A theme that was found or added, with marketing's answer to it. `audience` and `until` are the answer's."""

    id: int
    slug: str
    answer: str | None
    created_at: datetime
    audience: str = "internal"
    until: date | None = None


NOTHING_LOOKED_UP: Final[Mapping[str, FoundTheme | None]] = {}


def find_or_add_theme(
    session: Session,
    workspace_id: int,
    slug: str,
    *,
    at: datetime,
    looked_up: Mapping[str, FoundTheme | None] = NOTHING_LOOKED_UP,
) -> FoundTheme:
    """The theme of that slug (as `slugify_theme` makes it), or of the same words spelled otherwise; added when new.

    Of a merged or renamed theme, it is the one that took its place. `looked_up`: by slug what this transaction found
    already, None where there is no such theme.
    """
    if slug in looked_up:
        found = looked_up[slug]
    else:
        asked = {"workspace": workspace_id, "slugged": slug, "keyed": compare_key(slug)}
        row = _FIND.first(session, asked)
        found = _found(session, row) if row is not None else None
    if found is not None:
        return found
    words = slug.replace("-", " ")
    values = {
        "workspace_id": workspace_id,
        "slug": slug,
        "key": compare_key(slug),
        "title": words[:1].upper() + words[1:],
        "created_at": at,
    }
    added = _ADD.first(session, values)
    if added.told:
        tell_new_theme(session, added.id, at=at)
    return FoundTheme(added.id, slug, None, at)


def found_theme(session: Session, found: FoundTheme, merged_into_id: int | None) -> FoundTheme:
    """The theme that was found; the one that took its place where its row leads to another."""
    if merged_into_id is None:
        return found
    theme = own_theme(session, merged_into_id)
    return FoundTheme(theme.id, theme.slug, theme.answer, theme.created_at, theme.answer_audience, theme.answer_until)


def _found(session: Session, row: Any) -> FoundTheme:
    found = FoundTheme(row.id, row.slug, row.answer, row.created_at, row.answer_audience, row.answer_until)
    return found_theme(session, found, row.merged_into_id)


def slug_after_mark(line: str) -> str | None:
    """The slug of the theme that the line's first `#` is likely to name: a guess, as good as most lines are plain."""
    found = _MARKED.search(line)
    return slugify_theme(found[1]) if found else None


def theme_pulse(session: Session, workspace_id: int, theme_id: int, *, at: datetime) -> Pulse:
    """How often the theme came up in the PULSE_DAYS days up to `at`, by whom, and for how much."""
    return take_pulse(session, workspace_id, at, "theme", theme_id)


def top_themes(session: Session, workspace_id: int, *, at: datetime, limit: int) -> list[ThemeCount]:
    """The themes that came up most in the last PULSE_DAYS days; those that did not come up are left out."""
    heard = _count_lately(session, workspace_id, at, limit)
    themes = select(Theme.id, Theme.slug, Theme.title).where(Theme.merged_into_id.is_(None))
    rows = session.execute(themes.where(Theme.id.in_(heard)))
    return sorted((ThemeCount(*row, heard[row.id]) for row in rows), key=_most_used)


def find_themes(session: Session, workspace_id: int, typed: str, *, at: datetime, limit: int) -> list[ThemeCount]:
    """The themes that hold what is being typed, the most used lately first; any when nothing is.

    In the middle of a name it is looked for in the LOOKED_THROUGH themes most used lately, and in the newest ones.
    """
    slug = slugify_theme(typed) or ""
    if typed.strip(" #") and not slug:
        return []
    heard = _count_lately(session, workspace_id, at, LOOKED_THROUGH if slug else limit)
    found = [ThemeCount(*row, heard.get(row[0], 0)) for row in _holding(session, workspace_id, slug, heard, limit)]
    return sorted(found, key=_most_used)[:limit]


def _most_used(theme: ThemeCount) -> tuple[int, str]:
    return -theme.count, theme.slug


def find_theme(session: Session, workspace_id: int, slug: str) -> Theme | None:
    """The theme of that slug (as `slugify_theme` makes it), or of the same words spelled otherwise.

    Of a merged or renamed theme, it is the one that took its place.
    """
    found = _FIND.first(session, {"workspace": workspace_id, "slugged": slug, "keyed": compare_key(slug)})
    return own_theme(session, found.id) if found is not None else None


@dataclass(frozen=True, slots=True)
class Answerable:
    """A theme to be answered; `pulse` says how often it came up lately."""

    theme_id: int
    slug: str
    answer: str | None
    pulse: Pulse
    created_at: datetime
    mark: AnswerMark

    @property
    def version(self) -> str:
        """Of the answer with its marks."""
        return _version(self.answer, self.mark)


def find_answerable(session: Session, typed: str, *, by: Actor, at: datetime) -> Answerable:
    """The theme that was typed, with or without #. Raises NoSuchTheme with those that came up most."""
    slug = slugify_theme(typed) or ""
    theme = find_theme(session, by.workspace_id, slug)
    if theme is None:
        heard = (one.slug for one in top_themes(session, by.workspace_id, at=at, limit=8))
        raise NoSuchTheme(slug, tuple(heard))
    return _answerable(session, theme, at)


def find_answerable_by_id(session: Session, theme_id: int, *, by: Actor, at: datetime) -> Answerable:
    """The theme of that id. Raises NotFound."""
    theme = session.get(Theme, theme_id)
    if theme is None or theme.workspace_id != by.workspace_id or theme.merged_into_id is not None:
        raise NotFound("theme")
    return _answerable(session, theme, at)


def _answerable(session: Session, theme: Theme, at: datetime) -> Answerable:
    pulse = theme_pulse(session, theme.workspace_id, theme.id, at=at)
    return Answerable(theme.id, theme.slug, theme.answer, pulse, theme.created_at, mark_of(theme))


def _version(answer: str | None, mark: AnswerMark) -> str:
    return version_of((answer, mark.audience, mark.until))


def mark_of(theme: Theme) -> AnswerMark:
    """Whom the theme's answer is for, and until when it holds."""
    return AnswerMark(theme.answer_audience, theme.answer_until)


def answer_theme(
    session: Session,
    theme_id: int,
    *,
    text: str,
    audience: str = "internal",
    until: str | None = None,
    version: str | None = None,
    by: Actor,
    at: datetime,
) -> str:
    """Set marketing's approved answer, which reps read when they log the theme. Returns the theme's slug.

    Whoever raised the theme is told, once marketing is quiet (domain/theme_news.py).

    `audience`: one of ANSWER_AUDIENCES. `until`: the last day on which the answer holds, as 2026-12-24. `version`: of
    the answer that the form was opened with; None: whatever it is. Raises Changed when it is another, FieldProblems
    (`answer`: empty or above ANSWER_LIMIT; `until`: no day to come), NotFound in another workspace.
    """
    here = locked(select(Theme).where(Theme.workspace_id == by.workspace_id))
    theme = session.scalars(here.where(Theme.id == theme_id)).one_or_none()
    if theme is None:
        raise NotFound("theme")
    if theme.merged_into_id is not None:  # while the form was open
        theme = session.scalars(here.where(Theme.id == own_theme(session, theme.id).id)).one()
    now = _version(theme.answer, mark_of(theme))
    if version is not None and version != now:
        last = session.get(Member, theme.answered_by_id) if theme.answered_by_id else None
        who = None if last is None else "You" if last.id == by.id else last.name
        ago = at - theme.answered_at if theme.answered_at else None
        raise Changed("answer", who, version=now, ago=ago, changes=(theme.answer or "",))
    problems: dict[str, TandemError] = {}
    words, last_day = _answer_words(text, problems), _last_day(until, at, problems)
    if problems:
        raise FieldProblems(problems)
    before = theme.answer
    theme.answer, theme.answered_by_id, theme.answered_at = words, by.id, at
    theme.answer_audience = audience if audience in ANSWER_AUDIENCES else "internal"
    theme.answer_until = last_day
    audit(session, by.workspace_id, "theme.answered", "theme", theme.id, by=by, at=at)
    session.flush()
    show_rise_anew(session, theme, at)
    if theme.answer != before:
        note_news(session, theme, at)
    tell_theme(session, theme, "answered", by=by, at=at)
    return theme.slug


def _answer_words(text: str, problems: dict[str, TandemError]) -> str | None:
    try:
        return clean_text(text, limit=ANSWER_LIMIT)
    except TextEmpty:
        problems["answer"] = AnswerWrong()
    except TextTooLong as error:
        problems["answer"] = error
    return None


def _last_day(until: str | None, at: datetime, problems: dict[str, TandemError]) -> date | None:
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        day = date.min
    if day is not None and day < at.date():
        problems["until"] = AnswerDateWrong()
    return day


def _count_lately(session: Session, workspace_id: int, at: datetime, limit: int) -> dict[int, int]:
    """The themes that came up most lately, by id, with how often: the most frequent first."""
    sheets = read_first(session, workspace_id, "theme", at, by="items", limit=limit)
    if sheets is not None:
        return {int(sheet.subject[1]): sheet.items for sheet in sheets}
    counts = count_themes(session, workspace_id, pulse_begin(at), None)
    counts = [one for one in counts if one.theme_id != UNTAGGED]
    counts.sort(key=lambda one: -one.mentions)
    return {one.theme_id: one.mentions for one in counts[:limit]}


def _holding(
    session: Session, workspace_id: int, holds: str, heard: Mapping[int, int], limit: int
) -> list[tuple[int, str, str]]:
    """Themes as (id, slug, title): those that came up lately, those that begin so, the newest; but for `holds` empty,
    only such as hold it. However many themes there are, no more than a few hundred are read.
    """
    themes = select(Theme.id, Theme.slug, Theme.title).where(Theme.merged_into_id.is_(None))
    here = Theme.workspace_id == workspace_id
    newest = select(Theme.id).where(here).order_by(Theme.id.desc()).limit(LOOKED_THROUGH).subquery()
    if not holds:
        first = themes.where(here).order_by(Theme.slug).limit(limit)
        rows = [*session.execute(themes.where(Theme.id.in_(list(heard)[:limit]))), *session.execute(first)]
        return list({row.id: (row.id, row.slug, row.title) for row in rows}.values())
    key = Theme.key.contains(compare_key(holds), autoescape=True)
    held = or_(key, Theme.slug.contains(holds, autoescape=True))
    rows = [
        *session.execute(themes.where(Theme.id.in_(list(heard)), held)),
        *session.execute(themes.where(here, begins_with(session, Theme.slug, holds)).order_by(Theme.slug).limit(limit)),
        *session.execute(themes.where(Theme.id.in_(select(newest.c.id)), held).limit(limit)),
    ]
    return list({row.id: (row.id, row.slug, row.title) for row in rows}.values())
