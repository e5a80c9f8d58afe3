"""`./tandem leads route --dry-run`: tells for each lead of a file where it would go and why; nothing is changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Final

from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.commands.offline import choose_workspace, opened
from bot.loops.clock import clock_of
from bot.settings import Settings, SettingsProblem
from domain.csv_tables import FileNote, Header, RowProblem, TableRefused, TableWrong, read_table
from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.spellings import spelled
from domain.leads.taken import taken_lead
from domain.leads.trying import Tried, try_leads
from handlers.intake.reading import read_lead
from handlers.intake.views import BadBody
from handlers.leads.why import IN_TERMINAL, why_lines
from handlers.words import file_note_sentence, plain_sentence, row_lines
from storage.models import Source

SOURCES: Final = frozenset({"source", "leadsource"})
FROM_FILE: Final = "file"
"""What the source of a row is called that names none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lead of the file, or what is `wrong` with its line."""

    line: int
    lead: NewLead | None
    wrong: str = ""


def route_file(settings: Settings, data: bytes, *, filename: str, out: Console, workspace: str | None = None) -> None:
    """Print where each lead of a CSV or of JSON Lines would go. `workspace`: Slack's id, None for the only one.

    Raises SettingsProblem for a file that cannot be read.
    """
    rows = list(_rows(data, filename, out))
    with opened(settings) as db:
        chosen = db.read_sync(choose_workspace, workspace)
        senders = db.read_sync(_senders, chosen)
        leads = [_as_sent_by(row.lead, senders) for row in rows if row.lead is not None]
        tried = iter(db.read_sync(try_leads, chosen, leads, at=clock_of(db).now()))
    given: Counter[str] = Counter()
    for row in rows:
        if row.lead is None:
            out.print(f"line {row.line}: {row.wrong}", markup=False, soft_wrap=True)
            continue
        one = next(tried)
        given[_to(one)] += 1
        name = f"{row.lead.name}, {row.lead.company}" if row.lead.company else row.lead.name
        out.print(f"line {row.line}: {name} → {_to(one)}", markup=False, soft_wrap=True)
        for line in _why(one):
            out.print(f"    {line}", markup=False, soft_wrap=True)
    bad = sum(row.lead is None for row in rows)
    told = ", ".join(f"{to} {count:,}" for to, count in given.most_common())
    count = "1 lead" if len(leads) == 1 else f"{len(leads):,} leads"
    left = f", {bad:,} {'line' if bad == 1 else 'lines'} left out" if bad else ""
    out.print(f"{count}{left}. {told}", markup=False, soft_wrap=True)
    out.print("Nothing was changed (--dry-run).")


def _to(one: Tried) -> str:
    return "held for marketing" if one.held else f"{one.team}: {one.owner or 'nobody'}"


def _why(one: Tried) -> list[str]:
    notes = [*one.notes]
    if one.open_lead is not None:
        return [*notes, f"The person has an open lead, number {one.open_lead}: this is written on it."]
    if one.held:
        return [*notes, *(f"It does not meet the definition: {each}" for each in one.held)]
    return [*notes, *why_lines(one.why, one.owner, IN_TERMINAL)]


def _rows(data: bytes, filename: str, out: Console) -> Iterator[Row]:
    if PurePath(filename).suffix.casefold() in (".jsonl", ".ndjson", ".json"):
        yield from _of_json(data, filename)
        return
    notes: list[FileNote] = []
    try:
        table = read_table(data, Header.of({}), notes)
    except TableRefused as error:
        raise SettingsProblem(row_lines([error.problem])) from None
    for note in notes:
        out.print(f"Note: {file_note_sentence(note)}", markup=False, soft_wrap=True)
    for line, cells in table.rows:
        if isinstance(cells, TableWrong):
            yield Row(line, None, row_lines([RowProblem(0, None, cells)])[0])
            continue
        named = {
            title: cell for title, cell in zip(table.header, cells, strict=False) if title.strip() and cell.strip()
        }
        yield _row(line, named)


def _of_json(data: bytes, filename: str) -> Iterator[Row]:
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise SettingsProblem([f"{filename} is not UTF-8 text. Save it as UTF-8."]) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            yield Row(number, None, "This line is no JSON. Write one lead on each line.")
            continue
        if isinstance(document, dict):
            yield _row(number, document)
        else:
            yield Row(number, None, "This line is no JSON object. Write one lead on each line.")


def _row(line: int, document: dict[str, Any]) -> Row:
    named = {str(name): value for name, value in document.items() if spelled(str(name)) not in SOURCES}
    source = next(
        (str(value) for name, value in document.items() if spelled(str(name)) in SOURCES and value), FROM_FILE
    )
    try:
        found = read_lead(named)
        return Row(line, taken_lead(found.values, source=" ".join(source.split())[:60], rest=found.rest))
    except FieldProblems as error:
        return Row(line, None, " ".join(plain_sentence(each) for each in error.problems.values()))
    except BadBody:
        return Row(line, None, "There is no lead on this line.")


def _senders(session: Session, workspace_id: int) -> dict[str, tuple[str | None, str | None]]:
    rows = session.execute(select(Source.name, Source.team_key, Source.tier).where(Source.workspace_id == workspace_id))
    return {row.name: (row.team_key, row.tier) for row in rows}


def _as_sent_by(lead: NewLead, senders: dict[str, tuple[str | None, str | None]]) -> NewLead:
    """The lead with its source's team and tier, where it names none."""
    team, tier = senders.get(lead.source, (None, None))
    return replace(lead, team=lead.team or team, tier=lead.tier or tier)
