"""`python -m bench [NAME …]`: takes the named measurements, or all, and prints them as one table."""

import argparse
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench import Measurement, Row, measurements, take
from bench.machine import machine


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 when all is reached, 1 when something missed or broke, 2 for a wrong name."""
    known = measurements()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the product promises.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(known)}")
    names = parser.parse_args(arguments).names or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no measurement called {', '.join(unknown)}; there are: {', '.join(known)}")
    rows = [row for name in names for row in measure(name, known[name])]
    Console().print(table(rows))
    return 0 if all(row.ok for row in rows) else 1


def measure(name: str, measurement: Measurement) -> list[Row]:
    """Takes one measurement; one that breaks is a row that says so, and the others go on."""
    progress = Console(stderr=True)
    progress.print(f"{name} …", style="dim")
    began = time.perf_counter()
    try:
        return take(measurement)
    except Exception as broken:
        progress.print_exception()
        return [
            Row(
                name,
                time.perf_counter() - began,
                "s",
                "an answer",
                False,
                f"{type(broken).__name__}: {broken}",
            )
        ]


def table(rows: Sequence[Row]) -> Table:
    """The figures with what they must reach, under the machine's name."""
    shown = Table(title=machine(), title_justify="left", title_style="bold")
    shown.add_column("what")
    shown.add_column("measured", justify="right")
    shown.add_column("must be")
    shown.add_column("")
    shown.add_column("note")
    for row in rows:
        verdict = "[green]ok[/]" if row.ok else "[bold red]missed[/]"
        shown.add_row(row.name, f"{row.value:,.4g} {row.unit}", row.reach or "-", verdict, row.note)
    return shown


if __name__ == "__main__":
    sys.exit(main())
