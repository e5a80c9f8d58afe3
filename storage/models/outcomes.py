"""What came of leads after the first contact: qualified, nurture, won or lost, with what was taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

OUTCOME_KINDS = ("qualified", "nurture", "won", "lost")
OUTCOME_STATES = ("stands", "replaced", "undone")

_STANDS = text("state = 'stands'")


class Outcome(Base):
    """What came of a lead, told at `at`. `by_id`: who told it, None: the CRM called `origin` did.

    `before`: the lead's state until then. `reason`: of a loss, one of domain/leads/outcomes.py. `amount_minor` in the
    smallest unit of `currency`. `until`: when a lead in nurture comes back. `item_id`: what was logged about the
    competitor. `state`: `stands`, `replaced` by a later one, or `undone`.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        one_of("kind", OUTCOME_KINDS),
        one_of("state", OUTCOME_STATES),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone_when"),
        CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="amount_of_what"),
        Index("uq_outcomes_stands", "lead_id", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
        Index("ix_outcomes_lead", "lead_id", "id"),
        Index("ix_outcomes_at", "workspace_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="stands")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    origin: Mapped[str | None]
    before: Mapped[str]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    competitor: Mapped[str | None]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    until: Mapped[datetime | None]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("voc_items.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))


OUTCOME_STANDS: Final = Outcome.state == literal_column("'stands'")
"""It was neither replaced nor taken back. Written out, since SQLite uses a partial index only where words prove it."""
