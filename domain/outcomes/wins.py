"""A won deal as everybody reads it: who brought it home, and what reached the customer before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.leads.facts import LeadFacts, load_lead
from domain.leads.persons import Person
from domain.money import Money
from storage.models import Member, Outcome


@dataclass(frozen=True, slots=True)
class Win:
    """A deal that was won at `at` (aware UTC). `state`: "stands", "replaced" by a later word, or "undone".

    `rep`: whose lead it is; `undone_by`: who took it back.
    """

    lead: LeadFacts
    state: str
    at: datetime
    rep: Person | None
    amount: Money | None
    note: str | None
    undone_by: Person | None


def load_win(session: Session, outcome_id: int, workspace_id: int, at: datetime) -> Win | None:
    """The facts of a win; None when this workspace has no such outcome."""
    row = session.get(Outcome, outcome_id)
    if row is None or row.workspace_id != workspace_id or row.kind != "won":
        return None
    lead = load_lead(session, row.lead_id, workspace_id, at)
    if lead is None:
        return None
    return Win(
        lead=lead,
        state=row.state,
        at=row.at,
        rep=lead.owner or _person(session, row.by_id),
        amount=Money(row.amount_minor, row.currency) if row.amount_minor is not None and row.currency else None,
        note=row.note,
        undone_by=_person(session, row.undone_by_id),
    )


def _person(session: Session, member_id: int | None) -> Person | None:
    member = session.get(Member, member_id) if member_id is not None else None
    return Person(member.slack_user_id, member.name, member.tz) if member is not None else None
