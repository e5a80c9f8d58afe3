"""What came of leads after the first contact, as their cards tell it: read once from the tables into frozen facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.leads.persons import Person
from domain.money import Money
from storage.models import OUTCOME_STANDS, Outcome
from storage.statements import Statement

AFTER_CONTACT: Final = ("contacted", "qualified", "won", "lost")
"""States in which a rep says what came of a lead."""

LOST_REASONS: Final = {
    "competitor": "Chose a competitor",
    "price": "Too expensive",
    "no_decision": "No decision",
    "missing": "Something was missing",
    "timing": "Bad timing",
    "other": "Another reason",
}

OUTCOME_EVENTS: Final = frozenset({"qualified", "nurture", "won", "lost"})
_STANDING: Final = Statement(
    select(Outcome.__table__).where(Outcome.lead_id.in_(bindparam("leads", expanding=True)), OUTCOME_STANDS)
)


@dataclass(frozen=True, slots=True)
class OutcomeFacts:
    """What came of a lead at `at` (aware UTC). `by`: None where the CRM called `origin` told it.

    `reason`: one of LOST_REASONS; `until`: when it comes back from nurture.
    """

    id: int
    kind: str
    at: datetime
    by: Person | None
    origin: str | None
    reason: str | None
    note: str | None
    competitor: str | None
    amount: Money | None
    until: datetime | None


def standing_outcomes(session: Session, events: Sequence[Any]) -> dict[int, Any]:
    """The rows of what came last of the leads of these events, by lead; nothing is read where nothing was told."""
    leads = sorted({one.lead_id for one in events if one.kind in OUTCOME_EVENTS})
    return {row.lead_id: row for row in _STANDING.all(session, {"leads": leads})} if leads else {}


def outcome_facts(row: Any, state: str, people: Mapping[int, Person]) -> OutcomeFacts | None:
    """The facts of a row; None where the lead is in another `state` by now."""
    if row is None or row.kind != state:
        return None
    amount = Money(row.amount_minor, row.currency) if row.amount_minor is not None else None
    return OutcomeFacts(
        row.id,
        row.kind,
        row.at,
        people.get(row.by_id or 0),
        row.origin,
        row.reason,
        row.note,
        row.competitor,
        amount,
        row.until,
    )
