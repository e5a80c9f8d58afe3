"""Leads, what happened to them, and the clocks that both sides can see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, and_, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

LEAD_STATES = (
    *("new", "claimed", "contacted", "won", "lost", "nurture", "declined", "held", "dropped", "qualified"),
    *("joined", "withdrawn"),
)
OPEN_LEAD_STATES = ("new", "claimed")
CLOCK_STATES = ("running", "stopped", "spent")


class Lead(Base):
    """A person or company that asked for something. `owner_id`: the rep it was given to.

    `breached_at`: the first deadline that was missed; it stays once it is set (`domain.leads.judgement`).
    `decline_reason`: why it is declined now (domain/leads/reasons.py); storage/models/declines.py has all declines.
    `touches`: list of {"what", "at"} in the order in which marketing reached the lead; `notes`: what was unknown
    on arrival and how it was routed. `erased_at`: when everything that told who the person is was erased
    (domain/leads/erasing_person.py). `withdrawn`: it ended since its person or its source took it back.
    """

    __tablename__ = "leads"
    __table_args__ = (
        one_of("state", LEAD_STATES),
        CheckConstraint("(state = 'declined') = (decline_reason IS NOT NULL)", name="declined_has_reason"),
        CheckConstraint(
            "state <> 'claimed' OR (claimed_by_id IS NOT NULL AND claimed_at IS NOT NULL)",
            name="claimed_by_whom",
        ),
        CheckConstraint("state NOT IN ('contacted', 'won', 'lost') OR contacted_at IS NOT NULL", name="contacted_when"),
        Index(
            "ix_leads_owner_open",
            "owner_id",
            sqlite_where=text("state IN ('new', 'claimed')"),
            postgresql_where=text("state IN ('new', 'claimed')"),
        ),
        Index(
            "ix_leads_team_owner_open",
            "team_id",
            "owner_id",
            sqlite_where=text("state IN ('new', 'claimed')"),
            postgresql_where=text("state IN ('new', 'claimed')"),
        ),
        # What a manager's Home counts of a week.
        Index(
            "ix_leads_contacted",
            "team_id",
            "contacted_at",
            "breached_at",
            sqlite_where=text("contacted_at IS NOT NULL"),
            postgresql_where=text("contacted_at IS NOT NULL"),
        ),
        Index(
            "ix_leads_breached",
            "team_id",
            "breached_at",
            sqlite_where=text("breached_at IS NOT NULL"),
            postgresql_where=text("breached_at IS NOT NULL"),
        ),
        Index(
            "ix_leads_unowned",
            "team_id",
            "id",
            sqlite_where=text("owner_id IS NULL AND state IN ('new', 'claimed')"),
            postgresql_where=text("owner_id IS NULL AND state IN ('new', 'claimed')"),
        ),
        Index("ix_leads_arrived", "workspace_id", "arrived_at"),
        # What came of an account, the newest first.
        Index(
            "ix_leads_account",
            "account_id",
            "arrived_at",
            sqlite_where=text("account_id IS NOT NULL"),
            postgresql_where=text("account_id IS NOT NULL"),
        ),
        Index(
            "ix_leads_declined",
            "workspace_id",
            "arrived_at",
            sqlite_where=text("state = 'declined'"),
            postgresql_where=text("state = 'declined'"),
        ),
        # How the deals of an account went.
        Index(
            "ix_leads_closed",
            "account_id",
            "updated_at",
            sqlite_where=text("state IN ('won', 'lost')"),
            postgresql_where=text("state IN ('won', 'lost')"),
        ),
        UniqueConstraint("workspace_id", "source", "external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    state: Mapped[str] = mapped_column(default="new")
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    job_title: Mapped[str | None]
    company: Mapped[str | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    asked: Mapped[str | None]
    source: Mapped[str]
    external_id: Mapped[str | None]
    score: Mapped[int | None]
    tier: Mapped[str]
    touches: Mapped[list[Any]] = mapped_column(default=list)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    arrived_at: Mapped[datetime]
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    claimed_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]
    decline_note: Mapped[str | None]
    erased_at: Mapped[datetime | None]
    reassigns: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]


IS_OPEN: Final = Lead.state.in_([literal_column("'new'"), literal_column("'claimed'")])
"""The lead waits for contact. Written out, since SQLite uses a partial index only where the words prove it."""


IS_CLOSED: Final = Lead.state.in_([literal_column("'won'"), literal_column("'lost'")])
"""The deal of the lead was won or lost. Written out like IS_OPEN."""


IS_DECLINED: Final = Lead.state == literal_column("'declined'")
"""Sales gave the lead back. Written out like IS_OPEN."""


WITH_MARKETING: Final = ("held", "dropped")
"""States of leads that marketing has not handed over: sales was never given them."""


UNCOUNTED: Final = (*WITH_MARKETING, "joined")
"""States of leads that no figure counts: sales was never given them, or they are a part of another by now."""


IS_UNOWNED: Final = and_(Lead.owner_id.is_(None), IS_OPEN)
"""The lead waits for somebody who can take it."""


class LeadEvent(Base):
    """One line of a lead's timeline. `kind`: received, given, claimed, contacted, declined, …

    `settled_after`: so many seconds after they were given the lead the rep settled it (domain/leads/at_once.py).
    """

    __tablename__ = "lead_events"
    __table_args__ = (
        Index(None, "lead_id", "at"),
        Index(
            "ix_lead_events_at_once",
            "workspace_id",
            "at",
            sqlite_where=text("settled_after IS NOT NULL"),
            postgresql_where=text("settled_after IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    settled_after: Mapped[int | None]


class Wish(Base):
    """What a lead was sent with: one row for each time that somebody asked for something, the first included.

    `person` names who asked (domain/leads/wishes.py), NULL where nothing does; `said` is the fingerprint of
    everything that they said: equal for a delivery that says the same. `sent`: all of it, without secrets, for people.
    """

    __tablename__ = "wishes"
    __table_args__ = (
        Index("ix_wishes_external", "workspace_id", "source", "external_id"),
        Index("ix_wishes_person", "workspace_id", "person", "at"),
        Index("ix_wishes_said", "workspace_id", "said"),
        Index("ix_wishes_lead", "lead_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    at: Mapped[datetime]
    source: Mapped[str]
    external_id: Mapped[str | None]
    person: Mapped[str | None]
    said: Mapped[str | None]
    asked: Mapped[str | None]
    sent: Mapped[str | None]


class Clock(Base):
    """The time in which a lead must be contacted; `policy` and `hours` are copies frozen at its start.

    `rung` is the next one and falls due at `next_at`; both are NULL when none is left. `spent`: it ran
    past its last rung without contact. `fence` grows with every change, so that a late writer notices.
    `purpose` (domain/leads/terms.py): what it is the time for; of a lead, one clock is live at a time.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        one_of("state", CLOCK_STATES),
        CheckConstraint("(rung IS NULL) = (next_at IS NULL)", name="rung_has_time"),
        CheckConstraint("state = 'running' OR next_at IS NULL", name="only_running_has_next"),
        CheckConstraint("(state = 'stopped') = (stopped_at IS NOT NULL)", name="stopped_when"),
        Index(
            "ix_clocks_due",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_clocks_turn",
            "workspace_id",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "uq_clocks_live",
            "lead_id",
            unique=True,
            sqlite_where=text("state <> 'stopped'"),
            postgresql_where=text("state <> 'stopped'"),
        ),
        Index("ix_clocks_lead", "lead_id"),
        Index(
            "ix_clocks_live_due",
            "workspace_id",
            "due_at",
            "lead_id",
            sqlite_where=text("state <> 'stopped'"),
            postgresql_where=text("state <> 'stopped'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    state: Mapped[str] = mapped_column(default="running")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    rung: Mapped[str | None]
    next_at: Mapped[datetime | None]
    purpose: Mapped[str] = mapped_column(default="contact", server_default="contact")
    policy: Mapped[dict[str, Any]]
    hours: Mapped[dict[str, Any]]
    snoozed_until: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=1)


IS_LIVE: Final = Clock.state != literal_column("'stopped'")
"""The clock counts: it runs, or ran out without contact. Written out like IS_OPEN."""
