"""Whom news about themes concerns: everybody who raised them lately, and everybody who was told of them before.

It goes in pieces of members. Each piece is read beside the writers, and noting whom to tell is one short transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import and_, case, func, select, union
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.merged import leading_to_themes, themes_now
from domain.people import default_team
from domain.pulse import theme_or_none
from domain.theme_news import SpreadNews, news_due
from storage import jobs
from storage.locking import locked
from storage.models import IS_STAFF, Member, Team, TeamMember, Theme, ThemeNews, ThemeTelling, VocItem

RAISED_DAYS: Final = 180
"""Whoever raised a theme longer ago than that is told nothing new of it."""

PIECE: Final = 100


@dataclass(frozen=True)
class TellNews:
    """The job that writes to members whose time to be told has come."""

    kind: ClassVar[str] = "theme_letters"


@dataclass(frozen=True, slots=True)
class Raiser:
    """A member and a theme that concerns them. `with_deal`: they named a deal with it that is not lost."""

    member_id: int
    theme_id: int
    with_deal: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Whom to tell, of changes up to `as_of`. `wait_until`: it is too early to tell anybody. `more`: others follow."""

    as_of: datetime
    raisers: tuple[Raiser, ...] = ()
    last: int = 0
    more: bool = False
    wait_until: datetime | None = None


def find_raisers(session: Session, workspace_id: int, wanted: SpreadNews, *, at: datetime) -> Piece:
    """The next piece of those whom the news concerns."""
    due = news_due(session, workspace_id)
    if wanted.as_of is None and due is not None and due > at:
        return Piece(at, wait_until=due)
    as_of = wanted.as_of or at
    changed = session.scalars(
        select(ThemeNews.theme_id).where(ThemeNews.workspace_id == workspace_id, ThemeNews.last_at <= as_of)
    ).all()
    # Items that a merge has not moved yet, and what was told of a merged theme, count for the one that took its place.
    themes = leading_to_themes(session, sorted({*themes_now(session, changed).values()}))
    raised = and_(
        VocItem.theme_id.in_(themes),
        VocItem.state == "live",
        VocItem.created_at > at - timedelta(days=RAISED_DAYS),
    )
    told = and_(ThemeTelling.theme_id.in_(themes), ThemeTelling.told_at.is_not(None))
    concerned = union(select(VocItem.member_id).where(raised), select(ThemeTelling.member_id).where(told)).subquery()
    members = session.scalars(
        select(Member.id)
        .where(
            Member.workspace_id == workspace_id,
            Member.id > wanted.after,
            Member.id.in_(select(concerned.c.member_id)),
            Member.active,
            IS_STAFF,
        )
        .order_by(Member.id)
        .limit(PIECE)
    ).all()
    theme = theme_or_none()
    open_deal = func.max(case((and_(VocItem.deal_minor > 0, VocItem.kind != "lost_reason"), 1), else_=0))
    found: dict[tuple[int, int], bool] = {}
    for member_id, theme_id, deal in session.execute(
        select(VocItem.member_id, theme, open_deal)
        .where(raised, VocItem.member_id.in_(members))
        .group_by(VocItem.member_id, theme)
    ):
        key = member_id, themes[theme_id]
        found[key] = found.get(key, False) or bool(deal)
    for member_id, theme_id in session.execute(
        select(ThemeTelling.member_id, ThemeTelling.theme_id).where(told, ThemeTelling.member_id.in_(members))
    ):
        found.setdefault((member_id, themes[theme_id]), False)
    raisers = tuple(Raiser(*key, deal) for key, deal in sorted(found.items()))
    return Piece(as_of, raisers, members[-1] if members else 0, len(members) == PIECE)


def spread_news(session: Session, workspace_id: int, piece: Piece, *, at: datetime) -> None:
    """Note whom the piece concerns, and when each of them is told: in their team's working time, while they are there.

    A theme that changed again since is left to its next round.
    """
    if piece.wait_until is not None:
        due = piece.wait_until
        if due > at:
            jobs.enqueue(session, workspace_id, SpreadNews(), at=at, not_before=due, once=f"news:{due.isoformat()}")
        else:
            jobs.enqueue(session, workspace_id, SpreadNews(), at=at)
        return
    of_round = locked(
        select(ThemeNews)
        .where(ThemeNews.workspace_id == workspace_id, ThemeNews.last_at <= piece.as_of)
        .order_by(ThemeNews.theme_id)
    )
    news = session.scalars(of_round).all()
    if not news:
        return
    themes = {theme.id for theme in surviving(session, [one.theme_id for one in news]).values()}
    raisers = [one for one in piece.raisers if one.theme_id in themes]
    told_from = _times(session, workspace_id, sorted({one.member_id for one in raisers}), at)
    known = {
        (one.member_id, one.theme_id): one
        for one in session.scalars(
            locked(
                select(ThemeTelling)
                .where(
                    ThemeTelling.member_id.in_(list(told_from)),
                    ThemeTelling.theme_id.in_(sorted(themes)),
                )
                .order_by(ThemeTelling.member_id, ThemeTelling.theme_id)
            )
        )
    }
    for one in raisers:
        telling = known.get((one.member_id, one.theme_id))
        if telling is None:
            telling = ThemeTelling(member_id=one.member_id, theme_id=one.theme_id, workspace_id=workspace_id)
            session.add(telling)
        telling.due_at, telling.noted_at, telling.with_deal = told_from[one.member_id], piece.as_of, one.with_deal
    for due in sorted(set(told_from.values())):
        jobs.enqueue(session, workspace_id, TellNews(), at=at, not_before=due)
    if piece.more:
        jobs.enqueue(session, workspace_id, SpreadNews(piece.last, piece.as_of), at=at)
    else:
        for row in news:
            session.delete(row)
    session.flush()


def surviving(session: Session, theme_ids: Sequence[int]) -> dict[int, Theme]:
    """By id, the theme that each of these is now: itself, or the theme that took its place."""
    now = themes_now(session, theme_ids)
    themes = {one.id: one for one in session.scalars(select(Theme).where(Theme.id.in_(sorted({*now.values()}))))}
    return {theme_id: themes[on] for theme_id, on in now.items() if on in themes}


def _times(session: Session, workspace_id: int, members: Sequence[int], at: datetime) -> Mapping[int, datetime]:
    """When each of the members can be told: at once, or when they are back and their team works again."""
    hours: dict[int, WorkingHours] = {}
    of_teams = (
        select(TeamMember.member_id, Team.hours)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.member_id.in_(members), Team.archived_at.is_(None))
        .order_by(TeamMember.member_id, Team.id)
    )
    for member_id, kept in session.execute(of_teams):
        hours.setdefault(member_id, WorkingHours.from_json(kept))
    usual = WorkingHours.from_json(default_team(session, workspace_id).hours)
    away = session.execute(select(Member.id, Member.away_until).where(Member.id.in_(members)))
    return {member_id: hours.get(member_id, usual).next_opening(max(at, until or at)) for member_id, until in away}
