"""What other systems are told of voc items: what was said, about which theme and account, and who logged it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.webhooks.telling import instant, people_told, person_told, tell
from storage.models import Account, Theme, VocItem
from storage.statements import Statement

_BELONGS: Final = Statement(
    select(
        Theme.id.label("theme_id"),
        Theme.slug,
        Account.id.label("account_id"),
        Account.name,
    )
    .select_from(VocItem)
    .outerjoin(Theme, Theme.id == VocItem.theme_id)
    .outerjoin(Account, Account.id == VocItem.account_id)
    .where(VocItem.id == bindparam("item"))
)
_CHANGED: Final = {"voc.withdrawn": "withdrawn", "voc.restored": "restored"}
"""What changes of an item are called, as the audit log calls them; every other one is an edit."""


def tell_new_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> None:
    """The item was just logged."""
    tell_item(session, session.get_one(VocItem, item_id), "logged", by=by, at=at)


def tell_changed_item(session: Session, item: VocItem, action: str, *, by: Actor, at: datetime) -> None:
    """The item was changed; `action`: as the audit log calls it."""
    tell_item(session, item, _CHANGED.get(action, "edited"), by=by, at=at)


def tell_item(session: Session, item: VocItem, what: str, *, by: Actor, at: datetime) -> None:
    """Something happened to the item (ITEM_EVENTS). A vote is told in order with the item that it agrees with."""
    subject = f"item:{item.of_item_id or item.id}"
    kind = f"voc.item.{what}"
    tell(session, item.workspace_id, kind, subject, lambda: _told(session, item, by), at=at)


def _told(session: Session, item: VocItem, by: Actor) -> dict[str, Any]:
    session.flush()
    belongs = _BELONGS.first(session, {"item": item.id})
    reps = people_told(session, item.workspace_id, {item.member_id})
    deal = {"amount_minor": item.deal_minor, "currency": item.deal_currency} if item.deal_minor is not None else None
    return {
        "item": {
            "id": item.id,
            "state": item.state,
            "kind": item.kind,
            "said": item.verbatim,
            "quote": item.quote,
            "consent": item.consent,
            "theme": {"id": belongs.theme_id, "slug": belongs.slug} if belongs.theme_id else None,
            "account": {"id": belongs.account_id, "name": belongs.name} if belongs.account_id else None,
            "competitor": item.competitor,
            "deal": deal,
            "rep": reps.get(item.member_id),
            "origin": item.origin,
            "permalink": item.permalink,
            "agrees_with": item.of_item_id,
            "heard_at": instant(item.created_at),
        },
        "by": person_told(session, by),
    }
