"""What keeps a process from doing its work, as `/readyz` tells it: found out by asking, not by hoping."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database import Database, trouble_of
from storage.file import MOVED
from storage.models import Workspace

PROBE_SECONDS = 2.5
REMEMBERED_SECONDS = 10.0


async def storage_problems(db: Database, workspace_id: int | None) -> dict[str, str]:
    """What is wrong with the database, and with the workspace according to it; empty when neither is.

    The database is written to: one that can only be read serves nobody. What it refused within the last seconds
    counts, too, since a full disk may still have room for the probe.
    """
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            reason = await db.run(_probe, workspace_id)
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


def _probe(session: Session, workspace_id: int | None) -> str | None:
    """Write, changing nothing; why the workspace is stopped, if it is."""
    mine = Workspace.id == workspace_id
    session.execute(update(Workspace).where(mine).values(state=Workspace.state))
    return session.scalar(select(Workspace.stopped_reason).where(mine))
