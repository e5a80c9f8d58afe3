"""What a language model was asked and cost, what it or a rule proposes for voc items, and what marketing is asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

PROPOSAL_STATES = ("proposed", "accepted", "refused", "overtaken", "none")


class LlmUsage(Base):
    """What a workspace used of the language model in a month, such as "2026-11" (UTC).

    `tokens`: of all calls that ended, and what is reserved for those under way. `remembered`: items whose label was
    known from before. `trouble`: why the last call came to nothing (domain/llm/budget.py), since `trouble_at`; NULL: it
    came to something.
    """

    __tablename__ = "llm_usage"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[int] = mapped_column(default=0)
    calls: Mapped[int] = mapped_column(default=0)
    remembered: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    trouble_at: Mapped[datetime | None]


class LlmAnswer(Base):
    """What a model answered before. `key`: a hash of all that the answer depends on (domain/llm/answers.py)."""

    __tablename__ = "llm_answers"
    __table_args__ = (Index(None, "created_at"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ThemeBatch(Base):
    """What marketing was asked on a day, in one message. `day`: by the default team's zone."""

    __tablename__ = "theme_batches"
    __table_args__ = (UniqueConstraint("workspace_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    day: Mapped[date]
    created_at: Mapped[datetime]


class VocProposal(Base):
    """What a model, or a rule, makes of a voc item: never a fact, until a person accepts it.

    `theme_id` NULL: no theme fits, or the model gave no usable answer (`reason` NULL, too). `confidence` in hundredths,
    as the model says. `prompt`: which prompt was used. "overtaken": the item got a theme otherwise, or was taken back.
    What a person decided ("accepted", "refused") stays, whatever a model says later. `model` "": the item's words
    speak for the theme (domain/voc/sounding.py).
    """

    __tablename__ = "voc_proposals"
    __table_args__ = (
        UniqueConstraint("item_id"),
        one_of("state", PROPOSAL_STATES),
        CheckConstraint("state IN ('none', 'overtaken') OR theme_id IS NOT NULL", name="proposes_theme"),
        CheckConstraint("(state IN ('accepted', 'refused')) = (decided_by_id IS NOT NULL)", name="decided_by_whom"),
        Index(
            "ix_voc_proposals_open",
            "workspace_id",
            "id",
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("voc_items.id"))
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("themes.id"))
    kind: Mapped[str | None]
    reason: Mapped[str | None]
    confidence: Mapped[int | None]
    model: Mapped[str]
    prompt: Mapped[str]
    state: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AskedProposal(Base):
    """A proposal about which marketing was asked: once, in this batch."""

    __tablename__ = "asked_proposals"
    __table_args__ = (Index(None, "batch_id"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("voc_proposals.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("theme_batches.id"))


IS_PROPOSED: Final[ColumnElement[bool]] = VocProposal.state == literal_column("'proposed'")
"""Nobody decided yet. Written out, since SQLite uses a partial index only where the words prove it."""
