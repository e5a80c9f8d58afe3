"""`./tandem import voc`: logs what customers said, as a file has it, and says of every other row why it cannot."""

from __future__ import annotations

from rich.console import Console

from bot.commands.offline import choose_workspace, opened
from bot.commands.pieces import write_pieces
from bot.loops.clock import clock_of
from bot.settings import Settings, SettingsProblem
from domain.errors import Refused
from domain.voc.importing import (
    PIECE,
    NewTheme,
    VocPlan,
    VocSummary,
    finish_voc_import,
    plan_voc_import,
    write_rows,
)
from domain.voc.voc_csv import parse_voc_csv
from handlers.words import file_note_sentence, listed, plain_sentence, row_lines
from storage.database import Database
from storage.models import Workspace


def import_voc_file(
    settings: Settings,
    data: bytes,
    *,
    filename: str,
    sha256: str,
    who: str | None,
    dry_run: bool,
    out: Console,
    workspace: str | None = None,
) -> None:
    """Log the good rows and print what was done. `workspace`: Slack's id, None for the only one.

    Raises SettingsProblem, with nothing logged, for a file that brings nothing new.
    """
    with opened(settings) as db:
        chosen = db.read_sync(choose_workspace, workspace)
        at = clock_of(db).now()
        currency = db.read_sync(lambda session: session.get_one(Workspace, chosen).currency)
        file = parse_voc_csv(data, currency=currency, at=at)
        try:
            plan = db.read_sync(plan_voc_import, chosen, file, filename=filename, sha256=sha256, who=who, at=at)
        except Refused as error:
            raise SettingsProblem([*row_lines(file.problems), plain_sentence(error)]) from None
        if plan.refused is not None:
            notes = [f"Note: {file_note_sentence(note)}" for note in file.notes]
            raise SettingsProblem([*row_lines(plan.summary.skipped), *notes, plain_sentence(plan.refused)])
        if not dry_run:
            _write(db, plan, out)
    _print(out, plan.summary, "Would log" if dry_run else "Logged")


def _write(db: Database, plan: VocPlan, out: Console) -> None:
    """Log the rows in small transactions, between which a running program has the database for itself.

    What was logged stays when the import breaks off; the same command goes on with the others, and logs none twice.
    """
    at = clock_of(db).now()
    write_pieces(db, plan.rows, write_rows, plan.workspace_id, size=PIECE, at=at, what="Logging", out=out)
    db.run_sync(finish_voc_import, plan, at=at)


def _print(out: Console, summary: VocSummary, verb: str) -> None:
    lines = [*row_lines(summary.skipped), *(f"Note: {file_note_sentence(note)}" for note in summary.notes)]
    rows = "1 item" if summary.rows == 1 else f"{summary.rows:,} items"
    lines.append(f"{verb} {rows} of {summary.filename}{_period(summary)}.")
    if summary.skipped:
        bad = len({one.line for one in summary.skipped})
        lines.append(f"  {bad:,} {'row' if bad == 1 else 'rows'} left out, as told above.")
    if summary.known:
        lines.append(f"  {summary.known:,} logged before, and not again.")
    lines.append(f"  by {listed([f'{name} ({count:,})' for name, count in summary.by], most=8)}")
    if summary.standing_in is not None:
        lines.append(f"  rows that name nobody stand in the name of {summary.standing_in}")
    if summary.themes:
        more = summary.themes - len(summary.new_themes)
        named = [*map(_theme, summary.new_themes), *([f"{more:,} more"] if more else [])]
        lines.append(f"  new themes: {', '.join(named)}")
    if summary.new_accounts:
        lines.append(f"  new accounts: {summary.new_accounts:,}")
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


def _period(summary: VocSummary) -> str:
    if summary.first is None or summary.last is None:
        return ""
    first, last = f"{summary.first:%Y-%m-%d}", f"{summary.last:%Y-%m-%d}"
    return f", of {first}" if first == last else f", from {first} to {last}"


def _theme(theme: NewTheme) -> str:
    return f"#{theme.slug}" + (f" (did you mean #{theme.meant}?)" if theme.meant else "")
