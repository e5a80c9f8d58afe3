"""Accounts: found by name however it is spelled, added and marked when nobody has confirmed them yet."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Account


def find_or_add_account(session: Session, workspace_id: int, name: str, *, at: datetime) -> Account:
    """The account of that name; an unknown one is kept with `known` false."""
    slug = account_slug(name)
    account = session.scalars(
        select(Account).where(Account.workspace_id == workspace_id, Account.slug == slug)
    ).one_or_none()
    if account is None:
        account = Account(workspace_id=workspace_id, name=name.strip(), slug=slug, created_at=at)
        session.add(account)
        session.flush()
    return account


def account_names(session: Session, workspace_id: int) -> list[str]:
    """The names of all confirmed accounts."""
    return list(session.scalars(select(Account.name).where(Account.workspace_id == workspace_id, Account.known)))


def account_slug(name: str) -> str:
    """What makes two spellings one account: case, spacing, punctuation and legal forms do not count."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = re.findall(r"[^\W_]+", plain)
    while len(words) > 1 and words[-1] in {
        "inc",
        "ltd",
        "llc",
        "gmbh",
        "ag",
        "corp",
        "co",
        "sa",
        "bv",
        "plc",
    }:
        words.pop()
    return "-".join(words) or plain.strip()
