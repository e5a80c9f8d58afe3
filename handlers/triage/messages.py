"""How what the outbox says of leads in triage becomes a message, from the state of the moment in which it is sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.companies_asked import load_companies
from domain.leads.doubted import load_batch
from domain.leads.doubts import COMPANY_CARD, DOUBT_CARD
from domain.leads.held import load_hold
from domain.leads.holding import TRIAGE_CARD
from handlers.messages import Messages, Rendering, Subject
from handlers.triage import companies, doubts, views

messages = Messages()


@messages.kind(TRIAGE_CARD)
def triage_card(session: Session, subject: Subject) -> Rendering | None:
    """Marketing's card; what passed before it left is not told."""
    found = load_hold(session, subject.id, subject.workspace_id, subject.at)
    if found is None or (found.state in ("fixed", "passed") and not subject.standing):
        return None
    return views.triage_card(found, subject.place)


@messages.kind(DOUBT_CARD)
def doubt_card(session: Session, subject: Subject) -> Rendering | None:
    """The pairs of a day that may be one person's; `subject.id` is the first.

    Where all were answered before it left, nothing is posted.
    """
    pairs = load_batch(session, subject.id, subject.workspace_id, subject.at)
    if not pairs or (not subject.standing and all(one.state != "asked" or one.over for one in pairs)):
        return None
    return doubts.doubt_card(pairs, subject.place, subject.prefix)


@messages.kind(COMPANY_CARD)
def company_card(session: Session, subject: Subject) -> Rendering | None:
    """The pairs of accounts of a day that may be one company; `subject.id` is the first.

    Where all were answered before it left, nothing is posted.
    """
    pairs = load_companies(session, subject.id, subject.workspace_id, subject.at)
    if not pairs or (not subject.standing and all(one.state != "asked" or one.over for one in pairs)):
        return None
    return companies.company_card(pairs, subject.place, subject.prefix)
