"""A question of the Messages tab, for workspaces with something of everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.voc.dm_questions import Said, end_question, load_asked, note_message, thread_below
from handlers.agent.jobs import SAID
from handlers.agent.views import thumbs
from handlers.blocks import section
from storage import outbox
from storage.models import AgentQuestion
from storage.outbox import Priority


def ask_in_tab(session: Session, workspace_id: int, secret: str, by: Actor, at: datetime) -> None:
    """`by` asked about `secret`, and the answer with its thumbs is on its way."""
    note_message(session, Said(f"D{by.user_id}", "1.3", "", f"what about {secret}?"), by=by, at=at)
    row = session.scalars(select(AgentQuestion).where(AgentQuestion.workspace_id == workspace_id)).one()
    asked = load_asked(session, workspace_id, row.id)
    assert asked is not None
    assert end_question(session, workspace_id, row.id, "answered") is row
    words = f"{secret}: 1 item"
    said: dict[str, Any] = {"text": words, "blocks": [section(words), thumbs(asked)]}
    thread = thread_below(session, row, by.user_id, at=at)
    outbox.put_notice(
        session, workspace_id, SAID, row.id, by.user_id, at=at, priority=Priority.LEAD, thread_of=thread, data=said
    )
