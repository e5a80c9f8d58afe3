"""The quick tests once more under other dates, by `faketime`: `python -m tests.dates`. None may depend on today.

Also the plugin that those runs load: libfaketime 0.9.10, which Debian 12 has, breaks `time.sleep` of Python 3.11.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A moment (UTC) at which the tests start, in a zone that this computer is then in."""

    name: str
    at: datetime
    zone: str = "UTC"


DAYS = (
    Day("a leap day", datetime(2028, 2, 29, 9, 0, tzinfo=UTC)),
    Day("a week 53, at the year's end", datetime(2027, 1, 1, 4, 59, 30, tzinfo=UTC), "America/New_York"),
    Day("clocks go forward", datetime(2027, 3, 28, 0, 59, 30, tzinfo=UTC), "Europe/Berlin"),
    Day("clocks go back", datetime(2027, 10, 31, 0, 59, 30, tzinfo=UTC), "Europe/Berlin"),
    Day("three years ahead", datetime(2029, 11, 26, 15, 0, tzinfo=UTC)),
)

SENSITIVE = (
    "tests/bot/test_alarms.py",
    "tests/bot/test_audit.py",
    "tests/bot/test_clock.py",
    "tests/bot/test_doctor.py",
    "tests/bot/test_doctor_in_slack.py",
    "tests/bot/test_edge.py",
    "tests/bot/test_schedule.py",
    "tests/bot/test_stepped_clock.py",
    "tests/bot/test_ticker.py",
    "tests/bot/test_watching.py",
    "tests/content",
    "tests/demo/test_company.py",
    "tests/digests",
    "tests/domain",
    "tests/home",
    "tests/intake",
    "tests/leads",
    "tests/personas",
    "tests/storage/test_ahead.py",
    "tests/voc/test_answers.py",
    "tests/voc/test_items.py",
)
"""What goes by a clock, or reckons with days; not what starts processes or PostgreSQL."""

PLUGIN = "tests.dates"


def pytest_configure() -> None:
    """Sleep by `select`: libfaketime refuses what `time.sleep` calls when the steady clock is not to be faked."""

    def sleep(seconds: float) -> None:
        select.select((), (), (), seconds)

    time.sleep = sleep  # type: ignore[assignment]


def run_on(day: Day, arguments: list[str]) -> bool:
    """Run the tests on that day; whether they passed."""
    ahead = round((day.at - datetime.now(UTC)).total_seconds())
    pytest = [sys.executable, "-m", "pytest", "--quick", "-q", "-n", "2", "-p", PLUGIN, "-p", "no:cacheprovider"]
    faked = ["faketime", "--exclude-monotonic", "-f", f"{ahead:+}s", *pytest, *(arguments or SENSITIVE)]
    # Files keep their real times: what compares them with each other must not meet two clocks.
    return subprocess.run(faked, env={**os.environ, "TZ": day.zone, "NO_FAKE_STAT": "1"}).returncode == 0


def main() -> int:
    if shutil.which("faketime") is None:
        print("faketime is missing. On Debian and Ubuntu: apt-get install faketime", file=sys.stderr)
        return 2
    failed = []
    for day in DAYS:
        print(f"--- {day.name}: {day.at:%A %d %B %Y %H:%M} UTC, in {day.zone}", flush=True)
        if not run_on(day, sys.argv[1:]):
            failed.append(day.name)
    if failed:
        print(f"Failed on: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
