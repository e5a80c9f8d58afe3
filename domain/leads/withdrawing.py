"""A lead ends since its person asked to be erased, or since the system that it came from took it back.

No clock runs on, nothing comes back by itself, and whoever had the open lead is told once. What was settled stays as it
was settled, so that it is counted like before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.announce import ENDED_CARD, note_event, refresh_lead
from domain.leads.clocks import stop_clock
from domain.leads.decline_cards import refresh_decline
from domain.leads.holding import TRIAGE_CARD, refresh_marketing
from domain.leads.nurture import end_nurture
from domain.people import Actor
from storage import outbox
from storage.locking import locked
from storage.models import IS_UNDECIDED, OPEN_LEAD_STATES, Decline, Hold, Lead, Member
from storage.outbox import Priority

WITHDRAWN: Final = "withdrawn"
"""The state of such a lead, the event of its timeline, and why it is held no more where marketing held it."""


def withdraw_lead(
    session: Session, lead: Lead, *, origin: str | None, by: Actor | None, at: datetime, erased: bool = False
) -> bool:
    """End the locked lead where it was not settled; whether it was open, held or in nurture.

    `origin`: the source whose word it is, None where `by` asked for it. `erased`: its person is being erased.
    """
    before = lead.state
    stop_clock(session, lead, at)
    _settle_decline(session, lead, at)
    end_nurture(session, lead.id, "overtaken", at)
    hold = end_hold(session, lead, WITHDRAWN, by, at)
    if before not in (*OPEN_LEAD_STATES, "held", "nurture"):
        refresh_lead(session, lead, at, by=by)
        return False
    lead.state, lead.updated_at = WITHDRAWN, at
    session.flush()
    data = {"origin": origin, "was": before, "erased": erased}
    told = {name: value for name, value in data.items() if value}
    event_id = note_event(session, lead, WITHDRAWN, at=at, by=by, data=told)
    if hold is not None:
        outbox.refresh_cards(session, lead.workspace_id, (TRIAGE_CARD,), hold.id, at=at)
        refresh_marketing(session, lead.workspace_id, at)
    refresh_lead(session, lead, at, by=by)
    if before in OPEN_LEAD_STATES:
        _tell_owner(session, lead, event_id, by, at)
    return True


def _settle_decline(session: Session, lead: Lead, at: datetime) -> None:
    """Nothing is asked any more of marketing, or of whoever was to rule."""
    undecided = session.scalars(locked(select(Decline).where(Decline.lead_id == lead.id, IS_UNDECIDED))).one_or_none()
    if undecided is not None:
        undecided.state = "settled"
        session.flush()
        refresh_decline(session, undecided, at)


def end_hold(session: Session, lead: Lead, reason: str, by: Actor | None, at: datetime) -> Hold | None:
    """Marketing holds the locked lead no more, since it ends as what `reason` says; None where it did not hold it."""
    hold = session.scalars(locked(select(Hold).where(Hold.lead_id == lead.id, Hold.state == "held"))).one_or_none()
    if hold is not None:
        hold.state, hold.reason, hold.late_from = "dropped", reason, None
        hold.decided_by_id, hold.decided_at = by.id if by is not None else None, at
        session.flush()
    return hold


def _tell_owner(session: Session, lead: Lead, event_id: int, by: Actor | None, at: datetime) -> None:
    """A DM to whoever had the lead, unless it was their own doing."""
    owner = session.get(Member, lead.owner_id) if lead.owner_id is not None else None
    if owner is not None and owner.active and not (by is not None and by.id == owner.id):
        outbox.put_card(
            session,
            lead.workspace_id,
            ENDED_CARD,
            event_id,
            owner.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
        )
