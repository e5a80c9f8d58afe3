"""Content figures that came in after the digest of their week: the next digest tells them, once, with their week.

What an audience was told is stored in the transaction that makes the edition (`told_figures`): for each asset and
week, which of its figures there were. A figure that was told and is corrected later is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, false, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain.performance import last_complete_week
from storage.models import AssetFigures, Audience, Edition, ToldFigures

LATE_WEEKS: Final = 8
"""Figures of earlier weeks are history, not news."""

_FIGURES: Final = ("views", "leads", "influenced_wins")
_CHUNK: Final = 1_000

Late = Mapping[date, frozenset[int]]
"""By week, the assets whose figures were not told."""


def was_told(session: Session, audience: Audience, week: date) -> bool:
    """Whether an issue told of the content of that week, or that there was none: a moved day brings two in a week."""
    issue = _issues(session, audience, week).get(week)
    return issue is not None and not _is_stale(issue)


def find_late_figures(session: Session, audience: Audience, week: date) -> Late:
    """What came in for weeks up to `week` and was not told to the audience, of the weeks that had an issue."""
    made = _issues(session, audience, week)
    if not made:
        return {}
    until = week if week in made else week - timedelta(weeks=1)
    told = and_(
        ToldFigures.audience_id == audience.id,
        ToldFigures.asset_id == AssetFigures.asset_id,
        ToldFigures.week == AssetFigures.week,
    )
    news = or_(
        *(
            and_(
                getattr(AssetFigures, name).is_not(None),
                func.coalesce(getattr(ToldFigures, name), false()).is_(false()),
            )
            for name in _FIGURES
        )
    )
    rows = session.execute(
        select(AssetFigures.week, AssetFigures.asset_id, AssetFigures.updated_at)
        .join(ToldFigures, told, isouter=True)
        .where(
            AssetFigures.workspace_id == audience.workspace_id,
            AssetFigures.week >= min(made),
            AssetFigures.week <= until,
            news,
        )
    ).all()
    found: dict[date, set[int]] = {}
    unmarked = _told_without_marks(session, audience, made)
    for of_week, asset_id, updated_at in rows:
        if of_week in unmarked and updated_at < unmarked[of_week]:
            continue
        found.setdefault(of_week, set()).add(asset_id)
    return {of_week: frozenset(assets) for of_week, assets in sorted(found.items())}


def mark_told(session: Session, audience: Audience, week: date, late: Late) -> None:
    """From now on the audience knows all figures of `week`, and those of `late`."""
    about = [AssetFigures.week == week]
    about += [and_(AssetFigures.week == of_week, AssetFigures.asset_id.in_(part)) for of_week, part in _chunks(late)]
    columns = [getattr(AssetFigures, name).is_not(None) for name in _FIGURES]
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    names = ["audience_id", "asset_id", "week", *_FIGURES]
    for one in about:
        known = (AssetFigures.asset_id, AssetFigures.week, *columns)
        which = select(literal(audience.id), *known).where(AssetFigures.workspace_id == audience.workspace_id, one)
        statement = upsert(ToldFigures).from_select(names, which)
        new = {name: statement.excluded[name] for name in _FIGURES}
        session.execute(statement.on_conflict_do_update(index_elements=["audience_id", "asset_id", "week"], set_=new))


def _issues(session: Session, audience: Audience, week: date) -> dict[date, Edition]:
    """The audience's issues until now by the week whose content each told, of the last LATE_WEEKS weeks to `week`."""
    editions = session.scalars(
        select(Edition)
        .where(Edition.audience_id == audience.id)
        .order_by(Edition.period_end.desc())
        .limit(2 * LATE_WEEKS)
    )
    found: dict[date, Edition] = {}
    for one in editions:
        of_week = last_complete_week(one.period_end, audience.zone)
        if "content_week" in one.facts:
            of_week = date.fromisoformat(one.facts["content_week"])
        if week - timedelta(weeks=LATE_WEEKS) <= of_week <= week and (
            of_week not in found or _is_stale(found[of_week])
        ):
            found[of_week] = one
    return found


def _is_stale(edition: Edition) -> bool:
    return edition.facts.get("skipped") == "stale"


def _told_without_marks(session: Session, audience: Audience, made: Mapping[date, Edition]) -> dict[date, datetime]:
    """Weeks that an earlier version of Tandem told, which stored no marks, each with when that was."""
    marked = set(
        session.scalars(
            select(ToldFigures.week)
            .where(ToldFigures.audience_id == audience.id, ToldFigures.week.in_(list(made)))
            .distinct()
        )
    )
    return {
        week: edition.created_at
        for week, edition in made.items()
        if week not in marked and _told_content(edition.facts)
    }


def _told_content(facts: Mapping[str, Any]) -> bool:
    return facts.get("content") is not None


def _chunks(late: Late) -> Iterable[tuple[date, list[int]]]:
    for week, assets in late.items():
        ordered = sorted(assets)
        for start in range(0, len(ordered), _CHUNK):
            yield week, ordered[start : start + _CHUNK]
