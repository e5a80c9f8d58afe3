"""What keeps a process from doing its work, as `/readyz` tells it: found out by asking, not by hoping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database import Database, trouble_of
from storage.file import MOVED
from storage.models import Workspace

PROBE_SECONDS = 2.5
REMEMBERED_SECONDS = 10.0


async def storage_problems(db: Database, served: Sequence[int]) -> dict[str, str]:
    """What is wrong with the database, and with the workspaces `served` according to it; empty when neither is.

    One workspace that is stopped is no fault of a process that serves others.

    The database is written to: one that can only be read serves nobody. What it refused within the last seconds
    counts, too, since a full disk may still have room for the probe.
    """
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            reason = await db.run(_probe, served)
    except TimeoutError:
        return {"database": f"no answer within {PROBE_SECONDS} s"}
    except Exception as error:
        reason = trouble_of(error) or type(error).__name__
        return {"file": "deleted or replaced while Tandem runs"} if reason == MOVED else {"database": reason}
    found: dict[str, str] = {}
    if reason is not None:
        found["slack"] = f"stopped: {reason}"
    if db.trouble is not None and time.monotonic() - db.trouble[0] < REMEMBERED_SECONDS:
        found["database"] = f"{db.trouble[1]} a moment ago"
    return found


async def stopped_workspaces(db: Database, served: Sequence[int]) -> int:
    """How many of them are stopped; none as far as a database tells that does not answer."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return len(await db.read(_stopped, served))
    except Exception:  # what is wrong with the database is told by storage_problems
        return 0


def _probe(session: Session, served: Sequence[int]) -> str | None:
    """Write, changing nothing; why nothing can be sent at all, if so."""
    mine = Workspace.id == next(iter(served), None)
    session.execute(update(Workspace).where(mine).values(state=Workspace.state))
    stopped = _stopped(session, served)
    if not served or len(stopped) < len(served):
        return None
    return stopped[0] if len(stopped) == 1 else f"all {len(stopped):,} workspaces, the first for {stopped[0]}"


def _stopped(session: Session, served: Sequence[int]) -> list[str]:
    """Why each workspace that is served and stopped is stopped."""
    rows = session.execute(
        select(Workspace.id, Workspace.stopped_reason).where(Workspace.state == "stopped").order_by(Workspace.id)
    )
    mine = set(served)
    return [str(reason) for workspace_id, reason in rows if workspace_id in mine]
