"""By which event of its timeline somebody has a lead, and who had it before."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import LeadEvent

HANDING: Final = ("given", "claimed", "reassigned", "taken", "handed_back")
"""Kinds of events by which a lead changes hands. Of `claimed` the new owner is who did it, of the others `to`."""


def last_handing(session: Session, lead_id: int) -> LeadEvent | None:
    """The event by which the lead is in the hands in which it is; None for one that nobody was ever given."""
    return session.scalars(
        select(LeadEvent)
        .where(LeadEvent.lead_id == lead_id, LeadEvent.kind.in_(HANDING))
        .order_by(LeadEvent.id.desc())
        .limit(1)
    ).first()
