"""Leads that sales gets back: by a manager's ruling, or because their time in nurture is over.

A lead comes back to whoever had it, where they are here; else to the next rep of the team. Its clock begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from domain.calendar import WorkingHours
from domain.leads.announce import note_event, ping_managers, refresh_lead, show_lead
from domain.leads.clocks import start_clock
from domain.leads.decline_cards import refresh_decline
from domain.leads.lifecycle import hand_over, policy_of
from domain.leads.nurture import end_nurture
from domain.leads.routing import available_reps, next_rep
from domain.leads.snoozing import working_moment
from domain.people import Actor, default_team
from storage.models import Decline, Lead, Member, Nurture, Team, Wish
from storage.notes import all_or_nothing
from storage.statements import Statement

PUT_OFF: Final = timedelta(minutes=10)
BY_RULING: Final = "ruling"
BY_NURTURE: Final = "nurture"
BY_REROUTE: Final = "reroute"
BY_MERGE: Final = "merge"
"""Why somebody is given a lead again: `back` in the data of the event."""

# Made once: every process asks it every few seconds.
_ONE_DUE: Final = Statement(
    select(Nurture.id).where(Nurture.next_at.is_not(None), Nurture.next_at <= bindparam("present")).limit(1)
)
_DUE: Final = (
    select(Lead, Nurture)
    .join(Nurture, Nurture.lead_id == Lead.id)
    .where(Nurture.next_at.is_not(None), Nurture.next_at <= bindparam("present"))
    .order_by(Nurture.next_at, Nurture.id)
    .limit(bindparam("most"))
    .with_for_update(of=(Lead, Nurture), skip_locked=True)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of leads whose time in nurture was over: how many were looked at, and those that failed, by id."""

    count: int
    broken: tuple[tuple[int, str], ...]


def is_one_due(session: Session, at: datetime) -> bool:
    """Whether a lead's time in nurture is over at `at`, in a look that locks nothing."""
    return _ONE_DUE.first(session, {"present": at}) is not None


def return_nurtured(session: Session, *, at: datetime, limit: int = 25) -> Returned:
    """Give back up to `limit` leads that are due at `at`, those first whose time came first.

    It waits on where the team is closed. Whoever asked again meanwhile has a lead already, and gets no second one.
    One that cannot be given back is put off, and holds up no others. A lead in somebody's hands is left for the next
    time.
    """
    session.flush()
    found = session.execute(_DUE, {"present": at, "most": limit}).all()
    broken: list[tuple[int, str]] = []
    for lead, nurture in found:
        try:
            with all_or_nothing(session):
                _return(session, lead, nurture, at)
        except Exception as error:
            broken.append((lead.id, type(error).__name__))
            nurture.next_at = at + PUT_OFF
    return Returned(len(found), tuple(broken))


def _return(session: Session, lead: Lead, nurture: Nurture, at: datetime) -> None:
    if lead.state != "nurture":
        end_nurture(session, lead.id, "undone", at)  # an older release took it elsewhere
        return
    if _asked_again(session, lead, nurture):
        end_nurture(session, lead.id, "overtaken", at)
        refresh_lead(session, lead, at)
        _refresh_decline_of(session, nurture, at)
        return
    team = team_of(session, lead)
    opens_at = working_moment(WorkingHours.from_json(team.hours), None, at)
    if opens_at > at:
        nurture.next_at = opens_at
        return
    end_nurture(session, lead.id, "returned", at)
    give_back(session, lead, by=None, at=at, because={"back": BY_NURTURE, "decline": nurture.decline_id})
    _refresh_decline_of(session, nurture, at)


def _refresh_decline_of(session: Session, nurture: Nurture, at: datetime) -> None:
    """Marketing's card, and that of whoever ruled, say no more that the lead comes back."""
    decline = session.get(Decline, nurture.decline_id) if nurture.decline_id is not None else None
    if decline is not None:
        refresh_decline(session, decline, at)


def _asked_again(session: Session, lead: Lead, nurture: Nurture) -> bool:
    """Whether the person has a newer lead than this."""
    mine, other = aliased(Wish), aliased(Wish)
    newer = exists().where(
        and_(
            mine.lead_id == lead.id,
            mine.person.is_not(None),
            other.workspace_id == lead.workspace_id,
            other.person == mine.person,
            other.at > nurture.began_at,
            other.lead_id != lead.id,
        )
    )
    return bool(session.scalar(select(newer)))


def give_back(session: Session, lead: Lead, *, by: Actor | None, at: datetime, because: Mapping[str, Any]) -> None:
    """Sales has the lead again, with a fresh clock; `because` goes into its timeline.

    Where nobody is there, it waits for whoever is first, and the managers are told.
    """
    team = team_of(session, lead)
    lead.state, lead.decline_reason, lead.decline_note, lead.contacted_at = "new", None, None, None
    lead.team_id, lead.updated_at = team.id, at
    reps = available_reps(session, team.id, at)
    if lead.owner_id is not None and lead.owner_id in {rep.id for rep in reps}:
        rep: Member | None = session.get_one(Member, lead.owner_id)
    else:
        rep = next_rep(session, team, at)
    if rep is not None:
        hand_over(session, lead, rep, by=by, at=at, kind="given", because=because)
        return
    wait_for_somebody(session, lead, team, because, at)


def wait_for_somebody(session: Session, lead: Lead, team: Team, because: Mapping[str, Any], at: datetime) -> None:
    """Nobody of the team is there for the lead: it waits, its clock runs, and the managers are told."""
    lead.owner_id = lead.claimed_by_id = lead.claimed_at = None
    lead.state, lead.updated_at = "new", at
    session.flush()
    start_clock(session, lead, team, policy_of(session, lead), at)
    event_id = note_event(session, lead, "breached", at=at, by=None, data={"nobody": True, **because})
    ping_managers(session, lead, team, event_id, at)
    refresh_lead(session, lead, at)
    show_lead(session, lead, team, at)


def team_of(session: Session, lead: Lead) -> Team:
    """The lead's team; the default one where it was archived meanwhile."""
    team = session.get_one(Team, lead.team_id)
    return team if team.archived_at is None else default_team(session, lead.workspace_id)
