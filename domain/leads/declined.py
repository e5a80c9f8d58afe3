"""The decline that a lead's cards tell of, read once from the tables into frozen facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session

from domain.leads.persons import Person
from storage.models import Decline, Nurture
from storage.statements import Statement

_LATEST: Final = Statement(
    select(Decline.__table__, Nurture.until, Nurture.state.label("nurture"))
    .join_from(Decline, Nurture, Nurture.decline_id == Decline.id, isouter=True)
    .where(Decline.lead_id.in_(bindparam("leads", expanding=True)), Decline.state != literal("undone"))
    .order_by(Decline.id)
)
PEOPLE: Final = ("by_id", "answered_by_id", "judge_id", "ruled_by_id")
"""The columns of a decline that name members."""


@dataclass(frozen=True, slots=True)
class DeclineFacts:
    """A decline that was not taken back. `state`, `consequence`, `verdict`: as storage/models/declines.py has them.

    `answered_by`: who accepted or disputed it at `answered_at`; `judge`: who was asked to rule. `until`: when the lead
    comes back from nurture, `returned`: it did, `overtaken`: the person asked again before. Times are aware UTC.
    """

    id: int
    event_id: int | None
    at: datetime
    by: Person | None
    reason: str
    note: str | None
    consequence: str
    state: str
    answered_by: Person | None
    answered_at: datetime | None
    dispute: str | None
    judge: Person | None
    ruled_by: Person | None
    ruled_at: datetime | None
    verdict: str | None
    ruling: str | None
    proposed: str | None
    until: datetime | None
    returned: bool
    overtaken: bool


def latest_declines(session: Session, lead_ids: Sequence[int]) -> dict[int, Any]:
    """The rows of the latest declines of these leads that were not taken back, by lead."""
    return {row.lead_id: row for row in _LATEST.all(session, {"leads": list(lead_ids)})} if lead_ids else {}


def decline_facts(row: Any, people: Mapping[int, Person]) -> DeclineFacts:
    """The facts of a row; `people`: those that its columns PEOPLE name."""
    by, answered_by, judge, ruled_by = (people.get(getattr(row, name)) for name in PEOPLE)
    return DeclineFacts(
        id=row.id,
        event_id=row.event_id,
        at=row.at,
        by=by,
        reason=row.reason,
        note=row.note,
        consequence=row.consequence,
        state=row.state,
        answered_by=answered_by,
        answered_at=row.answered_at,
        dispute=row.dispute,
        judge=judge,
        ruled_by=ruled_by,
        ruled_at=row.ruled_at,
        verdict=row.verdict,
        ruling=row.ruling,
        proposed=row.proposed,
        until=row.until,
        returned=row.nurture == "returned",
        overtaken=row.nurture == "overtaken",
    )
