"""Nobody's work is taken by a slip: whoever is about to take a lead out of somebody's hands is asked first.

The answer to that question names the event by which the other has the lead. Where it has changed hands since, the
question is asked anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from domain.errors import LeadAlreadyClaimed
from domain.leads.hands import last_handing
from domain.leads.lifecycle import claim_lead, contact_lead, open_lead
from domain.leads.tries import Tries, log_try
from domain.people import Actor
from storage.models import Member

TakingStep = Literal["claim", "contact", "try"]


@dataclass(frozen=True, slots=True)
class InHands:
    """Somebody else has the lead, and nothing was changed.

    `holder`: their name; `claimed`: by a click of their own, else it was given to them; `since` and `now`: aware UTC;
    `event`: the id of the event by which they have it.
    """

    holder: str
    claimed: bool
    since: datetime
    now: datetime
    event: int


def claim_or_ask(session: Session, lead_id: int, *, by: Actor, at: datetime, over: int | None = None) -> InHands | None:
    """Claim the lead; one that somebody else has only where `over` is the event by which they have it.

    Raises LeadSettled when it is no longer open.
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    if lead.state == "new" and lead.owner_id not in (None, by.id):
        held = _in_hands(session, lead_id, lead.owner_id, at)
        if held.event != over:
            return held
    try:
        claim_lead(session, lead_id, by=by, at=at, over=over)
    except LeadAlreadyClaimed:
        return _in_hands(session, lead_id, lead.claimed_by_id, at)
    return None


def contact_or_ask(
    session: Session, lead_id: int, *, by: Actor, at: datetime, over: int | None = None
) -> InHands | None:
    """Mark the lead as contacted. One that somebody else claimed is claimed first, like `claim_or_ask`."""
    lead = open_lead(session, lead_id, by.workspace_id, at)
    if lead.state == "claimed" and lead.claimed_by_id != by.id:
        held = claim_or_ask(session, lead_id, by=by, at=at, over=over)
        if held is not None:
            return held
    contact_lead(session, lead_id, by=by, at=at)
    return None


def try_or_ask(session: Session, lead_id: int, *, by: Actor, at: datetime, over: int | None = None) -> InHands | Tries:
    """Log a try. A lead that somebody else has is claimed first, like `claim_or_ask`."""
    lead = open_lead(session, lead_id, by.workspace_id, at)
    if (lead.claimed_by_id if lead.state == "claimed" else lead.owner_id) != by.id:
        held = claim_or_ask(session, lead_id, by=by, at=at, over=over)
        if held is not None:
            return held
    return log_try(session, lead_id, by=by, at=at)


def _in_hands(session: Session, lead_id: int, member_id: int | None, at: datetime) -> InHands:
    holder = session.get(Member, member_id) if member_id is not None else None
    event = last_handing(session, lead_id)
    name = holder.name if holder is not None else ""
    if event is None:
        return InHands(name, False, at, at, 0)
    return InHands(name, event.kind in ("claimed", "taken"), event.at, at, event.id)
