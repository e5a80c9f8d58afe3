"""What customers say: voc items, the themes they fall under, the accounts they come from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

VOC_KINDS = ("objection", "pain_point", "feature_gap", "competitor", "praise", "lost_reason", "question")
VOC_STATES = ("live", "withdrawn")
VOC_ORIGINS = ("command", "form", "shortcut", "reaction", "call", "import", "workflow")
"""Where an item comes from; `call`: a call recorder, `import`: a file. The database takes others of newer releases."""
CONSENTS = ("internal", "anonymous", "named")
CAPTURE_STATES = ("asked", "logged", "taken_back", "refused")
SUGGESTION_STATES = ("asked", "shown", "withdrawn")
THEME_STATUSES = ("new", "looking", "planned", "shipped", "wont_do")
ANSWER_AUDIENCES = ("internal", "safe")


class Account(Base):
    """A customer or prospect. `known` is false while nobody confirmed that it exists.

    `slug` is what makes two spellings one account (domain/accounts.py). `keyed` is None while the slug is one that an
    earlier release made. `merged_into_id`: the account that took its place; it has no items then. `owner_id`: who gets
    its leads; None: nobody in particular.
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
        Index(
            "ix_accounts_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    slug: Mapped[str]
    known: Mapped[bool] = mapped_column(default=False)
    keyed: Mapped[bool | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    created_at: Mapped[datetime]


IS_KNOWN: Final[ColumnElement[bool]] = literal_column("accounts.known")
"""Somebody confirmed the account. Written out, since SQLite uses a partial index only where the words prove it."""


class Theme(Base):
    """What voc items have in common; `answer` is marketing's approved response to it.

    `slug` is how the theme is shown, `key` is under what it is found (domain/text.py); None: an earlier release's row.
    `kept_at`: when somebody said that this spelling is meant, though another theme is spelled nearly so.

    `status`: what marketing does about it; `status_note` says why or what, and `owner_id` who of marketing looks after
    it. `answer_audience`: whether the answer may be sent to a customer ("safe"); `answer_until`: the last day on which
    it holds, None: no end is set. `merged_into_id`: the theme that took its place; it has no items then.

    `answer_due_at`: by when a first answer was promised when enough accounts had raised it, at `answer_wanted_at`;
    `answer_late_told_at`: when somebody was told that there is none.
    """

    __tablename__ = "themes"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_has_time"),
        one_of("status", THEME_STATUSES),
        one_of("answer_audience", ANSWER_AUDIENCES),
        Index(None, "workspace_id", "key"),
        Index("ix_themes_newest", "workspace_id", "id"),
        Index("ix_themes_begin", "workspace_id", "slug", postgresql_ops={"slug": "text_pattern_ops"}),
        Index(
            "ix_themes_waiting",
            "answer_due_at",
            sqlite_where=text("answer_due_at IS NOT NULL AND answer IS NULL"),
            postgresql_where=text("answer_due_at IS NOT NULL AND answer IS NULL"),
        ),
        Index(
            "ix_themes_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
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
    status: Mapped[str] = mapped_column(default="new", server_default="new")
    status_note: Mapped[str | None]
    status_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    status_at: Mapped[datetime | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    answer_audience: Mapped[str] = mapped_column(default="internal", server_default="internal")
    answer_until: Mapped[date | None]
    answer_wanted_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime | None]
    answer_late_told_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("themes.id"))


class VocItem(Base):
    """One thing a customer said, as the rep logged it.

    `line` is what was typed; `verbatim` what is left of it without markers; `quote` the customer's own
    words where the rep gave them. `deal_minor` is in hundredths of `deal_currency`; `deal_typed` is how the size was
    typed, where that says more (`£12k/yr`). `competitor_key` is under what the competitor is compared.

    `theme_by` says who gave the item its theme (domain/voc/sounding.py). It has no check, so that a release may know
    more ways than the one before.

    `kind_by` says who told the kind, and has no check either: "person", or "words" that tell it plainly
    (domain/kinds.py); None: nobody, so that it is taken for an objection, or an earlier release did not note it.

    `of_item_id`: the item is a vote, which says that this member heard the same from another account: `line` and
    `verbatim` are a note or empty, and theme, kind and competitor are those of that item. It counts like any other.

    `consent`: how the quote may be used: "internal" (None is the same), "anonymous" or "named" (with the account).

    `version` grows with each change. `tallied_version` is the version that tallies know (domain/tallies.py), 0: none;
    `tallied` is what they count of it, as JSON, None: nothing. So an item waits to be counted while the two versions
    differ, whichever release changed it. Who changes many items at once (a merge) must raise `version`, too.

    `labelled_version`: the version that a language model was asked about (domain/proposals/labelling.py), 0: none.
    """

    __tablename__ = "voc_items"
    __table_args__ = (
        one_of("kind", VOC_KINDS),
        one_of("state", VOC_STATES),
        one_of("consent", CONSENTS),
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
        # The board counts what has no theme without looking through what has one.
        Index(
            "ix_voc_items_untagged",
            "workspace_id",
            "state",
            "created_at",
            "theme_id",
            "kind",
            "account_id",
            "member_id",
            "deal_minor",
            "deal_currency",
            sqlite_where=text("theme_id IS NULL"),
            postgresql_where=text("theme_id IS NULL"),
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
        # What names a competitor, the newest first: its card.
        Index(
            "ix_voc_items_competitor",
            "workspace_id",
            "competitor_key",
            "state",
            "created_at",
            sqlite_where=text("competitor_key IS NOT NULL"),
            postgresql_where=text("competitor_key IS NOT NULL"),
        ),
        Index(
            "ix_voc_items_votes",
            "of_item_id",
            sqlite_where=text("of_item_id IS NOT NULL"),
            postgresql_where=text("of_item_id IS NOT NULL"),
        ),
        Index(
            "ix_voc_items_unlabelled",
            "workspace_id",
            "id",
            sqlite_where=text(
                "theme_id IS NULL AND of_item_id IS NULL AND state = 'live' AND labelled_version <> version"
            ),
            postgresql_where=text(
                "theme_id IS NULL AND of_item_id IS NULL AND state = 'live' AND labelled_version <> version"
            ),
        ),
        Index("ix_voc_items_account", "account_id", "state", "created_at", "member_id", "deal_minor", "deal_currency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str]
    kind_by: Mapped[str | None]
    line: Mapped[str]
    verbatim: Mapped[str]
    quote: Mapped[str | None]
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("themes.id"))
    theme_by: Mapped[str | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    competitor: Mapped[str | None]
    competitor_key: Mapped[str | None]
    deal_minor: Mapped[int | None] = mapped_column(BigInteger)
    deal_currency: Mapped[str | None]
    deal_typed: Mapped[str | None]
    origin: Mapped[str]
    permalink: Mapped[str | None]
    of_item_id: Mapped[int | None] = mapped_column(ForeignKey("voc_items.id"))
    state: Mapped[str] = mapped_column(default="live")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    tallied_version: Mapped[int] = mapped_column(server_default="0")
    tallied: Mapped[str | None]
    labelled_version: Mapped[int] = mapped_column(server_default="0")
    consent: Mapped[str | None]


class CapturedMessage(Base):
    """A message of Slack's that a member reacted to in order to log it: once for each member.

    `channel`, `ts` and `thread_ts` (of a reply) are Slack's. `state`: "asked" while its words are not read yet.
    `item_id`: what came of it. `reacted_at`: when the member reacted last.
    """

    __tablename__ = "captured_messages"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "ts", "member_id"),
        one_of("state", CAPTURE_STATES),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    channel: Mapped[str]
    ts: Mapped[str]
    thread_ts: Mapped[str | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("voc_items.id"))
    state: Mapped[str]
    reacted_at: Mapped[datetime]


class WatchSuggestion(Base):
    """A message in a watched channel that Tandem suggests to log, by a reaction of its own; none of its words.

    `channel`, `ts` and `thread_ts` (of a reply) are Slack's. `member_id`: of its author. `emoji`: the reaction that
    stands there. `state`: "asked" while it is not there yet, "withdrawn" when it is there no more, or never was.
    """

    __tablename__ = "watch_suggestions"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "ts"),
        Index(None, "member_id", "suggested_at"),
        Index(None, "workspace_id", "channel", "suggested_at"),
        Index(None, "suggested_at"),
        one_of("state", SUGGESTION_STATES),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    channel: Mapped[str]
    ts: Mapped[str]
    thread_ts: Mapped[str | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    emoji: Mapped[str | None]
    state: Mapped[str]
    suggested_at: Mapped[datetime]


class VocDraft(Base):
    """What a member typed into the voc form and did not submit, by block (`fields`, empty: nothing).

    `view_id`: of the form; `moment`: Slack's time of what it told last, "": it was submitted, and tells nothing more.
    """

    __tablename__ = "voc_drafts"
    __table_args__ = (Index(None, "typed_at"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    view_id: Mapped[str]
    moment: Mapped[str]
    fields: Mapped[dict[str, Any]]
    typed_at: Mapped[datetime]


class VocImport(Base):
    """A file of what customers said that was taken in; its hash refuses the same file twice."""

    __tablename__ = "voc_imports"
    __table_args__ = (UniqueConstraint("workspace_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    sha256: Mapped[str]
    filename: Mapped[str]
    rows: Mapped[int]
    at: Mapped[datetime]


IS_UNLABELLED: Final[ColumnElement[bool]] = and_(
    VocItem.theme_id.is_(None),
    VocItem.of_item_id.is_(None),
    VocItem.state == literal_column("'live'"),
    VocItem.labelled_version != VocItem.version,
)
"""It stands under no theme, and no language model was asked about it as it is now. A vote follows its item.
Written out, like IS_KNOWN."""
