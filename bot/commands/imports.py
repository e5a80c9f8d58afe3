"""`./tandem import content`: takes a CSV in, or says of every bad row what is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.progress import Progress

from bot.commands.offline import choose_workspace, opened
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
from domain.content_csv import RowProblem, parse_content_csv
from domain.errors import Refused
from handlers.words import file_note_sentence, plain_sentence, row_sentence
from storage.database import Database

PAUSE_SECONDS: Final = 0.03  # at the least: who waits for a SQLite file looks again after 25 ms


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
        raise SettingsProblem([*_lines(error.problems), plain_sentence(error), *more]) from None
    except Refused as error:
        raise SettingsProblem([plain_sentence(error)]) from None
    _print(out, plan.summary, "Would import" if dry_run else "Imported")


def _write(db: Database, plan: ImportPlan, out: Console) -> None:
    """Write the changes in small transactions, between which a running program has the database for itself.

    What was written stays when the import breaks off; the file counts as taken in only at the end, so the same
    command goes on where it was.
    """
    at, total, done = clock_of(db).now(), len(plan.changes), 0
    try:
        with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
            task = progress.add_task("Importing", total=total)
            while done < total:
                began = time.monotonic()
                piece = plan.changes[done : done + PIECE]
                db.run_sync(write_changes, plan.workspace_id, piece, at=at)
                done += len(piece)
                progress.update(task, completed=done)
                if done < total and db.is_sqlite:
                    time.sleep(max(PAUSE_SECONDS, time.monotonic() - began))
    except KeyboardInterrupt:
        sentence = f"Stopped after {done:,} of {total:,} rows, which stay. The same command goes on with the others."
        raise SettingsProblem([sentence]) from None
    db.run_sync(finish_import, plan, by=None, at=at)


def _print(out: Console, summary: ImportSummary, verb: str) -> None:
    for line in _lines(summary.skipped):
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


def _lines(problems: Iterable[RowProblem]) -> list[str]:
    return [
        f"line {one.line}{f', {one.column}' if one.column else ''}: {row_sentence(one)}"
        if one.line
        else row_sentence(one)
        for one in problems
    ]
