"""Every message that tells of a lead says what is true now: cards, and the notices that are kept as cards for it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.leads.announce import BREACH_CARD, ENDED_CARD, HANDOFF, LEAD_CARDS, MEETING_CARD, REMINDER_CARD
from domain.leads.committees import COMMITTEE
from domain.leads.decline_cards import DECLINE_CARD, DISPUTE_THREAD, RULED_NOTICE, RULING_CARD
from domain.leads.doubts import DOUBT_CARD
from domain.leads.holding import TRIAGE_CARD
from storage import outbox
from storage.models import Card, Decline, Doubt, Hold, Lead, LeadEvent, Outcome

_OF_EVENTS: Final = (REMINDER_CARD, MEETING_CARD, ENDED_CARD, HANDOFF, "lead_news", "lead_lost")
_OF_DECLINES: Final = (DECLINE_CARD, RULING_CARD, DISPUTE_THREAD, RULED_NOTICE)


def amend_messages(session: Session, lead: Lead, at: datetime) -> int:
    """Have everything that stands about the lead made anew, wherever it stands; how many messages."""
    session.flush()
    events = list(session.scalars(select(LeadEvent.id).where(LeadEvent.lead_id == lead.id)))
    declines = list(session.scalars(select(Decline.id).where(Decline.lead_id == lead.id)))
    holds = list(session.scalars(select(Hold.id).where(Hold.lead_id == lead.id)))
    wins = list(session.scalars(select(Outcome.id).where(Outcome.lead_id == lead.id)))
    asked = select(func.coalesce(Doubt.batch_id, Doubt.id)).where(
        or_(Doubt.lead_id == lead.id, Doubt.other_id == lead.id)
    )
    shown = [
        ((DOUBT_CARD,), list(session.scalars(asked))),
        (LEAD_CARDS, [lead.id]),
        (_OF_EVENTS, events),
        (_OF_DECLINES, declines),
        ((TRIAGE_CARD,), holds),
        (("lead_won",), wins),
        ((COMMITTEE,), [lead.account_id] if lead.account_id is not None else []),
    ]
    those = or_(*(Card.kind.in_(kinds) & Card.subject_id.in_(subjects) for kinds, subjects in shown if subjects))
    standing = select(Card).where(Card.workspace_id == lead.workspace_id, Card.state == "standing", those)
    found = session.scalars(standing.order_by(Card.id)).all()
    for card in found:
        outbox.put_card(session, lead.workspace_id, card.kind, card.subject_id, card.place, at=at)
    for event_id in events:
        outbox.refresh_gathered(session, lead.workspace_id, BREACH_CARD, event_id, at=at)
    return len(found)
