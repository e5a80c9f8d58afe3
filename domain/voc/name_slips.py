"""What a rep answers when a theme, an account or a competitor is spelled nearly like another: that is meant, or not.

The item is saved either way.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.errors import NotFound
from domain.merged import own_account
from domain.near_names import competitor_called, is_kept
from domain.people import Actor, audit
from domain.text import compare_key, slugify_theme
from domain.themes import find_theme
from domain.voc.changing import check_version, item_to_change, record_change
from domain.voc.led_competitors import chain_of_competitor
from domain.voc.moving import forget_moved
from domain.voc.receipt import VocReceipt, receipt_of
from domain.voc.sounding import CONFIRMED
from domain.voc.votes import votes_follow
from storage.models import Account, KeptName, Theme, VocItem


def use_theme(session: Session, item_id: int, slug: str, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Move the item to the theme that was meant. A second time changes nothing.

    `version`: of the item when that was asked. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = item_to_change(session, item_id, by)
    theme = find_theme(session, by.workspace_id, slugify_theme(slug) or "")
    if theme is None:
        raise NotFound("theme")
    if item.theme_id != theme.id:
        check_version(session, item, version, by, at)
        before, item.theme_id = item.theme_id, theme.id
        item.theme_by = CONFIRMED
        forget_moved(session, item.id, "theme")
        record_change(session, item, "voc.theme_used", by, at, data={"before": before, "after": theme.id})
        votes_follow(session, item, by, at)
    return receipt_of(session, item, at)


def keep_theme(session: Session, item_id: int, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Say that the spelling of the item's theme is meant: nobody is asked about it again.

    `version`: of the item when that was asked. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = item_to_change(session, item_id, by)
    check_version(session, item, version, by, at)
    theme = session.get(Theme, item.theme_id) if item.theme_id is not None else None
    if theme is not None and theme.kept_at is None:
        theme.kept_at = at
        audit(session, by.workspace_id, "theme.kept", "theme", theme.id, by=by, at=at)
        session.flush()
    return receipt_of(session, item, at)


def use_account(session: Session, item_id: int, slug: str, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Put the item to the account that was meant. A second time changes nothing.

    `version`: of the item when that was asked. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = item_to_change(session, item_id, by)
    here = select(Account.id).where(Account.workspace_id == by.workspace_id, Account.slug == slug)
    found = session.scalar(here)
    if found is None:
        raise NotFound("account")
    account_id = own_account(session, found).id
    if item.account_id != account_id:
        check_version(session, item, version, by, at)
        before, item.account_id = item.account_id, account_id
        forget_moved(session, item.id, "account")
        data = {"before": before, "after": account_id}
        record_change(session, item, "voc.account_used", by, at, data=data)
    return receipt_of(session, item, at)


def use_competitor(session: Session, item_id: int, key: str, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Name the competitor that was meant. A second time changes nothing. Raises as `use_account` does."""
    item = item_to_change(session, item_id, by)
    key = chain_of_competitor(session, by.workspace_id, key)[-1]  # it may have been merged since
    name = competitor_called(session, by.workspace_id, key, at=at)
    if name is None:
        raise NotFound("competitor")
    if item.competitor_key != key:
        check_version(session, item, version, by, at)
        item.competitor, item.competitor_key = name, key
        forget_moved(session, item.id, "competitor")
        record_change(session, item, "voc.competitor_used", by, at)
        votes_follow(session, item, by, at)
    return receipt_of(session, item, at)


def keep_account(session: Session, item_id: int, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Say that the spelling of the item's account is meant: nobody is asked about it again."""
    item = item_to_change(session, item_id, by)
    check_version(session, item, version, by, at)
    account = session.get(Account, item.account_id) if item.account_id is not None else None
    if account is not None:
        _keep(session, item, "account", account_slug(account.name), by, at)
    return receipt_of(session, item, at)


def keep_competitor(session: Session, item_id: int, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Say that the spelling of the item's competitor is meant: nobody is asked about it again."""
    item = item_to_change(session, item_id, by)
    check_version(session, item, version, by, at)
    if item.competitor:
        _keep(session, item, "competitor", compare_key(item.competitor), by, at)
    return receipt_of(session, item, at)


def _keep(session: Session, item: VocItem, about: str, key: str, by: Actor, at: datetime) -> None:
    if is_kept(session, item.workspace_id, about, key):
        return
    session.add(KeptName(workspace_id=item.workspace_id, about=about, key=key, kept_at=at))
    audit(session, item.workspace_id, f"{about}.kept", "voc_item", item.id, by=by, at=at)
    session.flush()
