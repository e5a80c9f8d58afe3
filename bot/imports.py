"""`tandem import content`: takes a CSV in, or says of every bad row what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from bot.clock import clock_of
from bot.offline import only_workspace, opened
from bot.settings import Settings, SettingsProblem
from domain.content import BadRows, ImportSummary, import_content, preview_content
from domain.content_csv import RowProblem, parse_content_csv
from domain.errors import Refused


def import_content_file(
    settings: Settings,
    data: bytes,
    *,
    filename: str,
    sha256: str,
    skip_bad_rows: bool,
    dry_run: bool,
    out: Console,
) -> None:
    """Import the figures and print what changed. Raises SettingsProblem, with nothing imported, for a bad file."""
    file = parse_content_csv(data)
    try:
        with opened(settings) as db:
            at = clock_of(db).now()
            if dry_run:
                summary = db.run_sync(
                    lambda session: preview_content(
                        session, only_workspace(session), file, filename=filename, sha256=sha256
                    )
                )
                _print(out, summary, "Would import")
                return
            summary = db.run_sync(
                lambda session: import_content(
                    session,
                    only_workspace(session),
                    file,
                    filename=filename,
                    sha256=sha256,
                    skip_bad_rows=skip_bad_rows,
                    by=None,
                    at=at,
                )
            )
    except BadRows as error:
        more = (
            [f"The other {error.good:,} rows are good: add --skip-bad-rows to import those."]
            if error.good and not skip_bad_rows
            else []
        )
        raise SettingsProblem([*_lines(error.problems), error.sentence, *more]) from None
    except Refused as error:
        raise SettingsProblem([error.sentence]) from None
    _print(out, summary, "Imported")


def _print(out: Console, summary: ImportSummary, verb: str) -> None:
    for line in _lines(summary.skipped):
        out.print(line, markup=False, soft_wrap=True)
    for note in summary.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
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
        f"line {one.line}{f', {one.column}' if one.column else ''}: {one.reason}" if one.line else one.reason
        for one in problems
    ]
