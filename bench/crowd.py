"""Fills a database with a large company's leads, by the million: copies of a few that were really received.

Every hundred open leads have a rep, every five reps a team. A closed lead has its stopped clock, the two lines
of its timeline, and its card in the channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, column, func, insert, literal, select, text, true
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from domain.calendar import WorkingHours
from domain.leads.arriving import NewLead
from domain.leads.lifecycle import contact_lead
from domain.leads.receiving import receive_lead
from domain.people import Actor
from storage.base import Base
from storage.models import Card, Clock, Lead, LeadEvent, Member, Team, TeamMember
from storage.notes import taken_back

LEADS_PER_REP = 100
REPS_PER_TEAM = 5
PIECE = 5_000

_N = column("i", Integer)  # the number of a copy


def add_reps(session: Session, workspace_id: int, reps: int, at: datetime) -> None:
    """So many reps in teams of five, around the clock, without channels: nobody of Slack's."""
    for number in range(0, reps, REPS_PER_TEAM):
        team = Team(
            workspace_id=workspace_id,
            key=f"crowd-{number}",
            name=f"Crowd {number}",
            hours=WorkingHours.always().to_json(),
            created_at=at,
        )
        people = [
            Member(
                workspace_id=workspace_id,
                slack_user_id=f"UCROWD{number + place:05}",
                name=f"Crowd Rep {number + place:05}",
                created_at=at,
            )
            for place in range(min(REPS_PER_TEAM, reps - number))
        ]
        session.add_all([team, *people])
        session.flush()
        session.add_all(TeamMember(team_id=team.id, member_id=one.id) for one in people)


def add_models(session: Session, workspace_id: int, at: datetime) -> dict[str, int]:
    """One lead that is open and one that is closed, from which the others are copied; nothing of them is sent."""
    found = {}
    with taken_back(session):
        for name in ("open", "closed"):
            lead = NewLead(name="Robin Bell", source="bench", company="Northwind", asked="Demo request", team="crowd-0")
            found[name] = receive_lead(session, workspace_id, lead, at=at, by=None).lead_id
        owner = session.get_one(Member, session.get_one(Lead, found["closed"]).owner_id)
        actor = Actor(owner.id, workspace_id, owner.slack_user_id, owner.name, owner.role, owner.tz)
        contact_lead(session, found["closed"], by=actor, at=at + timedelta(minutes=3))
    return found


def fill(session: Session, lead_id: int, count: int, *, days: int, first_due: datetime | None = None) -> None:
    """`count` copies of a lead with its clock, timeline and card, that arrived one after the other over `days`.

    `first_due`: when the next rung of the first falls due; those of the others spread over the same time.
    """
    lead = session.get_one(Lead, lead_id)
    clock_id = session.scalars(select(Clock.id).where(Clock.lead_id == lead_id)).one()
    card_id = session.scalars(select(Card.id).where(Card.kind == "lead_dm", Card.subject_id == lead_id)).one()
    event_ids = session.scalars(select(LeadEvent.id).where(LeadEvent.lead_id == lead_id).limit(2)).all()
    crowd = Member.slack_user_id.startswith("UCROWD")
    rep, reps = session.execute(select(func.min(Member.id), func.count()).where(crowd)).one()
    first = int(session.scalar(select(func.max(Lead.id))) or 0) + 1
    for made in range(0, count, PIECE):
        piece, spread = min(PIECE, count - made), timedelta(days=days) * (made / count)
        id_ = literal(first + made) + _N
        owner = literal(rep) + (literal(made) + _N) % literal(reps)
        _copy(session, Lead, lead_id, piece, {"id": id_, "owner_id": owner, "arrived_at": lead.arrived_at + spread})
        due = {"next_at": first_due + spread} if first_due else {}
        _copy(session, Clock, clock_id, piece, {"lead_id": id_, **due})
        for event_id in event_ids:
            _copy(session, LeadEvent, event_id, piece, {"lead_id": id_})
        _copy(session, Card, card_id, piece, {"subject_id": id_})


def settle(session: Session) -> None:
    """Let the engine know what it holds now, as its own upkeep would in time."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT setval(pg_get_serial_sequence('leads', 'id'), (SELECT max(id) FROM leads))"))
    session.execute(text("ANALYZE"))


def _copy(session: Session, table: type[Base], model_id: int, count: int, changed: Mapping[str, Any]) -> None:
    """Copies of that row, numbered from 0 on; `changed`: other values by column, which may be made of the number."""
    numbers = select(literal(0).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i + 1 < count))
    model = table.__table__.alias("model")
    names = [column.name for column in model.columns if column.name != "id" or "id" in changed]
    values = [_value(changed[name], model.c[name].type) if name in changed else model.c[name] for name in names]
    copies = select(*values).select_from(model.join(numbers, true())).where(model.c.id == model_id)
    session.execute(insert(table).from_select(names, copies, include_defaults=False))


def _value(value: Any, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    return value if isinstance(value, ColumnElement) else literal(value, type_)
