"""The themes and accounts that somebody merges, renames or splits: found by what was typed, held while it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.accounts import find_account
from domain.errors import NotFound
from domain.near_names import accounts_near
from domain.near_themes import find_near_themes
from domain.people import Actor
from domain.text import slugify_theme
from domain.themes import find_theme, top_themes
from domain.voc.errors import UnknownName
from domain.voc.regrouping import MARKS
from storage.locking import locked
from storage.models import Account, Theme, VocItem

About = Literal["theme", "account", "competitor"]
Row = Theme | Account
NAMED: Final = 5


def about_of(typed: str, usual: About = "theme") -> About:
    """What a typed name is one of, by its mark; without any, what is usual."""
    marked: dict[str, About] = {"#": "theme", "@": "account", "!": "competitor"}
    return marked.get(typed.strip()[:1], usual)


def bare(typed: str) -> str:
    """The name without its mark and quotation marks."""
    return " ".join(typed.split()).lstrip("".join(MARKS.values())).strip('"“”„ ')


def name_of(row: Row) -> str:
    """What people call it: a theme's slug, an account's name."""
    return row.slug if isinstance(row, Theme) else row.name


def items_under(row: Row) -> ColumnElement[bool]:
    return (VocItem.theme_id if isinstance(row, Theme) else VocItem.account_id) == row.id


def theme_typed(session: Session, typed: str, *, by: Actor, at: datetime) -> Theme:
    """The theme that was typed, with or without #. Raises UnknownName with what may be meant."""
    slug = slugify_theme(typed) or ""
    theme = find_theme(session, by.workspace_id, slug) if slug else None
    if theme is not None:
        return theme
    near = [one.slug for one in find_near_themes(session, by.workspace_id, slug, at=at)] if slug else []
    used = (one.slug for one in top_themes(session, by.workspace_id, at=at, limit=NAMED))
    meant = [f"#{each}" for each in (near or used)]
    raise UnknownName("theme", f"#{slug}" if slug else "", tuple(meant[:NAMED]))


def account_typed(session: Session, typed: str, *, by: Actor, at: datetime) -> Account:
    """The account that was typed, with or without @. Raises UnknownName with what may be meant."""
    name = bare(typed)
    found = find_account(session, by.workspace_id, name) if name else None
    if found is not None:
        return session.get_one(Account, found.id)
    near = accounts_near(session, by.workspace_id, name, at=at) if name else []
    raise UnknownName("account", f"@{name}" if name else "", tuple(f"@{one.name}" for one in near[:NAMED]))


def row_typed(session: Session, about: str, typed: str, *, by: Actor, at: datetime) -> Row:
    """The theme or account that was typed. Raises UnknownName."""
    read = theme_typed if about == "theme" else account_typed
    return read(session, typed, by=by, at=at)


def hold_rows(session: Session, by: Actor, about: str, *ids: int) -> list[Row]:
    """The themes or accounts, locked in an order in which nobody waits in a circle. Raises NotFound.

    On PostgreSQL, whoever logs an item under one of them meanwhile waits, or was waited for.
    """
    found: dict[int, Row] = {}
    if about == "theme":
        themes = select(Theme).where(Theme.id.in_(ids), Theme.workspace_id == by.workspace_id).order_by(Theme.id)
        found |= {row.id: row for row in session.scalars(locked(themes))}
    elif about == "account":
        accounts = select(Account).where(Account.id.in_(ids), Account.workspace_id == by.workspace_id)
        found |= {row.id: row for row in session.scalars(locked(accounts.order_by(Account.id)))}
    if len(found) < len(set(ids)):
        raise NotFound("account" if about == "account" else "theme")
    return [found[row_id] for row_id in ids]
