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
from tests.chaos.driver import Run
from tests.chaos.plan import Plan, database
from tests.chaos.report import Outcome, Report

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
    parser.add_argument("--teams", type=int, default=48, help="of the noisy workspace; the quiet one has a quarter")
    parser.add_argument("--folder", type=Path, help="where the processes' logs go (default: a temporary folder)")
    given = parser.parse_args(arguments)
    console = Console(width=120)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the processes that were started, too
    verdicts = []
    for engine in given.engine or ("sqlite", "postgresql"):
        plan = Plan(
            engine,
            given.messages,
            given.kills,
            given.seed,
            fault_rate=given.faults,
            teams=given.teams,
            quiet_teams=max(1, given.teams // 4),
        )
        with tempfile.TemporaryDirectory(prefix="tandem-chaos-") as temporary:
            folder = given.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            with database(engine, Path(temporary)) as url:
                report = asyncio.run(Run(plan, url, folder, console.print).run())
        console.print(table(report))
        console.print(report.dumps(DUMPED), markup=False, highlight=False, soft_wrap=True)
        verdicts.append(not report.violations)
    return 0 if all(verdicts) else 1


def table(report: Report) -> Table:
    """The figures of a run: of each workspace, and of all."""
    plan = report.plan
    title = f"{plan.engine}, seed {plan.seed}\n{machine()}"
    shown = Table(title=title, title_justify="left", caption=_of_all(report), caption_justify="left")
    shown.add_column("")
    columns = []
    for outcome in report.outcomes:
        shown.add_column(f"{outcome.tenant.company.name}, {len(outcome.tenant.company.teams)} teams")
        columns.append(_figures(outcome, report))
    for name in columns[0]:
        shown.add_row(name, *(column[name] for column in columns))
    return shown


def _figures(outcome: Outcome, report: Report) -> dict[str, str]:
    ledger, answers, records = outcome.tenant.ledger, outcome.tenant.arrivals.answers, outcome.records
    wrong = Counter(violation.kind for violation in outcome.violations)
    asked = [report.desk.asked[one.token] for one in records.jobs]
    shown_again = sum(count - 1 for count in ledger.shown.values())
    return {
        "messages posted": f"{ledger.posted:,}",
        "edits, and all Web API calls": f"{ledger.edited:,}, {ledger.calls:,}",
        "leads acknowledged to the sender": f"{len(answers.leads):,} in {answers.attempts['webhook']:,} attempts",
        "/voc stored, refused, unanswered": _counted(answers.stored, answers.refused, answers.unanswered),
        "clicks acknowledged": f"{len(answers.clicks):,}",
        "reminders, breaches, reassignments": ", ".join(f"{outcome.rungs[one]:,}" for one in _RUNGS),
        "latest breach after the deadline": f"{max(records.lateness(), default=0.0):.1f} s",
        "digests": f"{len(records.editions)}",
        "looks of the doctor; shown twice": f"{len(records.jobs) - len(outcome.tenant.asked)}; {shown_again}",
        "errands; their steps begun": f"{len(outcome.tenant.asked)}; {sum(asked)}",
        **{one: f"[bold red]{wrong[one]}[/]" if wrong[one] else "0" for one in NEVER},
    }


def _of_all(report: Report) -> str:
    storm, drained = report.seconds
    return "\n".join(
        [
            f"SIGKILLs {report.herd.kills}, SIGSTOPs for longer than a lease {report.herd.stalls}",
            f"starts {len(report.starts)}, median time to ready {statistics.median(report.starts):.1f} s",
            f"ended by themselves (exit code: times) {_listed({str(code): n for code, n in report.ended.items()})}",
            f"faults met: {_listed(report.faults)}",
            f"installed again {report.reinstalled}, tokens renewed {report.renewals}, jobs replayed {report.replayed}",
            f"time {drained:.0f} s, of which draining {drained - storm:.0f} s",
        ]
    )


_RUNGS = ("reminded", "breached", "reassigned")


def _listed(figures: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(figures.items())) or "none"


def _counted(*sets: set[str]) -> str:
    return ", ".join(f"{len(one):,}" for one in sets)


if __name__ == "__main__":
    sys.exit(main())
