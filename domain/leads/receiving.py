"""How a lead comes in: checked, kept whatever it says, given to a rep of its team, its clock started.

Leads that arrive together are taken in together, so each statement runs once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, find_or_add_account, found_account, slug_of_company
from domain.calendar import WorkingHours
from domain.leads.announce import note_event, ping_managers, refresh_home
from domain.leads.arriving import Arriving, NewLead
from domain.leads.clocks import clock_row, first_clocks
from domain.leads.committees import SEVERAL, recently, tell_of_committees
from domain.leads.conditions import what_it_says
from domain.leads.deciding import Decided, Undecided, decide
from domain.leads.definition import Judged, judge_lead, load_criteria
from domain.leads.holding import hold_leads
from domain.leads.meetings import BOOKED
from domain.leads.news import add_news
from domain.leads.plans import Plan, plan_arrivals, said_by
from domain.leads.routed import Routed, route_leads
from domain.leads.routing import Rep
from domain.leads.why import Why, kept_why
from domain.leads.wishes import Said, keep_wishes, wish_row
from domain.people import Actor
from domain.webhooks.leads import tell_new_leads
from domain.writeback.wanting import want_first_write
from storage.models import Account, Lead, LeadEvent, Team
from storage.outbox import Priority, put_first_card
from storage.statements import Statement
from storage.trace import current_request_id, traced

# Made once: building a statement costs more than running it, and these run for every lead.
_ACCOUNTS: Final = Statement(
    select(
        Account.slug,
        Account.id,
        Account.name,
        Account.known,
        Account.created_at,
        Account.merged_into_id,
        Account.owner_id,
        SEVERAL,
    ).where(Account.workspace_id == bindparam("workspace"), Account.slug.in_(bindparam("slugs", expanding=True)))
)
_KEEP: Final = Statement(insert(Lead))
_EVENTS: Final = Statement(insert(LeadEvent))


@dataclass(frozen=True, slots=True)
class Received:
    """`new`: a lead was made. `news`: what was said was written on a lead that there was. Neither: nothing changed."""

    lead_id: int
    new: bool
    news: bool = False


def receive_lead(session: Session, workspace_id: int, arriving: NewLead, *, at: datetime, by: Actor | None) -> Received:
    """Store the lead, give it to a rep, start its clock and queue its cards."""
    return receive_leads(session, workspace_id, [Arriving(arriving, at, current_request_id())], by=by)[0]


def receive_leads(
    session: Session, workspace_id: int, arriving: Sequence[Arriving], *, by: Actor | None = None
) -> list[Received]:
    """`receive_lead` for leads that came one after the other, in their order.

    Who has an open lead gets no second one: what they say anew is written on it. Who had one before gets a new lead for
    a new wish, with the same owner. What a member types (`by`) is a lead of its own in any case.
    """
    said = [said_by(one.lead) for one in arriving]
    plans = plan_arrivals(session, workspace_id, arriving, said) if by is None else [Plan() for _ in arriving]
    fresh = [number for number, plan in enumerate(plans) if plan.fresh]
    ids = _take_in(session, workspace_id, [arriving[one] for one in fresh], by, [plans[one] for one in fresh])
    found = {number: Received(lead_id, new=True) for number, lead_id in zip(fresh, ids, strict=True)}
    wishes = []
    for number, (one, plan) in enumerate(zip(arriving, plans, strict=True)):
        if plan.news is not None:
            with traced(one.request_id):
                add_news(session, plan.news, one.lead, one.at)
            found[number] = Received(plan.news.id, new=False, news=True)
        elif plan.resent is not None:
            found[number] = Received(plan.resent, new=False)
        if number in found and plan.resent is None:
            wishes.append(_wish(workspace_id, found[number].lead_id, said[number], one))
    keep_wishes(session, wishes)
    for number, plan in enumerate(plans):
        if plan.waits:
            found[number] = receive_leads(session, workspace_id, [arriving[number]])[0]
    return [found[number] for number in range(len(arriving))]


def _wish(workspace_id: int, lead_id: int, said: Said, one: Arriving) -> dict[str, Any]:
    return wish_row(workspace_id, lead_id, said, one.at, asked=one.lead.asked, sent=one.lead.sent)


def _take_in(
    session: Session, workspace_id: int, arriving: Sequence[Arriving], by: Actor | None, plans: Sequence[Plan]
) -> list[int]:
    """Everything that a new lead sets off. The accounts come before the turns: who waits for one holds no turn yet."""
    if not arriving:
        return []
    accounts = _accounts(session, workspace_id, arriving)
    routed = route_leads(session, workspace_id, arriving)
    judged = judge_routed(session, routed, by)
    undecided = [_undecided(*one, accounts) for one in zip(routed, plans, strict=True)]
    decided = _decided(session, workspace_id, undecided, judged)
    routed = [one if to is None else replace(one, team=to.team) for one, to in zip(routed, decided, strict=True)]
    rows = [_row(workspace_id, one, to, accounts, by) for one, to in zip(routed, decided, strict=True)]
    for row, plan in zip(rows, plans, strict=True):
        row["external_id"] = None if plan.named else row["external_id"]
    ids = _KEEP.insert_many(session, rows)
    hours = {one.team.id: one.team.hours for one in routed}
    working = {team_id: WorkingHours.from_json(stored) for team_id, stored in hours.items()}
    events: list[dict[str, Any]] = []
    clocks: list[dict[str, Any]] = []
    held: list[tuple[int, Judged, NewLead, datetime]] = []
    for lead_id, one, to, verdict in zip(ids, routed, decided, judged, strict=True):
        lead, at = one.arriving.lead, one.arriving.at
        line = {"workspace_id": workspace_id, "lead_id": lead_id, "at": at}
        told = verdict.told() if verdict is not None else {}
        data = {"source": lead.source, **({} if to is None else told)}
        events.append(line | {"kind": "received", "by_id": by.id if by else None, "data": data})
        if lead.meeting:
            events.append(line | {"kind": BOOKED, "by_id": None, "data": {}})
        if to is None:
            assert verdict is not None
            held.append((lead_id, verdict, lead, at))
            events.append(line | {"kind": "held", "by_id": None, "data": told})
            continue
        if to.rep is not None:
            data = {"to": to.rep.id, "why": kept_why(to.why)}
            events.append(line | {"kind": "given", "by_id": None, "data": data})
        clocks.append(clock_row(workspace_id, lead_id, one.team.hours, working[one.team.id], one.terms, at))
    _EVENTS.run_many(session, events)
    first_clocks(session, clocks)
    if held:
        hold_leads(session, workspace_id, held)
    if routed[0].team.told:
        tell_new_leads(session, events)
    if routed[0].team.written:
        for lead_id, one in zip(ids, routed, strict=True):
            lead = one.arriving.lead
            want_first_write(session, workspace_id, lead_id, lead.source, lead.external_id, at=one.arriving.at)
    tell_of_committees(
        session, workspace_id, [_account(one.arriving.lead, accounts) for one in routed], arriving[-1].at
    )
    for lead_id, row, one, to in zip(ids, rows, routed, decided, strict=True):
        if to is None:
            continue
        with traced(one.arriving.request_id):
            _tell(session, workspace_id, lead_id, one, to.rep)
            if to.rep is None:
                _ping(session, Lead(id=lead_id, **row), one, to.why)
    return ids


def judge_routed(session: Session, routed: Sequence[Routed], by: Actor | None) -> list[Judged | None]:
    """Which leads meet the definition; None where nothing is asked of them. Who types a lead vouches for it."""
    definition_id = routed[0].team.definition_id
    if definition_id is None or by is not None:
        return [None] * len(routed)
    criteria = load_criteria(session, definition_id)
    return [judge_lead(criteria, what_it_says(one.arriving.lead, tier=one.terms.tier)) for one in routed]


def _decided(
    session: Session, workspace_id: int, leads: Sequence[Undecided], judged: Sequence[Judged | None]
) -> list[Decided | None]:
    """Where the leads go; None for those that are held, which take no turn."""
    passing = [verdict is None or not verdict.failed for verdict in judged]
    found = iter(decide(session, workspace_id, [one for one, does in zip(leads, passing, strict=True) if does]))
    return [next(found) if does else None for does in passing]


def _undecided(one: Routed, plan: Plan, accounts: Mapping[str, FoundAccount | None]) -> Undecided:
    """The lead for whoever decides. A lead that comes back goes to who had the person's lead before."""
    lead = one.arriving.lead
    account = _account(lead, accounts)
    return Undecided(lead, one.arriving.at, one.team, one.team_by, one.terms.tier, account, plan.owner_id)


def _tell(session: Session, workspace_id: int, lead_id: int, one: Routed, rep: Rep | None) -> None:
    """Queue the lead's first cards, in its team's channel and for its rep, and whose Homes show it."""
    at = one.arriving.at
    places = [("lead_card", one.team.channel), ("lead_dm", rep.user_id if rep else None)]
    for kind, place in places:
        if place:
            put_first_card(session, workspace_id, kind, lead_id, place, at=at, priority=Priority.LEAD)
    shown = (rep.id if rep else None, one.team.manager_id)
    for member_id in sorted({each for each in shown if each is not None}):
        refresh_home(session, workspace_id, member_id, at)


def _ping(session: Session, lead: Lead, one: Routed, why: Why) -> None:
    """Nobody can be given the lead: its managers are told at once."""
    at = one.arriving.at
    event_id = note_event(session, lead, "breached", at=at, by=None, data={"nobody": True, "why": kept_why(why)})
    ping_managers(session, lead, session.get_one(Team, one.team.id), event_id, at, nobody=True)


def _row(
    workspace_id: int, one: Routed, to: Decided | None, accounts: Mapping[str, FoundAccount | None], by: Actor | None
) -> dict[str, Any]:
    """The lead's row; it is held where it goes nowhere (`to` is None)."""
    lead, at = one.arriving.lead, one.arriving.at
    rep = to.rep if to is not None else None
    account = _account(lead, accounts)
    return {
        "workspace_id": workspace_id,
        "team_id": one.team.id,
        "owner_id": rep.id if rep else None,
        "state": "new" if to is not None else "held",
        "name": lead.name,
        "email": lead.email,
        "phone": lead.phone,
        "job_title": lead.job_title,
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


def _account(lead: NewLead, accounts: Mapping[str, FoundAccount | None]) -> FoundAccount | None:
    slug = slug_of_company(lead.company)
    return accounts[slug] if slug is not None else None


def _accounts(session: Session, workspace_id: int, arriving: Sequence[Arriving]) -> Mapping[str, FoundAccount | None]:
    """The leads' accounts by slug; unknown ones are added, in an order in which nobody waits in a circle."""
    wanted: dict[str, Arriving] = {}
    for one in arriving:
        if (slug := slug_of_company(one.lead.company)) is not None:
            wanted.setdefault(slug, one)
    if not wanted:
        return {}
    found: dict[str, FoundAccount | None] = dict.fromkeys(wanted)
    found |= known_accounts(session, workspace_id, sorted(wanted), min(one.at for one in arriving))
    for slug, one in sorted(wanted.items()):
        assert one.lead.company
        if found[slug] is None:
            found[slug] = find_or_add_account(
                session, workspace_id, one.lead.company, at=one.at, looked_up={slug: None}
            )
    return found


def known_accounts(
    session: Session, workspace_id: int, slugs: Sequence[str], at: datetime
) -> Mapping[str, FoundAccount]:
    """The accounts that there are, by slug, each with whether leads of it came just before `at`."""
    rows = _ACCOUNTS.all(session, {"workspace": workspace_id, "slugs": list(slugs), **recently(at)})
    return {
        row.slug: replace(
            found_account(session, *row[1:-1]), several=row.several is not None or row.merged_into_id is not None
        )
        for row in rows
    }
