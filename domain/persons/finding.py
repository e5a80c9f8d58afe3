"""Which leads are of one person: by address, or by phone number and name, from whatever source."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.leads.addresses import mailbox_key
from domain.leads.wishes import person_key
from domain.marks import mark
from storage.models import Lead, LeadEvent, Source, Wish

MOST_LEADS: Final = 500
"""Of one person. Whoever has more is no person."""


def leads_of_person(session: Session, workspace_id: int, named: Collection[int], email: str | None) -> list[int]:
    """The leads of these ids, and all others that their persons sent: by address, or by phone number and name."""
    session.flush()
    found: set[int] = set(named)
    people: set[str] = {mailbox_key(email)} if email else set()
    asked: set[str] = set()
    new = True
    while new and len(found) < MOST_LEADS:
        people |= _people_of(session, found)
        new = bool(people - asked)
        found |= _sent_by(session, workspace_id, people - asked) | _parts_of(session, workspace_id, found)
        asked |= people
    return sorted(found)


def _people_of(session: Session, leads: Collection[int]) -> set[str]:
    """What names the persons of these leads."""
    wishes = select(Wish.person).where(Wish.lead_id.in_(leads), Wish.person.is_not(None))
    rows = session.execute(select(Lead.email, Lead.phone, Lead.name).where(Lead.id.in_(leads))).all()
    keys = (person_key(row.email, row.phone, row.name) for row in rows)
    return {one for one in (*session.scalars(wishes), *keys) if one is not None}


def _parts_of(session: Session, workspace_id: int, leads: Collection[int]) -> set[int]:
    """The leads that became part of one of these (domain/leads/joining.py)."""
    told = select(LeadEvent.lead_id, LeadEvent.data).join(Lead, Lead.id == LeadEvent.lead_id)
    told = told.where(Lead.workspace_id == workspace_id, Lead.state == "joined", LeadEvent.kind == "joined")
    return {row.lead_id for row in session.execute(told) if row.data.get("into") in leads}


def _sent_by(session: Session, workspace_id: int, people: Collection[str]) -> set[int]:
    """The leads of whoever is named so: as they were sent, and as they were put right by hand since."""
    if not people:
        return set()
    found = set(session.scalars(select(Wish.lead_id).where(Wish.workspace_id == workspace_id, Wish.person.in_(people))))
    addresses = [one for one in people if not one.startswith("tel:")]
    if addresses:
        initials = {way for one in addresses for way in (one[:1].lower(), one[:1].upper())}
        begins = or_(*(Lead.email.startswith(one, autoescape=True) for one in sorted(initials)))
        typed = session.execute(select(Lead.id, Lead.email).where(Lead.workspace_id == workspace_id, begins))
        found |= {row.id for row in typed if mailbox_key(row.email) in addresses}
    return found


def names_of(session: Session, leads: Collection[int]) -> set[str]:
    """By which names the leads were sent."""
    wishes = session.scalars(select(Wish.external_id).where(Wish.lead_id.in_(leads), Wish.external_id.is_not(None)))
    stored = session.scalars(select(Lead.external_id).where(Lead.id.in_(leads), Lead.external_id.is_not(None)))
    return {str(one) for one in (*wishes, *stored)}


def origins_of(session: Session, workspace_id: int) -> list[str]:
    """What the inbox calls the sources of the workspace."""
    sources = session.scalars(select(Source).where(Source.workspace_id == workspace_id))
    return [origin for one in sources for origin in (f"intake:{mark(one.id, one.created_at)}", f"intake:{one.name}")]
