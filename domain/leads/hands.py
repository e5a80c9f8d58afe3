"""By which event of its timeline somebody has a lead, and whether anybody answered an alarm about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from storage.models import IS_OPEN, Lead, LeadEvent
from storage.statements import Statement

HANDING: Final = ("given", "claimed", "reassigned", "taken", "handed_back")
"""Kinds of events by which a lead changes hands. Of `claimed` the new owner is who did it, of the others `to`."""


TURNS: Final = ("given", "reassigned", "taken", "extended")
"""Kinds of events that answer an alarm while the lead stays open."""

_later: Any = aliased(LeadEvent)
_UNANSWERED: Final = Statement(
    select(LeadEvent.id)
    .join(Lead, Lead.id == LeadEvent.lead_id)
    .where(
        LeadEvent.id.in_(bindparam("alarms", expanding=True)),
        IS_OPEN,
        ~select(_later.id)
        .where(
            _later.lead_id == LeadEvent.lead_id,
            _later.id > LeadEvent.id,
            _later.kind.in_([literal(kind) for kind in TURNS]),
        )
        .exists(),
    )
    .limit(1)
)


def is_any_unanswered(session: Session, alarms: Sequence[int]) -> bool:
    """Whether anything is left to do about one of these breaches: ids of events."""
    return _UNANSWERED.scalar(session, {"alarms": list(alarms)}) is not None


def last_handing(session: Session, lead_id: int) -> LeadEvent | None:
    """The event by which the lead is in the hands in which it is; None for one that nobody was ever given."""
    return session.scalars(
        select(LeadEvent)
        .where(LeadEvent.lead_id == lead_id, LeadEvent.kind.in_(HANDING))
        .order_by(LeadEvent.id.desc())
        .limit(1)
    ).first()
