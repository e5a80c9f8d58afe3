"""The slow step of the scoreboard's file: it is made and given to Slack, then handed over (handlers/files.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import Actor, actor
from domain.scoreboard import load_scoreboard
from domain.scoreboard_export import scoreboard_lines
from handlers.files import FileHandover, give_to_slack, refuse
from handlers.jobs import Impossible, JobKind, RunningJob, Tools
from storage import jobs
from storage.models import Member

FILE_NAME: Final = "scoreboard.csv"


@dataclass(frozen=True)
class ScoreboardFile:
    """What is looked at, and by whom: `asked_by` is a member's id, `team` a key, "" for all."""

    kind: ClassVar[str] = "scoreboard_file"

    asked_by: int
    weeks: int
    team: str


@dataclass(frozen=True, slots=True)
class Given:
    """The file's id, None where this workspace does not let Tandem upload one, and for which Slack user it is."""

    file: str | None
    user: str


def ask_for_file(session: Session, *, weeks: int, team: str, by: Actor, at: datetime) -> None:
    """Have the figures of the time written into a file."""
    jobs.enqueue(session, by.workspace_id, ScoreboardFile(by.id, weeks, team), at=at)


async def give(job: RunningJob[ScoreboardFile], tools: Tools) -> Given:
    """Count, as of the moment of the click, and give the file to Slack, where nobody sees it yet."""
    user, data = await tools.tandem.db.read(_counted, job.workspace_id, job.arguments, job.created_at)
    return Given(await give_to_slack(tools, FILE_NAME, data), user)


def record(session: Session, job: RunningJob[ScoreboardFile], done: Given, at: datetime) -> None:
    """Have the file handed over, or say why there is none."""
    told = job.arguments
    if done.file is None:
        refuse(session, job.workspace_id, done.user, job.id, job.token, what="the scoreboard", at=at)
        return
    comment = f"The scoreboard of the last {told.weeks} weeks, one figure a line."
    jobs.enqueue(session, job.workspace_id, FileHandover(done.file, done.user, FILE_NAME, comment), at=at)


def _counted(session: Session, workspace_id: int, told: ScoreboardFile, at: datetime) -> tuple[str, bytes]:
    """For whom it is, and the file. Raises Impossible when whoever asked is gone meanwhile."""
    here = select(Member).where(Member.id == told.asked_by, Member.workspace_id == workspace_id, Member.active)
    member = session.scalars(here).one_or_none()
    if member is None:
        raise Impossible("whoever asked for the file is gone")
    board = load_scoreboard(session, weeks=told.weeks, team=told.team, by=actor(member), at=at)
    return member.slack_user_id, "".join(scoreboard_lines(board)).encode()


kinds = (
    JobKind(
        ScoreboardFile,
        give,
        record,
        what="a file of the scoreboard",
        remedy="They can press As a file again.",
        tries=4,
        awaited=True,
    ),
)
