"""The job that asks a vendor for the person of whom it told only an id, and stores the lead once it knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arriving import NewLead
from domain.leads.storing import Posted, store_leads
from domain.source_health import Heard, note_heard
from domain.sources import note_test
from handlers.intake.adapter import Ignored, Sender
from handlers.intake.asking import Asking, LeadFetch
from handlers.intake.sample import sample_of
from handlers.intake.senders import sender_of
from handlers.intake.sources import ADAPTERS
from handlers.jobs import Impossible, JobKind, RunningJob, Tools
from storage.models import Source
from storage.trace import current_request_id


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the vendor told, and the source it is of; None where the source is gone."""

    sender: Sender | None
    found: NewLead | Ignored


async def ask_vendor(job: RunningJob[LeadFetch], tools: Tools) -> Fetched:
    """The step: the lead as the vendor tells it."""
    tandem = tools.tandem
    source = await tandem.db.read(_source, job.workspace_id, job.arguments.source_id)
    if source is None:
        return Fetched(None, Ignored("the source was removed"))
    adapter = ADAPTERS.get(source.auth)
    if adapter is None or adapter.ask is None:
        raise Impossible(f"this release does not know how to ask for leads of the source {source.name}")
    if not source.sealed_key:
        raise Impossible(f"the source {source.name} has no access token of {adapter.key_of}")
    unseal = tandem.unseal
    try:
        token = unseal(source.sealed_key) if unseal else ""
        sender = sender_of(source, unseal, tandem.clock.now()) if unseal else None
    except ValueError:
        token, sender = "", None
    if not token or sender is None:
        raise Impossible(f"the access token of the source {source.name} cannot be read: TANDEM_SECRET_KEY was changed")
    return Fetched(sender, await adapter.ask(Asking(tools.http, adapter.key_of, token), job.arguments, sender))


def record_lead(session: Session, job: RunningJob[LeadFetch], fetched: Fetched, at: datetime) -> None:
    """The record: the lead is stored once, however often the vendor told of it."""
    sender, found = fetched.sender, fetched.found
    if sender is None:
        return
    if isinstance(found, Ignored):
        if found.test:
            note_test(session, sender.id, at)
        return
    if found.document is not None:
        sample = sample_of(found.document, sender.secrets, at)
        note_heard(session, [Heard(sender.workspace_id, sender.id, at, sample)])
    lead = replace(found, team=found.team or sender.team_key, tier=found.tier or sender.tier)
    key = f"fetched:{job.arguments.key}"  # its own: under the delivery's the inbox has that the vendor is asked
    store_leads(session, [Posted(job.workspace_id, f"intake:{sender.mark}", lead, key, at, current_request_id())])


def _source(session: Session, workspace_id: int, source_id: int) -> Source | None:
    found = session.scalar(select(Source).where(Source.id == source_id, Source.workspace_id == workspace_id))
    if found is not None:
        session.expunge(found)
    return found


kinds = (
    JobKind(
        LeadFetch,
        ask_vendor,
        record_lead,
        what="the look at a lead that a vendor told only the id of",
        remedy="Open the source in `/tandem setup` → Sources, and give it an access token that may read leads. "
        "Then try again.",
        patience=timedelta(seconds=60),
    ),
)
