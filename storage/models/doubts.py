"""What marketing is asked, since no rule decides it: may two leads be one person's, and two accounts one company?"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

DOUBT_STATES = ("asked", "same", "two")
DOUBT_REASONS = ("crm", "name", "phone")
ACCOUNT_DOUBT_STATES = ("asked", "one", "two")
ACCOUNT_DOUBT_REASONS = ("name", "domain")

_ASKED = text("state = 'asked'")
_DUE = text("late_from IS NOT NULL")


class Doubt(Base):
    """Two leads, and whether they are one person's: `asked`, else the answer. A pair of persons (`pair`) is asked once.

    `why`: `crm`: `source` merged them, and two reps work on them; `name`: the same name and account; `phone`: the same
    number and surname. `batch_id`: the first doubt of the day, by whose card all of that day are asked; NULL: it is
    that one. `due_at`: by when it must be decided; `late_from`: `due_at` until that was shown as late.
    """

    __tablename__ = "doubts"
    __table_args__ = (
        one_of("state", DOUBT_STATES),
        one_of("why", DOUBT_REASONS),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("state = 'asked' OR late_from IS NULL", name="only_asked_is_due"),
        CheckConstraint("lead_id < other_id", name="in_order"),
        UniqueConstraint("workspace_id", "pair"),
        Index("ix_doubts_asked", "workspace_id", "id", sqlite_where=_ASKED, postgresql_where=_ASKED),
        Index("ix_doubts_due", "late_from", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_doubts_batch", "batch_id"),
        Index("ix_doubts_at", "workspace_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    pair: Mapped[str]
    why: Mapped[str]
    source: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="asked")
    batch_id: Mapped[int | None]
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    late_from: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]


IS_ASKED: Final = Doubt.state == literal_column("'asked'")
"""Nobody has decided yet. Written out, since SQLite uses a partial index only where words prove it."""


class AccountDoubt(Base):
    """Two accounts, and whether they are one company: `asked`, else the answer. A pair of accounts is asked once.

    `account_id` would become a part of `other_id`. `why`: `name`: one name but for a place or a form; `domain`: people
    of both write from one name, as acme.de and acme.com are. `batch_id`, `due_at`, `late_from`: as in `doubts`.
    """

    __tablename__ = "account_doubts"
    __table_args__ = (
        one_of("state", ACCOUNT_DOUBT_STATES),
        one_of("why", ACCOUNT_DOUBT_REASONS),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("state = 'asked' OR late_from IS NULL", name="only_asked_is_due"),
        UniqueConstraint("workspace_id", "account_id", "other_id"),
        Index("ix_account_doubts_asked", "workspace_id", "id", sqlite_where=_ASKED, postgresql_where=_ASKED),
        Index("ix_account_doubts_due", "late_from", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_account_doubts_batch", "batch_id"),
        Index("ix_account_doubts_at", "workspace_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    why: Mapped[str]
    state: Mapped[str] = mapped_column(default="asked")
    batch_id: Mapped[int | None]
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    late_from: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]


IS_COMPANY_ASKED: Final = AccountDoubt.state == literal_column("'asked'")
"""The same of accounts."""
