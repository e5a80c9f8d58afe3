"""The rows of which the facts of leads are made: domain/leads/facts.py reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.leads.declined import PEOPLE
from domain.leads.endings import JoinedInto
from domain.leads.hands import HANDING
from domain.leads.persons import Person
from storage.models import Clock, Lead, LeadEvent, Member, Team
from storage.statements import Statement

# Made once: every card and every alarm is made of these.
LEADS: Final = Statement(
    select(
        *Lead.__table__.columns,
        Team.name.label("team_name"),
        Team.channel.label("team_channel"),
        Team.hours.label("team_hours"),
        Team.fallback_id.label("fallback_id"),
    )
    .join_from(Lead, Team, Team.id == Lead.team_id)
    .where(Lead.id.in_(bindparam("leads", expanding=True)), Lead.workspace_id == bindparam("workspace"))
)
EVENTS: Final = Statement(
    select(LeadEvent.__table__).where(LeadEvent.lead_id.in_(bindparam("leads", expanding=True))).order_by(LeadEvent.id)
)
CLOCKS: Final = Statement(
    select(Clock.__table__).where(Clock.lead_id.in_(bindparam("leads", expanding=True))).order_by(Clock.id)
)
WHOSE: Final = Statement(
    select(LeadEvent.id, LeadEvent.lead_id)
    .where(LeadEvent.id.in_(bindparam("events", expanding=True)), LeadEvent.workspace_id == bindparam("workspace"))
    .order_by(LeadEvent.id)
)
MEMBERS: Final = Statement(
    select(Member.id, Member.slack_user_id, Member.name, Member.tz, Member.away_until).where(
        Member.id.in_(bindparam("ids", expanding=True))
    )
)


_INTO: Final = Statement(
    select(Lead.id, Lead.name, Lead.company, Lead.owner_id).where(Lead.id.in_(bindparam("leads", expanding=True)))
)


def joined_rows(session: Session, events: Iterable[Any]) -> dict[int, tuple[Any, str]]:
    """Of the leads that ended as parts of others, by these events: of which, and who said so; nothing read for none."""
    told = {one.lead_id: one.data for one in events if one.kind == "joined"}
    if not told:
        return {}
    into = {row.id: row for row in _INTO.all(session, {"leads": sorted({one["into"] for one in told.values()})})}
    return {lead_id: (into[data["into"]], str(data["source"])) for lead_id, data in told.items()}


def joined_into(joined: tuple[Any, str], people: Mapping[int, Person]) -> JoinedInto:
    """The facts of such a row."""
    row, source = joined
    return JoinedInto(row.name, row.company, people.get(row.owner_id or 0), source)


def people_named(
    leads: Iterable[Any], joined: Iterable[tuple[Any, str]], events: Iterable[Any], declines: Iterable[Any]
) -> list[int]:
    """The ids of all members that these rows name, to read them at once."""
    people = {one for lead in leads for one in (lead.owner_id, lead.claimed_by_id, lead.fallback_id)}
    people |= {into.owner_id for into, _ in joined}
    for event in events:
        people |= {event.by_id, event.data.get("instead")}
        people |= {event.data.get(end) for end in ("from", "to") if event.kind in HANDING}
    people |= {getattr(row, name) for row in declines for name in PEOPLE}
    return [one for one in people if one is not None]
