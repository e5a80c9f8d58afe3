"""What other systems are told of a lead when something happens to it: the lead as it is then, who did it, and what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.webhooks.events import LEAD_EVENTS
from domain.webhooks.telling import instant, people_told, tell
from storage.models import Lead, Team

_PEOPLE: Final = ("from", "to")
"""What in the data of an event names a member by an id of ours."""
_OURS: Final = frozenset({"clock", "was", "over", "undoes", "why", "instead", "instead_why", "decline"})
"""What in the data of an event nobody outside can use."""


def tell_lead(
    session: Session, lead: Lead, kind: str, *, at: datetime, by_id: int | None, data: Mapping[str, Any]
) -> None:
    """The event `kind` of the lead's timeline goes out, where somebody wants it."""
    if kind in LEAD_EVENTS:
        tell(
            session,
            lead.workspace_id,
            f"lead.{kind}",
            f"lead:{lead.id}",
            lambda: _told(session, lead, by_id, data),
            at=at,
        )


def tell_new_leads(session: Session, events: Sequence[Mapping[str, Any]]) -> None:
    """These lines of the timelines of leads that were just stored go out, in their order."""
    for event in events:
        lead = session.get_one(Lead, event["lead_id"])
        tell_lead(session, lead, event["kind"], at=event["at"], by_id=event["by_id"], data=event["data"])


def _told(session: Session, lead: Lead, by_id: int | None, data: Mapping[str, Any]) -> dict[str, Any]:
    moved = {name: data[name] for name in _PEOPLE if isinstance(data.get(name), int)}
    ids = {one for one in (lead.owner_id, by_id, *moved.values()) if one is not None}
    people = people_told(session, lead.workspace_id, ids)
    details = {name: value for name, value in data.items() if name not in _OURS}
    details |= {name: people.get(member_id) for name, member_id in moved.items()}
    team = session.get_one(Team, lead.team_id)
    return {
        "lead": {
            "id": lead.id,
            "external_id": lead.external_id,
            "source": lead.source,
            "state": lead.state or "new",  # one that was not stored by the ORM has no default yet
            "name": lead.name,
            "email": lead.email,
            "phone": lead.phone,
            "job_title": lead.job_title,
            "company": lead.company,
            "asked": lead.asked,
            "score": lead.score,
            "tier": lead.tier,
            "team": {"key": team.key, "name": team.name},
            "owner": people.get(lead.owner_id) if lead.owner_id is not None else None,
            "arrived_at": instant(lead.arrived_at),
            "claimed_at": _instant(lead.claimed_at),
            "contacted_at": _instant(lead.contacted_at),
            "breached_at": _instant(lead.breached_at),
            "decline_reason": lead.decline_reason,
            "decline_note": lead.decline_note,
        },
        "by": people.get(by_id) if by_id is not None else None,
        "details": details,
    }


def _instant(at: datetime | None) -> str | None:
    return instant(at) if at is not None else None
