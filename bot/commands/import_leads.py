"""`./tandem import leads`: stores the leads of a CSV as if a source had sent them, after a look at what would happen.

A row is known for good by its id, else by its words: the same file, run once more, stores nothing twice.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.commands.imports import row_lines
from bot.commands.offline import choose_workspace, opened
from bot.commands.pieces import write_pieces
from bot.loops.clock import clock_of
from bot.settings import Settings, SettingsProblem
from domain.csv_tables import (
    MOST_ROWS,
    FileNote,
    Header,
    Record,
    RowProblem,
    TableRefused,
    TableWrong,
    read_table,
)
from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.spellings import IDS, SPELLINGS, spelled
from domain.leads.storing import Posted, store_leads
from domain.leads.taken import Repeated
from domain.leads.trying import try_leads
from domain.text import shorten
from domain.voc.export import FORMULA_SIGNS
from handlers.intake.adapter import Sender
from handlers.intake.generic import lead_in
from handlers.intake.reading import names_field
from handlers.intake.senders import sender_of
from handlers.intake.views import BadBody
from handlers.words import file_note_sentence, plain_sentence
from storage.database import Database
from storage.models import Source

PIECE: Final = 25
BAD_SHOWN: Final = 20
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TITLE: Final = "title"
"""In a table of people that is their job. Elsewhere it may be the title of a form."""

OF_TESTS: Final = frozenset({"testlead", "istest"})
_YES: Final = frozenset({"yes", "true", "1"})
_IDS: Final = frozenset(word for words in IDS.values() for word in words)
_HONORIFICS: Final = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "sir"})
_TAGGED_PHONE: Final = re.compile(r"p:(?=\+?\d)")
_AS_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
_HEADER: Final = Header.of({name: tuple(words) for name, words in SPELLINGS.items()})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its lead, or what is `wrong` with it."""

    line: int
    cells: Sequence[str]
    lead: NewLead | None = None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class LeadFile:
    """What a file says: its columns, by what names they are read, and its rows in their order."""

    header: Sequence[str]
    read_as: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[FileNote]


def import_lead_file(
    settings: Settings,
    data: bytes,
    *,
    file: Path,
    source: str,
    bad: Path | None,
    dry_run: bool,
    yes: bool,
    out: Console,
    workspace: str | None = None,
) -> None:
    """Show what the file says and where its leads would go, ask, and store the good rows.

    `source`: what the leads are said to come from; one that is set up lends its team, its tier and its fields. `bad`:
    where the rows go that cannot be read, each with its reason; None: beside the file. Raises SettingsProblem.
    """
    if not NAME.fullmatch(source):
        raise SettingsProblem(["A source's name is 1 to 40 small letters, digits and hyphens, for example fair-2026."])
    with opened(settings) as db:
        chosen = db.read_sync(choose_workspace, workspace)
        at = clock_of(db).now()
        sender = db.read_sync(_sender, chosen, source, at)
        found = read_file(data, sender)
        good = [row.lead for row in found.rows if row.lead is not None]
        _preview(db, chosen, found, good, at, out)
        if bad_rows := [row for row in found.rows if row.lead is None]:
            there = bad or file.with_suffix(".bad.csv")
            if not dry_run:
                there.write_text(written_bad(found.header, bad_rows), encoding="utf-8-sig", newline="")
                out.print(f"The rows that cannot be read are in {there}, each with its reason.", soft_wrap=True)
        if dry_run:
            out.print("Nothing was stored (--dry-run).")
            return
        if not good:
            raise SettingsProblem(["No row can be taken, so nothing was stored."])
        if not yes and not (out.is_terminal and typer.confirm(f"Store {_leads(len(good))}?")):
            raise SettingsProblem(["Nothing was stored. Add --yes to store them."])
        _store(db, chosen, sender, good, out)


def read_file(data: bytes, sender: Sender) -> LeadFile:
    """The rows of a CSV, read as what the source sends. Raises SettingsProblem for a file that is none."""
    notes: list[FileNote] = []
    try:
        table = read_table(data, _HEADER, notes)
        if not table.rows:
            raise TableRefused(TableWrong("no_rows"))
        if len(table.rows) > MOST_ROWS:
            raise TableRefused(TableWrong("too_many_rows", (f"{MOST_ROWS:,}",)))
    except TableRefused as error:
        raise SettingsProblem(row_lines([error.problem])) from None
    header = [" ".join(title.split()).strip("\ufeff\u200b") for title in table.header]
    read_as = _read_as(header, [record for _, record in table.rows if not isinstance(record, TableWrong)])
    return LeadFile(header, read_as, [_row(line, record, read_as, sender) for line, record in table.rows], notes)


def written_bad(header: Sequence[str], rows: Sequence[Row]) -> str:
    """The rows as a CSV, with their reasons in front; what begins like a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "why it was left out", *map(_guarded, header)])
    for row in rows:
        writer.writerow([row.line, row.wrong, *map(_guarded, row.cells)])
    return text.getvalue()


def _read_as(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The columns' names; "Title" is a job, where no other column tells it, unless it says "Mr" and "Dr"."""
    if any(names_field(title) == "job_title" for title in header):
        return list(header)
    found = list(header)
    for number, title in enumerate(header):
        said = {row[number].strip(" .").casefold() for row in rows if number < len(row)} - {""}
        if spelled(title) == TITLE and said and not said <= _HONORIFICS:
            found[number] = "Job title"
    return found


def _row(line: int, record: Record, header: Sequence[str], sender: Sender) -> Row:
    if isinstance(record, TableWrong):
        return Row(line, (), wrong=row_lines([RowProblem(0, None, record)])[0])
    cells = [_plain(cell) for cell in record]
    if any(cells[len(header) :]):
        wrong = TableWrong("too_wide", (str(len(record)), str(len(header))))
        return Row(line, record, wrong=row_lines([RowProblem(0, None, wrong)])[0])
    document: dict[str, Any] = {}
    for title, cell in zip(header, cells, strict=False):
        if spelled(title) in OF_TESTS and cell.casefold() in _YES:
            return Row(line, record, wrong="This is a test, the file says.")
        if title and cell:
            earlier = document.get(title)
            document[title] = cell if earlier is None else Repeated([*_listed(earlier), cell])
    try:
        lead = lead_in(document, sender)
    except FieldProblems as error:
        return Row(line, record, wrong=" ".join(plain_sentence(each) for each in error.problems.values()))
    except BadBody:
        return Row(line, record, wrong="There is no lead on this line.")
    if lead.external_id is None:
        words = hashlib.sha256(
            repr(sorted((title, str(cell)) for title, cell in document.items())).encode()
        ).hexdigest()
        lead = replace(lead, external_id=f"row:{words}")
    return Row(line, record, replace(lead, team=lead.team or sender.team_key, tier=lead.tier or sender.tier))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Repeated) else [value]


def _plain(cell: str) -> str:
    """The cell without what keeps a spreadsheet from spoiling it: `="0045"`, an apostrophe before `+49`, or `p:`."""
    text = _TAGGED_PHONE.sub("", cell.strip(), count=1) if cell.strip().startswith("p:") else cell.strip()
    if found := _AS_TEXT.fullmatch(text):
        return found[1].strip()
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_SIGNS else text


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell[:1] in FORMULA_SIGNS else cell


def _preview(
    db: Database, workspace_id: int, found: LeadFile, good: Sequence[NewLead], at: datetime, out: Console
) -> None:
    def tell(line: str) -> None:
        out.print(line, markup=False, soft_wrap=True)

    for note in found.notes:
        tell(f"Note: {file_note_sentence(note)}")
    tell("Columns:")

    def beside(name: str) -> str:
        return "its id" if spelled(name) in _IDS else "kept with the lead, for rules"

    columns = {title: name for title, name in zip(found.header, found.read_as, strict=True) if title}
    for title, name in columns.items():
        tell(f"  {shorten(title, 60)} → {names_field(name) or beside(name)}")
    bad = [row for row in found.rows if row.lead is None]
    for row in bad[:BAD_SHOWN]:
        tell(f"line {row.line}: {row.wrong}")
    if len(bad) > BAD_SHOWN:
        tell(f"and {len(bad) - BAD_SHOWN:,} more lines that cannot be read")
    tried = db.read_sync(try_leads, workspace_id, good, at=at) if good else []
    known = sum(one.open_lead is not None for one in tried)
    given = Counter(f"{one.team}: {one.owner or 'nobody'}" for one in tried if one.open_lead is None and not one.held)
    tell(f"{_leads(len(good))}, {len(bad):,} {'line' if len(bad) == 1 else 'lines'} left out.")
    if known:
        tell(f"  {known:,} of people who have an open lead: written on that")
    if held := sum(bool(one.held) for one in tried if one.open_lead is None):
        tell(f"  {held:,} held for marketing, because they do not meet the definition")
    for to, count in given.most_common():
        tell(f"  {to} {count:,}")


def _store(db: Database, workspace_id: int, sender: Sender, leads: Sequence[NewLead], out: Console) -> None:
    came: dict[int, str] = {}

    def write(session: Session, workspace: int, piece: Sequence[tuple[int, NewLead]], *, at: datetime) -> None:
        posts = [Posted(workspace, f"import:{sender.name}", lead, None, at) for _, lead in piece]
        stored = store_leads(session, posts)
        came.update((number, str(one["status"])) for (number, _), one in zip(piece, stored, strict=True))

    rows = list(enumerate(leads))
    write_pieces(db, rows, write, workspace_id, size=PIECE, at=clock_of(db).now(), what="Storing", out=out)
    count = Counter(came.values())
    out.print(
        f"Stored {count['accepted']:,} new, {count['added']:,} written on leads that there were, "
        f"{count['duplicate']:,} known already.",
        soft_wrap=True,
    )


def _sender(session: Session, workspace_id: int, name: str, at: datetime) -> Sender:
    """The source of that name, else one of no team and no fields of its own. Nobody has to prove anything."""
    source = session.scalar(select(Source).where(Source.workspace_id == workspace_id, Source.name == name))
    if source is not None:
        return sender_of(source, lambda _sealed: "", at)
    return Sender(0, workspace_id, name, "header", "", None, None, paused=False, mark="")


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"
