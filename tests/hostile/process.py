"""The program under attack: one process, its log read line by line, its memory looked at."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60


class Served:
    """The running process. `lines`: everything it wrote to its log."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port

    def megabytes(self) -> float:
        """Its resident memory; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


@asynccontextmanager
async def served(env: Mapping[str, str], hear: Callable[[str], None]) -> AsyncIterator[Served]:
    """Start the program and stop it in order at the end. `hear` gets each line of its log."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.hostile.served",
        env={"PATH": os.environ["PATH"], "LOG_FORMAT": "json", "PORT": "0", **env},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    log = process.stderr

    async def read() -> None:
        while line := await log.readline():
            hear(line.decode(errors="replace").rstrip("\n"))

    reading = asyncio.create_task(read())
    try:
        async with asyncio.timeout(START_SECONDS):
            port = int(await process.stdout.readline() or b"0")
        yield Served(process, port)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(60):
                    await process.wait()
            except TimeoutError:
                process.kill()
        await process.wait()
        await reading
