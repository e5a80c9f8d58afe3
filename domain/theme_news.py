"""Something new about a theme is noted, and told when marketing has been quiet for a while.

What is told, and to whom, is found out then (domain/voc/spreading.py, domain/voc/letters.py). So a change of mind in
between is told as it ended, and whoever changes a theme does not wait for its readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import jobs
from storage.locking import locked
from storage.models import Theme, ThemeNews

QUIET: Final = timedelta(minutes=30)
"""So long after the last change of any theme, all changes are told together."""

LONGEST: Final = timedelta(hours=3)
"""So long after the first one they are told at the latest, however much goes on."""


@dataclass(frozen=True)
class SpreadNews:
    """The job that finds whom the news concerns, a piece at a time. `after`: the last member of the piece before.

    `as_of`: what changed later is not of this round (aware UTC); None: the round begins.
    """

    kind: ClassVar[str] = "theme_news"

    after: int = 0
    as_of: datetime | None = None


def note_news(session: Session, theme: Theme, at: datetime) -> None:
    """The theme, which the caller holds, has changed in a way that those who raised it hear of."""
    noted = session.scalars(locked(select(ThemeNews).where(ThemeNews.theme_id == theme.id))).one_or_none()
    if noted is None:
        session.add(ThemeNews(theme_id=theme.id, workspace_id=theme.workspace_id, first_at=at, last_at=at))
    else:
        noted.last_at = at
    session.flush()
    due = news_due(session, theme.workspace_id)
    jobs.enqueue(session, theme.workspace_id, SpreadNews(), at=at, not_before=due)


def news_due(session: Session, workspace_id: int) -> datetime | None:
    """When what is new in the workspace is told; None when nothing is."""
    first, last = session.execute(
        select(func.min(ThemeNews.first_at), func.max(ThemeNews.last_at)).where(ThemeNews.workspace_id == workspace_id)
    ).one()
    return min(last + QUIET, first + LONGEST) if last is not None else None
