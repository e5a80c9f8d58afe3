"""The board: each theme with what was heard of it, what marketing does about it, and how it goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from domain.people import MARKETERS, OF_MARKETING, Actor
from domain.pulse import UNTAGGED, Pulse, count_pulses, leading_themes
from domain.themes import AnswerMark
from domain.voc.promise import OPEN, is_late
from domain.voc.scope import Named, Scope, items_in, name_scope, narrowed, scope_now
from domain.voc.trend import count_items
from storage.models import Member, Theme, VocItem

PAGE: Final = 8
MOST: Final = 200
"""So many themes stand on the board: those of most accounts."""
NEWEST: Final = 500
"""Among so many of the newest themes it is looked for those that were not heard of lately."""
NOTHING_HEARD: Final = Pulse(0, 0, 0, ())


@dataclass(frozen=True, slots=True)
class BoardTheme:
    """A theme on the board. `pulse`: what the items of the board's scope add up to.

    `weeks`: how many items came in each of the last weeks, the last one at the end, () for none. `owner`: a name.
    `answered_at` is None without an answer; `mark`: whom that is for. `due_at`: by when a first
    answer is promised, None: none is, or there is one.
    """

    id: int
    slug: str
    created_at: datetime
    status: str
    note: str | None
    owner: str | None
    answered_at: datetime | None
    mark: AnswerMark
    due_at: datetime | None
    pulse: Pulse
    weeks: tuple[int, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.status not in OPEN


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board at `at`. `total` themes stand on it, `more`: some of fewer accounts do not.

    `untagged`: what the items without a theme add up to. `may_change`: whoever looks is of marketing.
    """

    at: datetime
    scope: Scope
    named: Named
    themes: tuple[BoardTheme, ...]
    page: int
    pages: int
    total: int
    more: bool
    untagged: Pulse
    may_change: bool


def load_board(session: Session, scope: Scope, page: int = 0, *, by: Actor, at: datetime) -> Board:
    """The board of a scope. Raises NotFound for a team or account of another workspace.

    However many themes there are, each part of it is read in one go: counts, deals, the themes, the page's weeks.
    """
    scope = scope_now(session, scope)
    named = name_scope(session, scope, by.workspace_id)
    pulses, untagged = _pulses(session, scope, by.workspace_id, at)
    more, pulses = len(pulses) > MOST, dict(list(pulses.items())[:MOST])
    themes = _themes(session, by.workspace_id, pulses, with_quiet=not scope.is_narrow)
    themes = sorted(themes, key=lambda theme: _place(theme, at))[:MOST]
    pages = max(1, -(-len(themes) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = themes[page * PAGE : (page + 1) * PAGE]
    weeks = count_items(session, [one.id for one in shown], at, narrowed(scope))
    return Board(
        at=at,
        scope=scope,
        named=named,
        themes=tuple(replace(one, weeks=weeks.get(one.id, ())) for one in shown),
        page=page,
        pages=pages,
        total=len(themes),
        more=more,
        untagged=untagged,
        may_change=by.role in MARKETERS,
    )


def _place(theme: BoardTheme, at: datetime) -> tuple[Any, ...]:
    """What is late for an answer first, then what one is promised for; then, as on Home and in the digest, by accounts
    and items. What is shipped or won't be done comes last.
    """
    late = theme.due_at is not None and is_late(theme.due_at, at)
    return theme.is_done, not late, theme.due_at is None, -theme.pulse.accounts, -theme.pulse.count, theme.id


def _pulses(session: Session, scope: Scope, workspace_id: int, at: datetime) -> tuple[dict[int, Pulse], Pulse]:
    """The pulses of the themes that came up, MOST and one at least, and that of the items without a theme."""
    items = items_in(scope, workspace_id, at)
    if scope == Scope():
        found = leading_themes(session, workspace_id, at, MOST + 1)
        without = count_pulses(session, *items, VocItem.theme_id.is_(None))
    else:
        found = without = count_pulses(session, *items)
    untagged = without[UNTAGGED][0] if UNTAGGED in without else NOTHING_HEARD
    return {theme_id: pulse for theme_id, (pulse, _) in found.items() if theme_id != UNTAGGED}, untagged


def _themes(session: Session, workspace_id: int, pulses: dict[int, Pulse], *, with_quiet: bool) -> list[BoardTheme]:
    """The themes that came up; `with_quiet`: others of the newest, too, that have items, an answer or work on them.

    A merged theme came up while its items are still being moved: no number is missing meanwhile.
    """
    wanted: ColumnElement[bool] = Theme.id.in_(list(pulses))
    if with_quiet:
        newest = select(Theme.id).where(Theme.workspace_id == workspace_id).order_by(Theme.id.desc()).limit(NEWEST)
        has_items = select(VocItem.id).where(VocItem.theme_id == Theme.id, VocItem.state == "live").exists()
        is_own = Theme.merged_into_id.is_(None)
        is_of_use = or_(Theme.answer.is_not(None), Theme.status != "new", Theme.owner_id.is_not(None), has_items)
        wanted = or_(wanted, and_(Theme.id.in_(newest), is_own, is_of_use))
    rows = session.execute(
        select(
            Theme.id,
            Theme.slug,
            Theme.created_at,
            Theme.status,
            Theme.status_note,
            Member.name,
            Theme.answered_at,
            Theme.answer_audience,
            Theme.answer_until,
            Theme.answer_due_at,
        )
        .outerjoin(Member, and_(Member.id == Theme.owner_id, OF_MARKETING))
        .where(Theme.workspace_id == workspace_id, wanted)
    )
    return [
        BoardTheme(
            id=row.id,
            slug=row.slug,
            created_at=row.created_at,
            status=row.status,
            note=row.status_note,
            owner=row.name,
            answered_at=row.answered_at,
            mark=AnswerMark(row.answer_audience, row.answer_until),
            due_at=row.answer_due_at if row.answered_at is None and row.status in OPEN else None,
            pulse=pulses.get(row.id, NOTHING_HEARD),
        )
        for row in rows
    ]
