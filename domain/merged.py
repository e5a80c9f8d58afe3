"""Themes and accounts that lead to others: a merged one, and the old name of a renamed one, stay as rows without items.

Whoever finds such a row follows it, so that what is typed lands under what took its place from the very moment on. A
chain is as long as merges were done one after another, and each step is one in an index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.models import Account, Theme
from storage.statements import Statement

_AFTER_THEME: Final = Statement(select(Theme.merged_into_id).where(Theme.id == bindparam("row")))
_LED_ON: Final = Statement(
    select(Theme.id, Theme.merged_into_id.label("into")).where(
        Theme.id.in_(bindparam("rows", expanding=True)), Theme.merged_into_id.is_not(None)
    )
)
_AFTER_ACCOUNT: Final = Statement(select(Account.merged_into_id).where(Account.id == bindparam("row")))
_LEADING_TO_THEMES: Final = Statement(
    select(Theme.id, Theme.merged_into_id.label("into")).where(
        Theme.merged_into_id.in_(bindparam("rows", expanding=True))
    )
)
_LEADING_TO_ACCOUNTS: Final = Statement(
    select(Account.id, Account.merged_into_id.label("into")).where(
        Account.merged_into_id.in_(bindparam("rows", expanding=True))
    )
)


def chain_of(session: Session, theme_id: int) -> list[int]:
    """The theme, what it leads to, and so on; the last one leads nowhere. What was changed must be flushed."""
    return _chain(session, _AFTER_THEME, theme_id)


def chain_of_account(session: Session, account_id: int) -> list[int]:
    """Likewise for an account."""
    return _chain(session, _AFTER_ACCOUNT, account_id)


def own_theme(session: Session, theme_id: int) -> Theme:
    """The theme itself, or the one that took its place."""
    return session.get_one(Theme, chain_of(session, theme_id)[-1])


def own_account(session: Session, account_id: int) -> Account:
    """The account itself, or the one that took its place."""
    return session.get_one(Account, chain_of_account(session, account_id)[-1])


def themes_now(session: Session, theme_ids: Collection[int]) -> dict[int, int]:
    """Of each of these themes: which one it is now, itself or the one that took its place."""
    now = {theme_id: theme_id for theme_id in theme_ids}
    looked_at: set[int] = set()
    while newest := {*now.values()} - looked_at:
        looked_at |= newest
        into = {row.id: row.into for row in _LED_ON.all(session, {"rows": sorted(newest)})}
        now = {before: into.get(on, on) for before, on in now.items()}
    return now


def leading_to_themes(session: Session, theme_ids: Collection[int]) -> Mapping[int, int]:
    """Of these themes, and of each that leads to one of them: which one it is now."""
    return _leading(session, _LEADING_TO_THEMES, theme_ids)


def leading_to_accounts(session: Session, account_ids: Collection[int]) -> Mapping[int, int]:
    """Likewise for accounts."""
    return _leading(session, _LEADING_TO_ACCOUNTS, account_ids)


def _leading(session: Session, before: Statement, row_ids: Collection[int]) -> dict[int, int]:
    found = {row_id: row_id for row_id in row_ids}
    newest = list(found)
    while newest:
        rows = [row for row in before.all(session, {"rows": newest}) if row.id not in found]
        found |= {row.id: found[row.into] for row in rows}
        newest = [row.id for row in rows]
    return found


def _chain(session: Session, after: Statement, row_id: int) -> list[int]:
    chain = [row_id]
    while (following := after.scalar(session, {"row": chain[-1]})) is not None and following not in chain:
        chain.append(following)
    return chain
