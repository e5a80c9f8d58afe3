"""What a CRM says of a lead, by its own name for the person or by their address: it is told to the lead that is meant.

A CRM says what stands in it, again and again. What a lead is already is not told twice, and a later word of a member
stays until the CRM says something else under another key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.errors import LeadAlreadyClaimed, TandemError
from domain.leads.doubts import Pair, ask_doubts
from domain.leads.errors import StepRefused
from domain.leads.joining import join_records
from domain.leads.lifecycle import hear_contact, lead_for_update
from domain.leads.news import tell_canceled
from domain.leads.tries import log_try
from domain.leads.wishes import Said, find_known, person_key
from domain.outcomes.telling import hear_outcome
from domain.people import actor
from domain.voc.form import read_deal
from domain.writeback.writing import is_echo
from storage.inbox import earlier_answer, remember_answer
from storage.models import OPEN_LEAD_STATES, Lead, Member, Workspace

CRM_KINDS: Final = ("tried", "contacted", "canceled", "qualified", "won", "lost", "joined")


@dataclass(frozen=True, slots=True)
class CrmWord:
    """What a CRM or a calendar says of a lead. `kind`: one of CRM_KINDS.

    "tried": the rep called, and nobody answered. "canceled": the first meeting is off. "joined": all `records` are one
    person, known by the first from now on.
    `records`: what its source may call the lead, the likeliest first; `email`: the person's. `key` names this word for
    good among all that the source tells; None: it has no name. `amount`: a sum as text, in the workspace's currency
    where it tells none; `reason`: one of LOST_REASONS; `note`: the CRM's own words. `written`: the status that stands
    there now; where Tandem wrote it, it is no word of the CRM's.
    """

    kind: str
    records: tuple[str, ...] = ()
    email: str | None = None
    key: str | None = None
    amount: str | None = None
    reason: str | None = None
    competitor: str | None = None
    note: str | None = None
    written: str | None = None


def take_words(
    session: Session, workspace_id: int, origin: str, source: str, words: Sequence[CrmWord], *, at: datetime
) -> list[dict[str, Any]]:
    """Tell each word to its lead, once. `origin` names the source for good, `source` is its name.

    Returns for each the `lead_id` and the `status`: "accepted"; "duplicate": the lead stood there already, or is not
    sales' to end; "nobody": no lead is known by that record or address.
    """
    return [_take(session, workspace_id, origin, source, one, at) for one in words]


def _take(session: Session, workspace_id: int, origin: str, source: str, word: CrmWord, at: datetime) -> dict[str, Any]:
    earlier = earlier_answer(session, origin, word.key) if word.key is not None else None
    if earlier is not None:
        return {**earlier.answer, "status": "duplicate"}
    if word.kind == "joined":
        joined = join_records(session, workspace_id, source, word.records, at=at)
        lead_id, told = (joined.into, bool(joined.ended)) if joined is not None else (None, False)
        if joined is not None and joined.undecided:
            stays = session.get_one(Lead, joined.into)
            pairs = [Pair(stays, session.get_one(Lead, one), "crm", source) for one in joined.undecided]
            ask_doubts(session, workspace_id, pairs, at=at)
    else:
        lead_id = _lead_of(session, workspace_id, source, word)
        told = lead_id is not None and _tell(session, workspace_id, source, lead_id, word, at)
    if lead_id is None:
        return {"lead_id": None, "status": "nobody"}
    answer = {"lead_id": lead_id, "status": "accepted" if told else "duplicate"}
    if word.key is not None:
        remember_answer(session, origin, word.key, answer, at)
    return answer


def _tell(session: Session, workspace_id: int, source: str, lead_id: int, word: CrmWord, at: datetime) -> bool:
    """Whether it was news to the lead."""
    if word.written is not None and is_echo(session, workspace_id, source, word.records, word.written, at):
        return False
    if word.kind == "contacted":
        return hear_contact(session, workspace_id, lead_id, origin=source, at=at)
    if word.kind == "tried":
        return _try(session, workspace_id, lead_id, at)
    if word.kind == "canceled":
        return tell_canceled(session, lead_for_update(session, lead_id, workspace_id), source, at)
    problems: dict[str, TandemError] = {}
    currency = session.get_one(Workspace, workspace_id).currency
    amount = read_deal(word.amount, currency, problems, field="amount") if word.amount else None
    outcome = hear_outcome(
        session,
        workspace_id,
        lead_id,
        word.kind,
        origin=source,
        at=at,
        amount=amount,
        reason=word.reason,
        competitor=word.competitor,
        note=word.note,
    )
    return outcome is not None


def _try(session: Session, workspace_id: int, lead_id: int, at: datetime) -> bool:
    """Whoever has the lead tried to reach the person, as far as its policy counts tries. Whether it counted."""
    lead = lead_for_update(session, lead_id, workspace_id)
    owner = session.get(Member, lead.owner_id) if lead.owner_id is not None else None
    if owner is None or not owner.active or lead.state not in OPEN_LEAD_STATES:
        return False
    try:
        return log_try(session, lead_id, by=actor(owner), at=at).last == at
    except (LeadAlreadyClaimed, StepRefused):
        return False


def _lead_of(session: Session, workspace_id: int, source: str, word: CrmWord) -> int | None:
    """The latest lead that is known by a record of the source, else by the person's address from whatever source."""
    person = person_key(word.email, None, "") if word.email is not None else None
    asked = [Said(source, one, None, None) for one in word.records] + [Said(source, None, person, None)]
    known = find_known(session, workspace_id, asked)
    names = [one.name for one in asked if one.name is not None]
    found = next((known.by_name[one] for one in names if one in known.by_name), None)
    if found is None and person is not None:
        found = known.by_person.get(person)
    return int(found.lead_id) if found is not None else None
