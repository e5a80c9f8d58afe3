"""A lead is given back: why, and what follows. Marketing hears of it, it rests until a day, or somebody else has it.

What follows from a reason is declared in domain/leads/reasons.py; the rep may pick something else. A decline can be
taken back for ten minutes, as long as nobody built on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.leads.announce import note_event, refresh_home, refresh_lead
from domain.leads.clocks import resume_clock, stop_clock
from domain.leads.decline_cards import announce_decline, refresh_decline, show_decline
from domain.leads.errors import DeclineMoved, LeadFieldWrong, StepRefused
from domain.leads.lifecycle import NOTE_LIMIT, hand_over, lead_for_update, open_lead
from domain.leads.nurture import begin_nurture, end_nurture, nurture_until, proposed_day
from domain.leads.reasons import BY_NAME, Reason
from domain.leads.returning import BY_REROUTE, wait_for_somebody
from domain.leads.routing import available_reps, next_rep
from domain.people import Actor
from storage.locking import locked
from storage.models import IS_NURTURED, Decline, Lead, LeadEvent, Member, Nurture, Team

UNDONE_WITHIN: Final = timedelta(minutes=10)
MARKETING: Final = "marketing"
NURTURE: Final = "nurture"
NEXT: Final = "next"
TEAM: Final = "team:"
MOST_TEAMS: Final = 40


@dataclass(frozen=True, slots=True)
class Then:
    """Something that can follow: `value` is MARKETING, NURTURE, NEXT (rep of the team), or TEAM with a team's key.

    `team`: the name of the team that goes on with the lead.
    """

    value: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What can follow from a reason. `proposed`: unless something else is picked, None: somebody must pick.

    `until`: the day that is proposed for nurture, an ISO date as the team's zone counts days.
    """

    offered: tuple[Then, ...]
    proposed: str | None
    until: str


def consequences(session: Session, lead: Lead, reason: Reason, by: Actor, at: datetime) -> Consequences:
    """What can follow when the member declines the lead at `at`. The next rep is offered only where there is one."""
    team = session.get_one(Team, lead.team_id)
    others = session.execute(
        select(Team.key, Team.name)
        .where(Team.workspace_id == lead.workspace_id, Team.id != team.id, Team.archived_at.is_(None))
        .order_by(Team.name, Team.id)
        .limit(MOST_TEAMS)
    ).all()
    own = [Then(NEXT, team.name)] if available_reps(session, team.id, at, without=_had_it(lead, by)) else []
    elsewhere = [Then(f"{TEAM}{key}", name) for key, name in others]
    proposed: str | None = reason.consequence
    if reason.consequence == "reroute" and reason.elsewhere and elsewhere:
        proposed = elsewhere[0].value if len(elsewhere) == 1 else None
    elif reason.consequence == "reroute":
        proposed = own[0].value if own else MARKETING
    until = proposed_day(team, reason.days, at).isoformat()
    return Consequences((*own, *elsewhere, Then(MARKETING), Then(NURTURE)), proposed, until)


def decline_lead(
    session: Session,
    lead_id: int,
    *,
    reason: str,
    note: str,
    by: Actor,
    at: datetime,
    then: str | None = None,
    until: str | None = None,
) -> str:
    """Give the lead back. `then`: the value of a Then, None: what the reason proposes; `until`: an ISO date of nurture.

    Returns what followed: `marketing`, `nurture` or `reroute`. Raises FieldProblems, LeadSettled.
    """
    why = BY_NAME.get(reason)
    if why is None:
        raise FieldProblems({"reason": LeadFieldWrong("no_reason")})
    if why.needs_note and not note.strip():
        raise FieldProblems({"note": LeadFieldWrong("no_note")})
    lead = open_lead(session, lead_id, by.workspace_id, at)
    found = consequences(session, lead, why, by, at)
    then = then or found.proposed or MARKETING
    if then not in {one.value for one in found.offered}:
        raise FieldProblems({"then": LeadFieldWrong("nobody_else" if then == NEXT else "no_consequence")})
    words = note.strip()[:NOTE_LIMIT] or None
    if then == MARKETING:
        _to_marketing(session, lead, why, words, by, at)
        return "marketing"
    if then == NURTURE:
        moment = nurture_until(session.get_one(Team, lead.team_id), until or found.until, at)
        _to_nurture(session, lead, why, words, moment, by, at)
        return "nurture"
    _elsewhere(session, lead, why, words, then, by, at)
    return "reroute"


def _to_marketing(session: Session, lead: Lead, why: Reason, words: str | None, by: Actor, at: datetime) -> None:
    lead.state, lead.decline_reason, lead.decline_note, lead.updated_at = "declined", why.name, words, at
    stop_clock(session, lead, at)
    decline = _keep(session, lead, why, words, "marketing", "open", by, at)
    refresh_lead(session, lead, at, by=by)
    announce_decline(session, lead, decline, at)
    show_decline(session, decline, at)


def _to_nurture(
    session: Session, lead: Lead, why: Reason, words: str | None, until: datetime, by: Actor, at: datetime
) -> None:
    lead.decline_note = words
    stop_clock(session, lead, at)
    decline = _keep(session, lead, why, words, "nurture", "settled", by, at, until=until)
    begin_nurture(session, lead, decline.id, until, at)
    refresh_lead(session, lead, at, by=by)
    announce_decline(session, lead, decline, at)


def _elsewhere(
    session: Session, lead: Lead, why: Reason, words: str | None, then: str, by: Actor, at: datetime
) -> None:
    """Another rep has it at once, with a fresh clock; where the other team has nobody there, the lead waits there."""
    before, team = lead.owner_id, session.get_one(Team, lead.team_id)
    decline = _keep(session, lead, why, words, "reroute", "settled", by, at)
    if then != NEXT:
        key = then.removeprefix(TEAM)
        team = session.scalars(select(Team).where(Team.workspace_id == lead.workspace_id, Team.key == key)).one()
        lead.team_id = team.id
        session.flush()
    because = {"back": BY_REROUTE, "decline": decline.id}
    rep = next_rep(session, team, at, without=_had_it(lead, by))
    if rep is not None:
        hand_over(session, lead, rep, by=by, at=at, kind="given", because=because)
        return
    wait_for_somebody(session, lead, team, because, at)
    if before is not None:
        refresh_home(session, lead.workspace_id, before, at, by=by)


def _had_it(lead: Lead, by: Actor) -> set[int]:
    """Who does not get the lead that they gave back."""
    return {one for one in (lead.owner_id, by.id) if one is not None}


def _keep(
    session: Session,
    lead: Lead,
    why: Reason,
    words: str | None,
    consequence: str,
    state: str,
    by: Actor,
    at: datetime,
    until: datetime | None = None,
) -> Decline:
    data = {"reason": why.name, "consequence": consequence}
    if until is not None:
        data["until"] = until.isoformat()
    decline = Decline(
        workspace_id=lead.workspace_id,
        lead_id=lead.id,
        event_id=note_event(session, lead, "declined", at=at, by=by, data=data),
        team_id=lead.team_id,
        source=lead.source,
        at=at,
        by_id=by.id,
        reason=why.name,
        note=words,
        consequence=consequence,
        state=state,
    )
    session.add(decline)
    session.flush()
    return decline


def reopen_lead(session: Session, lead_id: int, *, by: Actor, at: datetime) -> None:
    """Take back a contact or decline clicked by mistake: the clock runs again as if it had never stopped.

    Raises StepRefused when the lead was not settled within the last ten minutes, or by somebody else; DeclineMoved when
    marketing disputed the decline, or a manager ruled.
    """
    lead = lead_for_update(session, lead_id, by.workspace_id)
    last = session.scalars(
        select(LeadEvent)
        .where(LeadEvent.lead_id == lead.id, LeadEvent.kind.in_(("contacted", "declined")))
        .order_by(LeadEvent.id.desc())
        .limit(1)
    ).first()
    if lead.state not in ("contacted", "declined", "nurture") or last is None:
        raise StepRefused("still_open")
    if lead.state == "nurture" and _rests_by_outcome(session, lead.id):
        raise StepRefused("moved_on")
    declined = lead.state != "contacted"
    decline = _last_decline(session, lead.id) if declined else None
    if decline is not None and decline.state in ("disputed", "ruled"):
        who = decline.ruled_by_id if decline.state == "ruled" else decline.answered_by_id
        name = session.get_one(Member, who).name if who is not None else None
        raise DeclineMoved(decline.state, name, decline.ruled_at or decline.answered_at, at)
    if at - last.at > UNDONE_WITHIN or last.by_id != by.id:
        raise StepRefused("too_late_to_undo")
    lead.state = "claimed" if lead.claimed_by_id else "new"
    lead.contacted_at = lead.decline_reason = lead.decline_note = None
    lead.updated_at = at
    note_event(session, lead, "reopened", at=at, by=by)
    if decline is not None:
        decline.state, decline.undone_at = "undone", at
        end_nurture(session, lead.id, "undone", at)
        session.flush()
        refresh_decline(session, decline, at)
    missed = select(func.max(LeadEvent.at)).where(LeadEvent.lead_id == lead.id, LeadEvent.kind == "breached")
    resume_clock(session, lead, session.scalar(missed))
    refresh_lead(session, lead, at, by=by)


def _rests_by_outcome(session: Session, lead_id: int) -> bool:
    """Whether the lead was put into nurture after contact, and not by a decline."""
    waiting = session.execute(select(Nurture.decline_id).where(Nurture.lead_id == lead_id, IS_NURTURED)).first()
    return waiting is not None and waiting.decline_id is None


def _last_decline(session: Session, lead_id: int) -> Decline | None:
    """The lead's latest decline, locked; None for one of an older release."""
    found = select(Decline).where(Decline.lead_id == lead_id).order_by(Decline.id.desc()).limit(1)
    return session.scalars(locked(found)).first()
