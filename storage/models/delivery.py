"""What is to be said in Slack (outbox), what came in (inbox), and who changed what (audit)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Json, one_of

CARD_STATES = ("planned", "standing")
DELIVERY_STATES = ("pending", "sending", "sent", "dropped", "failed")


class Card(Base):
    """One message (or Home) per subject and place, edited in place; `rendering` is the hash of what stands.

    `place` is a channel id, or a member's user id for their DM with the bot.
    """

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "subject_id", "place"),
        one_of("state", CARD_STATES),
        CheckConstraint("state <> 'standing' OR channel IS NOT NULL", name="standing_somewhere"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    kind: Mapped[str]
    subject_id: Mapped[int]
    place: Mapped[str]
    channel: Mapped[str | None]
    ts: Mapped[str | None]
    rendering: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="planned")
    created_at: Mapped[datetime]


class Lane(Base):
    """The queue of one place: order holds within it. Nothing leaves before `due_at` (NULL: empty).

    While a courier holds the lane, `holder` names it and `due_at` is when its lease runs out; `free_at`
    is when Slack's pace allows the next message; `fence` grows with every hold. `gathers_card_id`: the card on which
    alarms are gathered since `gathers_since` (storage/gathering.py).
    """

    __tablename__ = "lanes"
    __table_args__ = (
        UniqueConstraint("workspace_id", "place"),
        Index(
            "ix_lanes_due",
            "priority",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_lanes_turn",
            "priority",
            "workspace_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_lanes_next",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        CheckConstraint("holder IS NULL OR due_at IS NOT NULL", name="held_has_lease"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    place: Mapped[str]
    priority: Mapped[int] = mapped_column(default=9)
    due_at: Mapped[datetime | None]
    free_at: Mapped[datetime | None]
    holder: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    gathers_card_id: Mapped[int | None]
    gathers_since: Mapped[datetime | None]


class Gathered(Base):
    """A subject of which a card tells beside others: see storage/gathering.py."""

    __tablename__ = "gathered"
    __table_args__ = (Index("ix_gathered_subject", "workspace_id", "subject_id"),)

    card_id: Mapped[int] = mapped_column(ForeignKey("cards.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))


class Delivery(Base):
    """An outbox row: what to say about which subject, where. The words are made when it is sent.

    `token` travels in the message's metadata, so that the courier can find its own message after a lost
    reply; `unsure` says that an earlier attempt may have reached Slack, and Slack may still store it until
    `late_until`. `once` is unique where it is set. `alone_since`: it met an error that nobody foresaw, and since
    then the others of its lane go past (storage/heads.py).
    `stands_in` and `stands_at`: the channel and ts of its message, where Slack said so before the reply was recorded.
    `error`: why it was not sent the last time; of a dropped one, what overtook it, if anything did.
    `request_id`: what gave cause to it (storage/trace.py), for the log.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        one_of("state", DELIVERY_STATES),
        UniqueConstraint("token"),
        UniqueConstraint("workspace_id", "once"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="failed_has_reason"),
        CheckConstraint("(state IN ('sent', 'dropped', 'failed')) = (finished_at IS NOT NULL)", name="finished_when"),
        Index(
            "ix_deliveries_lane",
            "lane_id",
            "priority",
            "id",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index(
            "ix_deliveries_card",
            "card_id",
            sqlite_where=text("state IN ('pending', 'sending') AND card_id IS NOT NULL"),
            postgresql_where=text("state IN ('pending', 'sending') AND card_id IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_alone",
            "lane_id",
            "next_at",
            sqlite_where=text("state IN ('pending', 'sending') AND alone_since IS NOT NULL"),
            postgresql_where=text("state IN ('pending', 'sending') AND alone_since IS NOT NULL"),
        ),
        Index(
            "uq_deliveries_card_fresh",
            "card_id",
            unique=True,
            sqlite_where=text("state = 'pending' AND attempts = 0 AND card_id IS NOT NULL"),
            postgresql_where=text("state = 'pending' AND attempts = 0 AND card_id IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_failed",
            "workspace_id",
            "finished_at",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        Index(
            "ix_deliveries_finished",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lane_id: Mapped[int] = mapped_column(ForeignKey("lanes.id"))
    kind: Mapped[str]
    subject_id: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    thread_card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    priority: Mapped[int]
    state: Mapped[str] = mapped_column(default="pending")
    token: Mapped[str]
    once: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[bool] = mapped_column(default=False)
    next_at: Mapped[datetime]
    due_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    late_until: Mapped[datetime | None]
    stands_in: Mapped[str | None]
    stands_at: Mapped[str | None]
    alone_since: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    request_id: Mapped[str | None]
    created_at: Mapped[datetime]


IS_WAITING: Final = Delivery.state.in_([literal_column("'pending'"), literal_column("'sending'")])
"""The delivery has not ended. Written out, since SQLite uses a partial index only where the words prove it."""


class RateBucket(Base):
    """How much of Slack's limit on `method` a workspace has used, for all couriers together: see `storage.pace`.

    `full_at`: when the bucket is full again. `paused_until`: Slack asked us to wait (429 with Retry-After);
    `warned_until`: it asked so in one channel. `lines`: by priority, until when lanes have been put off (epoch).
    """

    __tablename__ = "rate_buckets"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    full_at: Mapped[datetime]
    warned_until: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    lines: Mapped[dict[str, Any]] = mapped_column(default=dict)


class InboxKey(Base):
    """An arrival that took effect, and the answer it got; a redelivery gets the same answer."""

    __tablename__ = "inbox_keys"
    __table_args__ = (Index(None, "at"),)

    origin: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[Any | None] = mapped_column(Json)
    at: Mapped[datetime]


class AuditEvent(Base):
    """Who changed what, when. `by_id` NULL: Tandem itself or the command line."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "workspace_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
