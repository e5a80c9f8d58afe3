"""`python -m tests.chaos --engine sqlite --messages 10000 --kills 200`: runs until then, its figures, a verdict."""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.machine import machine
from tests.chaos.driver import Plan, Report, Run, database

NEVER = ("lost", "doubled", "rung missed", "wrong card", "out of order", "stray", "failed", "unsettled")
DUMPED = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 when nothing was lost, doubled or missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", help="default: both")
    parser.add_argument("--messages", type=int, default=10_000, help="posts to reach")
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs to reach")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0.1, help="the rate of each kind of fault, 0 to 0.15")
    parser.add_argument("--teams", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="where the processes' logs go (default: a temporary folder)")
    given = parser.parse_args(arguments)
    console = Console(width=120)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the processes that were started, too
    verdicts = []
    for engine in given.engine or ("sqlite", "postgresql"):
        plan = Plan(engine, given.messages, given.kills, given.seed, fault_rate=given.faults, teams=given.teams)
        with tempfile.TemporaryDirectory(prefix="tandem-chaos-") as temporary:
            folder = given.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            with database(engine, Path(temporary)) as url:
                report = asyncio.run(Run(plan, url, folder, console.print).run())
        console.print(table(report))
        for violation in report.violations[:DUMPED]:
            console.print(report.oracle.dump(violation), markup=False, highlight=False, soft_wrap=True)
        verdicts.append(not report.violations)
    return 0 if all(verdicts) else 1


def table(report: Report) -> Table:
    """The figures of a run."""
    plan, ledger, answers = report.plan, report.ledger, report.answers
    shown = Table(title=f"{plan.engine}, seed {plan.seed}\n{machine()}", title_justify="left", show_header=False)
    wrong = Counter(violation.kind for violation in report.violations)
    storm, drained = report.seconds
    again = sum(count - 1 for count in ledger.shown.values())
    rows = [
        ("messages posted", f"{ledger.posted:,}"),
        ("edits, and all Web API calls", f"{ledger.edited:,}, {ledger.calls:,}"),
        ("SIGKILLs, SIGSTOPs for longer than a lease", f"{report.kills}, {report.stalls}"),
        ("starts, median time to ready", f"{len(report.starts)}, {statistics.median(report.starts):.1f} s"),
        ("ended by themselves (exit code: times)", _listed({str(code): n for code, n in report.ended.items()})),
        ("faults met", _listed(report.faults)),
        ("leads acknowledged to the sender", f"{len(answers.leads):,} in {answers.attempts['webhook']:,} attempts"),
        ("/voc stored, refused, unanswered", _counted(answers.stored, answers.refused, answers.unanswered)),
        ("clicks acknowledged", f"{len(answers.clicks):,}"),
        ("reminders, breaches, reassignments", ", ".join(f"{report.rungs[one]:,}" for one in _RUNGS)),
        ("latest breach", f"{report.latest_breach:.1f} s after the deadline"),
        ("digests", f"{report.editions}"),
        ("jobs; shown twice; tried again by the admin", f"{report.jobs}; {again}; {report.replayed}"),
        ("time, of which draining", f"{drained:.0f} s, {drained - storm:.0f} s"),
        *((one, f"[bold red]{wrong[one]}[/]" if wrong[one] else "0") for one in NEVER),
    ]
    for name, figure in rows:
        shown.add_row(name, figure)
    return shown


_RUNGS = ("reminded", "breached", "reassigned")


def _listed(figures: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(figures.items())) or "none"


def _counted(*sets: set[str]) -> str:
    return ", ".join(f"{len(one):,}" for one in sets)


if __name__ == "__main__":
    sys.exit(main())
