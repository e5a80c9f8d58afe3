"""Files of leads that admins gave Tandem in Slack: looked at, then stored piece by piece, or thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

LEAD_IMPORT_STATES = ("reading", "waiting", "storing", "stored", "dropped", "refused")


class LeadImport(Base):
    """A file of leads. Slack keeps it, so that nobody's address is kept here before somebody says so.

    `state`: "reading" until its preview is made; "waiting" for somebody to store it or to throw it away ("dropped");
    "refused" where it could not be read, or not be stored to its end. `source`: what its leads are said to come from.
    `file`: Slack's id; `sha256`: of its bytes, as they were looked at. `preview`: a LeadPreview. Of its `rows`, the
    first `done` were seen to: so many came as new (`accepted`), were `added` to leads, were known (`duplicates`).
    `trouble`: why it was refused, as plain text.
    """

    __tablename__ = "lead_imports"
    __table_args__ = (Index(None, "workspace_id"), Index(None, "member_id"), one_of("state", LEAD_IMPORT_STATES))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    state: Mapped[str] = mapped_column(default="reading")
    source: Mapped[str]
    file: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str | None]
    preview: Mapped[dict[str, Any] | None]
    rows: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
