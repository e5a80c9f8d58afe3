"""The letters as the courier sends them, and edits them when their reader said whether an answer helped."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.voc.letters import LETTER
from domain.voc.verdicts import load_letter
from handlers.messages import Messages, Rendering, Subject
from handlers.news.views import letter_message

messages = Messages()


@messages.kind(LETTER)
def theme_letter(session: Session, subject: Subject) -> Rendering | None:
    """The letter as it was written, with what its reader said; None when the reader has left."""
    shown = load_letter(session, subject.id, subject.workspace_id)
    return letter_message(shown) if shown is not None else None
