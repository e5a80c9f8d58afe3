"""Takes in a file of what customers said: planned first, written in pieces, and no row twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.content import AlreadyImported
from domain.content_cells import CellError
from domain.csv_tables import FileNote, RowProblem, TableWrong
from domain.errors import FieldProblems, Refused
from domain.leads.addresses import address_key
from domain.near_themes import find_near_themes
from domain.people import NOT_STAFF, Actor, actor, audit
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import clean_text, slugify_theme
from domain.themes import find_theme
from domain.voc.form import VocFields, check_form
from domain.voc.heard import stand_in
from domain.voc.items import fill_from_text, store_item
from domain.voc.voc_csv import VocFile, VocRow
from storage.inbox import earlier_answers, remember_answer
from storage.models import Account, Member, VocImport, VocItem, Workspace

PIECE: Final = 100
"""Rows that are written at a time, in some 100 ms in which nobody else writes to a SQLite file."""

_MARKED: Final = re.compile("[#＃@＠]")

NAMED: Final = 12
"""So many new themes are spelled out."""


@dataclass(frozen=True, slots=True)
class NewTheme:
    """A theme that the file makes. `meant`: the slug of one that is spelled nearly so, None when there is none."""

    slug: str
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class VocSummary:
    """What a file did, or would do. `known`: rows that were logged before.

    `by`: how many rows each member gets, by name. `standing_in`: in whose name rows stand that say nobody, None when
    there are none such. `first` and `last`: from when the items are. `new_themes`: the first NAMED of `themes`.
    """

    filename: str
    rows: int
    known: int
    by: tuple[tuple[str, int], ...]
    standing_in: str | None
    themes: int
    new_themes: tuple[NewTheme, ...]
    new_accounts: int
    first: datetime | None
    last: datetime | None
    skipped: tuple[RowProblem, ...]
    notes: tuple[FileNote, ...]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row, in whose name it is logged, and what names it for good."""

    row: VocRow
    by: Actor
    key: str


@dataclass(frozen=True, slots=True)
class VocPlan:
    """What a file comes to. `refused`: the file was taken in before, or nothing of it can be taken."""

    workspace_id: int
    sha256: str
    summary: VocSummary
    rows: tuple[PlannedRow, ...]
    refused: Refused | None = None


@dataclass(unsafe_hash=True)
class NothingToImport(Refused):
    """The file has no row that can be taken: `bad` cannot be read, `known` were logged before."""

    bad: int
    known: int


@dataclass(unsafe_hash=True)
class NoAuthor(Refused):
    """Rows do not say who heard it, and nobody is there in whose name they could stand. `email`: of whom was named."""

    email: str = ""


def plan_voc_import(
    session: Session, workspace_id: int, file: VocFile, *, filename: str, sha256: str, who: str | None, at: datetime
) -> VocPlan:
    """What taking the good rows in comes to; reads, and writes nothing.

    `who`: the e-mail address of the member who gets rows that name nobody; None: a marketer, a manager or an admin.
    Raises NoAuthor where there is nobody of that address.
    """
    members = _members(session, workspace_id, {row.who for row in file.rows if row.who} | {who or ""})
    named = members.get(address_key(who)) if who else stand_in(session, workspace_id)
    if who and named is None:
        raise NoAuthor(who)
    problems = list(file.problems)
    planned: list[PlannedRow] = []
    first: dict[str, int] = {}
    for row in file.rows:
        by = members.get(address_key(row.who)) if row.who else named
        if by is not None:
            # A row that names nobody may say the same as one that names whoever stands in.
            key = _key(row, by)
            if first.setdefault(key, row.line) != row.line:
                problems.append(RowProblem(row.line, None, TableWrong("same_row", (str(first[key]),))))
                continue
            planned.append(PlannedRow(row, by, key))
        elif row.who:
            problems.append(RowProblem(row.line, "who", CellError("nobody", (row.who,))))
        else:
            raise NoAuthor
    known = _known(session, workspace_id, planned)
    fresh = tuple(one for one in planned if one.key not in known)
    nameless = named is not None and any(one.row.who is None for one in fresh)
    summary = _summary(
        session,
        workspace_id,
        fresh,
        filename=filename,
        known=len(planned) - len(fresh),
        standing_in=named.name if named is not None and nameless else None,
        skipped=tuple(sorted(problems, key=lambda problem: problem.line)),
        notes=file.notes,
        at=at,
    )
    before = _earlier(session, workspace_id, sha256)
    refused: Refused | None = AlreadyImported(before.filename, before.at) if before is not None else None
    if refused is None and not fresh:
        refused = NothingToImport(len(problems), summary.known)
    return VocPlan(workspace_id, sha256, summary, fresh, refused)


def write_rows(session: Session, workspace_id: int, rows: Sequence[PlannedRow], *, at: datetime) -> None:
    """Log some of a plan's rows; those that an earlier try has logged are passed over."""
    origin = _origin(workspace_id)
    done = earlier_answers(session, [(origin, one.key) for one in rows]) if rows else {}
    currency = session.get_one(Workspace, workspace_id).currency
    for one in rows:
        if (origin, one.key) in done:
            continue
        fields = _fields_of(session, one, currency)
        facts, _ = store_item(
            session,
            fields,
            line=_line(one.row),
            origin="import",
            permalink=None,
            by=one.by,
            at=at,
            heard_at=one.row.when,
        )
        remember_answer(session, origin, one.key, {"item_id": facts.id}, at)


def finish_voc_import(session: Session, plan: VocPlan, *, at: datetime) -> None:
    """Remember the file, so that it is not taken in again. Raises AlreadyImported."""
    before = _earlier(session, plan.workspace_id, plan.sha256)
    if before is not None:
        raise AlreadyImported(before.filename, before.at)
    summary = plan.summary
    entry = VocImport(
        workspace_id=plan.workspace_id, sha256=plan.sha256, filename=summary.filename, rows=summary.rows, at=at
    )
    session.add(entry)
    session.flush()
    counts = {"rows": summary.rows, "known": summary.known, "skipped": len(summary.skipped)}
    audit(session, plan.workspace_id, "voc.import", "voc_import", entry.id, by=None, at=at, data=counts)


def _summary(
    session: Session,
    workspace_id: int,
    rows: Sequence[PlannedRow],
    *,
    filename: str,
    known: int,
    standing_in: str | None,
    skipped: tuple[RowProblem, ...],
    notes: tuple[FileNote, ...],
    at: datetime,
) -> VocSummary:
    currency = session.get_one(Workspace, workspace_id).currency
    counts: dict[str, int] = {}
    for one in rows:
        counts[one.by.name] = counts.get(one.by.name, 0) + 1
    named = [_named(session, one, currency) for one in rows]
    slugs = dict.fromkeys(theme for theme, _ in named if theme)
    new = [slug for slug in slugs if find_theme(session, workspace_id, slug) is None]
    times = [one.row.when or at for one in rows]
    return VocSummary(
        filename=filename,
        rows=len(rows),
        known=known,
        by=tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0]))),
        standing_in=standing_in,
        themes=len(new),
        new_themes=tuple(_new_theme(session, workspace_id, slug, at) for slug in new[:NAMED]),
        new_accounts=_new_accounts(session, workspace_id, {account for _, account in named if account}),
        first=min(times, default=None),
        last=max(times, default=None),
        skipped=skipped,
        notes=notes,
    )


def _fields_of(session: Session, one: PlannedRow, currency: str) -> VocFields:
    """The row as it is stored: its cells, and what its text says of those that are empty."""
    fields = check_form(one.row.form, currency=currency)
    with suppress(FieldProblems):  # read as a line, it would be all marks: then the words stay as they are
        fields, _ = fill_from_text(session, fields, one.by)
    return fields


def _named(session: Session, one: PlannedRow, currency: str) -> tuple[str | None, str | None]:
    """The theme and the account of the row, in its cells or in its text."""
    form = one.row.form
    if (form.theme and form.account) or not _MARKED.search(form.text or ""):
        return slugify_theme(form.theme or ""), form.account
    fields = _fields_of(session, one, currency)
    return fields.theme, fields.account


def _new_theme(session: Session, workspace_id: int, slug: str, at: datetime) -> NewTheme:
    near = find_near_themes(session, workspace_id, slug, at=at)
    return NewTheme(slug, near[0].slug if near else None)


def _new_accounts(session: Session, workspace_id: int, names: Collection[str]) -> int:
    slugs = sorted({account_slug(name) for name in names if name})
    found: set[str] = set()
    for start in range(0, len(slugs), 500):
        piece = slugs[start : start + 500]
        here = select(Account.slug).where(Account.workspace_id == workspace_id, Account.slug.in_(piece))
        found |= set(session.scalars(here))
    return len(slugs) - len(found)


def _members(session: Session, workspace_id: int, emails: Collection[str]) -> dict[str, Actor]:
    """Members by address, those who left as well: they heard what they heard."""
    keys = sorted({address_key(email) for email in emails if email})
    theirs = Member.kind.is_(None) | Member.kind.not_in(NOT_STAFF)
    found: dict[str, Actor] = {}
    for start in range(0, len(keys), 500):
        named = select(Member).where(
            Member.workspace_id == workspace_id, Member.email.in_(keys[start : start + 500]), theirs
        )
        for member in session.scalars(named.order_by(Member.active, Member.id.desc())):
            found[member.email or ""] = actor(member)
    return found


def _known(session: Session, workspace_id: int, rows: Sequence[PlannedRow]) -> set[str]:
    """The keys of rows that were logged before: in the last days by any file, and, where they say when, at any time."""
    origin = _origin(workspace_id)
    known: set[str] = set()
    for start in range(0, len(rows), 500):
        piece = rows[start : start + 500]
        known |= {key for _, key in earlier_answers(session, [(origin, one.key) for one in piece])}
    dated = [one for one in rows if one.row.when is not None and one.key not in known]
    times = [one.row.when for one in dated if one.row.when is not None]
    for member_id in sorted({one.by.id for one in dated}):
        there = select(VocItem.created_at, VocItem.line).where(
            VocItem.member_id == member_id,
            VocItem.created_at.between(min(times), max(times)),
            VocItem.origin == "import",
        )
        stored = {(row.created_at, row.line) for row in session.execute(there)}
        theirs = (one for one in dated if one.by.id == member_id)
        known |= {one.key for one in theirs if (one.row.when, _line(one.row)) in stored}
    return known


def _line(row: VocRow) -> str:
    """The words as they are stored: the row was checked, so they fit."""
    return clean_text(row.form.text or "", limit=QUICK_LINE_LIMIT)


def _key(row: VocRow, by: Actor) -> str:
    form = row.form
    said = (form.text, form.kind, form.theme, form.account, form.competitor, form.deal, form.quote)
    return hashlib.sha256(repr((by.id, row.when, said)).encode(errors="surrogatepass")).hexdigest()


def _origin(workspace_id: int) -> str:
    return f"voc-import:{workspace_id}"


def _earlier(session: Session, workspace_id: int, sha256: str) -> VocImport | None:
    return session.scalars(
        select(VocImport).where(VocImport.workspace_id == workspace_id, VocImport.sha256 == sha256)
    ).one_or_none()
