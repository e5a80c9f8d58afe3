"""An erasure is asked for: the leads of the person are erased at once, and a job looks through everything else."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.erasing_person import erase_lead, forget_inbox
from domain.people import Actor, audit
from domain.persons.finding import leads_of_person, names_of, origins_of
from domain.persons.sweeping import find_traces
from domain.persons.traces import Traces, traces_of
from storage import jobs
from storage.locking import locked
from storage.models import OPEN_LEAD_STATES, Lead, VocItem

Close = Callable[[str], str | None]
"""Seals what a job needs and nobody else may read (handlers/jobs.py)."""


@dataclass(frozen=True)
class PersonSweep:
    """The job that looks through what others wrote; whom it looks for is its secret.

    `leads`: so many were erased. `asked_by`: the Slack user id of who is told when it is done, "" for nobody.
    """

    kind: ClassVar[str] = "person_sweep"

    leads: int = 0
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is known of a person: `leads`, of which so many are `open`, from `sources`; and `quotes` that name them."""

    leads: int
    open: int
    sources: tuple[str, ...]
    quotes: int


def preview_erasure(session: Session, email: str, *, by: Actor, at: datetime) -> Preview:  # noqa: ARG001
    """What an erasure of whoever has that address would reach. Nothing is changed."""
    leads = leads_of_person(session, by.workspace_id, (), email)
    rows = session.execute(select(Lead.state, Lead.source).where(Lead.id.in_(leads), Lead.erased_at.is_(None))).all()
    traces = traces_of(session, leads, email)
    quotes = find_traces(session, by.workspace_id, VocItem.metadata.tables["voc_items"], traces)
    return Preview(
        len(rows),
        sum(row.state in OPEN_LEAD_STATES for row in rows),
        tuple(sorted({str(row.source) for row in rows})),
        len(quotes),
    )


def ask_erasure(
    session: Session,
    workspace_id: int,
    named: Collection[int],
    email: str | None,
    *,
    origin: str | None,
    by: Actor | None,
    at: datetime,
    close: Close,
    given: Traces | None = None,
) -> list[int]:
    """Erase the leads of these ids, and all others of the same person; their ids.

    `email` and `given`: by what else the person is known. The audit says that, by whom and of how many leads, never of
    whom. Asked twice, the second time finds nothing to erase, and looks through everything once more.
    """
    leads = leads_of_person(session, workspace_id, named, email)
    traces = traces_of(session, leads, email, given)
    if not leads and by is None:
        return []
    rows = session.scalars(locked(select(Lead).where(Lead.id.in_(leads)).order_by(Lead.id))).all()
    sent = names_of(session, leads)
    erased = [lead.id for lead in rows if erase_lead(session, lead, origin=origin, by=by, at=at)]
    forget_inbox(session, origins_of(session, workspace_id), sorted(one for one in sent if traces.without(one) != one))
    if traces:
        asked = PersonSweep(len(erased), by.user_id if by is not None else "")
        jobs.enqueue(session, workspace_id, asked, at=at, secret=close(traces.to_text()))
    if erased or by is not None:
        data = {"leads": len(erased), "origin": origin}
        audit(session, workspace_id, "person.erase", "person", None, by=by, at=at, data=data)
    return leads
