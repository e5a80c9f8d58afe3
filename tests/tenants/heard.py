"""What is known of a tenant's sources: refusals, a payload with its mapping, and a silence that was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.mapping import path_id
from domain.people import find_actor
from domain.refusals import Refused, note_refusals
from domain.source_fields import load_fields, save_fields
from domain.source_health import SILENT_CARD, Heard, Sample, SampleField, note_heard
from storage import outbox
from storage.models import Source, SourceSilence


def hear_sources(
    session: Session, workspace_id: int, team_id: str, word: str, secret: str, admin: str, at: datetime
) -> None:
    """`word` and `secret` are the tenant's own, and stand in nothing of another tenant."""
    note_refusals(session, workspace_id, [Refused(f"{word}-forms", "unreadable", 4, at, at, f"{secret} detail")])
    source = session.scalars(select(Source).where(Source.name == f"{word}-forms")).one()
    sample = Sample(at, (SampleField((secret, "mail"), f"{secret} masked"),), (("email", f"{secret} masked"),))
    for hours in range(8, 0, -1):
        note_heard(session, [Heard(workspace_id, source.id, at - timedelta(hours=2 * hours), sample)])
    mia = find_actor(session, team_id, admin)
    assert mia is not None
    fields = load_fields(session, source.name, by=mia, at=at)
    picks = {"email": path_id((secret, "mail"))}
    save_fields(session, source.name, picks, f"Tier: 3 = {secret}", fields.version, by=mia, at=at)
    source.sealed_old_secret, source.old_secret_until = source.sealed_secret, at + timedelta(days=1)
    silence = SourceSilence(workspace_id=workspace_id, source_id=source.id, since=at, found_at=at)
    session.add(silence)
    session.flush()
    outbox.put_card(session, workspace_id, SILENT_CARD, silence.id, admin, at=at)
