"""What marketing reads of leads that are held: the triage card, the form, and the list of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.leads.definition import stage_named
from domain.leads.facts import LeadFacts, load_leads
from domain.leads.persons import Person
from domain.leads.triage import ToFix, check_held, fields_to_fix, hold_for_update, judge_held
from domain.people import Actor
from storage.models import IS_HELD, Definition, Hold, Member, Workspace
from storage.statements import Statement

LISTED: Final = 10

_HOLDS: Final = Statement(
    select(Hold.__table__, Definition.version, Definition.triage_seconds, Workspace.sql_means)
    .join_from(Hold, Definition, Definition.id == Hold.definition_id)
    .join(Workspace, Workspace.id == Hold.workspace_id)
    .where(Hold.id.in_(bindparam("holds", expanding=True)), Hold.workspace_id == bindparam("workspace"))
)


@dataclass(frozen=True, slots=True)
class Failed:
    """A criterion in words that a lead failed, and what the lead `said` instead, "" for nothing."""

    criterion: str
    said: str


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A lead that failed the definition when it came at `at`. `state`: as storage/models/definitions.py has them.

    `asked`: how many criteria there were; `due_at`: by when marketing looks, None: nothing is promised; `late`: it has
    not. `decided_by`: None where news of the person made it pass. Times are aware UTC.
    """

    id: int
    at: datetime
    lead: LeadFacts
    state: str
    stage: str
    version: int
    failed: tuple[Failed, ...]
    asked: int
    due_at: datetime | None
    late: bool
    decided_by: Person | None
    decided_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class HeldLeads:
    """All that is held: the first LISTED, those that wait longest first, of `count`, of which `late` are late."""

    leads: tuple[HeldLead, ...]
    count: int
    late: int


NOTHING_HELD: Final = HeldLeads((), 0, 0)


@dataclass(frozen=True, slots=True)
class FixForm:
    """What the form begins with: the fields in which the lead can be put right. `others`: what nobody can type."""

    held: HeldLead
    fields: tuple[ToFix, ...]
    others: tuple[str, ...]


def load_hold(session: Session, hold_id: int, workspace_id: int, at: datetime) -> HeldLead | None:
    """The facts of a hold; None when this workspace has no such hold."""
    return next(iter(load_holds(session, [hold_id], workspace_id, at)), None)


def load_holds(session: Session, hold_ids: Sequence[int], workspace_id: int, at: datetime) -> list[HeldLead]:
    """The facts of these holds, in their order, read together."""
    session.flush()
    if not hold_ids:
        return []
    rows = {row.id: row for row in _HOLDS.all(session, {"holds": list(hold_ids), "workspace": workspace_id})}
    leads = {one.id: one for one in load_leads(session, [row.lead_id for row in rows.values()], workspace_id, at)}
    people = _people(session, rows)
    return [
        _facts(rows[one], leads[rows[one].lead_id], people, at)
        for one in hold_ids
        if one in rows and rows[one].lead_id in leads
    ]


def list_held(session: Session, *, by: Actor, at: datetime) -> HeldLeads:
    """All that is held in the member's workspace."""
    return held_now(session, by.workspace_id, at, limit=LISTED)


def held_now(session: Session, workspace_id: int, at: datetime, *, limit: int) -> HeldLeads:
    """The first `limit` leads that are held, and how many there are."""
    here = (Hold.workspace_id == workspace_id, IS_HELD)
    count = session.scalar(select(func.count()).select_from(Hold).where(*here)) or 0
    if not count:
        return NOTHING_HELD
    late = session.scalar(select(func.count()).select_from(Hold).where(*here, Hold.due_at <= at)) or 0
    first = session.scalars(select(Hold.id).where(*here).order_by(Hold.id).limit(limit)).all()
    return HeldLeads(tuple(load_holds(session, first, workspace_id, at)), count, late)


def open_fix(session: Session, hold_id: int, *, by: Actor, at: datetime) -> FixForm:
    """The form of a lead that is held still. Raises HoldMoved, NotFound."""
    lead, hold = hold_for_update(session, hold_id, by.workspace_id)
    check_held(session, hold, at)
    failed = judge_held(session, hold, lead).failed
    fields = fields_to_fix(failed)
    typed = {one for field in fields for one in field.asks}
    others = tuple(condition.written for condition, _ in failed if condition.written not in typed)
    return FixForm(_found(session, hold_id, by, at), fields, others)


def open_hold(session: Session, hold_id: int, *, by: Actor, at: datetime) -> HeldLead:
    """A lead that is held still. Raises HoldMoved, NotFound."""
    _, hold = hold_for_update(session, hold_id, by.workspace_id)
    check_held(session, hold, at)
    return _found(session, hold_id, by, at)


def _found(session: Session, hold_id: int, by: Actor, at: datetime) -> HeldLead:
    found = load_hold(session, hold_id, by.workspace_id, at)
    if found is None:
        raise NotFound("lead")
    return found


def _people(session: Session, rows: Mapping[int, Any]) -> dict[int, Person]:
    ids = {row.decided_by_id for row in rows.values()} - {None}
    if not ids:
        return {}
    found = session.scalars(select(Member).where(Member.id.in_(ids)))
    return {one.id: Person(one.slack_user_id, one.name, one.tz) for one in found}


def _facts(row: Any, lead: LeadFacts, people: Mapping[int, Person], at: datetime) -> HeldLead:
    return HeldLead(
        id=row.id,
        at=row.at,
        lead=lead,
        state=row.state,
        stage=stage_named(row.sql_means),
        version=row.version,
        failed=tuple(Failed(str(one["criterion"]), str(one["said"])) for one in row.failed),
        asked=len(row.failed) + len(row.met),
        due_at=row.due_at,
        late=row.state == "held" and row.due_at is not None and row.due_at <= at,
        decided_by=people.get(row.decided_by_id or 0),
        decided_at=row.decided_at,
        reason=row.reason,
    )
