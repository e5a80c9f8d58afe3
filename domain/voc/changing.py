"""Who may change a voc item, whether it is still as they saw it, and what is noted of each change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.batches import show_batch_anew
from domain.errors import Changed, NotFound
from domain.leads.announce import refresh_home
from domain.people import MANAGERS, Actor, audit
from domain.voc.errors import ItemRefused
from domain.webhooks.items import tell_changed_item
from storage.locking import locked
from storage.models import AuditEvent, Member, VocItem


def find_item(session: Session, item_id: int, by: Actor) -> VocItem:
    """The item of the workspace, locked. Raises NotFound."""
    item = session.scalars(
        locked(select(VocItem).where(VocItem.id == item_id, VocItem.workspace_id == by.workspace_id))
    ).one_or_none()
    if item is None:
        raise NotFound("item")
    return item


def own_item(session: Session, item_id: int, by: Actor) -> VocItem:
    """The item, locked, if this member may change it: its author, or who manages."""
    item = find_item(session, item_id, by)
    if item.member_id != by.id and by.role not in MANAGERS:
        raise ItemRefused("not_theirs")
    return item


def item_to_change(session: Session, item_id: int, by: Actor) -> VocItem:
    item = own_item(session, item_id, by)
    if item.of_item_id is not None:
        raise ItemRefused("a_vote")
    if item.state == "withdrawn":
        raise ItemRefused("undone")
    return item


def check_version(session: Session, item: VocItem, version: int, by: Actor, at: datetime) -> None:
    if item.version == version:
        return
    last = session.execute(
        select(AuditEvent.by_id, AuditEvent.at, Member.name)
        .join(Member, Member.id == AuditEvent.by_id)
        .where(
            AuditEvent.workspace_id == item.workspace_id,
            AuditEvent.subject == "voc_item",
            AuditEvent.subject_id == item.id,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    if last is None:
        raise Changed("item", None, version=item.version)
    who = "You" if last.by_id == by.id else last.name
    raise Changed("item", who, version=item.version, ago=at - last.at)


def record_change(
    session: Session, item: VocItem, action: str, by: Actor, at: datetime, *, data: dict[str, Any] | None = None
) -> None:
    item.version += 1
    item.updated_at = at
    session.flush()
    audit(session, item.workspace_id, action, "voc_item", item.id, by=by, at=at, data=data)
    tell_changed_item(session, item, action, by=by, at=at)
    show_batch_anew(session, item.workspace_id, item.id, at)
    refresh_home(session, item.workspace_id, item.member_id, at, by=by)
