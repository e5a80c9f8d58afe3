"""How what the outbox says of held leads becomes a message, from the state of the moment in which it is sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.leads.held import load_hold
from domain.leads.holding import TRIAGE_CARD
from handlers.messages import Messages, Rendering, Subject
from handlers.triage import views

messages = Messages()


@messages.kind(TRIAGE_CARD)
def triage_card(session: Session, subject: Subject) -> Rendering | None:
    """Marketing's card; what passed before it left is not told."""
    found = load_hold(session, subject.id, subject.workspace_id, subject.at)
    if found is None or (found.state in ("fixed", "passed") and not subject.standing):
        return None
    return views.triage_card(found, subject.place)
