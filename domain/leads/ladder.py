"""The ladder: every rung of a lead's clock, in order, each with when it falls due and what it sets off.

A rung decides; `domain.leads.rungs` carries out what moves the clock, and `domain.leads.clocks` aims the clock. A rung
is added by its entry in RUNGS or LATE_RUNGS; a new stage gets its colour and words in `handlers/leads/phrases.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import ask_meeting, note_event, ping_managers, remind_rep
from domain.leads.benching import note_lapse
from domain.leads.judgement import note_missed
from domain.leads.receivers import hours_of
from domain.leads.routing import Ledger, rules_of, why_by_turn
from domain.leads.snoozing import working_moment
from domain.leads.terms import CONTACT, MEETING, TRIES, Purpose, Terms
from domain.leads.why import kept_why
from storage.models import Clock, Lead, LeadEvent, Member, Team
from storage.outbox import Priority

ASKED_AGAIN: Final = timedelta(minutes=15)
LONG_LOST: Final = timedelta(minutes=15)
CALM: Final = "calm"
"""The stage of a clock that has reached no rung yet."""


Missed = Literal["claim", "contact"]
"""What a rep did not do in time, so that the lead goes to the next one."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """Nobody is there for this rung before `until` (aware UTC): it waits, and the others come when they would."""

    until: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """The lead goes to this member, with a fresh clock. `missed`: for want of what; `why`: as the timeline keeps it."""

    to: Member
    missed: Missed
    why: dict[str, Any]


Decision = PutOff | HandOver | None
"""What a rung asks for beyond what it wrote; None: the clock goes on to the next rung."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rung that has fallen due at `at` (aware UTC), `lateness` ago, with whom it is about. All rows are locked."""

    session: Session
    clock: Clock
    lead: Lead
    team: Team
    at: datetime
    lateness: timedelta


@dataclass(frozen=True, slots=True)
class Aim:
    """What the time of a rung is reckoned from. `since`: when the rung before it fell (aware UTC)."""

    clock: Clock
    terms: Terms
    hours: WorkingHours
    lead: Lead
    since: datetime


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder, by its `name` in `clocks.rung`.

    `when`: its time (aware UTC), None where the clock's terms have no such rung; `effect`: what happens then; `stage`:
    how cards show a lead from then on. `snoozes`: a snooze moves it. `alarm`: what it says must not wait for the
    courier's next look. `of`: which clocks have it.
    """

    name: str
    when: Callable[[Clock, Terms, WorkingHours], datetime | None]
    effect: Callable[[Step], Decision]
    stage: str
    snoozes: bool = False
    alarm: bool = False
    of: tuple[Purpose, ...] = (CONTACT, TRIES)


@dataclass(frozen=True, slots=True)
class LateRung:
    """A rung after the deadline. `when`: its time (aware UTC), None where the lead's terms have no such rung."""

    name: str
    when: Callable[[Aim], datetime | None]
    effect: Callable[[Step], Decision]
    alarm: bool = False


def to_claim(clock: Clock, terms: Terms, hours: WorkingHours) -> datetime | None:
    """When the time to claim ends; more than the time to contact is none."""
    if not terms.claim_seconds:
        return None
    when = hours.add(clock.started_at, timedelta(seconds=terms.claim_seconds))
    return when if when < clock.due_at else None


def at_share(of: Callable[[Terms], float]) -> Callable[[Clock, Terms, WorkingHours], datetime]:
    """When a share of the clock's working time has passed."""

    def when(clock: Clock, terms: Terms, hours: WorkingHours) -> datetime:
        return hours.add(clock.started_at, hours.between(clock.started_at, clock.due_at) * of(terms))

    return when


def at_deadline(clock: Clock, _terms: Terms, _hours: WorkingHours) -> datetime:
    """When the time to contact ends."""
    return clock.due_at


def to_reassign(aim: Aim) -> datetime | None:
    """Some working time after the breach: the manager gets the whole of it to act first."""
    seconds = aim.terms.reassign_after_seconds
    if aim.clock.purpose != CONTACT or not seconds or aim.lead.reassigns >= aim.terms.max_reassigns:
        return None
    return aim.hours.add(aim.since, timedelta(seconds=seconds))


def to_untouched(aim: Aim) -> datetime | None:
    """Some working time after the breach, where nobody touched the lead."""
    seconds = aim.terms.untouched_after_seconds
    if aim.clock.purpose != CONTACT or not seconds or aim.lead.state != "new":
        return None
    return aim.hours.add(aim.since, timedelta(seconds=seconds))


def show(_step: Step) -> Decision:
    """Only the cards change."""
    return None


def unclaimed(step: Step) -> Decision:
    """Nobody claimed the lead: the next rep gets it, if there is one and the lead may still move."""
    lead, terms = step.lead, Terms.from_json(step.clock.policy)
    if lead.state != "new" or lead.owner_id is None or lead.reassigns >= terms.max_reassigns:
        return None
    note_lapse(step.session, lead, step.team, terms.bench_after, step.at)
    return _next_one(step, "claim")


def ask_for_meeting(step: Step) -> Decision:
    """A DM to whoever reached the person: the time for a first meeting is nearly up."""
    waits = _works_at(step)
    if waits > step.at:
        return PutOff(waits)
    ask_meeting(step.session, step.lead, step.clock.id, step.at)
    return None


def remind(step: Step) -> Decision:
    """A DM to the rep; at a closed time, or while the rep is away, nobody is reminded."""
    waits = _works_at(step)
    if waits > step.at:
        return PutOff(waits)
    remind_rep(step.session, step.lead, step.clock.id, step.at)
    return None


def breach(step: Step) -> Decision:
    """The deadline is missed, and the managers get a DM with the ways to save the lead."""
    session, lead, at = step.session, step.lead, step.at
    if step.clock.purpose == MEETING:
        data = {"clock": step.clock.id, "due_at": step.clock.due_at.isoformat()}
        note_event(session, lead, "meeting_missed", at=at, by=None, data=data)
        return None
    note_missed(lead, step.clock, at)
    note_lapse(session, lead, step.team, Terms.from_json(step.clock.policy).bench_after, at)
    data = {"clock": step.clock.id, "due_at": step.clock.due_at.isoformat()}
    event_id = note_event(session, lead, "breached", at=at, by=None, data=data)
    # After an outage: what was lost long ago must not stand in the way of what can still be saved.
    priority = Priority.ALARM if step.lateness < LONG_LOST else Priority.REMINDER
    ping_managers(session, lead, step.team, event_id, at, priority=priority)
    return None


def reassign(step: Step) -> Decision:
    """Nobody acted on the breach: the next available rep gets the lead; without one, the lead stays."""
    return _next_one(step, "contact")


def untouched(step: Step) -> Decision:
    """Nobody so much as claimed the lead: its managers get a DM of its own, once, however often it changes hands."""
    session, lead, at = step.session, step.lead, step.at
    told = select(LeadEvent.id).where(LeadEvent.lead_id == lead.id, LeadEvent.kind == "untouched").limit(1)
    if lead.state != "new" or session.scalar(told) is not None:
        return None
    data = {"clock": step.clock.id, "due_at": step.clock.due_at.isoformat()}
    event_id = note_event(session, lead, "untouched", at=at, by=None, data=data)
    ping_managers(session, lead, step.team, event_id, at)
    return None


def _next_one(step: Step, missed: Missed) -> Decision:
    """The next rep of the team who is here, in their turn; without one, the lead stays."""
    owner = step.lead.owner_id
    rules = rules_of(step.team)
    turn = Ledger(step.session).give_turn(rules, step.at, without={owner} if owner else ())
    if turn.rep is None:
        return None
    why = why_by_turn(rules, turn)
    return HandOver(step.session.get_one(Member, turn.rep.id), missed, kept_why(why))


def _works_at(step: Step) -> datetime:
    """When the lead's rep works, from now on, or when to ask again: who is away may be back earlier (aware UTC)."""
    lead, at = step.lead, step.at
    owner = step.session.get(Member, lead.owner_id) if lead.owner_id is not None else None
    hours = hours_of(step.team, owner) if owner is not None else WorkingHours.from_json(step.team.hours)
    works_at = working_moment(hours, owner.away_until if owner else None, at)
    return works_at if works_at == at else min(works_at, working_moment(hours, None, at + ASKED_AGAIN))


RUNGS: Final = (
    Rung("claim", to_claim, unclaimed, CALM, of=(CONTACT,)),
    Rung("half", at_share(lambda terms: terms.half_at), show, "half"),
    Rung("remind", at_share(lambda terms: terms.remind_at), remind, "almost", snoozes=True),
    Rung("ask_meeting", at_share(lambda terms: terms.remind_at), ask_for_meeting, CALM, of=(MEETING,)),
)
"""Before the deadline, in the order in which they come."""

BREACH: Final = Rung("breach", at_deadline, breach, "overdue", alarm=True)

LATE_RUNGS: Final = (
    LateRung("reassign", to_reassign, reassign),
    LateRung("untouched", to_untouched, untouched, alarm=True),
)
"""After the deadline, one after the other: the first whose time can be told comes next."""

LADDER: Final[Mapping[str, Rung | LateRung]] = {rung.name: rung for rung in (*RUNGS, BREACH, *LATE_RUNGS)}
"""Every rung by its name, the first one first."""

STAGES: Final = tuple(dict.fromkeys((CALM, *(rung.stage for rung in (*RUNGS, BREACH)))))
"""How a card can show a clock, the calmest first."""

ALARMS: Final = frozenset(rung.name for rung in LADDER.values() if rung.alarm)
