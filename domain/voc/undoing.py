"""Takes a merge, a rename or a split back: from the receipt by one tap, or later from the history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.leads.announce import refresh_home
from domain.merged import chain_of
from domain.people import Actor
from domain.theme_news import note_news
from domain.voc.competitor_merging import take_competitor_back
from domain.voc.grouped import Row, hold_rows
from domain.voc.merging import kept_answer, put_answer
from domain.voc.moving import move_first
from domain.voc.regrouping import BEFORE, Before, Regrouped, allow, note_regrouping, refuse_busy, regrouped
from domain.voc.renaming import take_rename_back
from storage.locking import locked
from storage.models import Account, Asset, RegroupedRow, Regrouping, Theme


def undo_regrouping(session: Session, regrouping_id: int, *, by: Actor, at: datetime) -> Regrouped:
    """Move back what the regrouping moved and nobody moved since, and put back what it changed.

    A second time changes nothing. Raises NotAllowed, NotFound, RegroupingRefused.
    """
    allow(session, by)
    here = select(Regrouping).where(Regrouping.id == regrouping_id, Regrouping.workspace_id == by.workspace_id)
    done = session.scalars(locked(here)).one_or_none()
    if done is None:
        raise NotFound("change")
    if done.undone_at is not None:
        return regrouped(session, done)
    if done.state == "done":
        refuse_busy(session, by.workspace_id, done.about, (done.subject, done.target))
    if done.about == "competitor":
        take_competitor_back(session, done, by)
    else:
        _take_rows_back(session, done, by, at)
    done.state, done.undone_by_id, done.undone_at = "undoing", by.id, at
    note_regrouping(session, done, f"{done.kind}_undone", by=by, at=at)
    move_first(session, done, at=at)
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return regrouped(session, done)


def _take_rows_back(session: Session, done: Regrouping, by: Actor, at: datetime) -> None:
    subject, target = hold_rows(session, by, done.about, int(done.subject), int(done.target))
    before = BEFORE.read(done.before)
    if done.kind == "rename":
        take_rename_back(session, done, subject, target, before.title or done.subject_name)
    if done.kind == "merge":
        subject.merged_into_id = None
        session.flush()
        _give_back(session, done, subject, target, before, at)


def _give_back(session: Session, done: Regrouping, subject: Row, target: Row, before: Before, at: datetime) -> None:
    """What the target took of the subject besides its items."""
    if isinstance(target, Account):
        target.known = target.known and not before.listed
        return
    if not isinstance(subject, Theme):
        return
    if before.answer is not None and kept_answer(target) == kept_answer(subject):  # nobody answered anew since
        put_answer(target, before.answer)
        note_news(session, target, at)
    places = chain_of(session, target.id)
    moved = select(RegroupedRow.row_id).where(RegroupedRow.regrouping_id == done.id, RegroupedRow.what == "asset")
    for asset in session.scalars(select(Asset).where(Asset.id.in_(moved), Asset.theme_id.in_(places))):
        asset.theme_id = subject.id
