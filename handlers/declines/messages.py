"""How what the outbox says of declines becomes messages, from the state of the moment in which they are sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.leads.decline_cards import DECLINE_CARD, DISPUTE_THREAD, RULED_NOTICE, RULING_CARD
from domain.leads.disputed import load_decline
from handlers.declines import views
from handlers.messages import Messages, Rendering, Subject

messages = Messages()


@messages.kind(DECLINE_CARD)
def decline_card(session: Session, subject: Subject) -> Rendering | None:
    """Marketing's card; what was taken back before it left is not told."""
    found = load_decline(session, subject.id, subject.workspace_id, subject.at)
    if found is None or (found.state == "undone" and not subject.standing):
        return None
    return views.decline_card(found, subject.place)


@messages.kind(DISPUTE_THREAD)
def dispute_opened(session: Session, subject: Subject) -> Rendering | None:
    """What opens the thread of a dispute."""
    found = load_decline(session, subject.id, subject.workspace_id, subject.at)
    return views.dispute_thread(found) if found is not None else None


@messages.kind(RULING_CARD)
def ruling_wanted(session: Session, subject: Subject) -> Rendering | None:
    """The DM to whoever is to rule; somebody else may have ruled before it left."""
    found = load_decline(session, subject.id, subject.workspace_id, subject.at)
    if found is None or (found.state != "disputed" and not subject.standing):
        return None
    return views.ruling_card(found, subject.place)


@messages.kind(RULED_NOTICE)
def decline_ruled(session: Session, subject: Subject) -> Rendering | None:
    """The DM to either side."""
    found = load_decline(session, subject.id, subject.workspace_id, subject.at)
    return views.ruled_notice(found, subject.place) if found is not None else None
