"""Leads that fail a workspace's definition: one is held, one was dropped. And one of which something came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arriving import NewLead
from domain.leads.definition import write_definition
from domain.leads.doubts import Pair, ask_doubts
from domain.leads.lifecycle import contact_lead
from domain.leads.receiving import receive_lead
from domain.leads.triage import drop_lead
from domain.one_company import Kin, ask_companies
from domain.outcomes.telling import OutcomeForm, tell_outcome
from domain.people import Actor
from storage.models import IS_OPEN, Account, Hold, Lead, Workspace
from tests.tenants.written import write_record


def hold_leads_of(
    session: Session, workspace_id: int, word: str, secret: str, staff: Mapping[str, Actor], at: datetime
) -> None:
    """Set a definition that these leads fail, drop the first of them, and set one that all others meet."""
    workspace = session.get_one(Workspace, workspace_id)
    workspace.sql_means = "qualified"
    write_definition(session, workspace, ["budget is given"], 3600, by=staff["mia"], at=at - timedelta(hours=3))
    for name in ("dropped", "held"):
        lead = NewLead(
            name=f"{secret} {name}",
            source=f"{word}-fair",
            company=f"{secret} company",
            asked=f"{secret} asks",
        )
        receive_lead(session, workspace_id, lead, at=at - timedelta(hours=2), by=None)
    write_definition(session, workspace, ["name is given"], 3600, by=staff["mia"], at=at - timedelta(hours=1.5))
    first = session.scalars(select(Hold.id).where(Hold.workspace_id == workspace_id).order_by(Hold.id)).first()
    assert first is not None
    drop_lead(session, first, reason=f"{secret} reason", by=staff["max"], at=at - timedelta(hours=1))
    here = select(Lead).where(Lead.workspace_id == workspace_id, IS_OPEN).order_by(Lead.id).limit(2)
    one, other = session.scalars(here).all()
    ask_doubts(session, workspace_id, [Pair(one, other, "crm", f"{secret} source")], at=at - timedelta(hours=1))
    companies = select(Account.id).where(Account.workspace_id == workspace_id).order_by(Account.id).limit(2)
    account, whole = session.scalars(companies).all()
    ask_companies(session, workspace_id, [Kin(account, whole, "name")], at=at - timedelta(hours=1))


def win_a_lead(session: Session, workspace_id: int, word: str, secret: str, by: Actor, at: datetime) -> None:
    """A lead is contacted and won; the record of the first one was written back once."""
    lead = NewLead(name=f"{secret} won", source=f"{word}-fair", company=f"{secret} company", asked=f"{secret} asks")
    lead_id = receive_lead(session, workspace_id, lead, at=at - timedelta(hours=2), by=None).lead_id
    contact_lead(session, lead_id, by=by, at=at - timedelta(hours=1))
    tell_outcome(session, lead_id, OutcomeForm("won", note=f"{secret} note"), by=by, at=at - timedelta(minutes=30))
    write_record(session, workspace_id, at)
