"""However a test hangs, it fails with its stack, and the tests after it run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.test_imports import ROOT

HANGING = """
import asyncio
from collections.abc import AsyncIterator

import pytest

KEPT = []  # a task that is collected with its exception is logged amid a report, which Python 3.11 cannot do


def test_it_waits_in_a_system_call() -> None:
    import socket

    mine, _other = socket.socketpair()
    mine.recv(1)


async def test_it_awaits_what_never_comes() -> None:
    await asyncio.Event().wait()


async def test_it_gives_nobody_a_turn() -> None:
    set_already = asyncio.Event()
    set_already.set()
    async with asyncio.timeout(0.1):
        while True:
            await set_already.wait()


async def test_another_task_gives_nobody_a_turn() -> None:
    async def spin() -> None:
        while True:
            pass

    KEPT.append(asyncio.create_task(spin()))
    await asyncio.Event().wait()


@pytest.fixture
async def never_closed() -> AsyncIterator[None]:
    yield
    await asyncio.Event().wait()


async def test_it_does_not_close(never_closed: None) -> None:
    pass


async def test_it_does_not_close_once_it_has_failed(never_closed: None) -> None:
    assert not "failed of itself"


async def test_the_next_one_runs() -> None:
    pass
"""


def test_a_test_that_hangs_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(HANGING)
    # -n 1 as in `make test`: in a worker of xdist.
    options = ["-n", "1", "-p", "tests.limits", "-p", "no:cacheprovider", "-c", "pyproject.toml"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-o", "timeout=4", tmp_path / "test_hanging.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    told = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert [line.partition("::")[2].partition(" - ")[0] for line in told if line.startswith("FAILED")] == [
        "test_it_waits_in_a_system_call",
        "test_it_awaits_what_never_comes",
        "test_it_gives_nobody_a_turn",
        "test_another_task_gives_nobody_a_turn",
        "test_it_does_not_close_once_it_has_failed",
    ], run.stdout
    assert [line.partition("::")[2].partition(" - ")[0] for line in told if line.startswith("ERROR")] == [
        "test_it_does_not_close",
        "test_it_does_not_close_once_it_has_failed",
    ], run.stdout
    assert "5 failed, 2 passed, 2 errors" in run.stdout
    assert "worker" not in run.stdout.partition("FAILURES")[2], "a worker was lost"
    hung = re.findall(r"^>  +(while True:|await set_already.wait.*)\n", run.stdout, re.MULTILINE)
    assert hung, "the stack shows where it hung"
