"""What nobody may do to a lead, whatever else is right: give it to two, stop its clock, hurry its rep or its manager.

Told by the events of leads and the terms of their clocks alone: what the program reckons is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from domain.calendar import WorkingHours
from domain.leads.terms import Terms
from storage.models import Clock, Lead, LeadEvent
from tests.chaos.answers import Answers
from tests.chaos.happened import GIVING, HANDING, SETTLING, is_given_back, recipient
from tests.chaos.records import Records, Violation

HAVING: Final = ("claimed", "taken")


def look_at_fairness(records: Records, answers: Answers) -> Iterator[Violation]:
    """Everything that is unfair."""
    for lead_id, events in records.events.items():
        clocks = [one for one in records.clocks if one.lead_id == lead_id]
        yield from _claims(events)
        yield from _choices(records, answers, events)
        lives = _lives(clocks, events)
        if lives is None:
            told = f"lead {lead_id} was given {len(_begins(events))} times, with {len(clocks)} clocks"
            yield Violation("rung missed", told)
            continue
        yield from _beginnings(lives, events)
        yield from _terms(records.leads[lead_id], lives, answers)
        for life in lives:
            yield from _times(life, events)
    yield from _turns(records)


@dataclass(slots=True)
class Life:
    """A clock, and what it must have been by the events. `moved`: its deadlines, each with the event since which it
    held; `before`: whose life it goes on, since the event `back` took back the one with which it began.
    """

    clock: Clock
    begin: LeadEvent
    started: datetime
    moved: list[tuple[int, datetime]]
    before: Life | None = None
    back: LeadEvent | None = None

    def due(self, event: LeadEvent) -> datetime:
        """The deadline that held just before the event."""
        return [due for since, due in self.moved if since < event.id][-1]

    def clocks(self) -> Iterator[int]:
        """Its clock, and those that it goes on."""
        yield self.clock.id
        if self.before is not None:
            yield from self.before.clocks()


def _begins(events: Sequence[LeadEvent]) -> list[LeadEvent]:
    """With which events a clock began."""
    first, *rest = events
    begins = [first, *(one for one in rest if one.kind in GIVING)]
    if len(begins) > 1 and begins[1] is rest[0] and rest[0].kind == "given" and rest[0].at == first.at:
        del begins[1]  # who got it as it arrived
    return begins


def _lives(clocks: Sequence[Clock], events: Sequence[LeadEvent]) -> list[Life] | None:
    """What each clock must have been; None where there are more of them or fewer."""
    begins = _begins(events)
    if len(begins) != len(clocks):
        return None
    lives: list[Life] = []
    for event in events:
        if len(lives) < len(begins) and event is begins[len(lives)]:
            clock = clocks[len(lives)]
            terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
            due = hours.add(event.at, timedelta(seconds=terms.contact_seconds))
            lives.append(Life(clock, event, event.at, [(event.id, due)]))
        elif event.kind == "extended":
            lives[-1].moved.append((event.id, datetime.fromisoformat(event.data["to"])))
        elif event.kind == "handed_back":
            life = lives[-1]
            life.before = next(one for one in reversed(lives) if one.begin.id < life.begin.id)
            life.back, life.started = event, life.before.started
            life.moved.append((event.id, life.before.moved[-1][1]))
    return lives


def _claims(events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """A lead that somebody has can be claimed by nobody else, unless it is handed on before, or taken on purpose.

    Whoever takes it on purpose was told by which event the other has it.
    """
    had: LeadEvent | None = None
    before: dict[int, LeadEvent | None] = {}
    for event in events:
        before[event.id] = had
        if event.kind == "claimed" and had is not None and event.data.get("over") != had.id:
            told = f"event {had.id} of lead {event.lead_id} made it somebody's, and it was claimed again by {event.id}"
            yield Violation("doubled", told)
        if event.kind in HAVING:
            had = event
        elif event.kind in GIVING:
            had = None
        elif event.kind == "handed_back":  # whoever had claimed it has it again, by this event
            had = event if before[event.data["undoes"]] is not None else None


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


def _beginnings(lives: Sequence[Life], events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """Each giving begins a clock of its own, just then; and only the next one or the end of the lead stops it.

    Where a giving is taken back, its clock goes on as the one before would have.
    """
    ends = {one.at for one in events if one.kind in (*GIVING, *SETTLING)}
    for life in lives:
        clock = life.clock
        if clock.started_at != life.started:
            told = f"clock {clock.id} of lead {clock.lead_id} began at {clock.started_at}, not at {life.started}"
            yield Violation("rung missed", f"{told}, when event {life.begin.id} was")
        if clock.state == "stopped" and clock.stopped_at not in ends:
            told = f"clock {clock.id} of lead {clock.lead_id} was stopped at {clock.stopped_at}, by no event"
            yield Violation("rung missed", told)


def _terms(lead: Lead, lives: Sequence[Life], answers: Answers) -> Iterator[Violation]:
    """A lead has the tier that its sender named, and each clock the time of that tier, or what a manager gave."""
    tier = answers.tiers.get(lead.external_id or "")
    if tier is None:
        return
    if lead.tier != tier:
        yield Violation("wrong card", f"lead {lead.id} was sent as {tier} and counts as {lead.tier}")
    for life in lives:
        clock, terms = life.clock, Terms.from_json(life.clock.policy)
        wrong = clock.started_at == life.started and clock.due_at != life.moved[-1][1]
        if terms.tier != tier or wrong:
            told = f"clock {clock.id} of lead {lead.id} ({tier}) counts as {terms.tier}, and is due at {clock.due_at}"
            yield Violation("wrong card", told)
        for (_, due), (event, later) in pairwise(life.moved):
            if later < due and (life.back is None or event != life.back.id):
                yield Violation("stray", f"event {event} made the time for lead {lead.id} shorter: {later}, not {due}")


def _times(life: Life, events: Sequence[LeadEvent]) -> Iterator[Violation]:
    """Nobody is reminded, told of or relieved of a lead before the time."""
    clock, clocks = life.clock, set(life.clocks())
    terms, hours = Terms.from_json(clock.policy), WorkingHours.from_json(clock.hours)
    breach: LeadEvent | None = None
    before = set(life.before.clocks()) if life.before is not None else set()
    breach_before: LeadEvent | None = None
    for event in events:
        early: datetime | None = None
        if event is life.back:
            breach = breach_before  # what was taken back had a breach of its own, which counts no more
        if event.kind == "breached" and event.data.get("clock") in before:
            breach_before = event
        if event.kind == "breached" and event.data.get("clock") in clocks:
            breach = event
            early = life.due(event) if event.data["clock"] == clock.id else None
        elif event.kind == "reminded" and event.data.get("clock") == clock.id:
            since = life.begin.at if life.back is None or event.id < life.back.id else life.started
            early = hours.add(since, hours.between(since, life.due(event)) * terms.remind_at)
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

    Of two that came at once, the ledger may know either as the later. Whoever claims what is theirs takes no turn, nor
    does who is given back what they had. Who is relieved of a lead that was not meant for them has their turn again.
    Leads that were taken in together share their turns out by the state before all of them, so only the first is looked
    at. Nobody is away here.
    """
    had: dict[tuple[int, int], tuple[datetime, int]] = {}
    before: dict[int, tuple[datetime, int] | None] = {}
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
                theirs_had = had.get((team, other))
                if mine is not None and (theirs_had is None or (theirs_had[0] < mine[0] and theirs_had[1] < mine[1])):
                    told = f"event {event.id} gave lead {event.lead_id} to member {to}, though {other} waited longer"
                    yield Violation("stray", told)
        last = event.id
        if event.kind == "handed_back":
            theirs, undone = (team, event.data["from"]), event.data["undoes"]
            if theirs in had and had[theirs][1] == undone:  # they were given no other since
                earlier = before[undone]
                had.pop(theirs) if earlier is None else had.update({theirs: earlier})
            continue
        before[event.id] = mine
        if (event.kind != "claimed" or "from" in event.data) and not _had_it(event):
            had[team, to] = event.at, event.id


def _had_it(event: LeadEvent) -> bool:
    """Whether a lead came back to who had it before it was given back."""
    return is_given_back(event) and event.data.get("from") == event.data["to"]
