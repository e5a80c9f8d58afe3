"""A deal that was lost to a competitor is logged like what a customer said, so that the competitor's card counts it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.money import Money
from domain.people import Actor, actor
from domain.voc.changing import record_change
from domain.voc.errors import SensitiveText
from domain.voc.form import VocFields
from domain.voc.items import store_item
from domain.voc.sensitive import check_sensitive
from storage.locking import locked
from storage.models import Lead, Member, Outcome, VocItem


def log_loss(session: Session, lead: Lead, outcome: Outcome, *, by: Actor | None, at: datetime) -> int | None:
    """The item, by whoever told it, else by whose lead it is; None where it is nobody's."""
    teller = by
    if teller is None and lead.owner_id is not None:
        teller = actor(session.get_one(Member, lead.owner_id))
    if teller is None:
        return None
    words = outcome.note or ""
    try:
        check_sensitive(words, None, warned=None)
    except SensitiveText:
        words = ""  # what should not be kept stays with the lead
    deal = None
    if outcome.amount_minor is not None and outcome.currency is not None:
        deal = Money(outcome.amount_minor, outcome.currency)
    fields = VocFields(
        text=words or f"{lead.company or lead.name}: {outcome.competitor}",
        kind="lost_reason",
        theme=None,
        account_id=lead.account_id,
        account=None,
        competitor=outcome.competitor,
        deal=deal,
        quote=None,
        kind_by="person",
    )
    facts, _ = store_item(session, fields, line=fields.text, origin="form", permalink=None, by=teller, at=at)
    return facts.id


def take_back_loss(session: Session, item_id: int, *, by: Actor | None, at: datetime) -> None:
    """The deal was not lost after all: the item counts no more."""
    item = session.scalars(locked(select(VocItem).where(VocItem.id == item_id))).one()
    if item.state == "live":
        teller = by if by is not None else actor(session.get_one(Member, item.member_id))
        item.state = "withdrawn"
        record_change(session, item, "voc.withdrawn", teller, at)
