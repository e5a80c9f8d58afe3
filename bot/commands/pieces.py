"""Writes the rows of a file in small transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from rich.console import Console
from rich.progress import Progress

from bot.settings import SettingsProblem
from storage.database import Database

R = TypeVar("R")

PAUSE_SECONDS: Final = 0.03  # at the least: who waits for a SQLite file looks again after 25 ms


def write_pieces(
    db: Database,
    rows: Sequence[R],
    write: Callable[..., Any],
    workspace_id: int,
    *,
    size: int,
    at: datetime,
    what: str,
    out: Console,
) -> None:
    """Call `write(session, workspace_id, piece, at=at)` for `size` rows after the other, each in its own transaction.

    Between two transactions a running program has the database for itself. What was written stays when the command is
    broken off. `what` is shown while it goes on. Raises SettingsProblem when the command is interrupted.
    """
    total, done = len(rows), 0
    try:
        with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
            task = progress.add_task(what, total=total)
            while done < total:
                began = time.monotonic()
                piece = rows[done : done + size]
                db.run_sync(write, workspace_id, piece, at=at)
                done += len(piece)
                progress.update(task, completed=done)
                if done < total and db.is_sqlite:
                    time.sleep(max(PAUSE_SECONDS, time.monotonic() - began))
    except KeyboardInterrupt:
        sentence = f"Stopped after {done:,} of {total:,} rows, which stay. The same command goes on with the others."
        raise SettingsProblem([sentence]) from None
