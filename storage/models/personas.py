"""Personas, and every version they ever had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Persona(Base):
    """Who buys. `version` is the current one; its text lies in `persona_versions`."""

    __tablename__ = "personas"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        CheckConstraint("version > 0", name="version_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    key: Mapped[str]
    name: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PersonaVersion(Base):
    """A persona as it stood.

    `fields` maps role, goals, pains, objections and message to text; `why` is the reason for the change.
    """

    __tablename__ = "persona_versions"
    __table_args__ = (UniqueConstraint("persona_id", "version"), Index(None, "workspace_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    persona_id: Mapped[int] = mapped_column(ForeignKey("personas.id"))
    version: Mapped[int]
    name: Mapped[str]
    fields: Mapped[dict[str, Any]]
    why: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    at: Mapped[datetime]
