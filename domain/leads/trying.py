"""Where leads would go if they arrived now, one after the other. Nothing is written, locked or told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, slug_of_company
from domain.leads.arriving import Arriving, NewLead
from domain.leads.deciding import Undecided, decide
from domain.leads.plans import said_by
from domain.leads.receiving import judge_routed, known_accounts
from domain.leads.routed import route_leads
from domain.leads.why import Why
from domain.leads.wishes import find_known
from storage.models import OPEN_LEAD_STATES, Lead, Member, Team, Wish

PIECE = 500


@dataclass(frozen=True, slots=True)
class Tried:
    """Where a lead would go: names of the team and its new owner, None for nobody. `notes`: what of it is unknown.

    `open_lead`: the person's open lead, on which this would be written; the owner is that lead's then. `held`: what of
    the definition it fails, so that it would wait for marketing and nobody would be given it.
    """

    team: str
    owner: str | None
    why: Why
    notes: tuple[str, ...] = ()
    open_lead: int | None = None
    held: tuple[str, ...] = ()


def try_leads(session: Session, workspace_id: int, leads: Sequence[NewLead], *, at: datetime) -> list[Tried]:
    """Where the leads would go, in their order: each one's turn counts for the next."""
    if not leads:
        return []
    routed = route_leads(session, workspace_id, [Arriving(lead, at) for lead in leads])
    slugs = {slug for lead in leads if (slug := slug_of_company(lead.company)) is not None}
    accounts: dict[str, FoundAccount] = {}
    for begin in range(0, len(slugs), PIECE):
        accounts |= known_accounts(session, workspace_id, sorted(slugs)[begin : begin + PIECE], at)
    earlier = _earlier(session, workspace_id, leads)
    undecided: list[Undecided] = []
    known: list[Lead | None] = []
    judged = judge_routed(session, routed, None)
    failed = [() if one is None else tuple(condition.written for condition, _ in one.failed) for one in judged]
    for one, before, fails in zip(routed, earlier, failed, strict=True):
        lead = one.arriving.lead
        account = accounts.get(slug_of_company(lead.company) or "")
        is_open = before is not None and before.state in OPEN_LEAD_STATES
        known.append(before if is_open else None)
        if not is_open and not fails:
            had = before.owner_id if before is not None else None
            undecided.append(Undecided(lead, at, one.team, one.team_by, one.terms.tier, account, had))
    decided = iter(decide(session, workspace_id, undecided, trial=True))
    found: list[Tried] = []
    for one, there, fails in zip(routed, known, failed, strict=True):
        notes = tuple(one.notes)
        if there is not None:
            owner = session.get(Member, there.owner_id) if there.owner_id is not None else None
            team = session.get_one(Team, there.team_id)
            found.append(Tried(team.name, owner.name if owner else None, Why(how="before"), notes, there.id))
            continue
        if fails:
            found.append(Tried(one.team.name, None, Why(how="before"), notes, held=fails))
            continue
        to = next(decided)
        found.append(Tried(to.team.name, to.rep.name if to.rep else None, to.why, notes))
    return found


def stored_before(session: Session, workspace_id: int, leads: Sequence[NewLead], *, at: datetime) -> list[bool]:
    """Of each lead, whether it would be a resend: stored before as it is, so that nothing would come of it."""
    found: list[bool] = []
    for begin in range(0, len(leads), PIECE):
        said = [said_by(lead) for lead in leads[begin : begin + PIECE]]
        known = find_known(session, workspace_id, said, looking=True)
        found += [known.resent(one, at) is not None for one in said]
    return found


def _earlier(session: Session, workspace_id: int, leads: Sequence[NewLead]) -> list[Lead | None]:
    """The latest lead of each person that there is."""
    people = [said_by(lead).person for lead in leads]
    wanted = sorted({one for one in people if one is not None})
    latest: dict[str, int] = {}
    for begin in range(0, len(wanted), PIECE):
        rows = session.execute(
            select(Wish.person, func.max(Wish.lead_id))
            .where(Wish.workspace_id == workspace_id, Wish.person.in_(wanted[begin : begin + PIECE]))
            .group_by(Wish.person)
        )
        latest |= {person: lead_id for person, lead_id in rows if person is not None}
    return [session.get(Lead, latest[one]) if one in latest else None for one in people]
