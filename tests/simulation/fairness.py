"""What nobody may do to a lead, whatever else is right: give it to two, stop its clock, hurry its rep or its manager.

Told by the events of leads and the terms of their clocks alone: what the program reckons is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.calendar import WorkingHours
from domain.leads.terms import Terms
from storage.models import Clock, Lead, LeadEvent
from tests.chaos.answers import Answers
from tests.chaos.happened import HANDING, SETTLING, recipient
from tests.chaos.records import Records, Violation

GIVING: Final = ("given", "reassigned", "taken")
"""With each of these a clock begins."""
HAVING: Final = ("claimed", "taken")
KNOWN: Final = frozenset({"received", *GIVING, *HAVING, *SETTLING, "reopened", "reminded", "breached"})


def look_at_fairness(records: Records, answers: Answers) -> Iterator[Violation]:
    """Everything that is unfair."""
    for lead_id, events in records.events.items():
        if {one.kind for one in events} <= KNOWN:  # nobody extends or snoozes here
            clocks = [one for one in records.clocks if one.lead_id == lead_id]
            yield from _claims(events)
            yield from _choices(records, answers, events)
            yield from _beginnings(clocks, events)
            yield from _terms(records.leads[lead_id], clocks, answers)
            for clock in clocks:
                yield from _times(clock, events)
    yield from _turns(records)


def _claims(events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """A lead that somebody has can be claimed by nobody else, unless it is handed on before, or taken on purpose.

    Whoever takes it on purpose was told by which event the other has it.
    """
    had: LeadEvent | None = None
    for event in events:
        if event.kind == "claimed" and had is not None and event.data.get("over") != had.id:
            told = f"event {had.id} of lead {event.lead_id} made it somebody's, and it was claimed again by {event.id}"
            yield Violation("doubled", told)
        if event.kind in HAVING:
            had = event
        elif event.kind in GIVING:
            had = None


def _choices(records: Records, answers: Answers, events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """A lead goes to whom the manager picked, and when nobody acts, to somebody else than had it."""
    for event in events:
        if event.kind != "reassigned":
            continue
        to = event.data["to"]
        if event.by_id is None:
            if to == event.data["from"]:
                yield Violation("stray", f"event {event.id} gave lead {event.lead_id} back to who let it wait")
            continue
        picked = event.lead_id, records.members[event.by_id].slack_user_id, records.members[to].slack_user_id
        if picked not in answers.picked:
            yield Violation("stray", f"event {event.id} gave lead {event.lead_id} to {picked[2]}, whom nobody picked")


def _beginnings(clocks: Sequence[Clock], events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """Each giving begins a clock of its own, just then; and only the next one or the end of the lead stops it."""
    first, *rest = events
    begins = [first, *(one for one in rest if one.kind in GIVING)]
    if len(begins) > 1 and begins[1] is rest[0] and rest[0].kind == "given" and rest[0].at == first.at:
        del begins[1]  # who got it as it arrived
    if len(begins) != len(clocks):
        yield Violation("rung missed", f"lead {first.lead_id} was given {len(begins)} times, with {len(clocks)} clocks")
        return
    for clock, begin in zip(clocks, begins, strict=True):
        if clock.started_at != begin.at:
            told = (
                f"clock {clock.id} of lead {clock.lead_id} began at {clock.started_at}, event {begin.id} at {begin.at}"
            )
            yield Violation("rung missed", told)
    ends = {one.at for one in events if one.kind in (*GIVING, *SETTLING)}
    for clock in clocks:
        if clock.state == "stopped" and clock.stopped_at not in ends:
            told = f"clock {clock.id} of lead {clock.lead_id} was stopped at {clock.stopped_at}, by no event"
            yield Violation("rung missed", told)


def _terms(lead: Lead, clocks: Sequence[Clock], answers: Answers) -> Iterator[Violation]:
    """A lead has the tier that its sender named, and each clock the time of that tier."""
    tier = answers.tiers.get(lead.external_id or "")
    if tier is None:
        return
    if lead.tier != tier:
        yield Violation("wrong card", f"lead {lead.id} was sent as {tier} and counts as {lead.tier}")
    for clock in clocks:
        terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
        due_at = hours.add(clock.started_at, timedelta(seconds=terms.contact_seconds))
        if terms.tier != tier or clock.due_at != due_at:
            told = f"clock {clock.id} of lead {lead.id} ({tier}) counts as {terms.tier}, and is due at {clock.due_at}"
            yield Violation("wrong card", told)


def _times(clock: Clock, events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """Nobody is reminded, told of or relieved of a lead before the time."""
    terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
    almost = hours.add(clock.started_at, hours.between(clock.started_at, clock.due_at) * terms.remind_at)
    breach: LeadEvent | None = None
    for event in events:
        early: datetime | None = None
        if event.kind == "breached" and event.data.get("clock") == clock.id:
            breach, early = event, clock.due_at
        elif event.kind == "reminded" and event.data.get("clock") == clock.id:
            early = almost
        elif event.kind == "reassigned" and event.by_id is None and event.at == clock.stopped_at != clock.started_at:
            if breach is None or terms.reassign_after_seconds is None:
                yield Violation("stray", f"event {event.id} of lead {event.lead_id}: reassigned without a breach")
            else:
                early = hours.add(breach.at, timedelta(seconds=terms.reassign_after_seconds))
        if early is not None and event.at < early:
            told = f"event {event.id} of lead {event.lead_id}: {event.kind} at {event.at}, not before {early}"
            yield Violation("stray", told)


def _turns(records: Records) -> Iterator[Violation]:
    """Who waited longest in a team gets the lead that arrives: by the times of the events, and the order of their ids.

    Of two that came at once, the ledger may know either as the later. Whoever claims what is theirs takes no turn.
    Leads that were taken in together share their turns out by the state before all of them, so only the first is looked
    at. Nobody is away here.
    """
    had: dict[tuple[int, int], tuple[datetime, int]] = {}
    last = first = 0
    for event in sorted((one for those in records.events.values() for one in those), key=lambda one: one.id):
        if event.kind == "received":
            first = event.id if event.id != last + 1 else 0
        if event.kind not in HANDING:
            continue
        team, to = records.leads[event.lead_id].team_id, recipient(event)
        mine = had.get((team, to))
        if event.kind == "given" and first and event.id == first + 1:
            for other in records.reps[team]:
                theirs = had.get((team, other))
                if mine is not None and (theirs is None or (theirs[0] < mine[0] and theirs[1] < mine[1])):
                    told = f"event {event.id} gave lead {event.lead_id} to member {to}, though {other} waited longer"
                    yield Violation("stray", told)
        last = event.id
        if event.kind != "claimed" or "from" in event.data:
            had[team, to] = event.at, event.id
