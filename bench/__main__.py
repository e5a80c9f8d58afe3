"""`python -m bench [NAME …]`: takes the named measurements, or all, prints them as one table and keeps them."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench import Chart, Measurement, Row, measurements, set_quick, take
from bench.machine import machine
from bench.report import write_report
from bench.results import ROOT, load_average, note_taking, read_results, write_results

DOCS = ROOT / "docs"
LEAST_WIDTH = 150
"""Columns of the table when it is written to a file, or to a narrow terminal."""


def main(arguments: Sequence[str] | None = None, docs: Path = DOCS) -> int:
    """Returns the exit code: 0 when all is reached, 1 when something missed or broke, 2 for a wrong name."""
    known = measurements()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the product promises.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works: nothing is kept")
    parser.add_argument("--page", action="store_true", help="measure nothing; make the page anew from what is kept")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in known]:
        parser.error(f"no measurement called {', '.join(unknown)}; there are: {', '.join(known)}")
    results = read_results(docs / "performance.json")
    if chosen.page:
        write_report(docs, results)
        return 0
    set_quick(chosen.quick)
    rows: list[Row] = []
    broke = False
    for name in chosen.names or known:
        began, load = time.perf_counter(), load_average()
        shown = measure(name, known[name])
        if isinstance(shown, Exception):
            broke = True
            told = f"{type(shown).__name__}: {shown}"
            rows.append(Row(name, time.perf_counter() - began, "s", "an answer", False, absolute=told))
            continue
        rows += [each for each in shown if isinstance(each, Row)]
        if not chosen.quick:
            # At once: who ends a long run early keeps what it had measured.
            results[name] = note_taking(known[name], shown, seconds=time.perf_counter() - began, load=load)
            write_results(docs / "performance.json", results)
    if not chosen.quick:
        write_report(docs, results)
    console = Console()
    console.width = max(console.width, LEAST_WIDTH)
    console.print(table(rows))
    missed = not chosen.quick and any(not row.ok for row in rows)
    return 1 if broke or missed else 0


def measure(name: str, measurement: Measurement) -> list[Row | Chart] | Exception:
    """Takes one measurement; answers with the error when it breaks, and the others go on."""
    progress = Console(stderr=True)
    progress.print(f"{name} …", style="dim")
    try:
        return take(measurement)
    except Exception as broken:
        progress.print_exception()
        return broken


def table(rows: Sequence[Row]) -> Table:
    """The figures with what they must reach, under the machine's name; the page has their notes as well."""
    shown = Table(title=machine(), title_justify="left", title_style="bold")
    for heading in ("what", "size"):
        shown.add_column(heading)
    shown.add_column("measured", justify="right", no_wrap=True)
    for heading in ("must be", "", "absolute"):
        shown.add_column(heading)
    for row in rows:
        verdict = "[bold red]missed[/]" if not row.ok else "[green]ok[/]" if row.reach else ""
        shown.add_row(
            escape(row.name),
            escape(row.size),
            row.measured,
            escape(row.reach),
            verdict,
            escape(row.absolute),
        )
    return shown


if __name__ == "__main__":
    sys.exit(main())
