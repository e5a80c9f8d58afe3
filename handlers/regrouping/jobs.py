"""Moves the items of merged themes in the background: a theme may have very many, and others wait for the database."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.voc.moving import MoveItems, move_some
from handlers.jobs import JobKind, RunningJob, Tools


async def move_items(job: RunningJob[MoveItems], tools: Tools) -> None:
    """The step: one small transaction after another, with as long between two of them for everybody else."""
    left = True
    while left:
        began = time.perf_counter()
        left = await tools.tandem.db.run(move_some, job.arguments.regrouping, at=tools.tandem.clock.now())
        await asyncio.sleep(time.perf_counter() - began)


def record_moved(_session: Session, _job: RunningJob[MoveItems], _result: None, _at: datetime) -> None:
    """Each step's transaction recorded itself."""


kinds = (
    JobKind(
        MoveItems,
        move_items,
        record_moved,
        what="moving the items of a merged theme",
        remedy="Try again: the move goes on where it stopped. If that fails, too, the log has the details.",
        patience=timedelta(minutes=15),
        without_token=True,
    ),
)
