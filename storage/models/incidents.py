"""What the self-audit found late, from when to when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

OVERDUE_KINDS = ("rungs", "deliveries", "leases", "editions", "jobs")


class Incident(Base):
    """Something of a workspace was overdue. `began_at`: when the first of it was due; `ended_at` NULL: it still is.

    `count`: how much was overdue when it was found.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("what", OVERDUE_KINDS),
        Index(
            "uq_incidents_open",
            "workspace_id",
            "what",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    what: Mapped[str]
    count: Mapped[int]
    began_at: Mapped[datetime]
    found_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
