"""Storing what systems posted: each lead once, however often and in whatever company it is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arriving import Arriving, NewLead
from domain.leads.erasing_person import erased_key, erased_origin
from domain.leads.receiving import Received, receive_leads
from storage.inbox import earlier_answers, remember_answer
from storage.models import Lead, Member


@dataclass(frozen=True, slots=True)
class Posted:
    """A lead that a source posted at `at` (aware UTC). `origin` names the source; `key` names the delivery for good.

    `key` None: the sender gave none. `request_id`: what gave cause to it (storage/trace.py). `older_origin`: what
    releases before 0011 called the source, by a name that another workspace may have had before.
    """

    workspace_id: int
    origin: str
    lead: NewLead
    key: str | None
    at: datetime
    request_id: str | None = None
    older_origin: str | None = None


def store_leads(session: Session, posts: Sequence[Posted]) -> list[dict[str, Any]]:
    """Store what was not stored before, by the keys of the deliveries.

    Returns for each its `lead_id` and its `status`: "accepted", "added" to a lead that there was, or "duplicate". What
    was stored before has the status that the first delivery had. What its source sent of a person who was erased
    lately is a late delivery, and a duplicate; its `lead_id` may be None.
    """
    names = [(post.origin, post.key) if post.key is not None else (post.origin, str(n)) for n, post in enumerate(posts)]
    named = [name for name, post in zip(names, posts, strict=True) if post.key is not None]
    older = {(post.older_origin, post.key): (name, post) for name, post in zip(names, posts, strict=True)}
    gone = {_erased(post): name for name, post in zip(names, posts, strict=True) if post.lead.external_id is not None}
    asked = [*named, *((origin, key) for origin, key in older if origin is not None and key is not None), *gone]
    earlier = earlier_answers(session, asked) if asked else {}
    answers = {name: earlier[name].answer for name in named if name in earlier}
    for (origin, key), (name, post) in older.items():
        known = earlier.get((origin or "", key or ""))
        if known is not None and name not in answers and _is_ours(session, known.answer, post.workspace_id):
            answers[name] = known.answer
    for sent, name in gone.items():
        if sent in earlier and name not in answers:
            answers[name] = {"lead_id": earlier[sent].answer["lead_id"], "status": "duplicate"}
    new: dict[int, dict[tuple[str, str], Posted]] = {}
    for name, post in zip(names, posts, strict=True):
        if name not in answers:
            new.setdefault(post.workspace_id, {}).setdefault(name, post)
    for workspace_id, here in new.items():
        arriving = [Arriving(post.lead, post.at, post.request_id) for post in here.values()]
        received = receive_leads(session, workspace_id, arriving)
        for (name, post), lead in zip(here.items(), received, strict=True):
            answers[name] = _kept(lead)
            if post.key is not None:
                remember_answer(session, *name, answers[name], post.at)
    return [dict(answers[name]) for name in names]


def owner_names(session: Session, lead_ids: Sequence[int]) -> Mapping[int, str]:
    """The names of whose leads these are, by lead; one that nobody has is left out."""
    rows = select(Lead.id, Member.name).join(Member, Member.id == Lead.owner_id).where(Lead.id.in_(lead_ids))
    return {row.id: row.name for row in session.execute(rows)}


def _erased(post: Posted) -> tuple[str, str]:
    """Under which name the inbox says that whoever was sent so was erased."""
    return erased_origin(post.workspace_id), erased_key(post.lead.source, post.lead.external_id or "")


def _is_ours(session: Session, answer: Mapping[str, Any], workspace_id: int) -> bool:
    """Whether the lead of an answer is the workspace's."""
    lead = select(Lead.id).where(Lead.id == answer["lead_id"], Lead.workspace_id == workspace_id)
    return session.scalar(lead) is not None


def _kept(received: Received) -> dict[str, Any]:
    """What is kept for a redelivery."""
    status = "accepted" if received.new else "added" if received.news else "duplicate"
    return {"lead_id": received.lead_id, "status": status}
