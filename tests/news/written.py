"""Letters for companies that tests furnish: what is new is told at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from domain.theme_news import SpreadNews
from domain.voc.letters import find_due, write_letters
from domain.voc.spreading import TellNews, find_raisers, spread_news
from storage.models import Job


def tell_at_once(session: Session, workspace_id: int, at: datetime) -> None:
    """Everybody whom it concerns gets the letter, as if marketing had been quiet for long. No job is left."""
    session.flush()
    piece = find_raisers(session, workspace_id, SpreadNews(as_of=at), at=at)
    spread_news(session, workspace_id, piece, at=at)
    write_letters(session, workspace_id, find_due(session, workspace_id, at=at), at=at)
    kinds = (SpreadNews.kind, TellNews.kind)
    session.execute(delete(Job).where(Job.workspace_id == workspace_id, Job.kind.in_(kinds)))
