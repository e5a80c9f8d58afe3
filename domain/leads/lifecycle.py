"""What people do with a lead: claim, contact, snooze; and what managers do: reassign, extend, take.

How a lead is declined, and a step taken back, stands in domain/leads/declining.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.errors import LeadAlreadyClaimed, LeadSettled, NotFound
from domain.leads.announce import announce_handoff, note_event, refresh_home, refresh_lead, show_lead, tell_loser
from domain.leads.clocks import extend_clock, last_clock, live_clock, snooze_clock, start_clock, stop_clock
from domain.leads.errors import CannotHaveLead, StepRefused
from domain.leads.hands import last_handing, state_before
from domain.leads.meetings import await_meeting
from domain.leads.routing import took_turn
from domain.people import Actor, audit, default_policy
from storage.locking import locked
from storage.models import (
    OPEN_LEAD_STATES,
    Lead,
    LeadEvent,
    Member,
    Policy,
    Team,
    TeamMember,
)

NOTE_LIMIT = 500


def claim_lead(session: Session, lead_id: int, *, by: Actor, at: datetime, over: int | None = None) -> None:
    """The member takes the lead on. The clock runs on until contact.

    Raises LeadAlreadyClaimed when somebody else was faster, LeadSettled when it is no longer open. A second
    claim by the same member changes nothing. `over`: the id of the event by which somebody else has the lead, from whom
    it is taken on purpose (domain/leads/taking.py asks); once they have it by another event, it counts for nothing.
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    if lead.state == "claimed" and lead.claimed_by_id is not None:
        if lead.claimed_by_id == by.id:
            return
        had = last_handing(session, lead.id)
        if over is None or had is None or had.id != over:
            claimer = session.get_one(Member, lead.claimed_by_id)
            raise LeadAlreadyClaimed(claimer.name, lead.claimed_at or at, at)
    taken_over = lead.owner_id != by.id
    before = lead.owner_id
    lead.state, lead.claimed_by_id, lead.claimed_at = "claimed", by.id, at
    lead.owner_id, lead.updated_at = by.id, at
    if taken_over:
        took_turn(session, lead.team_id, by.id, at)
    data = {"from": before} | ({"over": over} if over else {}) if taken_over else None
    event_id = note_event(session, lead, "claimed", at=at, by=by, data=data)
    refresh_lead(session, lead, at, by=by)
    if taken_over:
        if before is not None:
            refresh_home(session, lead.workspace_id, before, at, by=by)
            tell_loser(session, lead, before, event_id, at)
        show_lead(session, lead, session.get_one(Team, lead.team_id), at, given=False)


def contact_lead(session: Session, lead_id: int, *, by: Actor, at: datetime) -> None:
    """The lead was contacted: its clock stops. Raises LeadSettled when it was settled before."""
    lead = open_lead(session, lead_id, by.workspace_id, at)
    lead.owner_id = by.id if lead.owner_id is None else lead.owner_id
    _reach(session, lead, at, by=by)


def hear_contact(session: Session, workspace_id: int, lead_id: int, *, origin: str, at: datetime) -> bool:
    """The CRM called `origin` says that the lead was contacted; whether that was news. It stays whose it is."""
    lead = lead_for_update(session, lead_id, workspace_id)
    if lead.state not in OPEN_LEAD_STATES:
        return False
    _reach(session, lead, at, by=None, data={"origin": origin})
    return True


def _reach(session: Session, lead: Lead, at: datetime, *, by: Actor | None, data: dict[str, Any] | None = None) -> None:
    lead.state, lead.contacted_at, lead.updated_at = "contacted", at, at
    clock = stop_clock(session, lead, at) or last_clock(session, lead.id)
    note_event(session, lead, "contacted", at=at, by=by, data=data)
    await_meeting(session, lead, clock, at)
    refresh_lead(session, lead, at, by=by)


def snooze_lead(session: Session, lead_id: int, *, until: datetime, by: Actor, at: datetime) -> datetime:
    """Remind the rep at `until` instead of earlier; `domain.leads.snoozing` finds such times. The deadline stays.

    Returns the deadline (aware UTC).
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    clock = live_clock(session, lead.id)
    if clock is None or clock.due_at <= at:
        raise StepRefused("past_deadline")
    if until <= at:
        raise StepRefused("time_passed")
    snooze_clock(session, clock, until, at)
    note_event(session, lead, "snoozed", at=at, by=by, data={"until": until.isoformat()})
    refresh_lead(session, lead, at, by=by)
    return clock.due_at


def reassign_lead(session: Session, lead_id: int, *, to_user_id: str, by: Actor, at: datetime) -> str:
    """A manager gives the lead to another member, with a fresh clock. Returns the name of who has it now.

    `domain.leads.handing_back` takes it back. Raises LeadSettled, Refused, NotFound.
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    member = session.scalars(
        select(Member).where(Member.workspace_id == by.workspace_id, Member.slack_user_id == to_user_id)
    ).one_or_none()
    if member is None:
        raise NotFound("member")
    if member.kind == "stranger":
        raise CannotHaveLead(member.name, "stranger")
    if not member.active:
        raise CannotHaveLead(member.name, "inactive")
    if member.kind == "guest":
        raise CannotHaveLead(member.name, "guest")
    if member.id == lead.owner_id:
        raise CannotHaveLead(member.name, "has_it")
    hand_over(session, lead, member, by=by, at=at, kind="taken" if member.id == by.id else "reassigned")
    audit(session, lead.workspace_id, "lead.reassign", "lead", lead.id, by=by, at=at, data={"to": member.id})
    return member.name


def hand_over(
    session: Session,
    lead: Lead,
    to: Member,
    *,
    by: Actor | None,
    at: datetime,
    kind: str,
    because: Mapping[str, Any] | None = None,
) -> None:
    """Give the lead to another member: their clock starts now, the old rep's card says so.

    `kind` (of the timeline): `reassigned` or `taken`; `given` when nobody had it any more, or yet: whoever chose `to`
    saw to their turn. `because`: what else the timeline keeps of why.

    A click may wait for its turn while a deadline passes. Whoever gets the lead has the whole time all the same, so
    nothing begins before what the timeline tells already.
    """
    last = session.scalar(select(func.max(LeadEvent.at)).where(LeadEvent.lead_id == lead.id))
    at = max(at, last or at)
    team = session.get_one(Team, lead.team_id)
    before = lead.owner_id
    was = {"was": state_before(session, lead, to.id)} if by is not None and kind == "reassigned" else {}
    lead.owner_id, lead.updated_at = to.id, at
    lead.reassigns += kind != "given"
    if kind == "taken":
        lead.state, lead.claimed_by_id, lead.claimed_at = "claimed", to.id, at
    else:
        lead.state, lead.claimed_by_id, lead.claimed_at = "new", None, None
    if kind != "given":
        turn = took_turn(session, team.id, to.id, at)
        if "was" in was:
            was["was"]["took"] = turn.isoformat()
    start_clock(session, lead, team, policy_of(session, lead), at)
    data = {"from": before, "to": to.id, **was, **(because or {})}
    event_id = note_event(session, lead, kind, at=at, by=by, data=data)
    refresh_lead(session, lead, at, by=by)
    if before is not None:
        refresh_home(session, lead.workspace_id, before, at, by=by)
        if by is not None and kind in ("reassigned", "taken") and before not in (by.id, to.id):
            tell_loser(session, lead, before, event_id, at)
    show_lead(session, lead, team, at, given=by is None or by.id != to.id)
    announce_handoff(session, lead, team, event_id, at)


def extend_lead(session: Session, lead_id: int, *, minutes: int, by: Actor, at: datetime) -> datetime:
    """A manager gives the rep `minutes` more of working time, from now or from the deadline if that is later.

    Returns the new deadline (aware UTC).
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    clock = live_clock(session, lead.id)
    if clock is None:
        raise StepRefused("no_deadline")
    to = WorkingHours.from_json(clock.hours).add(max(at, clock.due_at), timedelta(minutes=minutes))
    extend_clock(session, lead, clock, to, at)
    note_event(session, lead, "extended", at=at, by=by, data={"to": to.isoformat(), "minutes": minutes})
    audit(session, lead.workspace_id, "lead.extend", "lead", lead.id, by=by, at=at, data={"minutes": minutes})
    refresh_lead(session, lead, at, by=by)
    return to


def take_lead(session: Session, lead_id: int, *, by: Actor, at: datetime) -> None:
    """A manager takes the lead over: claimed, with a fresh clock."""
    lead = open_lead(session, lead_id, by.workspace_id, at)
    if lead.owner_id == by.id:
        claim_lead(session, lead_id, by=by, at=at)
        return
    hand_over(session, lead, session.get_one(Member, by.id), by=by, at=at, kind="taken")


def lead_for_update(session: Session, lead_id: int, workspace_id: int) -> Lead:
    """The lead, locked for this transaction. Raises NotFound outside its workspace, StepRefused of an erased person."""
    lead = session.scalars(
        locked(select(Lead).where(Lead.id == lead_id, Lead.workspace_id == workspace_id))
    ).one_or_none()
    if lead is None:
        raise NotFound("lead")
    if lead.erased_at is not None:
        raise StepRefused("erased")
    return lead


def open_lead(session: Session, lead_id: int, workspace_id: int, at: datetime) -> Lead:
    """The lead, locked, if it still waits for contact. Raises LeadSettled with who settled it and when."""
    lead = lead_for_update(session, lead_id, workspace_id)
    if lead.state in OPEN_LEAD_STATES:
        return lead
    last = session.execute(
        select(LeadEvent.at, Member.name)
        .join(Member, Member.id == LeadEvent.by_id, isouter=True)
        .where(LeadEvent.lead_id == lead.id, LeadEvent.kind.in_(("contacted", "declined")))
        .order_by(LeadEvent.id.desc())
        .limit(1)
    ).first()
    raise LeadSettled(lead.state, last.name if last else None, last.at if last else None, at)


def policy_of(session: Session, lead: Lead) -> Policy:
    """The policy of the lead's tier, or the default one if that tier is gone."""
    found = session.scalars(
        select(Policy).where(Policy.workspace_id == lead.workspace_id, Policy.tier == lead.tier)
    ).one_or_none()
    return found or default_policy(session, lead.workspace_id)


def may_work_lead(session: Session, lead: Lead, by: Actor) -> bool:
    """Whether the member belongs to the lead's team, owns it, or manages."""
    if by.role in ("manager", "admin") or lead.owner_id == by.id:
        return True
    return session.get(TeamMember, (lead.team_id, by.id)) is not None
