"""How a lead comes in: checked, kept whatever it says, given to a rep of its team, its clock started."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from domain.accounts import find_or_add_account
from domain.leads.announce import note_event, ping_managers, show_lead
from domain.leads.clocks import first_clock
from domain.leads.routing import next_rep
from domain.people import Actor
from storage.base import insert_one
from storage.models import Lead, Policy, Team

# Made once: building a statement costs more than running it, and these run for every lead.
_SENT_BEFORE: Final = select(Lead.id).where(
    Lead.workspace_id == bindparam("workspace"),
    Lead.source == bindparam("origin"),
    Lead.external_id == bindparam("external"),
)
_TEAMS: Final = select(Team.id, Team.key, Team.name, Team.is_default, Team.archived_at).where(
    Team.workspace_id == bindparam("workspace")
)
_POLICIES: Final = select(Policy).where(Policy.workspace_id == bindparam("workspace"))
_KEEP: Final = insert(Lead)


@dataclass(frozen=True, slots=True)
class Touch:
    """Something marketing did that reached the lead: `what` in words, `at` as the sender gave it."""

    what: str
    at: str | None


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead as it arrives. `team` and `tier` are names; unknown ones are noted and fall back."""

    name: str
    source: str
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    asked: str | None = None
    score: int | None = None
    tier: str | None = None
    team: str | None = None
    touches: tuple[Touch, ...] = ()
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """`new` is False when this source had sent the lead before: nothing changed then."""

    lead_id: int
    new: bool


def receive_lead(session: Session, workspace_id: int, arriving: NewLead, *, at: datetime, by: Actor | None) -> Received:
    """Store the lead, give it to a rep, start its clock and queue its cards."""
    if arriving.external_id is not None:
        sent = {"workspace": workspace_id, "origin": arriving.source, "external": arriving.external_id}
        known = session.connection().execute(_SENT_BEFORE, sent).scalar()
        if known is not None:
            return Received(known, new=False)
    notes: list[str] = []
    team = _team(session, workspace_id, arriving.team, notes)
    policy = _policy(session, workspace_id, arriving.tier, notes)
    account_id = find_or_add_account(session, workspace_id, arriving.company, at=at).id if arriving.company else None
    rep = next_rep(session, team, at)
    row = {
        "workspace_id": workspace_id,
        "team_id": team.id,
        "owner_id": rep.id if rep else None,
        "name": arriving.name,
        "email": arriving.email,
        "phone": arriving.phone,
        "company": arriving.company,
        "account_id": account_id,
        "asked": arriving.asked,
        "source": arriving.source,
        "external_id": arriving.external_id,
        "score": arriving.score,
        "tier": policy.tier,
        "touches": [{"what": touch.what, "at": touch.at} for touch in arriving.touches],
        "notes": notes,
        "added_by_id": by.id if by else None,
        "arrived_at": at,
        "updated_at": at,
    }
    # Only told from here on, never changed: it is not added to the session, whose bookkeeping costs twice the INSERT.
    lead = Lead(id=insert_one(session, _KEEP, row), **row)
    note_event(session, lead, "received", at=at, by=by, data={"source": arriving.source})
    if rep is not None:
        note_event(session, lead, "given", at=at, by=None, data={"to": rep.id})
    first_clock(session, lead, team, policy, at)
    show_lead(session, lead, team, at, first=True)
    if rep is None:
        event_id = note_event(session, lead, "breached", at=at, by=None, data={"nobody": True})
        ping_managers(session, lead, team, event_id, at)
    return Received(lead.id, new=True)


def _team(session: Session, workspace_id: int, name: str | None, notes: list[str]) -> Team:
    """The team of that name or key; without one, the default team."""
    teams = session.connection().execute(_TEAMS, {"workspace": workspace_id}).all()
    fallback = next(team for team in teams if team.is_default)
    wanted = (name or "").strip().casefold()
    named = (team for team in teams if wanted in (team.key.casefold(), team.name.casefold()) and not team.archived_at)
    chosen = next(named, None) if name else fallback
    if chosen is None:
        notes.append(f"Team “{(name or '')[:60]}” is unknown, so it went to {fallback.name}.")
        chosen = fallback
    return session.get_one(Team, chosen.id)


def _policy(session: Session, workspace_id: int, tier: str | None, notes: list[str]) -> Policy:
    """The policy of that tier; without one, the default policy."""
    policies = session.scalars(_POLICIES, {"workspace": workspace_id}).all()
    fallback = next(policy for policy in policies if policy.is_default)
    wanted = (tier or "").strip().casefold()
    chosen = next((policy for policy in policies if policy.tier == wanted), None) if tier else fallback
    if chosen is None:
        notes.append(f"Tier “{(tier or '')[:60]}” is unknown, so it counts as {fallback.tier}.")
        chosen = fallback
    return chosen
