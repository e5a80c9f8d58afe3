"""By which event of its timeline somebody has a lead, and whether anybody answered an alarm about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from storage.models import IS_OPEN, Clock, Lead, LeadEvent, TeamMember
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


def hands_of(events: Sequence[Any]) -> tuple[datetime, ...]:
    """When each rep who had the lead came to have it, by its timeline in order. What was taken back does not count."""
    return tuple(at for _, at in owners_of(events))


def owners_of(events: Sequence[Any]) -> tuple[tuple[int, datetime], ...]:
    """Who had the lead in turn, as members' ids, and since when. What was taken back does not count."""
    hands: list[tuple[int, datetime]] = []
    owner: int | None = None
    for event in events:
        if event.kind not in HANDING:
            continue
        had, owner = owner, event.by_id if event.kind == "claimed" else event.data.get("to")
        if event.kind == "handed_back":
            hands = hands[:-1]
        elif owner is not None and owner != had:
            hands.append((owner, event.at))
    return tuple(hands)


def last_handing(session: Session, lead_id: int) -> LeadEvent | None:
    """The event by which the lead is in the hands in which it is; None for one that nobody was ever given."""
    return session.scalars(
        select(LeadEvent)
        .where(LeadEvent.lead_id == lead_id, LeadEvent.kind.in_(HANDING))
        .order_by(LeadEvent.id.desc())
        .limit(1)
    ).first()


def state_before(session: Session, lead: Lead, to: int) -> dict[str, Any]:
    """What is kept of a lead in the event by which it goes to the member `to`: see domain/leads/handing_back.py."""
    clock = session.scalar(select(Clock.id).where(Clock.lead_id == lead.id, Clock.state != "stopped"))
    turn = session.scalar(
        select(TeamMember.last_given_at).where(TeamMember.team_id == lead.team_id, TeamMember.member_id == to)
    )
    return {
        "claimed": lead.state == "claimed",
        "claimed_at": lead.claimed_at.isoformat() if lead.claimed_at is not None else None,
        "clock": clock,
        "turn": turn.isoformat() if turn is not None else None,
    }
