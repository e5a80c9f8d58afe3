"""A reassignment that was a slip is taken back by who made it: the lead, its clock and the turn are as they were."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.leads.announce import announce_handoff, note_event, refresh_home, refresh_lead, show_lead, tell_loser
from domain.leads.clocks import take_over_clock
from domain.leads.errors import StepRefused
from domain.leads.hands import last_handing
from domain.leads.lifecycle import open_lead
from domain.people import Actor, audit
from storage.database import wake
from storage.models import Clock, Lead, LeadEvent, Member, Team, TeamMember

UNDONE_WITHIN: Final = timedelta(minutes=10)


def hand_back(session: Session, lead_id: int, *, by: Actor, at: datetime) -> str | None:
    """Take back that the lead was reassigned. Returns the name of who has it again, None for nobody.

    What fell due on the restored clock meanwhile is due now. Raises StepRefused when it was somebody else's click or is
    more than UNDONE_WITHIN ago (`too_late_to_undo`), or when the lead has moved on (`moved_on`); LeadSettled.
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    last = last_handing(session, lead.id)
    if last is None or last.kind != "reassigned" or last.by_id is None or "was" not in last.data:
        raise StepRefused("moved_on")
    if last.by_id != by.id or at - last.at > UNDONE_WITHIN:
        raise StepRefused("too_late_to_undo")
    to, back, was = last.data["to"], last.data["from"], last.data["was"]
    _restore(session, lead, back, was)
    _restore_clock(session, lead, was["clock"], at)
    took = datetime.fromisoformat(was["took"]) if "took" in was else last.at
    _return_turn(session, lead.team_id, to, took, was["turn"])
    lead.updated_at = at
    data = {"from": to, "to": back, "undoes": last.id}
    event_id = note_event(session, lead, "handed_back", at=at, by=by, data=data)
    audit(session, lead.workspace_id, "lead.hand_back", "lead", lead.id, by=by, at=at, data={"to": back})
    team = session.get_one(Team, lead.team_id)
    refresh_lead(session, lead, at, by=by)
    refresh_home(session, lead.workspace_id, to, at, by=by)
    show_lead(session, lead, team, at)
    if to != by.id:
        tell_loser(session, lead, to, event_id, at)
    announce_handoff(session, lead, team, event_id, at)
    wake(session, "ticker")
    return session.get_one(Member, back).name if back is not None else None


def _restore(session: Session, lead: Lead, back: int | None, was: dict[str, Any]) -> None:
    lead.owner_id = back
    lead.reassigns = max(0, lead.reassigns - 1)
    claimed = was["claimed"] and back is not None and was["claimed_at"] is not None
    lead.state = "claimed" if claimed else "new"
    lead.claimed_by_id = back if claimed else None
    lead.claimed_at = datetime.fromisoformat(was["claimed_at"]) if claimed else None
    session.flush()


def _restore_clock(session: Session, lead: Lead, clock_id: int | None, at: datetime) -> None:
    """The lead's present clock becomes what the earlier one was when it was stopped."""
    before = session.get(Clock, clock_id) if clock_id is not None else None
    if before is None or before.lead_id != lead.id:
        return
    breaches = session.scalars(select(LeadEvent).where(LeadEvent.lead_id == lead.id, LeadEvent.kind == "breached"))
    missed = max((one.at for one in breaches if one.data.get("clock") == before.id), default=None)
    take_over_clock(session, lead, before, missed, at)


def _return_turn(session: Session, team_id: int, member_id: int, took: datetime, was: str | None) -> None:
    """Their turn comes as if they had not been given the lead, unless they were given another since."""
    turn = datetime.fromisoformat(was) if was is not None else None
    session.execute(
        update(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.member_id == member_id, TeamMember.last_given_at == took)
        .values(last_given_at=turn)
    )
