"""A person says that an item is not about the theme that its words suggested."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.people import Actor
from domain.voc.changing import check_version, item_to_change, record_change
from domain.voc.moving import forget_moved
from domain.voc.receipt import VocReceipt, receipt_of
from domain.voc.sounding import BY_RULE, DECLINED
from domain.voc.votes import votes_follow


def decline_theme(session: Session, item_id: int, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Take back what was filed by its words, and ask no more about this item. A second time changes nothing.

    `version`: of the item when that was asked. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = item_to_change(session, item_id, by)
    if item.theme_by != DECLINED:
        check_version(session, item, version, by, at)
        before = item.theme_id
        if item.theme_by == BY_RULE:
            item.theme_id = None
            forget_moved(session, item.id, "theme")
        item.theme_by = DECLINED
        record_change(session, item, "voc.theme_declined", by, at, data={"before": before, "after": item.theme_id})
        votes_follow(session, item, by, at)
    return receipt_of(session, item, at)
