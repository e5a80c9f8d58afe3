"""Furniture of imports: a file that waits for its admin to decide, and one that could not be taken."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from domain.leads.file_imports import CARD, PREVIEW, LeadPreview
from domain.people import Actor
from storage import outbox
from storage.models import LeadImport

STATES: Final = ("waiting", "waiting", "refused")


def give_files(session: Session, workspace_id: int, secret: str, admin: Actor, at: datetime) -> None:
    """Files whose names, columns and troubles hold the workspace's word."""
    seen = LeadPreview(
        columns=((f"{secret} column", "email"),),
        good=2,
        bad=1,
        first_bad=((4, f"{secret} reason"),),
        given=((f"{secret} team", None, 2),),
    )
    for state in STATES:
        row = LeadImport(
            workspace_id=workspace_id,
            member_id=admin.id,
            state=state,
            source="fair",
            file="F0NOBODYS",
            file_name=f"{secret}.csv",
            sha256="0" * 64 if state == "waiting" else None,
            preview=PREVIEW.write(seen) if state == "waiting" else None,
            rows=3 if state == "waiting" else 0,
            trouble=f"{secret} trouble" if state == "refused" else None,
            created_at=at,
            changed_at=at,
        )
        session.add(row)
        session.flush()
        outbox.put_card(session, workspace_id, CARD, row.id, admin.user_id, at=at)
