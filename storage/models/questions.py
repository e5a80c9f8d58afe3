"""What people ask Tandem in its Messages tab."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

QUESTION_STATES = ("asked", "answered", "hinted", "refused", "dropped")


class AgentQuestion(Base):
    """A message that a member wrote to Tandem in its Messages tab.

    `channel`, `ts` and `thread_ts` (where the answer goes) are Slack's. `state`: "asked" until something was said to
    it; "hinted": it was no question; "dropped": nothing is said to it any more.
    `begun_at`: when Slack was asked to stream the answer, `answer_ts`: the streamed message, once Slack named it.
    `helped`: what whoever asked said of the answer last, at `judged_at`.
    """

    __tablename__ = "agent_questions"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "ts"),
        Index(None, "workspace_id", "asked_at"),
        Index(None, "asked_at"),
        one_of("state", QUESTION_STATES),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    channel: Mapped[str]
    ts: Mapped[str]
    thread_ts: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    answer_ts: Mapped[str | None]
    helped: Mapped[bool | None]
    judged_at: Mapped[datetime | None]
