"""The slow steps of a file of leads: it is fetched and looked at; later it is fetched again and stored.

Storing goes in pieces, each a transaction that also notes how many rows are done. So whatever breaks off in between,
whoever does the step a second time goes on behind the last piece, and no row counts twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from domain.csv_tables import TableRefused
from domain.leads.file_imports import (
    PIECE,
    LeadFileLook,
    LeadFileStore,
    LeadImported,
    LeadPreview,
    go_on_storing,
    load_import,
    note_look,
    note_trouble,
    store_piece,
)
from handlers.files import FileHandover, give_to_slack
from handlers.imports.fetching import CannotFetch, fetch_file
from handlers.imports.views import bad_file_name, bad_rows_comment, cannot_fetch, changed_since
from handlers.intake.lead_file import LeadFile, open_file, preview, read_file, read_rows, sender_called, written_bad
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.words import row_lines
from storage import jobs
from storage.crash import crash_point

MOST_ROWS: Final = 5_000
"""Rows of a file that is taken in Slack. `./tandem import leads` on the server takes ten times as many."""

WORKED_SECONDS: Final = 30.0
"""After so long the next rows are for another job, so that each shows what it did and none runs into its bound."""

REST_SECONDS: Final = 0.03
"""Between two pieces at the least: who waits for a SQLite file looks again after 25 ms."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look. `trouble`: why nothing else is known; `bad_file`: Slack's id, None where there is none."""

    told: LeadImported
    sha256: str = ""
    rows: int = 0
    seen: LeadPreview | None = None
    trouble: str = ""
    bad_file: str | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of storing: `trouble` is why it cannot go on."""

    trouble: str = ""


async def look(job: RunningJob[LeadFileLook], tools: Tools) -> Looked | None:
    """Fetch the file and see what would become of its rows. None: nothing is to be looked at any more."""
    db, at = tools.tandem.db, tools.tandem.clock.now()
    told = await db.read(load_import, job.workspace_id, job.arguments.import_id)
    if told is None or told.state != "reading":
        return None
    try:
        data = await fetch_file(tools, told.file)
        sender = await db.read(sender_called, job.workspace_id, told.source, at)
        found = await asyncio.to_thread(read_file, data, sender, most=MOST_ROWS)
    except CannotFetch as error:
        return Looked(told, trouble=cannot_fetch(error))
    except TableRefused as error:
        return Looked(told, trouble=row_lines([error.problem])[0])
    seen = await db.read(preview, job.workspace_id, found, at=at)
    bad_file = await _bad_rows(tools, told, found) if found.bad else None
    return Looked(told, hashlib.sha256(data).hexdigest(), len(found.rows), seen, bad_file=bad_file)


def record_look(session: Session, job: RunningJob[LeadFileLook], looked: Looked | None, at: datetime) -> None:
    """Show what was seen, or why nothing was, to whoever gave the file."""
    if looked is None:
        return
    told = looked.told
    if looked.seen is None:
        note_trouble(session, job.workspace_id, told.id, looked.trouble, at=at)
        return
    seen = replace(looked.seen, bad_file=looked.bad_file is not None)
    note_look(session, job.workspace_id, told.id, sha256=looked.sha256, rows=looked.rows, seen=seen, at=at)
    if looked.bad_file is not None:
        name, comment = bad_file_name(told.file_name), bad_rows_comment(told.file_name, looked.seen.bad)
        handover = FileHandover(looked.bad_file, told.user_id, name, comment)
        jobs.enqueue(session, job.workspace_id, handover, at=at)


async def _bad_rows(tools: Tools, told: LeadImported, found: LeadFile) -> str | None:
    text = await asyncio.to_thread(written_bad, found.header, found.bad)
    return await give_to_slack(tools, bad_file_name(told.file_name), text.encode("utf-8-sig"))


async def store(job: RunningJob[LeadFileStore], tools: Tools) -> Worked | None:
    """Store rows for a while, each piece by itself. None: nothing is to be stored any more."""
    db, clock = tools.tandem.db, tools.tandem.clock
    told = await db.read(load_import, job.workspace_id, job.arguments.import_id)
    if told is None or told.state != "storing":
        return None
    try:
        data = await fetch_file(tools, told.file)
    except CannotFetch as error:
        return Worked(cannot_fetch(error))
    if hashlib.sha256(data).hexdigest() != told.sha256:
        return Worked(changed_since())
    sender = await db.read(sender_called, job.workspace_id, told.source, clock.now())
    opened = await asyncio.to_thread(open_file, data)
    ends, begin = time.monotonic() + WORKED_SECONDS, told.done
    while begin < told.rows and time.monotonic() < ends:
        began, end = time.monotonic(), min(begin + PIECE, told.rows)
        rows = await asyncio.to_thread(read_rows, opened, sender, begin, end)
        leads = [row.lead for row in rows if row.lead is not None]
        done = await db.run(store_piece, job.workspace_id, told.id, leads, begin=begin, end=end, at=clock.now())
        crash_point("imports.piece")
        if done is None:
            break
        begin = done
        if db.is_sqlite:
            await asyncio.sleep(max(REST_SECONDS, time.monotonic() - began))
    return Worked()


def record_store(session: Session, job: RunningJob[LeadFileStore], worked: Worked | None, at: datetime) -> None:
    """Go on with the rows that are left, or say why that cannot be."""
    if worked is None:
        return
    if worked.trouble:
        note_trouble(session, job.workspace_id, job.arguments.import_id, worked.trouble, at=at)
    else:
        go_on_storing(session, job.workspace_id, job.arguments.import_id, at=at)


_REMEDY: Final = (
    "See why in the log, then try again: it goes on where it was, and no lead is stored twice. "
    "`./tandem import leads` on the server takes the same file."
)

kinds = (
    JobKind(
        LeadFileLook,
        look,
        record_look,
        what="the look at a file of leads that an admin gave",
        remedy=_REMEDY,
        patience=timedelta(seconds=180),
        awaited=True,
    ),
    JobKind(
        LeadFileStore,
        store,
        record_store,
        what="the storing of a file of leads",
        remedy=_REMEDY,
        patience=timedelta(seconds=180),
        awaited=True,
    ),
)
