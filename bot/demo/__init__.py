"""`tandem demo`: a Slack workspace in the browser, Tandem on it, and a believable company that uses both."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.demo.opening import Demo, open_demo
from bot.settings import HOW_TO_GET, SettingsProblem

PORT: Final = 8333

out = Console(highlight=False)


async def run_demo(keep: Path | None) -> None:
    """Open the demo, say where it is, and serve it until it is interrupted.

    `keep`: the folder in which its state stays; without one, it is forgotten. Raises SettingsProblem when the port
    or the folder cannot be used.
    """
    port = read_port(os.environ.get("PORT", ""))
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    _hush()
    with suppress(asyncio.CancelledError):
        async with _folder(keep) as folder, open_demo(folder, port) as demo:
            _greet(demo, keep)
            await asyncio.Event().wait()
    out.print("\nStopped." + (f" Run tandem demo --keep {keep} to go on." if keep else ""))


def read_port(given: str) -> int:
    """The port in `PORT`, 8333 when it is not set. Raises SettingsProblem."""
    if not given.strip():
        return PORT
    if not (given.strip().isascii() and given.strip().isdigit() and int(given) <= 65535):
        raise SettingsProblem([f"PORT is {given!r}. It should be {HOW_TO_GET['port']}."])
    return int(given)
