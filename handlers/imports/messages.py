"""The message about a file of leads, in the DM of whoever gave it: what is in it, and later what became of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.leads.file_imports import CARD, load_import
from domain.marks import mark
from handlers.imports.views import import_card
from handlers.messages import Messages, Rendering, Subject

messages = Messages()


@messages.kind(CARD)
def lead_import(session: Session, subject: Subject) -> Rendering | None:
    """As things stand now."""
    told = load_import(session, subject.workspace_id, subject.id)
    return import_card(told, mark(told.id, told.created_at)) if told is not None else None
