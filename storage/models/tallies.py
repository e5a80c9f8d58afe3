"""What came up lately, added up as items arrive, so that nobody waits for a count (domain/tallies.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class TallyBook(Base):
    """A workspace's tallies. `folds` grows with each change of them; whoever changes them holds this row.

    `folded_at`: as of when items were counted or taken off last; NULL: an earlier release did it.
    """

    __tablename__ = "tally_books"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    folds: Mapped[int] = mapped_column(default=0)
    folded_at: Mapped[datetime | None]


class Tally(Base):
    """What the counted items about one subject add up to. `about`: theme, competitor, account or own.

    `subject`: an id, or the key of a competitor, whose `name` is as it was spelled last. `deals`: for each currency
    [the sum of the accounts' largest deals, how many accounts].
    """

    __tablename__ = "tallies"
    __table_args__ = (
        UniqueConstraint("workspace_id", "about", "subject"),
        Index("ix_tallies_items", "workspace_id", "about", "items"),
        Index("ix_tallies_accounts", "workspace_id", "about", "accounts", "items"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    about: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str | None]
    items: Mapped[int]
    objections: Mapped[int]
    reps: Mapped[int]
    accounts: Mapped[int]
    deals: Mapped[dict[str, Any]]


class TallyPart(Base):
    """How often a tally counted somebody or something: what makes a distinct count, or an account's largest deal.

    `part`: `r7` the member, `a7` the account, `d7:USD` the deals of an account (of item 7 without one: `d-7:USD`), a
    row for each size `minor`, and `m7:USD` the largest of them, which stands in `count`.
    """

    __tablename__ = "tally_parts"

    tally_id: Mapped[int] = mapped_column(ForeignKey("tallies.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    minor: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
