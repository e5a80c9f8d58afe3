"""What was measured, kept: one file of JSON with the last taking of each measurement, and where and at what it was."""

import inspect
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import Chart, Line, Measurement, Row
from bench.machine import machine

ROOT = Path(__file__).parent.parent
PRODUCT = ("bot", "handlers", "digests", "domain", "storage", "requirements.lock")


@dataclass(frozen=True)
class Taking:
    """One run of a measurement. `commit` ends in + when the product had changes that were not committed.

    `about`: how it is measured. `load`: how many processes wanted the machine's cores when it began, as the system's
    average of a minute.
    """

    about: str
    at: datetime
    commit: str
    machine: str
    seconds: float
    load: float
    rows: tuple[Row, ...]
    charts: tuple[Chart, ...]


def note_taking(measure: Measurement, shown: Sequence[Row | Chart], *, seconds: float, load: float) -> Taking:
    """A taking of `measure` that has just ended with `shown`."""
    return Taking(
        inspect.getdoc(measure) or "",
        datetime.now(UTC).replace(microsecond=0),
        _commit(),
        machine(),
        round(seconds, 1),
        round(load, 1),
        tuple(each for each in shown if isinstance(each, Row)),
        tuple(each for each in shown if isinstance(each, Chart)),
    )


def load_average() -> float:
    """How many processes want a core, averaged over the last minute."""
    return os.getloadavg()[0]


def read_results(path: Path) -> dict[str, Taking]:
    """The last taking of each measurement, by its name; none when there is no file."""
    if not path.exists():
        return {}
    return {name: _taking(kept) for name, kept in json.loads(path.read_text()).items()}


def write_results(path: Path, results: dict[str, Taking]) -> None:
    """Keep these results, measurements in the order of their names."""
    kept = {name: {**asdict(taking), "at": taking.at.isoformat()} for name, taking in sorted(results.items())}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def _taking(kept: dict) -> Taking:  # type: ignore[type-arg]  # what JSON gives
    charts = [
        Chart(**{**chart, "lines": tuple(_line(line) for line in chart["lines"])}) for chart in kept.pop("charts")
    ]
    rows = [Row(**row) for row in kept.pop("rows")]
    return Taking(**{**kept, "at": datetime.fromisoformat(kept["at"]), "rows": tuple(rows), "charts": tuple(charts)})


def _line(line: dict) -> Line:  # type: ignore[type-arg]
    return Line(line["name"], tuple((x, y) for x, y in line["points"]), line["against"])


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", *PRODUCT) else "")
    except (OSError, subprocess.CalledProcessError):
        return "no commit"
