"""A file of leads, read as what a source sends, and what would become of its rows if they were stored now.

The command line (bot/commands/import_leads.py) and the form in Slack (handlers/imports/) read, count and store alike.
A row is known for good by its id, else by its words: the same file, taken once more, stores nothing twice.
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
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.csv_tables import MOST_ROWS, FileNote, Header, Record, RowProblem, TableRefused, TableWrong, read_table
from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.file_imports import LeadPreview
from domain.leads.spellings import IDS, SPELLINGS, spelled
from domain.leads.taken import Repeated
from domain.leads.trying import stored_before, try_leads
from domain.text import shorten
from domain.voc.export import FORMULA_SIGNS, harmless
from handlers.intake.adapter import Sender
from handlers.intake.generic import lead_in
from handlers.intake.reading import names_field
from handlers.intake.senders import sender_of
from handlers.intake.views import BadBody
from handlers.words import file_note_sentence, plain_sentence, row_lines
from storage.models import Source

BAD_SHOWN: Final = 20
LONGEST_TITLE: Final = 60
KEPT_WITH_IT: Final = "kept with the lead, for rules"
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
class OpenedFile:
    """A table: its columns, by what names they are read, and its rows with their lines, not read as leads yet."""

    header: Sequence[str]
    read_as: Sequence[str]
    records: Sequence[tuple[int, Record]]
    notes: Sequence[FileNote]


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

    @property
    def good(self) -> list[NewLead]:
        """The leads of the rows that can be taken."""
        return [row.lead for row in self.rows if row.lead is not None]

    @property
    def bad(self) -> list[Row]:
        """The rows that cannot."""
        return [row for row in self.rows if row.lead is None]


def sender_called(session: Session, workspace_id: int, name: str, at: datetime) -> Sender:
    """The source of that name, else one of no team and no fields of its own. Nobody has to prove anything."""
    source = session.scalar(select(Source).where(Source.workspace_id == workspace_id, Source.name == name))
    if source is not None:
        return sender_of(source, lambda _sealed: "", at)
    return Sender(0, workspace_id, name, "header", "", None, None, paused=False, mark="")


def open_file(data: bytes, *, most: int = MOST_ROWS) -> OpenedFile:
    """The table in a CSV, of `most` rows at the most. Raises TableRefused for a file that is none."""
    notes: list[FileNote] = []
    table = read_table(data, _HEADER, notes)
    if not table.rows:
        raise TableRefused(TableWrong("no_rows"))
    if len(table.rows) > most:
        raise TableRefused(TableWrong("too_many_rows", (f"{most:,}",)))
    header = [" ".join(title.split()).strip("\ufeff\u200b") for title in table.header]
    read_as = _read_as(header, [record for _, record in table.rows if not isinstance(record, TableWrong)])
    return OpenedFile(header, read_as, table.rows, notes)


def read_rows(opened: OpenedFile, sender: Sender, begin: int = 0, end: int | None = None) -> list[Row]:
    """The rows from the one at `begin` to the one before `end`, read as what the source sends. Takes 1 ms a row."""
    return [_row(line, record, opened.read_as, sender) for line, record in opened.records[begin:end]]


def read_file(data: bytes, sender: Sender, *, most: int = MOST_ROWS) -> LeadFile:
    """All rows of a CSV. Raises TableRefused for a file that is none."""
    opened = open_file(data, most=most)
    return LeadFile(opened.header, opened.read_as, read_rows(opened, sender), opened.notes)


def written_bad(header: Sequence[str], rows: Sequence[Row]) -> str:
    """The rows as a CSV, with their reasons in front; what begins like a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "why it was left out", *map(harmless, header)])
    for row in rows:
        writer.writerow([row.line, row.wrong, *map(harmless, row.cells)])
    return text.getvalue()


def preview(session: Session, workspace_id: int, found: LeadFile, *, at: datetime) -> LeadPreview:
    """What would become of the file at `at`. Nothing is written."""
    good, bad = found.good, found.bad
    before = stored_before(session, workspace_id, good, at=at)
    fresh = [lead for lead, was in zip(good, before, strict=True) if not was]
    tried = try_leads(session, workspace_id, fresh, at=at)
    new = [one for one in tried if one.open_lead is None]
    columns = {title: name for title, name in zip(found.header, found.read_as, strict=True) if title}
    given = Counter((one.team, one.owner) for one in new if not one.held)
    return LeadPreview(
        columns=tuple((shorten(title, LONGEST_TITLE), _field(name)) for title, name in columns.items()),
        notes=tuple(file_note_sentence(note) for note in found.notes),
        good=len(good),
        bad=len(bad),
        first_bad=tuple((row.line, row.wrong) for row in bad[:BAD_SHOWN]),
        stored=len(good) - len(fresh),
        known=len(tried) - len(new),
        held=sum(bool(one.held) for one in new),
        given=tuple((team, owner, count) for (team, owner), count in given.most_common()),
    )


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


def _field(name: str) -> str:
    """What a column of that name is read as."""
    return names_field(name) or ("its id" if spelled(name) in _IDS else KEPT_WITH_IT)
