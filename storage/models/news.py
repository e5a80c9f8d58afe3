"""What marketing did with themes and whom it was told to, and what came back: whether an answer helped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

VERDICTS = ("used", "helped", "no_help")


class ThemeNews(Base):
    """Something new about a theme that nobody was told of yet. `first_at` and `last_at`: of its untold changes.

    What is new stands nowhere: it follows from what the theme is now and what each person was told (ThemeTelling).
    """

    __tablename__ = "theme_news"
    __table_args__ = (Index(None, "workspace_id"),)

    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class ThemeTelling(Base):
    """What a member was told last of a theme that they raised, and when there is more to tell (`due_at`, else NULL).

    `noted_at`: changes up to then are meant. `told_status`: NULL, no status was told. `told_answer`: the version of the
    answer that was told. `with_deal`: an open deal of theirs is behind the theme, so they are told first.
    """

    __tablename__ = "theme_tellings"
    __table_args__ = (
        Index(None, "theme_id", "member_id"),
        Index(
            "ix_theme_tellings_due",
            "workspace_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    due_at: Mapped[datetime | None]
    noted_at: Mapped[datetime]
    with_deal: Mapped[bool] = mapped_column(default=False)
    told_status: Mapped[str | None]
    told_answer: Mapped[str | None]
    told_at: Mapped[datetime | None]


class ThemeLetter(Base):
    """One message to one member: what became of themes that they raised. `facts`: its words (domain/voc/letters.py)."""

    __tablename__ = "theme_letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class AnswerVerdict(Base):
    """What a member says of marketing's answer to a theme, once for each `version` of it; `note`: what happened."""

    __tablename__ = "answer_verdicts"
    __table_args__ = (
        UniqueConstraint("theme_id", "version", "member_id"),
        one_of("verdict", VERDICTS),
        Index(None, "theme_id", "version", "verdict"),
        Index(None, "workspace_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    version: Mapped[str]
    verdict: Mapped[str]
    note: Mapped[str | None]
    at: Mapped[datetime]
