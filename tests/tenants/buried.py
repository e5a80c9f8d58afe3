"""A job that failed for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.dead_jobs import bury_job
from handlers.setup.doctor import Examination
from storage.jobs import enqueue, hold_job


def bury_a_job(session: Session, workspace_id: int, word: str, at: datetime) -> None:
    """A job that died; the admins are told, with a button to try again."""
    enqueue(session, workspace_id, Examination(f"U0{word}"), at=at, secret=f"plain:{word}")
    session.flush()
    held = hold_job(session, "examination", workspace_id, holder="a process", at=at, lease=timedelta(minutes=1))
    assert held is not None
    bury_job(session, held, f"{word} is away", what=f"the look at {word}", remedy="Look.", at=at)
