"""Which content did well: the figures of a week against the week before, and finding an asset by its words.

Weeks begin on Monday and are named by that date. A figure that was not reported is None, which is not 0.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.text import compare_key, key_words
from domain.zones import stored_zone
from storage.models import Asset, AssetFigures, Theme

TOP: Final = 5
MOVERS: Final = 2
FOUND: Final = 10
RECENT_WEEKS: Final = 4

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count, and how much more (or less) it is than the week before; None where either was not reported."""

    count: int
    change: int | None


@dataclass(frozen=True, slots=True)
class AssetWeek:
    """What one asset did in a week."""

    title: str
    url: str | None
    views: Figure | None
    leads: Figure | None
    influenced_wins: Figure | None


@dataclass(frozen=True, slots=True)
class ContentWeek:
    """How all content did in the week from Monday `week`.

    `assets` were reported. `top`: most leads, then most views. `risen` and `fallen` are not among the top.
    """

    week: date
    assets: int
    views: Figure | None
    leads: Figure | None
    influenced_wins: Figure | None
    top: tuple[AssetWeek, ...]
    risen: tuple[AssetWeek, ...]
    fallen: tuple[AssetWeek, ...]


@dataclass(frozen=True, slots=True)
class FoundAsset:
    """An asset that a search found. `views` and `leads`: sums of its last RECENT_WEEKS complete weeks."""

    title: str
    url: str | None
    kind: str | None
    theme: str | None
    views: int | None
    leads: int | None


def last_complete_week(at: datetime, zone: str) -> date:
    """The Monday of the last week that is over at `at` by the calendar of `zone` (IANA)."""
    today = at.astimezone(stored_zone(zone)).date()
    return today - timedelta(days=today.weekday()) - _WEEK


def show_content(session: Session, *, by: Actor, at: datetime) -> ContentWeek | None:
    """The last complete week that has figures; None when nothing was ever imported for one."""
    latest = session.scalar(
        select(func.max(AssetFigures.week)).where(
            AssetFigures.workspace_id == by.workspace_id, AssetFigures.week <= last_complete_week(at, by.tz)
        )
    )
    return content_week(session, by.workspace_id, latest) if latest is not None else None


def content_week(
    session: Session, workspace_id: int, week: date, *, only: Collection[int] | None = None
) -> ContentWeek | None:
    """How content did in the week from Monday `week`, against the week before; None without figures.

    `only`: of these assets; None: of all.
    """
    both = _two_weeks(workspace_id, week, only)
    reported = both.c.reported > 0
    totals = session.execute(
        select(
            func.count(),
            *(func.sum(both.c[name]) for name in _COLUMNS),
        ).where(reported)
    ).one()
    if not totals[0]:
        return None
    before = session.execute(select(*(func.sum(both.c[f"{name}_before"]) for name in _COLUMNS))).one()
    top = _assets(session, both, [reported], [_zero(both.c.leads).desc(), _zero(both.c.views).desc()], TOP)
    shown = [asset_id for asset_id, _ in top]
    more_leads = _zero(both.c.leads) - _zero(both.c.leads_before)
    more_views = _zero(both.c.views) - _zero(both.c.views_before)
    comparable = [reported, both.c.reported_before > 0, both.c.asset_id.not_in(shown)]
    rises = (more_leads > 0) | ((more_leads == 0) & (more_views > 0))
    falls = (more_leads < 0) | ((more_leads == 0) & (more_views < 0))
    risen = _assets(session, both, [*comparable, rises], [more_leads.desc(), more_views.desc()], MOVERS)
    fallen = _assets(session, both, [*comparable, falls], [more_leads, more_views], MOVERS)
    views, leads, wins = (_figure(totals[1 + place], before[place]) for place in range(3))
    return ContentWeek(
        week,
        totals[0],
        views,
        leads,
        wins,
        *(tuple(asset for _, asset in found) for found in (top, risen, fallen)),
    )


def find_content(session: Session, words: str, *, by: Actor, at: datetime) -> list[FoundAsset]:
    """Up to FOUND assets that hold every word in their title, theme, kind or persona; those with most leads first."""
    wanted = key_words(words)
    if not wanted:
        return []
    until = last_complete_week(at, by.tz)
    recent = and_(
        AssetFigures.asset_id == Asset.id,
        AssetFigures.week <= until,
        AssetFigures.week > until - RECENT_WEEKS * _WEEK,
    )
    rows = session.execute(
        select(
            Asset.title,
            Asset.url,
            Asset.kind,
            Asset.persona_key,
            Theme.title,
            Theme.slug,
            func.sum(AssetFigures.views),
            func.sum(AssetFigures.leads),
        )
        .outerjoin(Theme, Theme.id == Asset.theme_id)
        .outerjoin(AssetFigures, recent)
        .where(Asset.workspace_id == by.workspace_id)
        .group_by(Asset.id, Theme.id)
    )
    # Matched here and not in SQL: SQLite folds the case of ASCII only.
    found = []
    for title, url, kind, persona, theme, slug, views, leads in rows:
        text = compare_key(" ".join(filter(None, (title, kind, persona, theme, slug))))
        if all(word in text for word in wanted):
            found.append(FoundAsset(title, url, kind, theme, _whole(views), _whole(leads)))
    return sorted(found, key=lambda each: (-(each.leads or 0), -(each.views or 0), each.title.casefold()))[:FOUND]


_COLUMNS: Final = ("views", "leads", "influenced_wins")


def _two_weeks(workspace_id: int, week: date, only: Collection[int] | None) -> Subquery:
    """Each asset's figures of the week and, as `…_before`, of the week before it."""
    columns: list[ColumnElement[Any]] = []
    for suffix, which in (("", week), ("_before", week - _WEEK)):
        here = AssetFigures.week == which
        columns.append(func.count(case((here, 1))).label(f"reported{suffix}"))
        columns += [func.max(case((here, getattr(AssetFigures, name)))).label(f"{name}{suffix}") for name in _COLUMNS]
    some = [AssetFigures.asset_id.in_(only)] if only is not None else []
    return (
        select(AssetFigures.asset_id, *columns)
        .where(AssetFigures.workspace_id == workspace_id, AssetFigures.week.in_((week, week - _WEEK)), *some)
        .group_by(AssetFigures.asset_id)
        .subquery()
    )


def _assets(
    session: Session, both: Subquery, conditions: list[ColumnElement[bool]], order: list[Any], limit: int
) -> list[tuple[int, AssetWeek]]:
    rows = session.execute(
        select(Asset.id, Asset.title, Asset.url, both)
        .join(both, both.c.asset_id == Asset.id)
        .where(*conditions)
        .order_by(*order, Asset.title, Asset.id)
        .limit(limit)
    ).mappings()
    found = []
    for row in rows:
        figures = (_figure(row[name], row[f"{name}_before"]) for name in _COLUMNS)
        found.append((int(row["id"]), AssetWeek(row["title"], row["url"], *figures)))
    return found


def _figure(now: Any, before: Any) -> Figure | None:
    if now is None:
        return None
    return Figure(int(now), int(now) - int(before) if before is not None else None)


def _whole(total: Any) -> int | None:
    return int(total) if total is not None else None


def _zero(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, 0)
