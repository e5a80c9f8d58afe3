"""Whose a lead is on the scoreboard, of those whose figures somebody may see.

A deadline is missed by whoever had the lead then. Whoever got the lead after that is judged by the time that they had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session

from domain.leads.hands import HANDING, owners_of
from domain.leads.judgement import has_passed
from domain.scoreboard_lead import Counted
from storage.models import Clock, LeadEvent
from storage.statements import Statement

_HANDED: Final = Statement(
    select(LeadEvent.lead_id, LeadEvent.at, LeadEvent.kind, LeadEvent.by_id, LeadEvent.data)
    .where(
        LeadEvent.lead_id.in_(bindparam("leads", expanding=True)),
        LeadEvent.kind.in_([literal(kind) for kind in HANDING]),
    )
    .order_by(LeadEvent.id)
)
_CLOCKS: Final = Statement(
    select(Clock.lead_id, Clock.started_at, Clock.due_at)
    .where(Clock.lead_id.in_(bindparam("leads", expanding=True)), Clock.purpose != literal("meeting"))
    .order_by(Clock.id)
)


def by_person(session: Session, leads: Sequence[Counted], at: datetime) -> dict[int, list[Counted]]:
    """The leads by the members' ids. One that changed hands after its deadline was missed stands with both."""
    missed = [one.id for one in leads if one.missed]
    handed = _by_lead(_HANDED.all(session, {"leads": missed})) if missed else {}
    clocks = _by_lead(_CLOCKS.all(session, {"leads": list(handed)})) if handed else {}
    found: dict[int, list[Counted]] = defaultdict(list)
    for one in leads:
        for owner, counted in _shares(one, owners_of(handed.get(one.id, ())), clocks.get(one.id, ()), at):
            found[owner].append(counted)
    return found


def _shares(
    one: Counted, hands: Sequence[tuple[int, datetime]], clocks: Sequence[Any], at: datetime
) -> Iterable[tuple[int, Counted]]:
    if one.owner is None:
        return
    had = [hand for hand in hands if one.missed_at is not None and hand[1] < one.missed_at]
    if not had or had[-1][0] == one.owner or hands[-1][0] != one.owner:
        yield one.owner, one
        return
    yield had[-1][0], replace(one, is_open=False, contacted=False, touched=True, took=None, tries=0)
    since = hands[-1][1]
    until = one.contacted_at or (at if one.is_open else None)
    own = [clock.due_at for clock in clocks if clock.started_at >= since]
    yield (
        one.owner,
        replace(
            one,
            missed=until is not None and bool(own) and has_passed(own[-1], until),
            took=one.hours.between(since, one.contacted_at) if one.contacted_at is not None else None,
        ),
    )


def _by_lead(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.lead_id].append(row)
    return found
