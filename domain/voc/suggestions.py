"""What the selects of a voc form offer while a person types: what is likely first, so that two taps are enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug, beginnings_of
from domain.marks import mark
from domain.people import Actor
from domain.text import TextEmpty, TextTooLong, clean_text, compare_key, slugify_theme
from domain.themes import ThemeCount, find_themes
from domain.voc.form import NAME_LIMIT
from storage.models import Account, VocItem, Workspace

SUGGESTIONS: Final = 20
HEARD_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class ThemeSuggestions:
    """`new` is the slug of what is typed, when no theme has it."""

    themes: tuple[ThemeCount, ...]
    new: str | None


@dataclass(frozen=True, slots=True)
class AccountSuggestions:
    """Accounts as (mark, name); `new` is what is typed, when no account has that name."""

    accounts: tuple[tuple[str, str], ...]
    new: str | None


@dataclass(frozen=True, slots=True)
class CompetitorSuggestions:
    names: tuple[str, ...]
    new: str | None


def suggest_themes(session: Session, typed: str, *, by: Actor, at: datetime) -> ThemeSuggestions:
    """The themes most used lately that hold what is typed."""
    themes = tuple(find_themes(session, by.workspace_id, typed, at=at, limit=SUGGESTIONS))
    slug = slugify_theme(typed)
    known = {compare_key(theme.slug) for theme in themes}
    return ThemeSuggestions(themes, None if slug is None or compare_key(slug) in known else slug)


def suggest_accounts(session: Session, typed: str, *, by: Actor, at: datetime) -> AccountSuggestions:  # noqa: ARG001  # asked as of now
    """Accounts that hold what is typed: those this member logged last, then the confirmed ones, by name."""
    name = _name(typed)
    slug = account_slug(name) if name else ""
    last = func.max(VocItem.id)
    query = (
        select(Account.id, Account.name, Account.slug, Account.created_at)
        .join(VocItem, and_(VocItem.account_id == Account.id, VocItem.member_id == by.id), isouter=True)
        .where(Account.workspace_id == by.workspace_id)
        .group_by(Account.id, Account.name, Account.slug, Account.known, Account.created_at)
        .order_by(last.desc().nulls_last(), case((Account.known, 0), else_=1), Account.name, Account.id)
        .limit(SUGGESTIONS)
    )
    if slug and beginnings_of(name):
        query = query.where(or_(*(Account.slug.contains(begun, autoescape=True) for begun in beginnings_of(name))))
    rows = session.execute(query).all()
    taken = any(row.slug == slug for row in rows)
    return AccountSuggestions(
        tuple((mark(row.id, row.created_at), row.name) for row in rows), name if name and not taken else None
    )


def suggest_competitors(session: Session, typed: str, *, by: Actor, at: datetime) -> CompetitorSuggestions:
    """The workspace's competitors, then those that items of the last HEARD_DAYS named, the most frequent first."""
    workspace = session.get_one(Workspace, by.workspace_id)
    heard = session.scalars(
        select(VocItem.competitor)
        .where(
            VocItem.workspace_id == by.workspace_id,
            VocItem.state == "live",
            VocItem.created_at > at - timedelta(days=HEARD_DAYS),
            VocItem.competitor.is_not(None),
        )
        .group_by(VocItem.competitor)
        .order_by(func.count().desc(), VocItem.competitor)
        .limit(100)
    )
    name = _name(typed)
    names: dict[str, str] = {}
    for each in (*map(str, workspace.competitors), *heard):
        if each and len(each) <= NAME_LIMIT and compare_key(name) in compare_key(each):
            names.setdefault(compare_key(each), each)
    new = name if name and compare_key(name) not in names else None
    return CompetitorSuggestions(tuple(names.values())[:SUGGESTIONS], new)


def _name(typed: str) -> str:
    """What is typed as a name: without the marks that lines use, and no longer than an option may be."""
    try:
        text = clean_text(typed, limit=NAME_LIMIT)
    except (TextEmpty, TextTooLong):
        return ""
    return " ".join(text.split()).strip('@"“”= ')
