"""How a lead comes in: checked, kept whatever it says, given to a rep of its team, its clock started.

Leads that arrive together are taken in together, so each statement runs once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, account_slug, find_or_add_account
from domain.calendar import WorkingHours
from domain.leads.announce import note_event, ping_managers, refresh_home
from domain.leads.clocks import Terms, clock_row, first_clocks
from domain.leads.routing import Rep, next_reps
from domain.people import Actor
from storage.models import Account, Lead, LeadEvent, Policy, Team
from storage.outbox import Priority, put_first_card
from storage.trace import current_request_id, traced

# Made once: building a statement costs more than running it, and these run for every lead.
_SENT_BEFORE: Final = select(Lead.source, Lead.external_id, Lead.id).where(
    Lead.workspace_id == bindparam("workspace"),
    Lead.source.in_(bindparam("origins", expanding=True)),
    Lead.external_id.in_(bindparam("externals", expanding=True)),
)
_ALL_TEAMS: Final = select(
    Team.id, Team.key, Team.name, Team.channel, Team.manager_id, Team.hours, Team.is_default, Team.archived_at
).where(Team.workspace_id == bindparam("workspace"))
_TEAMS: Final = _ALL_TEAMS.where(
    or_(
        Team.is_default,
        Team.key.in_(bindparam("keys", expanding=True)),
        Team.name.in_(bindparam("names", expanding=True)),
    )
)
_POLICIES: Final = select(
    Policy.tier,
    Policy.contact_seconds,
    Policy.half_at,
    Policy.remind_at,
    Policy.reassign_after_seconds,
    Policy.max_reassigns,
    Policy.is_default,
).where(Policy.workspace_id == bindparam("workspace"))
_ACCOUNTS: Final = select(Account.slug, Account.id, Account.name, Account.known, Account.created_at).where(
    Account.workspace_id == bindparam("workspace"), Account.slug.in_(bindparam("slugs", expanding=True))
)
_KEEP: Final = insert(Lead).returning(Lead.id, sort_by_parameter_order=True)
_EVENTS: Final = insert(LeadEvent)


_Name = tuple[str, str | None]  # a source, and what it calls the lead


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
class Arriving:
    """A lead that arrives at `at` (aware UTC), and what gave cause to it (storage/trace.py)."""

    lead: NewLead
    at: datetime
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """`new` is False when this source had sent the lead before: nothing changed then."""

    lead_id: int
    new: bool


@dataclass(frozen=True, slots=True)
class _Team:
    """What arrival needs of a team."""

    id: int
    key: str
    name: str
    channel: str | None
    manager_id: int | None
    hours: dict[str, Any]
    is_default: bool
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Routed:
    """A lead on its way in, and where it goes."""

    arriving: Arriving
    team: _Team
    terms: Terms
    notes: list[str]


def receive_lead(session: Session, workspace_id: int, arriving: NewLead, *, at: datetime, by: Actor | None) -> Received:
    """Store the lead, give it to a rep, start its clock and queue its cards."""
    return receive_leads(session, workspace_id, [Arriving(arriving, at, current_request_id())], by=by)[0]


def receive_leads(
    session: Session, workspace_id: int, arriving: Sequence[Arriving], *, by: Actor | None = None
) -> list[Received]:
    """`receive_lead` for leads that came one after the other, in their order."""
    known = _sent_before(session, workspace_id, [one.lead for one in arriving])
    fresh: dict[Any, Arriving] = {}
    for number, one in enumerate(arriving):
        name = _name(one.lead)
        if name not in known:
            fresh.setdefault(name or number, one)
    ids = dict(zip(fresh, _take_in(session, workspace_id, list(fresh.values()), by), strict=True)) if fresh else {}
    found: list[Received] = []
    for number, one in enumerate(arriving):
        name = _name(one.lead)
        if name in known:
            found.append(Received(known[name], new=False))
        else:
            found.append(Received(ids[name or number], new=fresh[name or number] is one))
    return found


def _name(lead: NewLead) -> _Name | None:
    """What names the lead for its source."""
    return (lead.source, lead.external_id) if lead.external_id is not None else None


def _sent_before(session: Session, workspace_id: int, leads: Sequence[NewLead]) -> Mapping[_Name | None, int]:
    """The leads that their sources had sent before, by name."""
    names = {(lead.source, lead.external_id) for lead in leads if lead.external_id is not None}
    if not names:
        return {}
    origins, externals = (sorted(set(column)) for column in zip(*names, strict=True))
    asked = {"workspace": workspace_id, "origins": origins, "externals": externals}
    rows = session.connection().execute(_SENT_BEFORE, asked)
    return {(row.source, row.external_id): row.id for row in rows}


def _take_in(session: Session, workspace_id: int, arriving: Sequence[Arriving], by: Actor | None) -> list[int]:
    """Everything that a new lead sets off. The accounts come before the turns: who waits for one holds no turn yet."""
    accounts = _accounts(session, workspace_id, arriving)
    routed = _routed(session, workspace_id, arriving)
    reps = next_reps(session, [(one.team.id, one.arriving.at) for one in routed])
    rows = [_row(workspace_id, one, rep, accounts, by) for one, rep in zip(routed, reps, strict=True)]
    connection = session.connection()
    ids = list(connection.execute(_KEEP, rows).scalars())
    hours = {one.team.id: one.team.hours for one in routed}
    working = {team_id: WorkingHours.from_json(stored) for team_id, stored in hours.items()}
    events: list[dict[str, Any]] = []
    clocks: list[dict[str, Any]] = []
    for lead_id, one, rep in zip(ids, routed, reps, strict=True):
        lead, at = one.arriving.lead, one.arriving.at
        line = {"workspace_id": workspace_id, "lead_id": lead_id, "at": at}
        received = {"kind": "received", "by_id": by.id if by else None, "data": {"source": lead.source}}
        events.append(line | received)
        if rep is not None:
            events.append(line | {"kind": "given", "by_id": None, "data": {"to": rep.id}})
        clocks.append(clock_row(workspace_id, lead_id, one.team.hours, working[one.team.id], one.terms, at))
    connection.execute(_EVENTS, events)
    first_clocks(session, clocks)
    for lead_id, row, one, rep in zip(ids, rows, routed, reps, strict=True):
        with traced(one.arriving.request_id):
            _tell(session, workspace_id, lead_id, one, rep)
            if rep is None:
                _ping(session, Lead(id=lead_id, **row), one)
    return ids


def _tell(session: Session, workspace_id: int, lead_id: int, one: _Routed, rep: Rep | None) -> None:
    """Queue the lead's first cards, in its team's channel and for its rep, and whose Homes show it."""
    at = one.arriving.at
    places = [("lead_card", one.team.channel), ("lead_dm", rep.user_id if rep else None)]
    for kind, place in places:
        if place:
            put_first_card(session, workspace_id, kind, lead_id, place, at=at, priority=Priority.LEAD)
    for member_id in {rep.id if rep else None, one.team.manager_id} - {None}:
        assert member_id is not None
        refresh_home(session, workspace_id, member_id, at)


def _ping(session: Session, lead: Lead, one: _Routed) -> None:
    """Nobody can be given the lead: its managers are told at once."""
    at = one.arriving.at
    event_id = note_event(session, lead, "breached", at=at, by=None, data={"nobody": True})
    ping_managers(session, lead, session.get_one(Team, one.team.id), event_id, at)


def _row(
    workspace_id: int, one: _Routed, rep: Rep | None, accounts: Mapping[str, FoundAccount | None], by: Actor | None
) -> dict[str, Any]:
    lead, at = one.arriving.lead, one.arriving.at
    account = accounts[account_slug(lead.company)] if lead.company else None
    return {
        "workspace_id": workspace_id,
        "team_id": one.team.id,
        "owner_id": rep.id if rep else None,
        "name": lead.name,
        "email": lead.email,
        "phone": lead.phone,
        "company": lead.company,
        "account_id": account.id if account else None,
        "asked": lead.asked,
        "source": lead.source,
        "external_id": lead.external_id,
        "score": lead.score,
        "tier": one.terms.tier,
        "touches": [{"what": touch.what, "at": touch.at} for touch in lead.touches],
        "notes": one.notes,
        "added_by_id": by.id if by else None,
        "arrived_at": at,
        "updated_at": at,
    }


def _accounts(session: Session, workspace_id: int, arriving: Sequence[Arriving]) -> Mapping[str, FoundAccount | None]:
    """The leads' accounts by slug; unknown ones are added, in an order in which nobody waits in a circle."""
    wanted: dict[str, Arriving] = {}
    for one in arriving:
        if one.lead.company:
            wanted.setdefault(account_slug(one.lead.company), one)
    if not wanted:
        return {}
    rows = session.connection().execute(_ACCOUNTS, {"workspace": workspace_id, "slugs": sorted(wanted)})
    found: dict[str, FoundAccount | None] = dict.fromkeys(wanted)
    found |= {row.slug: FoundAccount(row.id, row.name, row.known, row.created_at) for row in rows}
    for slug, one in sorted(wanted.items()):
        assert one.lead.company
        if found[slug] is None:
            found[slug] = find_or_add_account(
                session, workspace_id, one.lead.company, at=one.at, looked_up={slug: None}
            )
    return found


def _routed(session: Session, workspace_id: int, arriving: Sequence[Arriving]) -> list[_Routed]:
    """The leads with their teams and policies; what is unknown is noted and falls back."""
    policies = session.connection().execute(_POLICIES, {"workspace": workspace_id}).all()
    terms = {policy.tier: Terms(*policy[:-1]) for policy in policies}
    usual = next(policy.tier for policy in policies if policy.is_default)
    names = {(one.lead.team or "").strip() for one in arriving} - {""}
    teams = _named_teams(session, workspace_id, names)
    fallback = next(team for team in teams.values() if team.is_default)
    found: list[_Routed] = []
    for one in arriving:
        notes: list[str] = []
        team = teams.get((one.lead.team or "").strip()) if one.lead.team else fallback
        if team is None:
            notes.append(f"Team “{(one.lead.team or '')[:60]}” is unknown, so it went to {fallback.name}.")
        tier = (one.lead.tier or "").strip().casefold() if one.lead.tier else usual
        if tier not in terms:
            notes.append(f"Tier “{(one.lead.tier or '')[:60]}” is unknown, so it counts as {usual}.")
            tier = usual
        found.append(_Routed(one, team or fallback, terms[tier], notes))
    return found


def _named_teams(session: Session, workspace_id: int, names: set[str]) -> Mapping[str, _Team]:
    """The teams of these names or keys, however they are written, and the default team under "".

    Most senders write keys; all teams are read only for the sake of a name that no team bears just so.
    """
    asked = {"workspace": workspace_id, "keys": sorted({name.casefold() for name in names}), "names": sorted(names)}
    teams = [_Team(*row) for row in session.connection().execute(_TEAMS, asked)]
    found = _by_name(teams, names)
    if found.keys() >= names:
        return found
    teams = [_Team(*row) for row in session.connection().execute(_ALL_TEAMS, {"workspace": workspace_id})]
    return _by_name(teams, names)


def _by_name(teams: Sequence[_Team], names: set[str]) -> Mapping[str, _Team]:
    borne: dict[str, _Team] = {}
    for team in teams:
        if not team.archived_at:
            borne.setdefault(team.key.casefold(), team)
            borne.setdefault(team.name.casefold(), team)
    found = {name: borne[name.casefold()] for name in names if name.casefold() in borne}
    return {"": next(team for team in teams if team.is_default), **found}
