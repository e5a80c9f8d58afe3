"""Tandem's processes as they run in production: `tandem web` and `tandem worker`, each with its port and its end."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 40


@asynccontextmanager
async def running(part: str, env: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, int | None]]:
    """One process, and the port it says it listens on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from bot.cli import main; main()", part, env=env, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while "is running" not in said:
                line = await process.stderr.readline()
                assert line, f"tandem {part} ended: {said}"
                said += line.decode()
        draining = asyncio.create_task(process.stderr.read())
        port = re.search(r"listens on port (\d+)", said)
        yield process, int(port[1]) if port else None
        draining.cancel()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                await process.wait()
