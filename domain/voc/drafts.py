"""What a member typed into the voc form and did not submit: kept for a day, and there when they open the form again.

Slack tells of a closed form without what was typed in it, so the form tells while they type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.voc.form import VocForm
from domain.voc.items import log_form
from domain.voc.receipt import VocReceipt
from storage.locking import locked
from storage.models import VocDraft

KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in an open form. `fields`: by block id, as handlers/voc/drafts.py keeps them; empty: nothing.

    `view_id`: of the form; `moment`: Slack's time of it, which tells what came later.
    """

    fields: Mapping[str, Any]
    view_id: str
    moment: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed until `typed_at` (aware UTC)."""

    fields: Mapping[str, Any]
    typed_at: datetime


def keep_draft(session: Session, typed: Typed, *, by: Actor, at: datetime) -> None:
    """Keep what stands in the form now, unless that form was submitted meanwhile, or told something newer before."""
    row = _row(session, by)
    if row is None:
        row = VocDraft(member_id=by.id, workspace_id=by.workspace_id, view_id="", moment="", fields={}, typed_at=at)
        session.add(row)
    elif row.view_id == typed.view_id and (not row.moment or typed.moment < row.moment):
        return
    row.view_id, row.moment, row.fields, row.typed_at = typed.view_id, typed.moment, dict(typed.fields), at
    session.flush()


def find_draft(session: Session, *, by: Actor, at: datetime) -> Draft | None:
    """What the member typed last and did not submit, within KEPT."""
    row = session.get(VocDraft, by.id)
    if row is None or not row.fields or row.typed_at <= at - KEPT:
        return None
    return Draft(dict(row.fields), row.typed_at)


def drop_draft(session: Session, view_id: str, *, by: Actor, at: datetime) -> None:
    """Forget the draft; what the form `view_id` still tells late is no draft either ("": that form goes on)."""
    row = _row(session, by)
    if row is None:
        row = VocDraft(member_id=by.id, workspace_id=by.workspace_id, view_id="", moment="", fields={}, typed_at=at)
        session.add(row)
    row.view_id, row.moment, row.fields, row.typed_at = view_id, "", {}, at
    session.flush()


def log_drafted(
    session: Session,
    form: VocForm,
    *,
    origin: str,
    permalink: str | None,
    warned: str | None,
    view_id: str | None,
    by: Actor,
    at: datetime,
) -> VocReceipt:
    """`log_form`, and the draft is done with. `view_id`: of the form; None: it is one that keeps no draft."""
    logged = log_form(session, form, origin=origin, permalink=permalink, warned=warned, by=by, at=at)
    if view_id is not None:
        drop_draft(session, view_id, by=by, at=at)
    return logged


def forget_before(session: Session, at: datetime) -> None:
    """Delete what was typed before then: nobody is offered it any more."""
    session.execute(delete(VocDraft).where(VocDraft.typed_at < at))


def _row(session: Session, by: Actor) -> VocDraft | None:
    return session.scalars(locked(select(VocDraft).where(VocDraft.member_id == by.id))).one_or_none()
