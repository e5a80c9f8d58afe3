"""What becomes of each lead that arrives: a new lead, news of one that there is, or nothing: it was sent before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.leads.arriving import Arriving, NewLead
from domain.leads.wishes import NOBODY_MADE, RESEND, Known, Said, find_known, person_key
from storage.locking import locked
from storage.models import OPEN_LEAD_STATES, Lead
from storage.statements import Statement

_SENT_BEFORE: Final = Statement(
    select(Lead.source, Lead.external_id, Lead.id).where(
        Lead.workspace_id == bindparam("workspace"),
        Lead.source.in_(bindparam("origins", expanding=True)),
        Lead.external_id.in_(bindparam("externals", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of an arrival. Without anything: it is a new lead.

    `resent`: it was stored before, as this lead; `news`: it is written on this lead; `waits`: another of the same group
    is by the same person or of the same name, and comes first. `owner_id`: who had the person's lead before; `named`:
    another lead bears its name.
    """

    resent: int | None = None
    news: Lead | None = None
    waits: bool = False
    owner_id: int | None = None
    named: bool = False

    @property
    def fresh(self) -> bool:
        return self.resent is None and self.news is None and not self.waits


def plan_arrivals(
    session: Session, workspace_id: int, arriving: Sequence[Arriving], said: Sequence[Said]
) -> list[Plan]:
    """What becomes of each arrival. The leads that news are written on are locked, in the order of their ids."""
    known = find_known(session, workspace_id, said)
    named = _sent_before(session, workspace_id, [one for one in said if one.name and one.name not in known.by_name])
    wishes = [*known.by_name.values(), *known.by_person.values()]
    leads = _locked(session, {*named.values(), *(wish.lead_id for wish in wishes)})
    plans: list[Plan] = []
    seen: set[tuple[str, Any]] = set()
    for one, what in zip(arriving, said, strict=True):
        names = {("name", what.name), ("person", what.person), ("words", what.words)}
        names = {name for name in names if name[1] is not None}
        if names & seen:
            plans.append(Plan(waits=True))
            continue
        seen |= names
        plans.append(_plan(known, named, leads, one, what))
    return plans


def _plan(known: Known, named: Mapping[Any, int], leads: Mapping[int, Lead], one: Arriving, what: Said) -> Plan:
    resent = known.resent(what, one.at)
    if resent is not None:
        return Plan(resent=resent)
    by_name = known.by_name.get(what.name) if what.name else None
    lead = leads.get(by_name.lead_id if by_name else named.get(what.name, 0))
    bears = lead is not None
    told_same = by_name is not None and by_name.said in NOBODY_MADE
    if lead is not None and what.person is not None and not told_same and _is_somebody_else(lead, one.lead):
        lead = by_name = None
    if lead is not None and by_name is None and _same(one.lead.asked, lead.asked):
        return Plan(resent=lead.id)  # stored by an older Tandem, which kept no fingerprints
    if by_name is not None and by_name.said is None and _same(one.lead.asked, by_name.asked):
        return Plan(resent=by_name.lead_id)
    same_name = lead is not None
    if lead is None and what.person is not None and (wish := known.by_person.get(what.person)) is not None:
        lead = leads.get(wish.lead_id)
        if wish.said is None and lead and one.at - wish.at < RESEND and _same(one.lead.asked, wish.asked):
            return Plan(resent=lead.id)
    if lead is None:
        return Plan(named=bears)
    if lead.state in (*OPEN_LEAD_STATES, "held") or one.lead.follows:
        return Plan(news=lead)
    asked = one.lead.asked
    if asked is None:
        new_wish = not same_name and what.external_id is not None
    else:
        new_wish = not same_name or not _same(asked, by_name.asked if by_name is not None else lead.asked)
    return Plan(owner_id=lead.owner_id, named=bears) if new_wish else Plan(news=lead)


def _is_somebody_else(lead: Lead, arriving: NewLead) -> bool:
    """Whether a lead and an arrival of the same name in their source are two people all the same."""
    theirs = person_key(lead.email, lead.phone, lead.name)
    mine = person_key(arriving.email, arriving.phone, arriving.name)
    return theirs is not None and mine is not None and theirs != mine and not _same(lead.name, arriving.name)


def _same(one: str | None, other: str | None) -> bool:
    return " ".join((one or "").split()).casefold() == " ".join((other or "").split()).casefold()


def said_by(lead: NewLead) -> Said:
    """What the lead says of itself."""
    return Said(lead.source, lead.external_id, person_key(lead.email, lead.phone, lead.name), lead.said)


def _sent_before(session: Session, workspace_id: int, said: Sequence[Said]) -> Mapping[tuple[str, str] | None, int]:
    """The leads that their sources had sent before there were wishes, by name."""
    if not said:
        return {}
    asked = {
        "workspace": workspace_id,
        "origins": sorted({one.source for one in said}),
        "externals": sorted({one.external_id for one in said if one.external_id is not None}),
    }
    rows = _SENT_BEFORE.all(session, asked)
    return {(row.source, row.external_id): row.id for row in rows}


def _locked(session: Session, ids: set[int]) -> Mapping[int, Lead]:
    """The leads of these ids, locked."""
    if not ids:
        return {}
    found = session.scalars(locked(select(Lead).where(Lead.id.in_(sorted(ids))).order_by(Lead.id)))
    return {lead.id: lead for lead in found}
