"""Renaming themes and accounts: the old name stays as a row that leads to it, so whoever types it lands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.errors import Changed, FieldProblems
from domain.leads.announce import refresh_home
from domain.merged import own_account, own_theme
from domain.people import Actor
from domain.text import TextEmpty, TextTooLong, clean_text, compare_key, slugify_theme
from domain.voc.competitor_merging import competitor_typed
from domain.voc.errors import RegroupingRefused
from domain.voc.grouped import Row, about_of, bare, hold_rows, name_of, row_typed
from domain.voc.regrouping import Before, Regrouped, allow, begin_regrouping, called, regrouped
from storage.models import Account, Regrouping, Theme

NAME_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class RenamePlan:
    """What is to be renamed: its key (an id as text, or a competitor's) and its name. `new`: what was typed for it."""

    about: str
    key: str
    born: datetime | None
    name: str
    new: str


def plan_rename(session: Session, typed: str, new: str, *, by: Actor, at: datetime) -> RenamePlan:
    """What was typed, and is to be renamed; without a mark, it is a theme. Raises NotAllowed, UnknownName."""
    about = about_of(typed)
    if about == "competitor":
        found = competitor_typed(session, typed, by=by, at=at)
        allow(session, by)
        return RenamePlan(about, found.key, None, found.name, bare(new))
    row = row_typed(session, about, typed, by=by, at=at)
    allow(session, by)
    return RenamePlan(about, str(row.id), row.created_at, name_of(row), bare(new))


def rename_row(
    session: Session, about: str, row_id: int, name: str, *, version: str, by: Actor, at: datetime
) -> Regrouped:
    """Call the theme or account by another name. `version`: the name that the form showed.

    Raises NotAllowed, NotFound, Changed when somebody renamed it meanwhile, FieldProblems (`name`).
    """
    allow(session, by)
    (row,) = hold_rows(session, by, about, row_id)
    old = name_of(row)
    if row.merged_into_id is not None:
        leads_to = own_theme(session, row.id) if isinstance(row, Theme) else own_account(session, row.id)
        raise RegroupingRefused("part_already", called(about, old), called(about, name_of(leads_to)))
    if old != version:
        raise Changed(about, None, version=old, changes=(old,))
    title, slug = _read(row, name)
    before = Before(title=row.title if isinstance(row, Theme) else row.name)
    if slug == row.slug and isinstance(row, Account):  # only spelled otherwise: nothing has to lead to it
        alias: Row = row
        row.name = title
        session.flush()
    else:
        alias = _earlier_name(session, row, slug) or _leave_name(session, row, slug, title, at)
        if alias.slug == slug:
            swap_names(session, row, alias, title)
    keys = str(row.id), str(alias.id)
    done = begin_regrouping(
        session, about, "rename", keys, (old, name_of(row)), by=by, at=at, before=before, state="done"
    )
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return regrouped(session, done)


def take_rename_back(session: Session, done: Regrouping, row: Row, alias: Row, title: str) -> None:
    """Give it its old name; the other one leads to it. Raises RegroupingRefused when it was renamed since."""
    if name_of(row) != done.target_name or (alias is not row and name_of(alias) != done.subject_name):
        names = called(done.about, done.target_name), called(done.about, name_of(row))
        raise RegroupingRefused("renamed_since", *names)
    if alias is row and isinstance(row, Account):
        row.name = title
        session.flush()
    else:
        swap_names(session, row, alias, title)


def swap_names(session: Session, row: Row, alias: Row, title: str) -> None:
    """The row gets the alias's name, and the alias the row's. No two rows ever have one slug."""
    ours, theirs, before = row.slug, alias.slug, _title(row)
    alias.slug = f"~{alias.id}"
    session.flush()
    _call(row, theirs, title)
    session.flush()
    _call(alias, ours, before)
    session.flush()


def _leave_name(session: Session, row: Row, slug: str, title: str, at: datetime) -> Row:
    """Call the row otherwise, and leave another row with its old name, which leads to it."""
    ours, before = row.slug, _title(row)
    _call(row, slug, title)
    session.flush()
    alias: Row
    if isinstance(row, Theme):
        alias = Theme(workspace_id=row.workspace_id, slug=ours, key=compare_key(ours), title=before, created_at=at)
    else:
        alias = Account(workspace_id=row.workspace_id, slug=ours, keyed=True, name=before, created_at=at)
    alias.merged_into_id = row.id
    session.add(alias)
    session.flush()
    return alias


def _title(row: Row) -> str:
    return row.title if isinstance(row, Theme) else row.name


def _call(row: Row, slug: str, title: str) -> None:
    row.slug = slug
    if isinstance(row, Theme):
        row.key, row.title = compare_key(slug), title
    else:
        row.name = title


def _read(row: Row, name: str) -> tuple[str, str]:
    """The new title (an account's name) and slug. Raises FieldProblems (`name`)."""
    about = "theme" if isinstance(row, Theme) else "account"
    old = called(about, name_of(row))
    try:
        typed = bare(clean_text(name, limit=NAME_LIMIT))
    except TextEmpty as error:
        raise FieldProblems({"name": RegroupingRefused("no_name", old, "")}) from error
    except TextTooLong as error:
        raise FieldProblems({"name": error}) from error
    if isinstance(row, Account):
        if not compare_key(typed):
            raise FieldProblems({"name": RegroupingRefused("no_name", old, "")})
        if typed == row.name:
            raise FieldProblems({"name": RegroupingRefused("called_so", old, old)})
        return typed, account_slug(typed)
    slug = slugify_theme(typed)
    if slug is None:
        raise FieldProblems({"name": RegroupingRefused("no_name", old, "")})
    if slug == row.slug:
        raise FieldProblems({"name": RegroupingRefused("called_so", old, old)})
    words = " ".join((typed if " " in typed else slug.replace("-", " ")).split())
    return words[:1].upper() + words[1:], slug


def _earlier_name(session: Session, row: Row, slug: str) -> Row | None:
    """The row that keeps an earlier name of this very theme or account; None when nothing is called so.

    Raises FieldProblems (`name`) when another is called so, or one that was merged into this one.
    """
    about = "theme" if isinstance(row, Theme) else "account"
    holder = _holder(session, row, slug)
    if holder is None:
        return None
    names = called(about, name_of(row)), called(about, name_of(holder))
    leads_to = own_theme(session, holder.id) if about == "theme" else own_account(session, holder.id)
    if leads_to.id == holder.id:
        raise FieldProblems({"name": RegroupingRefused("taken", *names)})
    if leads_to.id != row.id:
        raise FieldProblems({"name": RegroupingRefused("part_already", names[1], called(about, name_of(leads_to)))})
    merged = select(Regrouping.id).where(
        Regrouping.workspace_id == row.workspace_id,
        Regrouping.about == about,
        Regrouping.subject == str(holder.id),
        Regrouping.kind == "merge",
        Regrouping.undone_at.is_(None),
    )
    if holder.merged_into_id != row.id or session.scalar(merged.limit(1)) is not None:
        raise FieldProblems({"name": RegroupingRefused("taken_by_merged", *names)})
    return holder if holder.slug == slug else None


def _holder(session: Session, row: Row, slug: str) -> Row | None:
    """Another row that is called so."""
    if isinstance(row, Account):
        here = select(Account).where(Account.workspace_id == row.workspace_id, Account.id != row.id)
        return session.scalars(here.where(Account.slug == slug)).one_or_none()
    called_so = or_(Theme.slug == slug, Theme.key == compare_key(slug))
    return session.scalars(
        select(Theme)
        .where(Theme.workspace_id == row.workspace_id, called_so, Theme.id != row.id)
        .order_by(case((Theme.slug == slug, 0), else_=1), Theme.id)
        .limit(1)
    ).first()
