"""What worked against a theme: the asset that did best of those about it, and whether the answer helped."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Date, and_, bindparam, case, func, select, true
from sqlalchemy.orm import Session

from domain.performance import RECENT_WEEKS, last_complete_week
from domain.versions import version_of
from storage.models import AnswerVerdict, Asset, AssetFigures, Theme
from storage.statements import Statement

ENOUGH: Final = 5
"""Of fewer verdicts nothing is concluded."""


@dataclass(frozen=True, slots=True)
class BestAsset:
    """The asset of a theme with most leads, then most views, in its last RECENT_WEEKS complete weeks."""

    id: int
    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many people used an answer, were helped by it, and were not. Each has one say about a version of it."""

    used: int = 0
    helped: int = 0
    no_help: int = 0

    @property
    def count(self) -> int:
        return self.used + self.helped + self.no_help

    @property
    def is_enough(self) -> bool:
        """Whether something can be concluded."""
        return self.count >= ENOUGH


@dataclass(frozen=True, slots=True)
class Worked:
    """What worked against a theme."""

    asset: BestAsset | None
    verdicts: Verdicts


NOTHING_WORKED: Final = Worked(None, Verdicts())

_LEADS: Final = func.coalesce(func.sum(AssetFigures.leads), 0)
_VIEWS: Final = func.coalesce(func.sum(AssetFigures.views), 0)
_RANKED: Final = (
    select(Asset.id.label("asset_id"), Asset.title, Asset.url)
    .outerjoin(
        AssetFigures,
        and_(
            AssetFigures.asset_id == Asset.id,
            AssetFigures.week > bindparam("since", type_=Date),
            AssetFigures.week <= bindparam("until", type_=Date),
        ),
    )
    .group_by(Asset.id)
    .order_by(_LEADS.desc(), _VIEWS.desc(), Asset.title, Asset.id)
)
_BEST: Final = _RANKED.where(Asset.theme_id == bindparam("theme")).limit(1).subquery()
# The theme and those whose place it took: a verdict stays where it was given, and counts for what the theme is now.
_ONE_THEME: Final = select(bindparam("theme", type_=BigInteger).label("id")).cte("one_theme", recursive=True)
_MERGED: Final = _ONE_THEME.union(select(Theme.id).join(_ONE_THEME, Theme.merged_into_id == _ONE_THEME.c.id))
_FIRST: Final = (
    select(func.min(AnswerVerdict.id))
    .where(AnswerVerdict.theme_id.in_(select(_MERGED.c.id)), AnswerVerdict.version == bindparam("judged"))
    .group_by(AnswerVerdict.member_id)
)
_SAID: Final = (
    select(
        *(
            func.coalesce(func.sum(case((AnswerVerdict.verdict == verdict, 1), else_=0)), 0).label(verdict)
            for verdict in ("used", "helped", "no_help")
        )
    )
    .where(AnswerVerdict.id.in_(_FIRST))
    .subquery()
)
# Made once, and one look for both: it runs for every line whose theme is answered.
_WORKED: Final = Statement(
    select(_SAID.c.used, _SAID.c.helped, _SAID.c.no_help, _BEST.c.asset_id, _BEST.c.title, _BEST.c.url)
    .select_from(_SAID)
    .outerjoin(_BEST, true())
)


def judged_version(answer: str | None, asset_id: int | None) -> str | None:
    """What a verdict is about: this wording of the answer; without an answer, the asset. None: there is neither."""
    if answer is not None:
        return version_of(answer)
    return f"asset-{asset_id}" if asset_id is not None else None


def what_worked(session: Session, theme_id: int, answer: str, at: datetime) -> Worked:
    """What worked against a theme that has this answer."""
    since, until = _recent(at)
    asked = {"theme": theme_id, "judged": judged_version(answer, None), "since": since, "until": until}
    row = _WORKED.first(session, asked)
    asset = BestAsset(row.asset_id, row.title, row.url) if row.asset_id is not None else None
    return Worked(asset, Verdicts(int(row.used), int(row.helped), int(row.no_help)))


def what_is_known_to_work(session: Session, theme_id: int, answer: str | None, at: datetime) -> Worked:
    """The same for a theme that may have no answer: then the verdicts are about its best asset."""
    if answer is not None:
        return what_worked(session, theme_id, answer, at)
    asset = best_assets(session, {theme_id}, at).get(theme_id)
    if asset is None:
        return NOTHING_WORKED
    said = select(*_SAID.c).select_from(_SAID)
    row = session.execute(said, {"theme": theme_id, "judged": judged_version(None, asset.id)}).one()
    return Worked(asset, Verdicts(int(row.used), int(row.helped), int(row.no_help)))


def best_assets(session: Session, theme_ids: Collection[int], at: datetime) -> dict[int, BestAsset]:
    """The best asset of each theme that has one."""
    since, until = _recent(at)
    ranked = _RANKED.add_columns(Asset.theme_id).where(Asset.theme_id.in_(theme_ids))
    found: dict[int, BestAsset] = {}
    for asset_id, title, url, theme_id in session.execute(ranked, {"since": since, "until": until}):
        if theme_id is not None:
            found.setdefault(theme_id, BestAsset(asset_id, title, url))
    return found


def _recent(at: datetime) -> tuple[date, date]:
    """The Mondays after and up to which figures count."""
    until = last_complete_week(at, "UTC")
    return until - timedelta(weeks=RECENT_WEEKS), until
