"""What the oracle says of clocks: each rung was applied, once. A rung belongs to the clock that its event names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from domain.calendar import WorkingHours
from domain.leads.ladder import RUNGS
from domain.leads.terms import Terms
from storage.models import Clock, LeadEvent
from tests.chaos.happened import SETTLING, restored
from tests.chaos.records import Records, Violation

AtWork = Callable[[float, float], float]
"""For how many seconds at a stretch some worker was at work between two moments (seconds since the epoch)."""

AGAIN = ("extended", "snoozed", "handed_back")


def look_at_clocks(
    records: Records,
    at_work: AtWork,
    standstill: float,
    committed: Mapping[int, float],
    happened: Mapping[int, float],
) -> Iterator[Violation]:
    """`standstill`: for so many seconds a worker may be at work without a rung's being applied.

    `committed`: when each clock was (seconds since the epoch), where that is known: no worker knows it earlier, though
    it began when its lead arrived. `happened`: the same of events; a click tells the time at which it was made.
    """
    of_lead = {clock.id: clock.lead_id for clock in records.clocks}
    for lead_id, events in records.events.items():
        for event in events:
            timed = event.kind == "reminded" or (event.kind == "breached" and "due_at" in event.data)
            if timed and of_lead.get(event.data.get("clock", 0)) != lead_id:
                yield Violation("stray", f"event {event.id} of lead {lead_id}: {event.kind} by no clock of it")
    for clock in records.clocks:
        yield from _look(clock, records, at_work, standstill, committed.get(clock.id, 0.0), happened)


def _look(
    clock: Clock,
    records: Records,
    at_work: AtWork,
    standstill: float,
    committed: float,
    happened: Mapping[int, float],
) -> Iterator[Violation]:
    events = records.events[clock.lead_id]

    def idle_between(start: datetime, end: datetime) -> bool:
        return any(
            at_work(max(first.timestamp(), committed), last.timestamp()) > standstill
            for first, last in _running(events, start, end, happened)
        )

    mine = [one for one in events if one.data.get("clock") == clock.id]
    what = f"clock {clock.id} of lead {clock.lead_id}"
    yield from _twice(mine, events, what)
    again = restored(events, [one for one in records.clocks if one.lead_id == clock.lead_id])
    own = clock.id
    while own in again:  # it runs on as an earlier one did
        before, undone, back = again[own]
        told = [one for one in events if one.data.get("clock") == before.id]
        mine = [*told, *(one for one in mine if not undone.id < one.id < back.id)]
        own = before.id
    yield from _twice(mine, [one for one in events if one.kind != "handed_back"], what)
    if clock.state == "running":
        yield Violation("rung missed", f"{what} still waits for {clock.rung} at {clock.next_at}")
        return
    due = clock.due_at.isoformat()
    breaches = [one for one in mine if one.kind == "breached" and one.data.get("due_at") == due]
    until = breaches[0].at if breaches else clock.stopped_at
    if not breaches and (until is None or idle_between(clock.due_at, until)):
        yield Violation("rung missed", f"{what} was due at {due} and never breached; {clock.state} {until}")
    if clock.state == "spent" and not records.leads[clock.lead_id].reassigns:
        yield Violation("rung missed", f"{what} is spent, and its lead was never reassigned")
    terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
    almost = next(rung for rung in RUNGS if rung.name == "remind").when(clock, terms, hours)
    end = clock.due_at if until is None else min(until, clock.due_at)
    reminded = any(one.kind == "reminded" for one in mine)
    if almost is not None and not reminded and idle_between(almost, end):
        yield Violation("rung missed", f"{what} had no reminder at {almost}, until {end}")


def _running(
    events: Sequence[LeadEvent], start: datetime, end: datetime, happened: Mapping[int, float]
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a time in which no clock of the lead stood still because of what was then taken back."""
    for event in events:
        if event.kind in ("reopened", "handed_back"):
            ended = SETTLING if event.kind == "reopened" else ("reassigned",)
            settled = [one for one in events if one.id < event.id and one.kind in ended][-1]
            if start < settled.at:
                yield start, min(settled.at, end)
            start = max(start, event.at, datetime.fromtimestamp(happened.get(event.id, 0.0), UTC))
    if start < end:
        yield start, end


def _twice(mine: Sequence[LeadEvent], events: Sequence[LeadEvent], what: str) -> Iterator[Violation]:
    """A clock reminds and breaches once, until somebody moves its deadline or its reminder."""
    for kind in ("reminded", "breached"):
        told = [one for one in mine if one.kind == kind]
        for first, second in pairwise(told):
            between = [one for one in events if first.id < one.id < second.id and one.kind in AGAIN]
            if not between:
                yield Violation("doubled", f"{what} {kind} again, events {first.id} and {second.id}")
