"""Makes the keys under which words are compared, for rows of an earlier release.

It runs at a program's start and every night. A later release that compares words otherwise empties the keys in a
migration, and they are made anew here.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.people import name_member
from domain.text import compare_key
from storage.models import Account, Member, Theme, VocItem


def renew_keys(session: Session, *, limit: int) -> int:
    """Make up to `limit` missing keys of each kind; how many were made."""
    accounts = session.scalars(select(Account).where(Account.keyed.is_(None)).order_by(Account.id).limit(limit)).all()
    for account in accounts:
        account.slug, account.keyed = _free_slug(session, account), True
        session.flush()
    themes = session.scalars(select(Theme).where(Theme.key.is_(None)).limit(limit)).all()
    for theme in themes:
        theme.key = compare_key(theme.slug)
    members = session.scalars(select(Member).where(Member.name_key.is_(None)).limit(limit)).all()
    for member in members:
        name_member(member, member.name)
    left = (VocItem.competitor.is_not(None), VocItem.competitor_key.is_(None))
    items = session.scalars(select(VocItem).where(*left).order_by(VocItem.id).limit(limit)).all()
    for item in items:
        item.competitor_key = compare_key(item.competitor or "")
        item.tallied_version = 0  # it is counted anew, under this key
    session.flush()
    return len(accounts) + len(themes) + len(members) + len(items)


def _free_slug(session: Session, account: Account) -> str:
    """The account's slug; where another account has it, both stay and this one gets a slug of its own.

    What either was named in stays with it; what is logged from now on goes to the one that has the slug.
    """
    slug = account_slug(account.name)
    taken = session.scalar(
        select(Account.id).where(
            Account.workspace_id == account.workspace_id, Account.slug == slug, Account.id != account.id
        )
    )
    return slug if taken is None else f"{slug}~{account.id}"
