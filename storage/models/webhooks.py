"""Outgoing webhooks: where changes are sent, and each change that is on its way there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, CheckConstraint, ColumnElement, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

ENDPOINT_STATES = ("active", "paused", "removed")
PAUSED_WHY = ("admin", "failing", "gone")
MESSAGE_STATES = ("waiting", "delivered", "dead")
WAITS = "due_at IS NOT NULL"


class WebhookEndpoint(Base):
    """A system that changes are sent to. `events`: which of them, by type or by the beginning of types.

    `sealed_secret` signs, and so does `sealed_old_secret` until `old_until`. `paused_why`: an admin paused it, it
    failed for days, or it answered that it is gone for good. A `removed` one is deleted when its messages are.
    `failures`: so many tries in a row failed, the first at `failing_since`; nothing is sent before `rests_until`.
    `round_id`: the job that delivers to it, or did last. `dead_told_at`: when admins were told last that something
    could not be delivered.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        Index(None, "workspace_id"),
        one_of("state", ENDPOINT_STATES),
        CheckConstraint("(state = 'paused') = (paused_why IS NOT NULL)", name="paused_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    url: Mapped[str]
    events: Mapped[list[Any]]
    sealed_secret: Mapped[str]
    sealed_old_secret: Mapped[str | None]
    old_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="active")
    paused_why: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    round_id: Mapped[int | None]
    dead_told_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """One change on its way to one endpoint. `event_id`: the same at each try, and for each endpoint.

    `subject` names what was changed: its messages go out one after the other. `body` is what is sent, as it was when
    the change happened. `due_at`: a waiting message is not sent before; NULL once it was delivered or given up.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        one_of("state", MESSAGE_STATES),
        CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="waiting_is_due"),
        CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name="finished_when"),
        CheckConstraint("state <> 'dead' OR error IS NOT NULL", name="dead_has_reason"),
        Index(
            "ix_webhook_messages_due",
            "endpoint_id",
            "due_at",
            "id",
            sqlite_where=text(WAITS),
            postgresql_where=text(WAITS),
        ),
        Index(
            "ix_webhook_messages_order",
            "endpoint_id",
            "subject",
            "id",
            sqlite_where=text(WAITS),
            postgresql_where=text(WAITS),
        ),
        Index(
            "ix_webhook_messages_dead",
            "endpoint_id",
            "id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(None, "endpoint_id", "created_at"),
        Index(None, "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


IS_LEFT: Final[ColumnElement[bool]] = WebhookMessage.due_at.is_not(None)
"""The message was neither delivered nor given up. Written as the partial indexes are."""


def is_told(of: type[Base], column: str = "workspace_id") -> ColumnElement[bool]:
    """Whether changes of the workspace of a row are sent anywhere: a column beside others, so that nobody asks for it
    by itself. It stands in the RETURNING of an INSERT, too, where SQLAlchemy would name no table for SQLite.

    `column` of the table `of` holds the workspace's id.
    """
    mine = f"webhook_endpoints.workspace_id = {of.__tablename__}.{column}"
    return literal_column(
        f"EXISTS (SELECT 1 FROM webhook_endpoints WHERE {mine} AND webhook_endpoints.state <> 'removed')",  # noqa: S608
        Boolean,
    )
