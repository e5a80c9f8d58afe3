"""Files of leads on their way into the database: what would become of their rows, and how far each is stored.

A file that came by Slack is a row of `lead_imports`. Slack keeps the file itself. So the jobs that look at it and store
it (handlers/imports/jobs.py) fetch it again each time. The row says which bytes were agreed to, and how
many rows are done.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound, Refused, TandemError
from domain.leads.arriving import NewLead
from domain.leads.storing import Posted, store_leads
from domain.people import Actor, audit
from storage import jobs, outbox
from storage.frozen import Shape
from storage.locking import locked
from storage.models import LeadImport, Member
from storage.outbox import Priority

PIECE: Final = 25
"""Rows that are stored in one transaction."""

CARD: Final = "lead_import"
LONGEST_FILE_NAME: Final = 120
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""What a source may be called."""

_FILE: Final = re.compile(r"[A-Z0-9]{2,40}")


@dataclass(frozen=True, slots=True)
class LeadPreview:
    """What a file says and what would become of it.

    `columns`: each column's title, and what it is read as. `notes`: what is worth knowing about how it was read.
    `first_bad`: line and reason of the first of the `bad` rows. Of the `good` ones, `stored` were stored before, so
    nothing comes of them; `known` are of people who have an open lead, on which they would be written, and `again` of
    people who stand further up in the file; `held` would
    wait for marketing; the others would be `given` to a person of a team (None: to nobody), so many each. `bad_file`:
    the bad rows come as a file of their own.
    """

    columns: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    good: int = 0
    bad: int = 0
    first_bad: tuple[tuple[int, str], ...] = ()
    known: int = 0
    held: int = 0
    given: tuple[tuple[str, str | None, int], ...] = ()
    bad_file: bool = False
    stored: int = 0
    again: int = 0


PREVIEW: Final[Shape[LeadPreview]] = Shape("lead_preview", LeadPreview)


@dataclass(frozen=True)
class LeadFileLook:
    """The job that fetches a file and looks at it."""

    kind: ClassVar[str] = "lead_file_look"

    import_id: int


@dataclass(frozen=True)
class LeadFileStore:
    """The job that stores rows of a file that somebody agreed to."""

    kind: ClassVar[str] = "lead_file_store"

    import_id: int


@dataclass(unsafe_hash=True)
class ImportWrong(TandemError):
    """A form about a file of leads cannot be taken."""

    why: Literal["name", "no_file"]


@dataclass(unsafe_hash=True)
class ImportSettled(Refused):
    """It was decided already what becomes of a file: its `state`, as in `lead_imports`."""

    state: str


@dataclass(frozen=True, slots=True)
class LeadImported:
    """A file as its card and its jobs see it. `rows` and `done`: in all, and seen to; `came`: statuses of those.

    `user_id`: Slack's id of whoever gave it. `preview` is None where the file was not, or could not be, read.
    """

    id: int
    workspace_id: int
    user_id: str
    state: str
    source: str
    file: str
    file_name: str
    sha256: str | None
    preview: LeadPreview | None
    rows: int
    done: int
    trouble: str
    created_at: datetime
    came: dict[str, int] = field(default_factory=dict)


def begin_import(session: Session, name: str, file: str, file_name: str, *, by: Actor, at: datetime) -> str:
    """Have a file that Slack has looked at. Returns the name of its source.

    `name`: as it was typed; "Fair 2026" becomes `fair-2026`. `file`: Slack's id. Raises FieldProblems.
    """
    source = "-".join(name.casefold().split())
    problems: dict[str, TandemError] = {}
    if not NAME.fullmatch(source):
        problems["name"] = ImportWrong("name")
    if not _FILE.fullmatch(file):
        problems["file"] = ImportWrong("no_file")
    if problems:
        raise FieldProblems(problems)
    row = LeadImport(
        workspace_id=by.workspace_id,
        member_id=by.id,
        source=source,
        file=file,
        file_name=file_name[:LONGEST_FILE_NAME],
        created_at=at,
        changed_at=at,
    )
    session.add(row)
    session.flush()
    jobs.enqueue(session, by.workspace_id, LeadFileLook(row.id), at=at)
    return source


def load_import(session: Session, workspace_id: int, import_id: int) -> LeadImported | None:
    """The file; None when the workspace has none such."""
    row = session.get(LeadImport, import_id)
    if row is None or row.workspace_id != workspace_id:
        return None
    return LeadImported(
        id=row.id,
        workspace_id=row.workspace_id,
        user_id=session.get_one(Member, row.member_id).slack_user_id,
        state=row.state,
        source=row.source,
        file=row.file,
        file_name=row.file_name,
        sha256=row.sha256,
        preview=PREVIEW.read(row.preview) if row.preview is not None else None,
        rows=row.rows,
        done=row.done,
        trouble=row.trouble or "",
        created_at=row.created_at,
        came={"accepted": row.accepted, "added": row.added, "duplicate": row.duplicates},
    )


def note_look(
    session: Session, workspace_id: int, import_id: int, *, sha256: str, rows: int, seen: LeadPreview, at: datetime
) -> None:
    """What was seen in the file: whoever gave it decides now, unless not one of its rows can be taken."""
    row = _held(session, workspace_id, import_id)
    if row is None or row.state != "reading":
        return
    row.sha256, row.rows, row.preview = sha256, rows, PREVIEW.write(seen)
    _becomes(session, row, "waiting" if seen.good else "refused", at)


def note_trouble(session: Session, workspace_id: int, import_id: int, trouble: str, *, at: datetime) -> None:
    """The file cannot be read, or no more: why, as plain text. What was stored of it stays."""
    row = _held(session, workspace_id, import_id)
    if row is None or row.state not in ("reading", "storing"):
        return
    row.trouble = trouble
    _becomes(session, row, "refused", at)


def store_file(session: Session, import_id: int, *, by: Actor, at: datetime) -> None:
    """Have the rows of a file stored that was looked at. Asked again, nothing happens.

    Raises NotFound, ImportSettled.
    """
    row = _held(session, by.workspace_id, import_id)
    if row is None:
        raise NotFound("file")
    if row.state in ("storing", "stored"):
        return
    if row.state != "waiting":
        raise ImportSettled(row.state)
    told = {"source": row.source, "rows": row.rows}
    audit(session, row.workspace_id, "lead_import.store", "lead_import", row.id, by=by, at=at, data=told)
    jobs.enqueue(session, row.workspace_id, LeadFileStore(row.id), at=at)
    _becomes(session, row, "storing", at)


def drop_file(session: Session, import_id: int, *, by: Actor, at: datetime) -> None:
    """Nothing of the file is to be stored. Asked again, nothing happens. Raises NotFound, ImportSettled."""
    row = _held(session, by.workspace_id, import_id)
    if row is None:
        raise NotFound("file")
    if row.state == "dropped":
        return
    if row.state != "waiting":
        raise ImportSettled(row.state)
    _becomes(session, row, "dropped", at)


def store_piece(
    session: Session,
    workspace_id: int,
    import_id: int,
    leads: Sequence[NewLead],
    *,
    begin: int,
    end: int,
    at: datetime,
) -> int | None:
    """Store the leads of the rows from `begin` to before `end`; how many rows are done then, None when all are.

    Rows that were seen to meanwhile are not seen to again: whoever asks goes on where the answer says.
    """
    row = _held(session, workspace_id, import_id)
    if row is None or row.state != "storing":
        return None
    if row.done == begin:
        came = store_rows(session, workspace_id, row.source, leads, at=at)
        row.done = end
        row.accepted += came["accepted"]
        row.added += came["added"]
        row.duplicates += came["duplicate"]
        _becomes(session, row, "stored" if row.done >= row.rows else "storing", at)
    return row.done if row.state == "storing" else None


def go_on_storing(session: Session, workspace_id: int, import_id: int, *, at: datetime) -> None:
    """Have the next rows stored, where some are left."""
    row = session.get(LeadImport, import_id)
    if row is not None and row.workspace_id == workspace_id and row.state == "storing":
        jobs.enqueue(session, workspace_id, LeadFileStore(import_id), at=at)


def store_rows(
    session: Session, workspace_id: int, source: str, leads: Sequence[NewLead], *, at: datetime
) -> Counter[str]:
    """Store the leads that are not known; how many were "accepted" as new, "added" to a lead, or "duplicate"."""
    stored = store_leads(session, [Posted(workspace_id, f"import:{source}", lead, None, at) for lead in leads])
    return Counter(str(one["status"]) for one in stored)


def _becomes(session: Session, row: LeadImport, state: str, at: datetime) -> None:
    row.state, row.changed_at = state, at
    place = session.get_one(Member, row.member_id).slack_user_id
    outbox.put_card(session, row.workspace_id, CARD, row.id, place, at=at, priority=Priority.CARD)


def _held(session: Session, workspace_id: int, import_id: int) -> LeadImport | None:
    """The row, held until the transaction ends."""
    mine = (LeadImport.id == import_id, LeadImport.workspace_id == workspace_id)
    return session.scalar(locked(select(LeadImport).where(*mine)))
