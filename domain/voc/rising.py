"""Marketing is alerted once when a theme rises: more accounts raise it in 7 days than in the 7 days before.

The alert is one message. While the rise lasts, the same message is edited as the theme goes on, and nobody is pinged
again. A theme is counted only after items of it changed (domain/rises.py), so quiet themes cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.people import OF_MARKETING, default_team
from domain.rises import COMPARED, RISE_CARD, show_rise_anew
from domain.themes import AnswerMark, mark_of
from domain.voc.promise import due_of, places_of
from domain.voc.trend import NOTHING, Counted, compare_weeks
from domain.zones import stored_zone
from storage import outbox
from storage.locking import locked
from storage.models import Member, Theme, ThemeRise, Workspace
from storage.outbox import Priority

LASTS: Final = COMPARED
"""So long after an alert the same message is edited. By then, what was compared is of the time of the alert itself."""

LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True)
class Rise:
    """A theme of which marketing was alerted, for its message. `last`: the 7 days up to `counted_at`, `before`: the 7
    days before; `is_rising`: whether that is a rise by the settings of now.

    `instead`: the slug of the theme that took its place. `owner`: a name. `answered_at` is None without an answer.
    `due_at`: by when a first answer is promised.
    """

    id: int
    slug: str
    created_at: datetime
    last: Counted
    before: Counted
    counted_at: datetime
    is_rising: bool
    status: str
    owner: str | None
    answered_at: datetime | None
    mark: AnswerMark
    due_at: datetime | None
    instead: str | None


def is_rise(last: Counted, before: Counted, workspace: Workspace) -> bool:
    """Whether enough accounts raised a theme in the last 7 days, and enough more than in the 7 days before."""
    least = max(workspace.rising_accounts, workspace.rising_times * before.accounts)
    return workspace.rising_accounts > 0 and last.accounts >= least


def workspaces_to_compare(session: Session, at: datetime) -> Sequence[int]:
    """The workspaces with themes that are to be looked at."""
    return session.scalars(select(ThemeRise.workspace_id).where(ThemeRise.look_at <= at).distinct()).all()


def tell_rising(session: Session, workspace_id: int, *, at: datetime) -> int:
    """Look at the themes whose items changed, within working hours: alert of those that rise, so many a local day at
    the most, and edit the alerts that stand. Returns of how many themes it alerted.

    What is too much for a day is looked at again on the next.
    """
    hours = default_team(session, workspace_id).hours
    if not WorkingHours.from_json(hours).is_open(at):
        return 0
    rows = session.scalars(
        locked(
            select(ThemeRise)
            .where(ThemeRise.workspace_id == workspace_id, ThemeRise.look_at <= at)
            .order_by(ThemeRise.look_at, ThemeRise.theme_id)
            .limit(LOOKED_AT)
        )
    ).all()
    if not rows:
        return 0
    workspace = session.get_one(Workspace, workspace_id)
    compared = compare_weeks(session, [row.theme_id for row in rows], at)
    themes = {one.id: one for one in session.scalars(select(Theme).where(Theme.id.in_([row.theme_id for row in rows])))}
    new: list[ThemeRise] = []
    for row in rows:
        last, before = compared.get(row.theme_id, (NOTHING, NOTHING))
        theme = themes[row.theme_id]
        row.look_at = None
        if row.told_at is not None and row.told_at > at - LASTS:
            if _keep(row, last, before, at) or theme.merged_into_id is not None:
                show_rise_anew(session, theme, at)
        elif theme.merged_into_id is None and is_rise(last, before, workspace):
            _keep(row, last, before, at)
            new.append(row)
        elif row.told_at is None:
            session.delete(row)
    new.sort(key=lambda one: (-one.accounts, -one.items, one.theme_id))
    today = datetime.combine(at.astimezone(zone := stored_zone(str(hours["zone"]))).date(), time(), zone)
    room = max(0, workspace.rising_a_day - _told_since(session, workspace_id, today))
    for row in new[:room]:
        row.told_at = at
        for place in places_of(session, themes[row.theme_id]):
            outbox.put_card(
                session, workspace_id, RISE_CARD, row.theme_id, place, at=at, priority=Priority.REMINDER, anew=True
            )
    for row in new[room:]:
        row.look_at = datetime.combine(today.date() + timedelta(days=1), time(), zone)
    session.flush()
    return len(new[:room])


def load_rise(session: Session, theme_id: int, workspace_id: int) -> Rise | None:
    """The theme and its counts as they were last compared; None when marketing was never alerted of it."""
    found = session.execute(
        select(ThemeRise, Theme, Member.name, Workspace)
        .join(Theme, Theme.id == ThemeRise.theme_id)
        .join(Workspace, Workspace.id == ThemeRise.workspace_id)
        .outerjoin(Member, and_(Member.id == Theme.owner_id, OF_MARKETING))
        .where(ThemeRise.theme_id == theme_id, ThemeRise.workspace_id == workspace_id)
    ).one_or_none()
    if found is None or found.ThemeRise.counted_at is None:
        return None
    row, theme = found.ThemeRise, found.Theme
    last, before = Counted(row.items, row.accounts), Counted(row.items_before, row.accounts_before)
    return Rise(
        id=theme.id,
        slug=theme.slug,
        created_at=theme.created_at,
        last=last,
        before=before,
        counted_at=row.counted_at,
        is_rising=is_rise(last, before, found.Workspace),
        status=theme.status,
        owner=found.name,
        answered_at=theme.answered_at,
        mark=mark_of(theme),
        due_at=due_of(theme),
        instead=session.scalar(select(Theme.slug).where(Theme.id == theme.merged_into_id)),
    )


def _keep(row: ThemeRise, last: Counted, before: Counted, at: datetime) -> bool:
    """Keep the counts for the alert; whether they are others than those kept."""
    kept = Counted(row.items, row.accounts), Counted(row.items_before, row.accounts_before)
    if row.counted_at is not None and kept == (last, before):
        return False
    row.accounts, row.items = last.accounts, last.items
    row.accounts_before, row.items_before = before.accounts, before.items
    row.counted_at = at
    return True


def _told_since(session: Session, workspace_id: int, since: datetime) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(ThemeRise)
            .where(ThemeRise.workspace_id == workspace_id, ThemeRise.told_at >= since)
        )
        or 0
    )
