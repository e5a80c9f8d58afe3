"""Merging themes and accounts: what a merge comes to, and the merge itself. (competitor_merging.py is for competitors.)

What is merged stays as a row that leads to the other. So whatever is typed under its name lands there at once, and its
items follow (moving.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.errors import Changed
from domain.leads.announce import refresh_home
from domain.merged import own_account, own_theme
from domain.people import Actor
from domain.text import compare_key, slugify_theme
from domain.theme_news import note_news
from domain.versions import version_of
from domain.voc.errors import RegroupingRefused
from domain.voc.grouped import Row, about_of, bare, hold_rows, items_under, name_of, row_typed
from domain.voc.moving import move_first, remember_moved
from domain.voc.regrouping import (
    Before,
    Items,
    KeptAnswer,
    Regrouped,
    allow,
    begin_regrouping,
    called,
    count_items,
    refuse_busy,
    regrouped,
)
from storage.models import Account, Asset, Theme

Staying = Literal["subject", "target"]
"""Whose answer the merged theme has: that of the theme which becomes a part, or that of the theme which stays."""


@dataclass(frozen=True, slots=True)
class ThemeAnswer:
    """Marketing's answer. `audience` and `until` as in `storage.models.Theme`."""

    text: str
    audience: str
    until: date | None


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging `subject` into `target` comes to; both without their marks. `version`: of what may change.

    The keys are ids as text, or those of competitors; `born`: of the subject's row. The answers are those of themes.
    """

    about: str
    subject_key: str
    born: datetime | None
    subject: str
    target_key: str
    target: str
    items: Items
    target_items: Items
    version: str
    assets: int = 0
    answer: ThemeAnswer | None = None
    target_answer: ThemeAnswer | None = None


def plan_merge(session: Session, typed: str, into: str, *, by: Actor, at: datetime) -> MergePlan:
    """What a merge comes to, of two themes or accounts that were typed; without a mark, a name is a theme's.

    Raises NotAllowed, UnknownName, RegroupingRefused.
    """
    about = about_of(typed)
    if about_of(into, about) != about:
        raise RegroupingRefused("unlike", typed, into)
    subject, target = (row_typed(session, about, one, by=by, at=at) for one in (typed, into))
    allow(session, by)
    if subject.id == target.id:
        raise _already_one(about, typed, into, name_of(subject))
    refuse_busy(session, by.workspace_id, about, (str(subject.id), str(target.id)))
    return MergePlan(
        about=about,
        subject_key=str(subject.id),
        born=subject.created_at,
        subject=name_of(subject),
        target_key=str(target.id),
        target=name_of(target),
        items=count_items(session, items_under(subject)),
        target_items=count_items(session, items_under(target)),
        version=_version(subject, target),
        assets=_count_assets(session, subject),
        answer=_answer(subject),
        target_answer=_answer(target),
    )


def merge_rows(
    session: Session,
    about: str,
    subject_id: int,
    target_id: int,
    *,
    staying: Staying,
    version: str,
    by: Actor,
    at: datetime,
) -> Regrouped:
    """Make the subject a part of the target: all its items, live and taken back, and a theme's assets.

    `staying`: whose answer the target has from now on, where there is one. `version`: of the plan that was shown.
    Raises NotAllowed, NotFound in another workspace, RegroupingRefused, Changed when the plan is another by now.
    """
    allow(session, by)
    subject, target = hold_rows(session, by, about, subject_id, target_id)
    names = name_of(subject), name_of(target)
    if subject.id == target.id:
        raise RegroupingRefused("itself", called(about, names[0]), called(about, names[1]))
    for row in (subject, target):
        if row.merged_into_id is not None:
            raise RegroupingRefused("part_already", called(about, name_of(row)), called(about, _leads_to(session, row)))
    refuse_busy(session, by.workspace_id, about, (str(subject.id), str(target.id)))
    if version != _version(subject, target):
        raise Changed(about, None, version=_version(subject, target))
    before = _take_over(subject, target, staying)
    keys = str(subject.id), str(target.id)
    regrouping = begin_regrouping(session, about, "merge", keys, names, by=by, at=at, before=before)
    subject.merged_into_id = target.id
    assets = session.scalars(select(Asset).where(*_assets_of(subject))).all() if about == "theme" else ()
    for asset in assets:
        asset.theme_id = target.id
    session.flush()
    remember_moved(session, regrouping, "asset", [asset.id for asset in assets])
    if isinstance(target, Theme) and (_is_worked_on(subject) or _is_worked_on(target)):
        note_news(session, target, at)
    move_first(session, regrouping, at=at)
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return regrouped(session, regrouping)


def merge_found(session: Session, about: str, subject_id: int, target_id: int, *, by: Actor, at: datetime) -> Regrouped:
    """The same of what somebody just said is one, without a plan that was shown. Raises as `merge_rows`."""
    allow(session, by)
    subject, target = hold_rows(session, by, about, subject_id, target_id)
    version = _version(subject, target)
    return merge_rows(session, about, subject_id, target_id, staying="target", version=version, by=by, at=at)


def kept_answer(theme: Theme) -> KeptAnswer:
    """The theme's answer, to be put back."""
    return KeptAnswer(theme.answer, theme.answered_by_id, theme.answered_at, theme.answer_audience, theme.answer_until)


def put_answer(theme: Theme, kept: KeptAnswer) -> None:
    """Give a theme an answer that was kept, or none where there was none."""
    theme.answer, theme.answered_by_id, theme.answered_at = kept.text, kept.by, kept.at
    theme.answer_audience, theme.answer_until = kept.audience, kept.until


def _take_over(subject: Row, target: Row, staying: Staying) -> Before:
    """What the target takes of the subject besides its items; returns what undoing puts back."""
    if isinstance(subject, Account) and isinstance(target, Account):
        confirmed = subject.known and not target.known
        target.known = target.known or subject.known
        return Before(listed=confirmed)
    if isinstance(subject, Theme) and isinstance(target, Theme) and staying == "subject" and subject.answer is not None:
        before = Before(answer=kept_answer(target))
        put_answer(target, kept_answer(subject))
        return before
    return Before()


def _is_worked_on(row: Row) -> bool:
    """Whether there may be something about a theme that those who raised the other one have not heard."""
    return isinstance(row, Theme) and (row.answer is not None or row.status != "new")


def _already_one(about: str, typed: str, into: str, name: str) -> RegroupingRefused:
    """The error for two names of one thing: they are the same name, or one is an earlier name of the other."""
    key = compare_key if about == "theme" else account_slug
    spelled = [slugify_theme(one) or "" if about == "theme" else bare(one) for one in (typed, into)]
    other = next((one for one in spelled if key(one) != key(name)), None)
    return RegroupingRefused("part_already" if other else "itself", called(about, other or name), called(about, name))


def _leads_to(session: Session, row: Row) -> str:
    return own_theme(session, row.id).slug if isinstance(row, Theme) else own_account(session, row.id).name


def _answer(row: Row) -> ThemeAnswer | None:
    if not isinstance(row, Theme) or row.answer is None:
        return None
    return ThemeAnswer(row.answer, row.answer_audience, row.answer_until)


def _version(subject: Row, target: Row) -> str:
    return version_of([(one.id, name_of(one), _answer(one)) for one in (subject, target)])


def _assets_of(row: Row) -> tuple[ColumnElement[bool], ...]:
    return Asset.workspace_id == row.workspace_id, Asset.theme_id == row.id


def _count_assets(session: Session, row: Row) -> int:
    if not isinstance(row, Theme):
        return 0
    return session.scalar(select(func.count()).select_from(Asset).where(*_assets_of(row))) or 0
