"""`./tandem import leads`: stores the leads of a CSV as if a source had sent them, after a look at what would happen.

How the file is read stands in handlers/intake/lead_file.py, since the form in Slack reads it alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from bot.commands.offline import choose_workspace, opened
from bot.commands.pieces import write_pieces
from bot.loops.clock import clock_of
from bot.settings import Settings, SettingsProblem
from domain.csv_tables import TableRefused
from domain.leads.arriving import NewLead
from domain.leads.file_imports import NAME, PIECE, LeadPreview, store_rows
from handlers.intake.lead_file import preview, read_file, sender_called, written_bad
from handlers.words import leads_stored, row_lines
from storage.database import Database


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
        try:
            found = read_file(data, db.read_sync(sender_called, chosen, source, at))
        except TableRefused as error:
            raise SettingsProblem(row_lines([error.problem])) from None
        good = found.good
        _tell(db.read_sync(preview, chosen, found, at=at), out)
        if found.bad:
            there = bad or file.with_suffix(".bad.csv")
            if not dry_run:
                there.write_text(written_bad(found.header, found.bad), encoding="utf-8-sig", newline="")
                out.print(f"The rows that cannot be read are in {there}, each with its reason.", soft_wrap=True)
        if dry_run:
            out.print("Nothing was stored (--dry-run).")
            return
        if not good:
            raise SettingsProblem(["No row can be taken, so nothing was stored."])
        if not yes and not (out.is_terminal and typer.confirm(f"Store {_leads(len(good))}?")):
            raise SettingsProblem(["Nothing was stored. Add --yes to store them."])
        _store(db, chosen, source, good, out)


def _tell(seen: LeadPreview, out: Console) -> None:
    def tell(line: str) -> None:
        out.print(line, markup=False, soft_wrap=True)

    for note in seen.notes:
        tell(f"Note: {note}")
    tell("Columns:")
    for title, field in seen.columns:
        tell(f"  {title} → {field}")
    for line, reason in seen.first_bad:
        tell(f"line {line}: {reason}")
    if seen.bad > len(seen.first_bad):
        tell(f"and {seen.bad - len(seen.first_bad):,} more lines that cannot be read")
    tell(f"{_leads(seen.good)}, {seen.bad:,} {'line' if seen.bad == 1 else 'lines'} left out.")
    if seen.stored:
        tell(f"  {seen.stored:,} stored before: nothing comes of them")
    if seen.again:
        tell(f"  {seen.again:,} of people who stand further up in the file: written on their lead")
    if seen.known:
        tell(f"  {seen.known:,} of people who have an open lead: written on that")
    if seen.held:
        tell(f"  {seen.held:,} held for marketing, because they do not meet the definition")
    for team, owner, count in seen.given:
        tell(f"  {team}: {owner or 'nobody'} {count:,}")


def _store(db: Database, workspace_id: int, source: str, leads: Sequence[NewLead], out: Console) -> None:
    came: dict[int, Counter[str]] = {}  # by the first row of a piece, which may be written twice

    def write(session: Session, workspace: int, piece: Sequence[tuple[int, NewLead]], *, at: datetime) -> None:
        came[piece[0][0]] = store_rows(session, workspace, source, [lead for _, lead in piece], at=at)

    rows = list(enumerate(leads))
    write_pieces(db, rows, write, workspace_id, size=PIECE, at=clock_of(db).now(), what="Storing", out=out)
    out.print(leads_stored(sum(came.values(), Counter())), soft_wrap=True)


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"
