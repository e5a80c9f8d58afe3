"""What the selects of a voc form offer while a person types: what is likely first, so that two taps are enough."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session

from domain.accounts import account_slug, beginnings_of, find_account
from domain.errors import NotFound
from domain.marks import mark
from domain.people import Actor
from domain.pulse import live_items
from domain.tallies import pulse_begin, read_first
from domain.text import TextEmpty, TextTooLong, clean_text, compare_key, key_words, slugify_theme
from domain.themes import ThemeCount, find_theme, find_themes
from domain.voc.form import NAME_LIMIT
from storage.beginnings import begins_with
from storage.models import IS_KNOWN, Account, Asset, Lead, VocItem, Workspace

SUGGESTIONS: Final = 20
HEARD: Final = 100
LOOKED_BACK: Final = 200
"""So many of a member's last items are looked at for accounts."""

LOOKED_THROUGH: Final = 500
"""So many of the newest accounts are looked at for what stands in the middle of a name."""


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
    """The themes most used lately that hold what is typed; first the one that took the place of a theme called so."""
    themes = find_themes(session, by.workspace_id, typed, at=at, limit=SUGGESTIONS)
    slug = slugify_theme(typed)
    known = {compare_key(theme.slug) for theme in themes}
    if slug is None or compare_key(slug) in known:
        return ThemeSuggestions(tuple(themes), None)
    meant = find_theme(session, by.workspace_id, slug)
    if meant is None:
        return ThemeSuggestions(tuple(themes), slug)
    others = (theme for theme in themes if theme.theme_id != meant.id)
    return ThemeSuggestions((ThemeCount(meant.id, meant.slug, meant.title, 0), *others), None)


def suggest_accounts(session: Session, typed: str, *, by: Actor, at: datetime) -> AccountSuggestions:  # noqa: ARG001  # asked as of now
    """Accounts that hold what is typed: those this member logged last, then the confirmed ones, by name.

    In the middle of a name it is looked for in this member's last items and in the newest accounts.
    """
    name = _name(typed)
    slug = account_slug(name) if name else ""
    begun = beginnings_of(name) if slug else ()
    last = _last_logged(session, by.id)
    rows = _accounts(session, by.workspace_id, begun, last)
    rows.sort(key=lambda row: (last.get(row.id, len(last)), not row.known, row.slug, row.id))
    shown = {mark(row.id, row.created_at): row.name for row in rows[:SUGGESTIONS]}
    if not name or any(row.slug == slug for row in rows):
        return AccountSuggestions(tuple(shown.items()), None)
    meant = find_account(session, by.workspace_id, name)
    if meant is not None:  # what took the place of an account called so
        shown = {mark(meant.id, meant.created_at): meant.name} | shown
    return AccountSuggestions(tuple(shown.items()), name if meant is None else None)


def suggest_competitors(session: Session, typed: str, *, by: Actor, at: datetime) -> CompetitorSuggestions:
    """The workspace's competitors, then those that items named lately, the most frequent first."""
    workspace = session.get_one(Workspace, by.workspace_id)
    name = _name(typed).lstrip("!！ ")
    names: dict[str, str] = {}
    for each in (*map(str, workspace.competitors), *heard_competitors(session, by.workspace_id, at)):
        if each and len(each) <= NAME_LIMIT and compare_key(name) in compare_key(each):
            names.setdefault(compare_key(each), each)
    new = name if name and compare_key(name) not in names else None
    return CompetitorSuggestions(tuple(names.values())[:SUGGESTIONS], new)


def suggest_assets(session: Session, typed: str, *, by: Actor, at: datetime) -> tuple[tuple[str, str], ...]:  # noqa: ARG001  # asked as of now
    """Content as (title, mark) whose title holds every word that is typed, the newest first.

    It is looked for among the LOOKED_THROUGH newest pieces.
    """
    rows = session.execute(
        select(Asset.id, Asset.title, Asset.created_at)
        .where(Asset.workspace_id == by.workspace_id)
        .order_by(Asset.id.desc())
        .limit(LOOKED_THROUGH)
    )
    words = key_words(typed)
    found = [row for row in rows if all(word in compare_key(row.title) for word in words)]
    return tuple((row.title, mark(row.id, row.created_at)) for row in found[:SUGGESTIONS])


def account_of_lead(session: Session, lead_id: int, *, by: Actor, at: datetime) -> AccountSuggestions:  # noqa: ARG001  # asked as of now
    """The account that a lead's company is, or would be; neither where the company is unknown. Raises NotFound."""
    row = session.execute(
        select(Lead.company).where(Lead.id == lead_id, Lead.workspace_id == by.workspace_id)
    ).one_or_none()
    if row is None:
        raise NotFound("lead")
    name = _name(row.company or "")
    slug = account_slug(name) if name else None
    found = session.execute(
        select(Account.id, Account.name, Account.created_at).where(
            Account.workspace_id == by.workspace_id, Account.slug == slug
        )
    ).one_or_none()
    if found is not None and len(found.name) <= NAME_LIMIT:
        return AccountSuggestions(((mark(found.id, found.created_at), found.name),), None)
    return AccountSuggestions((), name or None)


def _last_logged(session: Session, member_id: int) -> dict[int, int]:
    """The accounts of the member's last items, by id, with their place: 0 is the last."""
    rows = session.scalars(
        select(VocItem.account_id)
        .where(VocItem.member_id == member_id)
        .order_by(VocItem.created_at.desc())
        .limit(LOOKED_BACK)
    )
    accounts = dict.fromkeys(account_id for account_id in rows if account_id is not None)
    return {account_id: place for place, account_id in enumerate(accounts)}


def _accounts(session: Session, workspace_id: int, begun: Sequence[str], last: Collection[int]) -> list[Any]:
    """Rows of accounts to offer: with nothing `begun` any, else such as hold it. A few hundred are read at the most."""
    here = Account.workspace_id == workspace_id
    own = Account.merged_into_id.is_(None)
    some = select(Account.id, Account.name, Account.slug, Account.known, Account.created_at).where(own)
    holds = or_(*(Account.slug.contains(each, autoescape=True) for each in begun)) if begun else true()
    by_slug = some.where(here).order_by(Account.slug).limit(SUGGESTIONS)
    queries = [some.where(Account.id.in_(last), holds)]
    if begun:
        newest = select(Account.id).where(here).order_by(Account.id.desc()).limit(LOOKED_THROUGH).subquery()
        for each in begun:
            starts = by_slug.where(begins_with(session, Account.slug, each))
            queries += [starts.where(IS_KNOWN), starts]
        queries.append(some.where(Account.id.in_(select(newest.c.id)), holds))
    else:
        queries += [by_slug.where(IS_KNOWN), by_slug]
    return list({row.id: row for query in queries for row in session.execute(query)}.values())


def heard_competitors(session: Session, workspace_id: int, at: datetime) -> list[str]:
    """The competitors that live items of the last PULSE_DAYS days named, the most frequent first."""
    sheets = read_first(session, workspace_id, "competitor", at, by="items", limit=HEARD)
    if sheets is not None:
        return [sheet.name or sheet.subject[1] for sheet in sheets]
    rows = session.scalars(
        select(VocItem.competitor)
        .where(*live_items(workspace_id, pulse_begin(at), None), VocItem.competitor.is_not(None))
        .group_by(VocItem.competitor)
        .order_by(func.count().desc(), VocItem.competitor)
        .limit(HEARD)
    )
    return [name for name in rows if name]


def _name(typed: str) -> str:
    """What is typed as a name: without the marks that lines use, and no longer than a form takes."""
    try:
        text = clean_text(typed, limit=NAME_LIMIT)
    except (TextEmpty, TextTooLong):
        return ""
    return " ".join(text.split()).strip('@"“”= ')
