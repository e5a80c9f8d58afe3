"""The slow steps of an export: a file is made and uploaded, then handed to whoever asked for it (handlers/files.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import Actor, actor
from domain.voc.export import PIECE, Exported, Form, read_items, written
from domain.voc.query import Query, read_query
from domain.voc.search import further_items, match_items
from handlers.blocks import escape, section
from handlers.files import give_to_slack, show
from handlers.jobs import Impossible, JobKind, RunningJob, Tools
from handlers.messages import Messages, Rendering, Subject
from storage import jobs, outbox
from storage.models import Member
from storage.outbox import Priority
from storage.words import LARGEST_ID

MOST_EXPORTED: Final = 10_000
"""Items in a file that is handed over in Slack; `./tandem export voc` writes any number."""

REFUSED: Final = "voc_export_refused"
FILE_NAME: Final = "voc.csv"

messages = Messages()


@dataclass(frozen=True)
class VocExport:
    """What was searched for, and by whom: `asked_by` is a member's id."""

    kind: ClassVar[str] = "voc_export"

    asked_by: int
    query: str
    quotes: bool = False


@dataclass(frozen=True)
class VocHandover:
    """A file that Slack has, and whom it is for: `user` is a Slack user id."""

    kind: ClassVar[str] = "voc_handover"

    file: str
    user: str
    query: str
    items: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The file, None where this workspace does not let Tandem upload one."""

    file: str | None
    user: str
    items: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, and what is looked for."""

    by: Actor
    query: Query


def ask_for_export(session: Session, query: str, *, quotes: bool, by: Actor, at: datetime) -> None:
    """Have what matches the search written into a file."""
    jobs.enqueue(session, by.workspace_id, VocExport(by.id, query, quotes), at=at)


async def upload(job: RunningJob[VocExport], tools: Tools) -> Uploaded:
    """Find the items piece by piece, and give the file to Slack, where nobody sees it yet."""
    db, at = tools.tandem.db, job.created_at
    asked = await db.read(_asked, job.workspace_id, job.arguments, at)
    lines: list[str] = []
    count = 0
    further: int | None = LARGEST_ID
    while count < MOST_EXPORTED and further is not None:
        items, further = await db.read(_piece, asked, further, at, quotes=job.arguments.quotes)
        lines += written(items, Form.CSV, first=not lines, mark=True)
        count += len(items)
    file = await give_to_slack(tools, FILE_NAME, "".join(lines).encode())
    return Uploaded(file, asked.by.user_id, count, further is not None)


def record_upload(session: Session, job: RunningJob[VocExport], done: Uploaded, at: datetime) -> None:
    """Have the file handed over, or say why there is none."""
    if done.file is not None:
        handover = VocHandover(done.file, done.user, job.arguments.query, done.items, done.more)
        jobs.enqueue(session, job.workspace_id, handover, at=at)
        return
    outbox.put_notice(
        session,
        job.workspace_id,
        REFUSED,
        job.id,
        done.user,
        at=at,
        priority=Priority.REMINDER,
        once=f"{REFUSED}:{job.token}",
        data={"query": job.arguments.query},
    )


async def hand_over(job: RunningJob[VocHandover], tools: Tools) -> bool:
    """Show the file in the person's DM, unless it stands there; whether it was shown now."""
    told = job.arguments
    return await show(tools.client, told.user, told.file, name=FILE_NAME, comment=_comment(told))


def record_handover(_session: Session, _job: RunningJob[VocHandover], _done: bool, _at: datetime) -> None:
    """Nothing is left to be done."""


@messages.kind(REFUSED)
def refused(_session: Session, subject: Subject) -> Rendering:
    """Why there is no file, and who can do something about it."""
    query = escape(str(subject.data.get("query", "")))
    text = (
        f"There is no file of your search for {query}: this workspace does not let Tandem upload files. An admin can "
        "allow it by installing Tandem again with the scope `files:write`, or write the file on the server with "
        "`./tandem export voc`."
    )
    return Rendering(text, blocks=[section(text)])


def _asked(session: Session, workspace_id: int, told: VocExport, at: datetime) -> _Asked:
    """Raises Impossible when whoever asked is gone meanwhile."""
    here = select(Member).where(Member.id == told.asked_by, Member.workspace_id == workspace_id, Member.active)
    member = session.scalars(here).one_or_none()
    if member is None:
        raise Impossible("whoever asked for the file is gone")
    by = actor(member)
    query = read_query(session, told.query, by=by, at=at)
    return _Asked(by, match_items(session, query, quotes=told.quotes, by=by, at=at).query)


def _piece(
    session: Session, asked: _Asked, before: int, at: datetime, *, quotes: bool
) -> tuple[list[Exported], int | None]:
    by = asked.by
    items, further = further_items(session, asked.query, quotes=quotes, before=before, limit=PIECE, by=by, at=at)
    return read_items(session, by.workspace_id, items), further


def _comment(told: VocHandover) -> str:
    many = "1 item" if told.items == 1 else f"{told.items:,} items"
    newest = "the newest of them, " if told.more else ""
    rest = " `./tandem export voc` on the server writes all." if told.more else ""
    return f"Your search for “{escape(told.query)}”: {newest}{many}, the newest first.{rest}"


kinds = (
    JobKind(
        VocExport,
        upload,
        record_upload,
        what="a file of what somebody searched for",
        remedy="They can press Export again, or write the file on the server: `./tandem export voc`.",
        patience=timedelta(seconds=90),
        tries=4,
        awaited=True,
    ),
    JobKind(
        VocHandover,
        hand_over,
        record_handover,
        what="the handing over of a file of what somebody searched for",
        remedy="They can press Export again, or write the file on the server: `./tandem export voc`.",
        tries=4,
        awaited=True,
    ),
)
