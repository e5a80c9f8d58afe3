"""What marketing reads of pairs of leads that may be one person's: the card of a day, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from domain.leads.facts import LeadFacts, load_leads
from domain.leads.joining import REACHED
from domain.leads.persons import Person
from domain.people import Actor
from storage.models import IS_ASKED, OPEN_LEAD_STATES, Doubt, Lead, Member

LISTED: Final = 8
"""Beside as many held leads as are listed, these are what fits into a message."""
MOST_OF_A_DAY: Final = 50


@dataclass(frozen=True, slots=True)
class DoubtFacts:
    """Two leads that may be one person's, the older first. `state`, `why`, `source`: as storage/models/doubts.py says.

    `over`: nobody decided, and there is nothing to decide any more. `late`: it should have been decided.
    """

    id: int
    at: datetime
    leads: tuple[LeadFacts, LeadFacts]
    state: str
    why: str
    source: str | None
    due_at: datetime
    late: bool
    over: bool
    decided_by: Person | None


@dataclass(frozen=True, slots=True)
class Doubts:
    """The first LISTED pairs that wait, the oldest first, of `count`, of which `late` are late."""

    pairs: tuple[DoubtFacts, ...]
    count: int
    late: int


NO_DOUBTS: Final = Doubts((), 0, 0)


def load_batch(session: Session, first_id: int, workspace_id: int, at: datetime) -> tuple[DoubtFacts, ...]:
    """The pairs of the day whose first one this is."""
    of_day = or_(Doubt.id == first_id, Doubt.batch_id == first_id)
    rows = session.scalars(
        select(Doubt).where(Doubt.workspace_id == workspace_id, of_day).order_by(Doubt.id).limit(MOST_OF_A_DAY)
    ).all()
    return _facts(session, rows, workspace_id, at)


def list_doubts(session: Session, *, by: Actor, at: datetime) -> Doubts:
    """All that wait in the member's workspace."""
    return doubts_now(session, by.workspace_id, at, limit=LISTED)


def doubts_now(session: Session, workspace_id: int, at: datetime, *, limit: int) -> Doubts:
    """The first `limit` pairs that wait for an answer, and how many there are."""
    one, other = aliased(Lead), aliased(Lead)
    to_join = (*OPEN_LEAD_STATES, *REACHED)
    waiting = (
        select(Doubt.id)
        .join(one, one.id == Doubt.lead_id)
        .join(other, other.id == Doubt.other_id)
        .where(
            Doubt.workspace_id == workspace_id,
            IS_ASKED,
            one.state.in_(to_join),
            other.state.in_(to_join),
            or_(one.state.in_(OPEN_LEAD_STATES), other.state.in_(OPEN_LEAD_STATES)),
        )
    )
    counted = waiting.with_only_columns(func.count(), func.count().filter(Doubt.due_at <= at))
    count, late = session.execute(counted).one()
    if not count:
        return NO_DOUBTS
    rows = session.scalars(select(Doubt).where(Doubt.id.in_(waiting)).order_by(Doubt.id).limit(limit)).all()
    return Doubts(_facts(session, rows, workspace_id, at), count, late)


def _facts(session: Session, rows: Sequence[Doubt], workspace_id: int, at: datetime) -> tuple[DoubtFacts, ...]:
    ids = sorted({one for row in rows for one in (row.lead_id, row.other_id)})
    leads = {one.id: one for one in load_leads(session, ids, workspace_id, at)} if ids else {}
    deciders = sorted({row.decided_by_id for row in rows if row.decided_by_id is not None})
    members = session.scalars(select(Member).where(Member.id.in_(deciders))) if deciders else ()
    people = {one.id: Person(one.slack_user_id, one.name, one.tz) for one in members}
    return tuple(
        DoubtFacts(
            id=row.id,
            at=row.at,
            leads=(leads[row.lead_id], leads[row.other_id]),
            state=row.state,
            why=row.why,
            source=row.source,
            due_at=row.due_at,
            late=row.state == "asked" and row.due_at <= at and not _is_over(leads[row.lead_id], leads[row.other_id]),
            over=row.state == "asked" and _is_over(leads[row.lead_id], leads[row.other_id]),
            decided_by=people.get(row.decided_by_id or 0),
        )
        for row in rows
        if row.lead_id in leads and row.other_id in leads
    )


def _is_over(one: LeadFacts, other: LeadFacts) -> bool:
    """Whether making them one would change nothing: one of them ended, or both were reached."""
    ended = any(lead.state not in (*OPEN_LEAD_STATES, *REACHED) for lead in (one, other))
    return ended or not (one.is_open or other.is_open)
