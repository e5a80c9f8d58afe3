"""A source says that a person is to be erased, or that it took their record back: who is meant, and what follows.

An erasure is for good, and reaches whatever Tandem knows of the person from any source. A withdrawal takes the source's
own record back: the lead that came of it ends, and what is known of it stays, since a record may be restored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.leads.erasing_person import erased_key, erased_origin
from domain.leads.wishes import GONE, Said, keep_wishes, wish_row
from domain.leads.withdrawing import withdraw_lead
from domain.people import audit
from domain.persons.asking import Close, ask_erasure
from storage.inbox import earlier_answer, remember_answer
from storage.locking import locked
from storage.models import Lead, Source, Wish

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {"hubspot": ("hubspot", "hubspot_workflow")}
"""Kinds of sources that call a record by the same number, by the one that tells of erasures."""


@dataclass(frozen=True, slots=True)
class PersonGone:
    """What a source says of a person. `kind`: "erasure", or "withdrawal" of the record.

    `records`: what the source calls them or what they sent; `email`: theirs, where it is said; `user`: what stands as
    their `userId` in what they sent. `key` names this word for good; None: it has no name.
    """

    kind: Literal["erasure", "withdrawal"]
    records: tuple[str, ...] = ()
    email: str | None = None
    user: str | None = None
    key: str | None = None


def take_gone(
    session: Session,
    workspace_id: int,
    origin: str,
    source: str,
    told: Sequence[PersonGone],
    *,
    at: datetime,
    close: Close,
) -> list[dict[str, Any]]:
    """Do what the source called `source` (`origin`: for good) says of persons, once.

    `close` seals whom a job looks for.
    Returns for each the `lead_id` of the latest lead that it meant, and the `status`: "erased", "withdrawn", or
    "nobody": no lead is known by that.
    """
    return [_take(session, workspace_id, origin, source, one, at, close) for one in told]


def _take(
    session: Session, workspace_id: int, origin: str, source: str, one: PersonGone, at: datetime, close: Close
) -> Any:
    earlier = earlier_answer(session, origin, one.key) if one.key is not None else None
    if earlier is not None:
        return dict(earlier.answer)
    if one.kind == "erasure":
        named = _named(session, workspace_id, source, one)
        leads = ask_erasure(session, workspace_id, named, one.email, origin=source, by=None, at=at, close=close)
        for record in one.records:  # what is sent of them after all came late
            _remember(session, workspace_id, source, record, max(leads, default=None), at)
    else:
        named = _named(session, workspace_id, source, one)
        leads = _withdraw(session, workspace_id, named, source, one.records, at)
    status = {"erasure": "erased", "withdrawal": "withdrawn"}[one.kind] if leads else "nobody"
    answer = {"lead_id": max(leads, default=None), "status": status}
    if one.key is not None:
        remember_answer(session, origin, one.key, answer, at)
    return answer


def _named(session: Session, workspace_id: int, source: str, one: PersonGone) -> set[int]:
    """The leads that the source sent under these names."""
    session.flush()
    found: set[int] = set()
    for name in _sources(session, workspace_id, source) if one.records else ():
        sent = (Wish.workspace_id == workspace_id, Wish.source == name, Wish.external_id.in_(one.records))
        found |= set(session.scalars(select(Wish.lead_id).where(*sent)))
        stored = (Lead.workspace_id == workspace_id, Lead.source == name, Lead.external_id.in_(one.records))
        found |= set(session.scalars(select(Lead.id).where(*stored)))
    if one.user:
        quoted = one.user.replace("\\", "\\\\").replace('"', '\\"')
        said = or_(*(Wish.sent.contains(f'"{name}": "{quoted}"', autoescape=True) for name in ("userId", "user_id")))
        mine = (Wish.workspace_id == workspace_id, Wish.source == source)
        found |= set(session.scalars(select(Wish.lead_id).where(*mine, said)))
    return found


def _sources(session: Session, workspace_id: int, source: str) -> list[str]:
    """The source itself, and those that call records by the same numbers; not where two of its kind may be meant."""
    rows = session.execute(select(Source.name, Source.auth).where(Source.workspace_id == workspace_id)).all()
    kind = next((row.auth for row in rows if row.name == source), "")
    if sum(row.auth == kind for row in rows) != 1:
        return [source]
    return [source, *(row.name for row in rows if row.auth in FAMILIES.get(kind, ()) and row.name != source)]


def _withdraw(
    session: Session, workspace_id: int, named: Collection[int], source: str, records: Collection[str], at: datetime
) -> list[int]:
    """End the leads of whom nothing is left: whoever another system sent, too, is there still.

    So is whoever the source has under another record: of two that are merged, a CRM deletes one.
    """
    others = set(session.scalars(select(Wish.lead_id).where(Wish.lead_id.in_(named), Wish.source != source)))
    others |= _under_another_record(session, workspace_id, set(named) - others, source, records, at)
    meant = sorted(set(named) - others)
    found = session.scalars(locked(select(Lead).where(Lead.id.in_(meant)).order_by(Lead.id))).all()
    rows = [lead for lead in found if lead.state != "joined"]  # what it is a part of is named, too, and counts
    ended = [lead.id for lead in rows if withdraw_lead(session, lead, origin=source, by=None, at=at)]
    if ended:
        data = {"leads": len(ended), "origin": source}
        audit(session, workspace_id, "lead.withdraw", "lead", max(ended), by=None, at=at, data=data)
    return [lead.id for lead in rows]


def _under_another_record(
    session: Session, workspace_id: int, named: Collection[int], source: str, records: Collection[str], at: datetime
) -> set[int]:
    """Those of the leads that another record of the source leads to, too. That these are gone is kept for them."""
    sent = select(Wish).where(Wish.lead_id.in_(named), Wish.source == source, Wish.external_id.is_not(None))
    latest: dict[int, dict[str, Wish]] = {}
    for wish in session.scalars(sent.order_by(Wish.id)):
        latest.setdefault(wish.lead_id, {})[str(wish.external_id)] = wish
    found = set()
    for lead_id, known in latest.items():
        if all(name in records or wish.said == GONE for name, wish in known.items()):
            continue
        found.add(lead_id)
        gone = [known[one] for one in records if one in known and known[one].said != GONE]
        said = [(one, Said(source, one.external_id, None, GONE)) for one in gone]
        keep_wishes(
            session, [wish_row(workspace_id, lead_id, what, at, asked=one.asked, sent=None) for one, what in said]
        )
    return found


def _remember(session: Session, workspace_id: int, source: str, record: str, lead_id: int | None, at: datetime) -> None:
    origin, key = erased_origin(workspace_id), erased_key(source, record)
    if earlier_answer(session, origin, key) is None:
        remember_answer(session, origin, key, {"lead_id": lead_id}, at)
