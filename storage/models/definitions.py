"""What a lead must be before sales gets it, as both sides signed it, and the leads that are held since they are not."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

HOLD_STATES = ("held", "fixed", "passed", "dropped")
SQL_MEANINGS = ("handed_over", "qualified")
"""What a company may mean by SQL: what marketing hands over, or what a rep found worth pursuing."""

_HELD = text("state = 'held'")
_DUE = text("late_from IS NOT NULL")


class Definition(Base):
    """A version of the definition of a lead that sales gets. `criteria`: lines, as domain/leads/conditions.py reads.

    `triage_seconds`: working time in which marketing looks at a lead that is held, None: never. `by_id`: whose settings
    they are, None: a file's. `marketing_by_id`, `sales_by_id`: who signed it for either side; None: nobody yet.
    """

    __tablename__ = "definitions"
    __table_args__ = (UniqueConstraint("workspace_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    version: Mapped[int]
    criteria: Mapped[list[Any]]
    triage_seconds: Mapped[int | None]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    marketing_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    marketing_at: Mapped[datetime | None]
    sales_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    sales_at: Mapped[datetime | None]


class Hold(Base):
    """A lead that failed the definition when it came. `failed`: list of {"criterion", "said"}; `met`: lines.

    `fields`: what else the lead was sent with, [label, text] each, since what is fixed is judged anew. `state`: `held`;
    `fixed` until it met all, `passed` all the same, or `dropped`, for `reason`. `due_at`: by when marketing looks,
    None: no time is promised. `late_from`: `due_at` until that was shown as late; NULL when nothing is to come.
    """

    __tablename__ = "holds"
    __table_args__ = (
        one_of("state", HOLD_STATES),
        CheckConstraint("(state = 'held') = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("state = 'held' OR late_from IS NULL", name="only_held_is_due"),
        CheckConstraint("state NOT IN ('passed', 'dropped') OR reason IS NOT NULL", name="decided_why"),
        Index("uq_holds_held", "lead_id", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_holds_waiting", "workspace_id", "id", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_holds_due", "late_from", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_holds_lead", "lead_id", "id"),
        Index("ix_holds_at", "workspace_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    failed: Mapped[list[Any]]
    met: Mapped[list[Any]]
    fields: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(default="held")
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    late_from: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]


IS_HELD: Final = Hold.state == literal_column("'held'")
"""The lead waits for marketing. Written out, since SQLite uses a partial index only where words prove it."""
