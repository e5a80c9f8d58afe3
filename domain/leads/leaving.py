"""What becomes of the open leads of people who have left: the next rep of the team gets them, or they wait for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.leads.announce import note_event, ping_managers, refresh_lead
from domain.leads.lifecycle import hand_over
from domain.leads.routing import next_rep
from domain.people import Profile, put_out, sync_members
from storage.database import wake
from storage.locking import locked
from storage.models import IS_OPEN, Lead, Team

HANDED_ON: Final = 25


def update_people(
    session: Session, workspace_id: int, profiles: Iterable[Profile], at: datetime, *, more: bool = False
) -> None:
    """`sync_members`, and whoever has left hands on their open leads."""
    hand_on_leads(session, sync_members(session, workspace_id, profiles, at, more=more), at)


def update_unknown(session: Session, workspace_id: int, user_id: str, at: datetime) -> None:
    """`put_out`, and the member hands on their open leads."""
    hand_on_leads(session, put_out(session, workspace_id, user_id, at), at)


def hand_on_leads(session: Session, left: Collection[int], at: datetime) -> None:
    """The members `left` by their ids: their open leads go to whoever is next, with a fresh clock.

    Where nobody is there, the lead waits without an owner, and its managers are told. Of more than HANDED_ON leads, the
    rest waits for the ticker's next looks.
    """
    if not left:
        return
    leads = session.scalars(
        locked(select(Lead).where(Lead.owner_id.in_(left), IS_OPEN).order_by(Lead.id).limit(HANDED_ON))
    ).all()
    for lead in leads:
        team = session.get_one(Team, lead.team_id)
        rep = next_rep(session, team, at, without=left)
        if rep is not None:
            hand_over(session, lead, rep, by=None, at=at, kind="given")
            continue
        lead.owner_id = lead.claimed_by_id = lead.claimed_at = None
        lead.state, lead.updated_at = "new", at
        session.flush()
        event_id = note_event(session, lead, "breached", at=at, by=None, data={"nobody": True})
        ping_managers(session, lead, team, event_id, at, nobody=True)
        refresh_lead(session, lead, at)
    session.flush()
    rest = {"owner_id": None, "state": "new", "claimed_by_id": None, "claimed_at": None, "updated_at": at}
    session.execute(
        update(Lead).where(Lead.owner_id.in_(left), IS_OPEN).values(rest),
        execution_options={"synchronize_session": False},
    )
    wake(session, "ticker")
