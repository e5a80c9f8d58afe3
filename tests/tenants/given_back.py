"""Leads that a workspace's reps gave back: one waits for marketing, one rests, one is disputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.declining import decline_lead
from domain.leads.disputes import dispute_decline
from domain.people import Actor
from storage.models import Decline

STAGES: Final = ("declined", "resting", "disputed")


def give_back_leads(
    session: Session, leads: Sequence[int], staff: Mapping[str, Actor], secret: str, at: datetime
) -> None:
    """Decline these leads, one for each of STAGES."""
    declined, resting, disputed = leads
    by, then, note = staff["ana"], at - timedelta(hours=1.8), f"{secret} note"
    decline_lead(session, declined, reason="other", note=note, by=by, at=then)
    decline_lead(session, resting, reason="bad_timing", note=note, by=by, at=then)
    decline_lead(session, disputed, reason="too_small", note=note, by=by, at=then)
    decline_id = session.scalars(select(Decline.id).where(Decline.lead_id == disputed)).one()
    dispute_decline(session, decline_id, words=f"{secret} dispute", by=staff["max"], at=at - timedelta(hours=1.7))
