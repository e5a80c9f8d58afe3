"""The tests that go by a clock once more under other dates: `python -m tests.dates`. None may depend on today.

Also the plugin that those runs load. It moves the time of Python's own functions, in one process; so the tests that
start other processes, or ask PostgreSQL for the time, are not among them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import time_machine


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
    "tests/bot/test_audit.py",
    "tests/bot/test_clock.py",
    "tests/bot/test_doctor.py",
    "tests/bot/test_schedule.py",
    "tests/content/test_performance.py",
    "tests/demo/test_company.py",
    "tests/digests/test_editions.py",
    "tests/digests/test_gather.py",
    "tests/digests/test_in_slack.py",
    "tests/digests/test_periods.py",
    "tests/digests/test_told_once.py",
    "tests/domain/test_calendar.py",
    "tests/domain/test_wall.py",
    "tests/domain/test_week.py",
    "tests/home",
    "tests/leads/test_clocks.py",
    "tests/leads/test_in_slack.py",
    "tests/leads/test_lifecycle.py",
    "tests/leads/test_snoozing.py",
    "tests/leads/test_waiting.py",
    "tests/voc/test_answers.py",
    "tests/voc/test_items.py",
)
"""What goes by a clock, or reckons with days; not what starts processes or PostgreSQL."""

PLUGIN = "tests.dates"


def pytest_configure() -> None:
    """Let this process live on the day that `TANDEM_TESTS_DAY` names; its time goes on from there."""
    time.tzset()
    time_machine.travel(datetime.fromisoformat(os.environ["TANDEM_TESTS_DAY"]), tick=True).start()


def run_on(day: Day, arguments: list[str]) -> bool:
    """Run the tests on that day; whether they passed."""
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "--quick",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "-p",
        PLUGIN,
        "-p",
        "no:cacheprovider",
    ]
    env = {**os.environ, "TZ": day.zone, "TANDEM_TESTS_DAY": day.at.isoformat()}
    return subprocess.run([*pytest, *(arguments or SENSITIVE)], env=env).returncode == 0


def main() -> int:
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
