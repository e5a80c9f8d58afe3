"""Why a lead is with whom it is: each step by which it went somewhere, as it was decided then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.errors import LeadNotFound
from domain.leads.why import Why, why_from_json
from domain.people import Actor
from domain.text import compare_key, shorten
from storage.models import Lead, LeadEvent, Member, Team

MOST_STEPS: Final = 12
LOOKED_BACK: Final = 500
"""Among so many of the newest leads a name is looked for."""

_MOVES: Final = ("given", "reassigned", "taken", "claimed", "breached", "held", "passed", "dropped", "joined")


@dataclass(frozen=True, slots=True)
class Move:
    """A step: `kind` "given", "reassigned", "taken", "claimed" (by somebody it was not given to), "waits", "held" since
    it fails the definition, "passed" on to sales after that, "dropped", or "joined" with the lead whose number is `to`.

    `by`: who did it, None for Tandem; `to`: who has the lead since. `why`: None where an earlier release decided, or a
    person. `missed`: for want of what Tandem moved it (domain/leads/ladder.py), "" otherwise.
    `failed`: criteria in words; `reason`: somebody's words.
    """

    kind: str
    at: datetime
    by: str | None
    to: str | None
    why: Why | None
    missed: str = ""
    failed: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """A lead and the steps by which it went where it is, in their order; `more` earlier ones are left out."""

    lead_id: int
    name: str
    company: str | None
    team: str
    source: str
    arrived_at: datetime
    moves: tuple[Move, ...]
    more: int = 0


def explain_lead(session: Session, text: str, *, by: Actor, at: datetime) -> Explained:  # noqa: ARG001
    """Why the lead that `text` names is with whom it is: its number, else a person's or company's name (the newest).

    Nothing: the newest of the member's own. Raises LeadNotFound.
    """
    lead = _named(session, text.strip(), by)
    if lead is None:
        raise LeadNotFound(shorten(" ".join(text.split()), 60))
    return explained(session, lead)


def explain_lead_of(session: Session, lead_id: int) -> Explained:
    """The steps of the lead of that id, which is there."""
    return explained(session, session.get_one(Lead, lead_id))


def explained(session: Session, lead: Lead) -> Explained:
    """The steps of a lead."""
    events = session.scalars(
        select(LeadEvent).where(LeadEvent.lead_id == lead.id, LeadEvent.kind.in_(_MOVES)).order_by(LeadEvent.id)
    ).all()
    ids = {event.by_id for event in events} | {event.data.get("to") for event in events if event.kind != "breached"}
    rows = session.execute(
        select(Member.id, Member.name).where(Member.id.in_([one for one in ids if isinstance(one, int)]))
    )
    names = {row.id: row.name for row in rows}
    moves = [move for event in events if (move := _move(event, names)) is not None]
    return Explained(
        lead.id,
        lead.name,
        lead.company,
        session.get_one(Team, lead.team_id).name,
        lead.source,
        lead.arrived_at,
        tuple(moves[-MOST_STEPS:]),
        max(0, len(moves) - MOST_STEPS),
    )


def _move(event: LeadEvent, names: dict[int, str]) -> Move | None:
    data = event.data or {}
    by = names.get(event.by_id) if event.by_id is not None else None
    if event.kind == "breached":
        return Move("waits", event.at, None, None, why_from_json(data.get("why"))) if data.get("nobody") else None
    if event.kind in ("held", "passed", "dropped"):
        failed = tuple(map(str, data.get("failed") or ()))
        return Move(event.kind, event.at, by, None, None, failed=failed, reason=str(data.get("reason") or ""))
    if event.kind == "joined":
        return Move("joined", event.at, by, str(data.get("into")), None)
    if event.kind == "claimed":
        return Move("claimed", event.at, by, by, None) if "from" in data else None
    return Move(
        event.kind,
        event.at,
        by,
        names.get(data.get("to") or 0),
        why_from_json(data.get("why")),
        data.get("missed") or "",
    )


def _named(session: Session, text: str, by: Actor) -> Lead | None:
    newest = select(Lead).where(Lead.workspace_id == by.workspace_id).order_by(Lead.id.desc()).limit(LOOKED_BACK)
    if not text:
        return session.scalars(newest.where(Lead.owner_id == by.id).limit(1)).first()
    number = re.fullmatch(r"#?([0-9]{1,15})", text)
    if number:
        found = session.get(Lead, int(number[1]))
        return found if found is not None and found.workspace_id == by.workspace_id else None
    wanted = compare_key(text) or text.casefold()
    for lead in session.scalars(newest):
        if any(wanted in compare_key(said) for said in (lead.name, lead.company or "", lead.email or "")):
            return lead
    return None
