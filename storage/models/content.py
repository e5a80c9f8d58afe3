"""Assets (pieces of content) and how they performed, week by week."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Asset(Base):
    """A piece of content; `slug` (from its address, else its title) tells two assets apart."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("workspace_id", "slug"), Index(None, "theme_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    slug: Mapped[str]
    title: Mapped[str]
    url: Mapped[str | None]
    kind: Mapped[str | None]
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("themes.id"))
    persona_key: Mapped[str | None]
    created_at: Mapped[datetime]


class AssetFigures(Base):
    """What an asset did in the week that begins on Monday `week`. NULL: not reported, which is not 0."""

    __tablename__ = "asset_figures"
    __table_args__ = (
        CheckConstraint("views >= 0 AND leads >= 0 AND influenced_wins >= 0", name="not_negative"),
        Index(None, "workspace_id", "week"),
    )

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    views: Mapped[int | None]
    leads: Mapped[int | None]
    influenced_wins: Mapped[int | None]
    updated_at: Mapped[datetime]


class ContentImport(Base):
    """A file of figures that was taken in; its hash refuses the same file twice."""

    __tablename__ = "content_imports"
    __table_args__ = (UniqueConstraint("workspace_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    sha256: Mapped[str]
    filename: Mapped[str]
    rows: Mapped[int]
    at: Mapped[datetime]
