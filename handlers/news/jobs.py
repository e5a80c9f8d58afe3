"""News about themes goes to those who raised them: whom it concerns is read beside the writers, then it is written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.theme_news import SpreadNews
from domain.voc.letters import Due, find_due, write_letters
from domain.voc.spreading import Piece, TellNews, find_raisers, spread_news
from handlers.jobs import JobKind, RunningJob, Tools

REMEDY = "Nobody is told twice when it is tried again."


async def look_for_raisers(job: RunningJob[SpreadNews], tools: Tools) -> Piece:
    at = tools.tandem.clock.now()
    return await tools.tandem.db.read(find_raisers, job.workspace_id, job.arguments, at=at)


def record_raisers(session: Session, job: RunningJob[SpreadNews], piece: Piece, at: datetime) -> None:
    spread_news(session, job.workspace_id, piece, at=at)


async def look_who_is_due(job: RunningJob[TellNews], tools: Tools) -> Due:
    return await tools.tandem.db.read(find_due, job.workspace_id, at=tools.tandem.clock.now())


def record_letters(session: Session, job: RunningJob[TellNews], due: Due, at: datetime) -> None:
    write_letters(session, job.workspace_id, due, at=at)


kinds = (
    JobKind(
        SpreadNews,
        look_for_raisers,
        record_raisers,
        what="to find those who raised a theme of which there is news",
        remedy=REMEDY,
    ),
    JobKind(TellNews, look_who_is_due, record_letters, what="the news to those who raised a theme", remedy=REMEDY),
)
