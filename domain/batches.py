"""The message in which marketing was asked about items (domain/proposals/asking.py) changes when an item of it does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import AskedProposal, VocProposal
from storage.outbox import Priority
from storage.statements import Statement

BATCH_CARD: Final = "theme_batch"

# Made once: it runs for each change of an item.
_BATCH_OF: Final = Statement(
    select(AskedProposal.batch_id)
    .join(VocProposal, VocProposal.id == AskedProposal.proposal_id)
    .where(VocProposal.item_id == bindparam("item"))
)


def show_batch_anew(session: Session, workspace_id: int, item_id: int, at: datetime) -> None:
    """The item changed: where marketing was asked about it, the message shows what is open still."""
    batch_id = _BATCH_OF.scalar(session, {"item": item_id})
    if batch_id is not None:
        outbox.refresh_in_the_end(session, workspace_id, BATCH_CARD, batch_id, at=at, priority=Priority.CARD)


def asked_among(session: Session, proposal_ids: Collection[int]) -> set[int]:
    """Those of these proposals about which marketing was asked."""
    return set(
        session.scalars(select(AskedProposal.proposal_id).where(AskedProposal.proposal_id.in_(list(proposal_ids))))
    )
