"""`python -m tests.hostile --requests 100000 --seed 1`: runs until then, its figures, a verdict."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.machine import machine
from tests.chaos.plan import Engine, database
from tests.hostile.run import Plan, Report, Run

LONGEST = 1_500


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", help="default: sqlite")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    console = Console(width=120)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the process that was started, too
    verdicts = []
    engines: list[Engine] = given.engine or ["sqlite"]
    for engine in engines:
        with tempfile.TemporaryDirectory(prefix="tandem-hostile-") as folder, database(engine, Path(folder)) as url:
            plan = Plan(engine, given.requests, given.seed, strict=True)
            report = asyncio.run(Run(plan, url, console.print).run())
        console.print(table(report))
        console.print(explained(report), markup=False, highlight=False, soft_wrap=True)
        verdicts.append(not report.violations)
    return 0 if all(verdicts) else 1


def table(report: Report) -> Table:
    """The figures of a run."""
    plan = report.plan
    total = sum(report.sent.values())
    shown = Table(title=f"{plan.engine}, seed {plan.seed}\n{machine()}", title_justify="left", show_header=False)
    acks = sorted(report.acks) or [0.0]
    kinds = Counter(what.partition(": ")[2].partition(":")[0] or what for what in report.violations)
    rows = [
        (
            "requests, all with valid signatures",
            f"{total:,} in {report.seconds:.0f} s ({total / (report.seconds or 1):.0f}/s)",
        ),
        ("by kind", _listed(report.sent)),
        ("by status", _listed({str(status): count for status, count in report.statuses.items()})),
        ("listeners and sources met", f"{len(report.names)}"),
        ("declared, but not seen on the tour", ", ".join(report.unmet) or "none"),
        ("Web API calls and receipts looked at", f"{report.calls:,}, {report.receipts:,}"),
        (
            "ack: median, p99, slowest",
            ", ".join(f"{acks[int(share * (len(acks) - 1))] * 1000:.0f} ms" for share in (0.5, 0.99, 1)),
        ),
        ("memory: before, after the first 2,000, at the end", ", ".join(f"{one:.0f} MB" for one in report.memory)),
        ("violations", f"[bold red]{len(report.violations)}: {_listed(kinds)}[/]" if kinds else "0"),
    ]
    for name, figure in rows:
        shown.add_row(name, figure)
    return shown


def explained(report: Report) -> str:
    """Every kind of violation with the smallest request that does it."""
    lines = []
    for violation in report.violations.values():
        lines.append(f"- {violation.what[:LONGEST]} ({violation.times} times)")
        if violation.asked is not None:
            how = "alone" if violation.alone else "among others"
            lines.append(f"    {how}: {ascii(violation.asked)[:LONGEST]}")
        if violation.came is not None:
            lines.append(f"    answer: {violation.came.status} {ascii(violation.came.body)[:300]}")
    return "\n".join(lines)


def _listed(figures: dict[str, int] | Counter[str]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(figures.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
