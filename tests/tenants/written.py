"""Furniture of write-back: a source that wrote into HubSpot, which lets us in no more, and what was written once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from domain.sources import add_source
from domain.writeback.writing import TROUBLE
from storage import outbox
from storage.models import Lead, Source, WriteBack, WrittenRecord
from storage.outbox import Priority
from tests.running import KEY


def stop_write_back(session: Session, workspace_id: int, name: str, admin: str, at: datetime) -> None:
    """The source's write-back stands still, which its admin was told. No lead comes from it, so nothing is asked."""
    add_source(session, workspace_id, name, auth="hubspot", seal=Sealer(KEY).seal, at=at)
    source = session.scalars(select(Source).where(Source.name == name)).one()
    source.sealed_key = Sealer(KEY).seal("a-token-of-nobody")
    session.add(
        WriteBack(
            source_id=source.id,
            workspace_id=workspace_id,
            state="stopped",
            statuses={"contacted": "CONNECTED"},
            trouble="http_401",
            trouble_at=at,
            changed_at=at,
        )
    )
    session.flush()
    told = {"why": "http_401", "what": None}
    outbox.put_notice(session, workspace_id, TROUBLE, source.id, admin, at=at, priority=Priority.REMINDER, data=told)


def write_record(session: Session, workspace_id: int, at: datetime) -> None:
    """The record of the workspace's first lead was written once."""
    source_id = session.scalars(select(WriteBack.source_id).where(WriteBack.workspace_id == workspace_id)).one()
    lead_id = session.scalars(select(func.min(Lead.id)).where(Lead.workspace_id == workspace_id)).one()
    sent = [{"status": "NEW", "at": at.isoformat()}]
    session.add(
        WrittenRecord(workspace_id=workspace_id, source_id=source_id, lead_id=lead_id, record="1042", sent=sent)
    )
    session.flush()
