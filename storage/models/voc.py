"""What customers say: voc items, the themes they fall under, the accounts they come from."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

VOC_KINDS = ("objection", "pain_point", "feature_gap", "competitor", "praise", "lost_reason", "question")
VOC_STATES = ("live", "withdrawn")
VOC_ORIGINS = ("command", "form", "shortcut", "import")


class Account(Base):
    """A customer or prospect. `known` is false while nobody confirmed that it exists.

    `slug` is what makes two spellings one account (domain/accounts.py). `keyed` is None while the slug is one that an
    earlier release made.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        Index(
            "ix_accounts_unkeyed",
            "id",
            sqlite_where=text("keyed IS NULL"),
            postgresql_where=text("keyed IS NULL"),
        ),
        # What is found by its beginning; PostgreSQL compares bytes only by an index that says so.
        Index("ix_accounts_newest", "workspace_id", "id"),
        Index("ix_accounts_begin", "workspace_id", "slug", postgresql_ops={"slug": "text_pattern_ops"}),
        Index(
            "ix_accounts_known",
            "workspace_id",
            "slug",
            sqlite_where=text("known"),
            postgresql_where=text("known"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    slug: Mapped[str]
    known: Mapped[bool] = mapped_column(default=False)
    keyed: Mapped[bool | None]
    created_at: Mapped[datetime]


IS_KNOWN: Final[ColumnElement[bool]] = literal_column("accounts.known")
"""Somebody confirmed the account. Written out, since SQLite uses a partial index only where the words prove it."""


class Theme(Base):
    """What voc items have in common; `answer` is marketing's approved response to it.

    `slug` is how the theme is shown, `key` is under what it is found (domain/text.py); None: an earlier release's row.
    `kept_at`: when somebody said that this spelling is meant, though another theme is spelled nearly so.
    """

    __tablename__ = "themes"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_has_time"),
        Index(None, "workspace_id", "key"),
        Index("ix_themes_newest", "workspace_id", "id"),
        Index("ix_themes_begin", "workspace_id", "slug", postgresql_ops={"slug": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    slug: Mapped[str]
    key: Mapped[str | None]
    title: Mapped[str]
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]


class VocItem(Base):
    """One thing a customer said, as the rep logged it.

    `line` is what was typed; `verbatim` what is left of it without markers; `quote` the customer's own
    words where the rep gave them. `deal_minor` is in hundredths of `deal_currency`; `deal_typed` is how the size was
    typed, where that says more (`£12k/yr`). `competitor_key` is under what the competitor is compared.

    `version` grows with each change. `tallied_version` is the version that tallies know (domain/tallies.py), 0: none;
    `tallied` is what they count of it, as JSON, None: nothing. So an item waits to be counted while the two versions
    differ, whichever release changed it. Who changes many items at once (a merge) must raise `version`, too.
    """

    __tablename__ = "voc_items"
    __table_args__ = (
        one_of("kind", VOC_KINDS),
        one_of("state", VOC_STATES),
        one_of("origin", VOC_ORIGINS),
        CheckConstraint("(deal_minor IS NULL) = (deal_currency IS NULL)", name="deal_has_currency"),
        CheckConstraint("deal_minor IS NULL OR deal_minor >= 0", name="deal_not_negative"),
        # All that digests count: a busy week is gathered from the index alone, in half the time.
        Index(
            "ix_voc_items_gather",
            "workspace_id",
            "state",
            "created_at",
            "theme_id",
            "kind",
            "account_id",
            "member_id",
            "deal_minor",
            "deal_currency",
        ),
        Index("ix_voc_items_mine", "member_id", "created_at"),
        Index(
            "ix_voc_items_unkeyed",
            "id",
            sqlite_where=text("competitor IS NOT NULL AND competitor_key IS NULL"),
            postgresql_where=text("competitor IS NOT NULL AND competitor_key IS NULL"),
        ),
        # All that a pulse counts: what is read for a line does not grow with what others log under other themes.
        Index(
            "ix_voc_items_theme",
            "theme_id",
            "state",
            "created_at",
            "account_id",
            "member_id",
            "deal_minor",
            "deal_currency",
        ),
        Index(
            "ix_voc_items_uncounted",
            "workspace_id",
            "tallied_version",
            "id",
            sqlite_where=text("tallied_version <> version"),
            postgresql_where=text("tallied_version <> version"),
        ),
        Index(
            "ix_voc_items_counted",
            "workspace_id",
            "created_at",
            sqlite_where=text("tallied IS NOT NULL"),
            postgresql_where=text("tallied IS NOT NULL"),
        ),
        Index("ix_voc_items_account", "account_id", "state", "created_at", "member_id", "deal_minor", "deal_currency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str]
    line: Mapped[str]
    verbatim: Mapped[str]
    quote: Mapped[str | None]
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("themes.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    competitor: Mapped[str | None]
    competitor_key: Mapped[str | None]
    deal_minor: Mapped[int | None] = mapped_column(BigInteger)
    deal_currency: Mapped[str | None]
    deal_typed: Mapped[str | None]
    origin: Mapped[str]
    permalink: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="live")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    tallied_version: Mapped[int] = mapped_column(server_default="0")
    tallied: Mapped[str | None]
