"""Audiences that get a weekly digest, and the frozen editions they got."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

AUDIENCE_KINDS = ("sales", "marketing")
WHEN_EMPTY = ("line", "silence")
EDITION_STATES = ("frozen", "skipped")


class Audience(Base):
    """Who gets which digest, where and when: `weekday` (Monday is 0) and `minute` of the day in `zone`.

    `next_at` is the next time it goes out, NULL while paused or without a channel. `removed_at`: nobody sees it any
    more; it stays for the editions that it had.
    """

    __tablename__ = "audiences"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        one_of("when_empty", WHEN_EMPTY),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_range"),
        CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_range"),
        Index(
            "ix_audiences_due",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    key: Mapped[str]
    kind: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    channel: Mapped[str | None]
    weekday: Mapped[int]
    minute: Mapped[int]
    zone: Mapped[str]
    paused: Mapped[bool] = mapped_column(default=False)
    when_empty: Mapped[str] = mapped_column(default="line")
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Edition(Base):
    """One digest of one audience for one period, its facts frozen. `skipped`: stale or silent, never sent."""

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("audience_id", "period_end"), one_of("state", EDITION_STATES))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"))
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str]
    created_at: Mapped[datetime]


class ToldFigures(Base):
    """Which figures of an asset's week (its Monday) an audience has been told; set with the edition that tells them."""

    __tablename__ = "told_figures"
    __table_args__ = (Index("ix_told_figures_week", "audience_id", "week"),)

    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[bool]
    leads: Mapped[bool]
    influenced_wins: Mapped[bool]
