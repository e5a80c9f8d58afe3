"""Declines of leads: why, what became of each, disputes and rulings; and leads that wait in nurture."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

DECLINE_STATES = ("open", "accepted", "disputed", "ruled", "settled", "undone")
CONSEQUENCES = ("marketing", "nurture", "reroute")
VERDICTS_ON_DECLINES = ("sales", "stands", "nurture")
NURTURE_STATES = ("waiting", "returned", "undone", "overtaken")

_WAITING = text("state = 'waiting'")
_UNDECIDED = text("state IN ('open', 'disputed')")


class Decline(Base):
    """Sales gave a lead back. `reason`: one of domain/leads/reasons.py; `event_id`: its line in the timeline.

    `state`: `open` while marketing has not answered, `accepted`, `disputed` until a manager rules, `ruled`; `settled`
    where nothing is asked of marketing (`consequence` nurture or reroute); `undone` when it was taken back.
    `answered_by_id`: who accepted or disputed; `dispute`: in their words. `judge_id`: who was asked to rule. `verdict`:
    `sales` has the lead again, the decline `stands`, or the lead goes to `nurture`; `ruling`: why, in words;
    `proposed`: what the definition of a lead should say instead.
    """

    __tablename__ = "declines"
    __table_args__ = (
        one_of("state", DECLINE_STATES),
        one_of("consequence", CONSEQUENCES),
        CheckConstraint("verdict IS NULL OR verdict IN ('sales', 'stands', 'nurture')", name="verdict_known"),
        CheckConstraint(
            "(state = 'ruled') = (verdict IS NOT NULL) AND (verdict IS NULL) = (ruled_at IS NULL)", name="ruled_how"
        ),
        CheckConstraint("state NOT IN ('accepted', 'disputed', 'ruled') OR answered_at IS NOT NULL", name="answered"),
        CheckConstraint("state NOT IN ('disputed', 'ruled') OR dispute IS NOT NULL", name="disputed_why"),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone_when"),
        Index("ix_declines_lead", "lead_id", "id"),
        Index("ix_declines_event", "event_id"),
        Index("ix_declines_at", "workspace_id", "at"),
        # What is undecided of a lead: one decline at the most.
        Index("uq_declines_undecided", "lead_id", unique=True, sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("lead_events.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    source: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    reason: Mapped[str]
    note: Mapped[str | None]
    consequence: Mapped[str]
    state: Mapped[str]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    answered_at: Mapped[datetime | None]
    dispute: Mapped[str | None]
    judge_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    ruled_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    ruled_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    ruling: Mapped[str | None]
    proposed: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Nurture(Base):
    """A lead that waits until sales gets it back by itself, at `next_at`; NULL when it waits no more.

    `until`: what was chosen. `overtaken`: the person asked again meanwhile, which made a lead of its own.
    """

    __tablename__ = "nurtures"
    __table_args__ = (
        one_of("state", NURTURE_STATES),
        CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name="waiting_has_time"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_when"),
        Index("uq_nurtures_waiting", "lead_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index(
            "ix_nurtures_due",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index("ix_nurtures_lead", "lead_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    decline_id: Mapped[int | None] = mapped_column(ForeignKey("declines.id"))
    state: Mapped[str] = mapped_column(default="waiting")
    until: Mapped[datetime]
    next_at: Mapped[datetime | None]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


IS_UNDECIDED: Final = Decline.state.in_([literal_column("'open'"), literal_column("'disputed'")])
"""Marketing or a manager has yet to say. Written out, since SQLite uses a partial index only where words prove it."""


IS_NURTURED: Final = Nurture.state == literal_column("'waiting'")
"""The lead waits still. Written out like IS_UNDECIDED."""
