"""What customers say: voc items, the themes they fall under, the accounts they come from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    slug: Mapped[str]
    known: Mapped[bool] = mapped_column(default=False)
    keyed: Mapped[bool | None]
    created_at: Mapped[datetime]


class Theme(Base):
    """What voc items have in common; `answer` is marketing's approved response to it.

    `slug` is how the theme is shown, `key` is under what it is found (domain/text.py); None: an earlier release's row.
    """

    __tablename__ = "themes"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_has_time"),
        Index(None, "workspace_id", "key"),
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


class VocItem(Base):
    """One thing a customer said, as the rep logged it.

    `line` is what was typed; `verbatim` what is left of it without markers; `quote` the customer's own
    words where the rep gave them. `deal_minor` is in hundredths of `deal_currency`; `deal_typed` is how the size was
    typed, where that says more (`£12k/yr`). `competitor_key` is under what the competitor is compared.
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
