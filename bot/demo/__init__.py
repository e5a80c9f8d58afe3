"""`./tandem demo`: a Slack workspace in the browser, Tandem on it, and a believable company that uses both."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.demo.cast import COMPANY
from bot.demo.opening import Demo, open_demo
from bot.logs import configure_logs
from bot.settings import HOW_TO_GET, SettingsProblem

PORT: Final = 8333
HOST: Final = "127.0.0.1"
"""Nobody else reaches the page, where one may act as anybody. In a container, TANDEM_HOST=0.0.0.0 lets them."""

out = Console(highlight=False)


async def run_demo(keep: Path | None) -> None:
    """Open the demo, say where it is, and serve it until it is interrupted.

    `keep`: the folder in which its state stays; without one, it is forgotten. Raises SettingsProblem when the port
    or the folder cannot be used.
    """
    port = read_port(os.environ.get("PORT", ""))
    host = os.environ.get("TANDEM_HOST", "").strip() or HOST
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has none; there Ctrl-C cancels by itself
            asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    _hush()
    out.print(f"Opening {COMPANY} …")
    with suppress(asyncio.CancelledError):
        async with _folder(keep) as folder, open_demo(folder, port, host) as demo:
            _greet(demo, keep)
            await asyncio.Event().wait()
    out.print("\nStopped." + (f" Run ./tandem demo --keep {keep} to go on." if keep else ""))


def read_port(given: str) -> int:
    """The port in `PORT`, 8333 when it is not set. Raises SettingsProblem."""
    if not given.strip():
        return PORT
    if not (given.strip().isascii() and given.strip().isdigit() and int(given) <= 65535):
        raise SettingsProblem([f"PORT is {given!r}. It should be {HOW_TO_GET['port']}."])
    return int(given)


@asynccontextmanager
async def _folder(keep: Path | None) -> AsyncIterator[Path]:
    """The folder of the demo's state: the one to keep, made where it is missing, or one that is gone afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="tandem-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # before anything runs
    except OSError as error:
        raise SettingsProblem([f"The folder {keep} cannot be used: {error.strerror}."]) from None
    yield keep


def _hush() -> None:
    """The demo's terminal is for its address; only what goes wrong is worth a line more."""
    configure_logs("console", level=logging.WARNING)


def _greet(demo: Demo, keep: Path | None) -> None:
    kept = f"What you do stays in {keep}." if keep else "What you do is gone afterwards; --keep DIR keeps it."
    lines = (
        "A Slack workspace on this machine, with Tandem in it. Nothing leaves it.",
        "",
        f"  {demo.url}",
        "",
        f"It is {demo.now} there. You act as {demo.viewer}; switch at the bottom left.",
        "Let leads arrive and skip time with the buttons at the top.",
        f"{kept} Ctrl-C stops it.",
    )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
    if has_screen():
        # In a thread: some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=(demo.url,), daemon=True).start()


def has_screen() -> bool:
    """Whether a browser window could be seen here."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
