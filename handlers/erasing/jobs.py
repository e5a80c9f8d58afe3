"""The job that takes an erased person out of what others wrote, table by table, and tells who asked when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from domain.people import audit
from domain.persons.asking import PersonSweep
from domain.persons.sweeping import (
    PIECE,
    clean_inbox,
    clean_names,
    clean_rows,
    clean_terms,
    find_traces,
    show_homes,
    swept_tables,
)
from domain.persons.traces import Traces
from handlers.erasing.views import erased_message
from handlers.jobs import Impossible, JobKind, RunningJob, Tools
from handlers.messages import Messages, Rendering, Subject
from storage import outbox
from storage.outbox import Priority

TOLD: Final = "person_erased"
"""The kind of the message that tells whoever asked for an erasure that it is done."""

messages = Messages()


async def sweep(job: RunningJob[PersonSweep], tools: Tools) -> Mapping[str, int]:
    """The step: tables are looked through beside the writers, and changed in small pieces. How many rows, by table."""
    if job.secret is None:
        raise Impossible("whom it was to look for cannot be read: TANDEM_SECRET_KEY was changed")
    db, clock, traces = tools.tandem.db, tools.tandem.clock, Traces.from_text(job.secret)
    counts: dict[str, int] = {}
    for table in swept_tables():
        found = await db.read(find_traces, job.workspace_id, table, traces)
        for start in range(0, len(found), PIECE):
            piece = found[start : start + PIECE]
            done = await db.run(clean_rows, job.workspace_id, table, piece, traces, at=clock.now())
            counts[table.name] = counts.get(table.name, 0) + done
        await asyncio.sleep(0)
    counts["accounts"] = await db.run(clean_names, job.workspace_id, traces, at=tools.tandem.clock.now())
    counts["inbox_keys"] = await db.run(clean_inbox, job.workspace_id, traces)
    await db.run(clean_terms, job.workspace_id, traces)
    return {name: count for name, count in counts.items() if count}


def record_sweep(session: Session, job: RunningJob[PersonSweep], counts: Mapping[str, int], at: datetime) -> None:
    """The record: how many rows of which tables lost the person, and the message to who asked."""
    data = {"leads": job.arguments.leads, "rows": dict(counts)}
    if counts:
        show_homes(session, job.workspace_id, at=at)
    audit(session, job.workspace_id, "person.swept", "person", None, by=None, at=at, data=data)
    if job.arguments.asked_by:
        outbox.put_notice(
            session,
            job.workspace_id,
            TOLD,
            job.id,
            job.arguments.asked_by,
            at=at,
            priority=Priority.REMINDER,
            once=f"{TOLD}:{job.id}",
            data=data,
        )


@messages.kind(TOLD)
def person_erased(_session: Session, subject: Subject) -> Rendering:
    """The DM to the admin who asked."""
    return erased_message(int(subject.data.get("leads") or 0), subject.data.get("rows") or {})


kinds = (
    JobKind(
        PersonSweep,
        sweep,
        record_sweep,
        what="the look for an erased person in what others wrote",
        remedy="Erase the person once more: `/tandem erase person`, with the address. Whom it looked for is not kept.",
        patience=timedelta(minutes=30),
        without_token=True,
    ),
)
