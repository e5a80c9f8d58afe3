"""Every item of a theme, or without one, for whoever reads what customers said: page by page, the newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.merged import chain_of
from domain.money import Money
from domain.people import MARKETERS, Actor
from domain.pulse import COUNTED_AT_MOST, UNTAGGED
from domain.voc.facts import VocFacts, facts_of
from domain.voc.scope import Named, Scope, items_in, name_scope, scope_now
from domain.voc.work import find_live_theme
from storage.models import Account, Member, VocItem

ITEMS: Final = 10
"""On one page."""


@dataclass(frozen=True, slots=True)
class ReadItem:
    """What somebody heard. `quote`: the customer's own words; `note`: the rep's. `author` and `account` are names.

    `is_vote`: the author heard the same as somebody else; the note may be empty.
    """

    id: int
    version: int
    created_at: datetime
    kind: str
    author: str
    account: str | None
    competitor: str | None
    deal: Money | None
    quote: str | None
    note: str
    permalink: str | None
    is_vote: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of the items of a theme in a scope. `theme_id` UNTAGGED and `slug` None: those that have none.

    `count` items are there in all; `more`: there are more than that. `older`: the theme has items from before the
    scope's time. `may_change`: whoever reads is of marketing.
    """

    theme_id: int
    slug: str | None
    born: datetime | None
    scope: Scope
    named: Named
    items: tuple[ReadItem, ...]
    page: int
    pages: int
    count: int
    more: bool
    older: bool
    may_change: bool


def read_all(session: Session, theme_id: int, scope: Scope, page: int = 0, *, by: Actor, at: datetime) -> Reading:
    """The items of a theme, or of the one that took its place (UNTAGGED: of none). Raises NotFound."""
    now = chain_of(session, theme_id)[-1]
    theme = find_live_theme(session, now, by.workspace_id) if theme_id != UNTAGGED else None
    scope = scope_now(session, scope)
    named = name_scope(session, scope, by.workspace_id)
    of_theme = VocItem.theme_id.is_(None) if theme is None else VocItem.theme_id == theme.id
    about = [*items_in(scope, by.workspace_id, at), of_theme]
    some = select(VocItem.id).where(*about).limit(COUNTED_AT_MOST + 1).subquery()
    count = session.scalar(select(func.count()).select_from(some)) or 0
    counted = min(count, COUNTED_AT_MOST)
    pages = max(1, -(-counted // ITEMS))
    page = min(max(page, 0), pages - 1)
    rows = session.execute(
        select(VocItem, Member.name, Account.name)
        .join(Member, Member.id == VocItem.member_id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(*about)
        .order_by(VocItem.created_at.desc(), VocItem.id.desc())
        .offset(page * ITEMS)
        .limit(ITEMS)
    )
    return Reading(
        theme_id=theme.id if theme else UNTAGGED,
        slug=theme.slug if theme else None,
        born=theme.created_at if theme else None,
        scope=scope,
        named=named,
        items=tuple(_item(item, author, account) for item, author, account in rows),
        page=page,
        pages=pages,
        count=counted,
        more=count > COUNTED_AT_MOST,
        older=theme is not None and _has_older(session, theme.id, by.workspace_id, scope, at),
        may_change=by.role in MARKETERS,
    )


def show_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocFacts:  # noqa: ARG001  # asked as of now
    """An item, whoever logged it. Raises NotFound."""
    item = session.get(VocItem, item_id)
    if item is None or item.workspace_id != by.workspace_id:
        raise NotFound("item")
    return facts_of(session, item)


def _has_older(session: Session, theme_id: int, workspace_id: int, scope: Scope, at: datetime) -> bool:
    if scope.days is None:
        return False
    begin = at - timedelta(days=scope.days)
    ever = items_in(replace(scope, days=None), workspace_id, at)
    older = select(VocItem.id).where(*ever, VocItem.theme_id == theme_id, VocItem.created_at <= begin)
    return session.scalar(older.limit(1)) is not None


def _item(item: VocItem, author: str, account: str | None) -> ReadItem:
    deal = None
    if item.deal_minor and item.deal_currency is not None:
        deal = Money(item.deal_minor, item.deal_currency)
    return ReadItem(
        id=item.id,
        version=item.version,
        created_at=item.created_at,
        kind=item.kind,
        author=author,
        account=account,
        competitor=item.competitor,
        deal=deal,
        quote=item.quote,
        note=item.verbatim,
        permalink=item.permalink,
        is_vote=item.of_item_id is not None,
    )
