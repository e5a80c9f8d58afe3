"""What marketing merged, renamed and split, and which rows moved, so that each can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

REGROUPED = ("theme", "account", "competitor")
REGROUPING_KINDS = ("merge", "rename", "split")
REGROUPING_STATES = ("moving", "done", "undoing", "undone")
REGROUPED_ROWS = ("item", "asset")


class Regrouping(Base):
    """A merge, a rename or a split. `subject` became part of `target`, gave items to it, or is called as `target_name`.

    `about`: a theme, an account or a competitor. `subject` and `target`: their ids as text, or the keys of competitors;
    those of a rename are the theme, or account, and the row that keeps its old name.
    The names are as they were then. `before`: what undoing puts back, as JSON (domain/voc/regrouping.py).
    `moving`: rows still wait to be moved; `undoing`: to be moved back. `moved`: how many items it moved so far.
    """

    __tablename__ = "regroupings"
    __table_args__ = (
        one_of("about", REGROUPED),
        one_of("kind", REGROUPING_KINDS),
        one_of("state", REGROUPING_STATES),
        CheckConstraint("(state IN ('undoing', 'undone')) = (undone_at IS NOT NULL)", name="undone_when"),
        Index("ix_regroupings_subject", "workspace_id", "about", "subject"),
        Index("ix_regroupings_target", "workspace_id", "about", "target"),
        Index(
            "ix_regroupings_open",
            "workspace_id",
            sqlite_where=text("state IN ('moving', 'undoing')"),
            postgresql_where=text("state IN ('moving', 'undoing')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    about: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    target: Mapped[str]
    subject_name: Mapped[str]
    target_name: Mapped[str]
    before: Mapped[dict[str, Any]]
    state: Mapped[str]
    moved: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    undone_at: Mapped[datetime | None]


class RegroupedRow(Base):
    """A row that a regrouping moved, and that nobody has put elsewhere since. `what`: item or asset.

    `name`: how an item called the competitor before.
    """

    __tablename__ = "regrouped_rows"
    __table_args__ = (one_of("what", REGROUPED_ROWS), Index("ix_regrouped_rows_row", "what", "row_id"))

    regrouping_id: Mapped[int] = mapped_column(ForeignKey("regroupings.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]


class KeptName(Base):
    """Somebody said that this spelling of an account or a competitor is meant, though another is spelled nearly so.

    `key`: under what the name is compared: an account's slug, a competitor's key.
    """

    __tablename__ = "kept_names"
    __table_args__ = (one_of("about", ("account", "competitor")),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    kept_at: Mapped[datetime]
