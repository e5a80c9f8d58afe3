"""A notice that stands is kept as a card, so that whoever has to can edit it like one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.held import Held
from storage.models import Card

LASTING: Final = frozenset(
    {"lead_news", "lead_lost", "lead_handoff", "lead_committee", "dispute_opened", "decline_ruled"}
    | {"call_logged", "edition"}
)
"""The kinds of notices that may name somebody who is erased one day: they are edited then."""


def keep_notice(
    session: Session, held: Held, channel: str | None, ts: str, rendering: str | None, at: datetime
) -> None:
    """The notice is a card from now on; of two about one subject at one place, the newer."""
    stands = {"channel": channel, "ts": ts, "rendering": rendering, "state": "standing"}
    named = {"workspace_id": held.workspace_id, "kind": held.kind, "subject_id": held.subject_id, "place": held.place}
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = upsert(Card).values(**named, **stands, created_at=at)
    session.execute(made.on_conflict_do_update(index_elements=list(named), set_=stands))
