"""When systems that post to us were heard, what the last payload looked like, and when they fell silent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Json


class SourceHealth(Base):
    """One row for each source that was ever heard. `heard`: the latest moments of the times when it was, as ISO texts.

    `sample`: the last payload with every person masked, NULL: none came lately.
    """

    __tablename__ = "source_health"
    __table_args__ = (Index(None, "workspace_id"), Index(None, "sample_at"))

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), primary_key=True, autoincrement=False)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    heard_at: Mapped[datetime]
    heard: Mapped[list[Any]] = mapped_column(default=list)
    sample: Mapped[dict[str, Any] | None] = mapped_column(Json)
    sample_at: Mapped[datetime | None]


class SourceSilence(Base):
    """A source was silent for far longer than usual. `since`: when it was heard last; `ended_at` NULL: it still is."""

    __tablename__ = "source_silences"
    __table_args__ = (
        Index(
            "uq_source_silences_open",
            "source_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "workspace_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    since: Mapped[datetime]
    found_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
