"""Themes that more and more accounts raise."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class ThemeRise(Base):
    """What marketing was told of a theme that rises (domain/voc/rising.py), and when it is to be looked at.

    `look_at`: items of the theme changed, so it is counted anew then; NULL: nothing changed. `told_at`: when marketing
    was alerted last, NULL: never. The counts are those that the alert shows, as of `counted_at`: different accounts and
    items of the last 7 days, and of the 7 days before.
    """

    __tablename__ = "theme_rises"
    __table_args__ = (
        Index(
            "ix_theme_rises_look",
            "workspace_id",
            "look_at",
            sqlite_where=text("look_at IS NOT NULL"),
            postgresql_where=text("look_at IS NOT NULL"),
        ),
        Index(
            "ix_theme_rises_told",
            "workspace_id",
            "told_at",
            sqlite_where=text("told_at IS NOT NULL"),
            postgresql_where=text("told_at IS NOT NULL"),
        ),
    )

    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    look_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    accounts: Mapped[int] = mapped_column(default=0, server_default="0")
    accounts_before: Mapped[int] = mapped_column(default=0, server_default="0")
    items: Mapped[int] = mapped_column(default=0, server_default="0")
    items_before: Mapped[int] = mapped_column(default=0, server_default="0")
