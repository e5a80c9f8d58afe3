"""What the messages about a decline show, to marketing and to whoever rules: read once into frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.leads.declined import PEOPLE, DeclineFacts, decline_facts
from domain.leads.definition import AgreedDefinition, signed_definition
from domain.leads.disputes import check_decline, check_ruling, decline_for_update
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.nurture import proposed_day
from domain.leads.persons import Person
from domain.leads.reasons import reason_named
from domain.leads.returning import team_of
from domain.people import Actor
from storage.models import Decline, Member, Nurture
from storage.statements import Statement

_ONE: Final = Statement(
    select(Decline.__table__, Nurture.until, Nurture.state.label("nurture"))
    .join_from(Decline, Nurture, Nurture.decline_id == Decline.id, isouter=True)
    .where(Decline.id == bindparam("decline"), Decline.workspace_id == bindparam("workspace"))
)


@dataclass(frozen=True, slots=True)
class DeclinedLead:
    """A decline and its lead. `state`: of the decline; `undone` also where the lead went elsewhere before an answer.

    `agreed`: the version of the definition that the lead was judged by, where it was judged and is disputed.
    """

    decline: DeclineFacts
    lead: LeadFacts
    state: str
    agreed: AgreedDefinition | None = None


def load_decline(session: Session, decline_id: int, workspace_id: int, at: datetime) -> DeclinedLead | None:
    """The decline at `at`; None when this workspace has no such decline."""
    session.flush()
    row = _ONE.first(session, {"decline": decline_id, "workspace": workspace_id})
    lead = load_lead(session, row.lead_id, workspace_id, at) if row is not None else None
    if row is None or lead is None:
        return None
    ids = {getattr(row, name) for name in PEOPLE} - {None}
    people = {
        one.id: Person(one.slack_user_id, one.name, one.tz)
        for one in session.scalars(select(Member).where(Member.id.in_(ids)))
    }
    open_still = row.state in ("open", "disputed")
    state = "undone" if open_still and lead.state != "declined" else row.state
    asked = lead.passed.version if lead.passed is not None and row.state in ("disputed", "ruled") else None
    agreed = signed_definition(session, workspace_id, asked) if asked is not None else None
    return DeclinedLead(decline_facts(row, people), lead, state, agreed)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the form of a ruling begins with. `until`: the day that is proposed for nurture, an ISO date."""

    declined: DeclinedLead
    until: str


def open_dispute(session: Session, decline_id: int, *, by: Actor, at: datetime) -> DeclinedLead:
    """The decline, if it can still be disputed. Raises DeclineMoved, NotFound."""
    lead, decline = decline_for_update(session, decline_id, by.workspace_id)
    check_decline(session, lead, decline, "open", at)
    return _found(session, decline_id, by, at)


def open_ruling(session: Session, decline_id: int, *, by: Actor, at: datetime) -> Ruling:
    """The decline, if the member may rule on it now. Raises DeclineMoved, NotTheirRuling, NotFound."""
    lead, decline = decline_for_update(session, decline_id, by.workspace_id)
    check_ruling(session, lead, decline, by, at)
    days = reason_named(decline.reason).days
    return Ruling(_found(session, decline_id, by, at), proposed_day(team_of(session, lead), days, at).isoformat())


def _found(session: Session, decline_id: int, by: Actor, at: datetime) -> DeclinedLead:
    found = load_decline(session, decline_id, by.workspace_id, at)
    if found is None:
        raise NotFound("decline")
    return found
