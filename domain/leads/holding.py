"""A lead that fails the definition is held: no clock starts, no turn is taken, and marketing gets it to triage.

What becomes of it, `domain.leads.triage` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import refresh_home
from domain.leads.arriving import NewLead
from domain.leads.definition import Judged
from domain.people import OF_MARKETING, default_team, marketing_places
from storage import outbox
from storage.models import Hold, Member
from storage.outbox import Priority
from storage.statements import Statement

TRIAGE_CARD: Final = "triage_card"

_KEEP: Final = Statement(insert(Hold))


def hold_leads(session: Session, workspace_id: int, held: Sequence[tuple[int, Judged, NewLead, datetime]]) -> None:
    """Keep why each of these leads is held since when, by its id, and put marketing's cards into the outbox."""
    hours = WorkingHours.from_json(default_team(session, workspace_id).hours)
    places = marketing_places(session, workspace_id)
    ids = _KEEP.insert_many(session, [_row(workspace_id, *one, hours) for one in held])
    for hold_id, (_, _, _, at) in zip(ids, held, strict=True):
        for place in places:
            outbox.put_first_card(session, workspace_id, TRIAGE_CARD, hold_id, place, at=at, priority=Priority.REMINDER)
    refresh_marketing(session, workspace_id, held[-1][3])


def refresh_marketing(session: Session, workspace_id: int, at: datetime) -> None:
    """The Homes of those who triage, where they were ever opened."""
    marketers = select(Member.id).where(Member.workspace_id == workspace_id, Member.role == "marketer", OF_MARKETING)
    for member_id in session.scalars(marketers.order_by(Member.id)):
        refresh_home(session, workspace_id, member_id, at)


def kept_failures(judged: Judged) -> list[dict[str, str]]:
    """What a lead failed, as its hold keeps it."""
    return [{"criterion": condition.written, "said": said} for condition, said in judged.failed]


def _row(
    workspace_id: int, lead_id: int, judged: Judged, lead: NewLead, at: datetime, hours: WorkingHours
) -> dict[str, Any]:
    seconds = judged.criteria.triage_seconds
    due_at = hours.add(at, timedelta(seconds=seconds)) if seconds else None
    return {
        "workspace_id": workspace_id,
        "lead_id": lead_id,
        "definition_id": judged.criteria.id,
        "failed": kept_failures(judged),
        "met": [one.written for one in judged.met],
        "fields": [list(one) for one in lead.fields],
        "state": "held",
        "at": at,
        "due_at": due_at,
        "late_from": due_at,
    }
