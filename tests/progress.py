"""Waiting for something as long as it comes closer, however slow the machine is; not for a number of seconds."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

STILL_SECONDS = 60.0
"""So long nothing at all may change before a wait is given up."""


async def until(
    done: Callable[[], bool | Awaitable[bool]],
    progress: Callable[[], object],
    *,
    what: str,
    still: float = STILL_SECONDS,
    pause: float = 0.1,
) -> None:
    """Return once `done` says so. Raises TimeoutError when `progress` has shown the same for `still` seconds.

    `progress`: a picture of how far it is, such as counts; that it changes is enough. `what` is waited for, in words.
    """
    seen, changed_at = progress(), time.monotonic()
    while True:
        answer = done()
        if await answer if inspect.isawaitable(answer) else answer:
            return
        present = progress()
        if present != seen:
            seen, changed_at = present, time.monotonic()
        elif time.monotonic() - changed_at > still:
            raise TimeoutError(f"{what}: nothing has changed for {still:.0f} s, it stands at {present}")
        await asyncio.sleep(pause)


def worked(pid: int) -> float:
    """How many ticks of the processors' time a process has had; 0 where the system does not tell (not Linux)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
