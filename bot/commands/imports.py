"""`./tandem import content`: takes a CSV in, or says of every bad row what is wrong with it."""

from __future__ import annotations

from rich.console import Console

from bot.commands.offline import choose_workspace, opened
from bot.commands.pieces import write_pieces
from bot.loops.clock import clock_of
from bot.settings import Settings, SettingsProblem
from domain.content import (
    PIECE,
    BadRows,
    ImportPlan,
    ImportSummary,
    check_plan,
    finish_import,
    plan_import,
    write_changes,
)
from domain.content_csv import parse_content_csv
from domain.errors import Refused
from handlers.words import file_note_sentence, plain_sentence, row_lines
from storage.database import Database


def import_content_file(
    settings: Settings,
    data: bytes,
    *,
    filename: str,
    sha256: str,
    skip_bad_rows: bool,
    dry_run: bool,
    out: Console,
    workspace: str | None = None,
) -> None:
    """Import the figures and print what changed. `workspace`: Slack's id, None for the only one.

    Raises SettingsProblem, with nothing imported, for a bad file.
    """
    file = parse_content_csv(data)
    try:
        with opened(settings) as db:
            chosen = db.read_sync(choose_workspace, workspace)
            plan = db.read_sync(plan_import, chosen, file, filename=filename, sha256=sha256)
            if not dry_run:
                check_plan(plan, skip_bad_rows=skip_bad_rows)
                _write(db, plan, out)
    except BadRows as error:
        more = (
            [f"The other {error.good:,} rows are good: add --skip-bad-rows to import those."]
            if error.good and not skip_bad_rows
            else []
        )
        raise SettingsProblem([*row_lines(error.problems), plain_sentence(error), *more]) from None
    except Refused as error:
        raise SettingsProblem([plain_sentence(error)]) from None
    _print(out, plan.summary, "Would import" if dry_run else "Imported")


def _write(db: Database, plan: ImportPlan, out: Console) -> None:
    """Write the changes in small transactions, between which a running program has the database for itself.

    What was written stays when the import breaks off; the file counts as taken in only at the end, so the same
    command goes on where it was.
    """
    at = clock_of(db).now()
    write_pieces(db, plan.changes, write_changes, plan.workspace_id, size=PIECE, at=at, what="Importing", out=out)
    db.run_sync(finish_import, plan, by=None, at=at)


def _print(out: Console, summary: ImportSummary, verb: str) -> None:
    for line in row_lines(summary.skipped):
        out.print(line, markup=False, soft_wrap=True)
    if summary.imported_before is not None:
        out.print(f"Note: this file was already imported, on {summary.imported_before:%d %b %Y at %H:%M} UTC.")
    for note in summary.notes:
        out.print(f"Note: {file_note_sentence(note)}", markup=False, soft_wrap=True)
    out.print(
        f"{verb} {summary.rows:,} rows of {summary.filename}: {summary.new_assets} new assets, "
        f"{summary.new_weeks} new weeks, {summary.changed} changed, {summary.unchanged} as they were.",
        markup=False,
        soft_wrap=True,
    )
    for change in summary.examples:
        out.print(
            f"  {change.title}, week of {change.week}: {change.figure} {change.before} → {change.after}",
            markup=False,
            soft_wrap=True,
        )
