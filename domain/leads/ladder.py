"""The ladder: every rung of a lead's clock, in order, each with when it falls due and what it sets off.

A rung decides; `domain.leads.rungs` carries out what moves the clock, and `domain.leads.clocks` aims the clock. A rung
is added by its entry in RUNGS or LATE_RUNGS; a new stage gets its colour and words in `handlers/leads/phrases.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import note_event, ping_managers, remind_rep
from domain.leads.judgement import note_missed
from domain.leads.routing import next_rep
from domain.leads.snoozing import working_moment
from domain.leads.terms import Terms
from storage.models import Clock, Lead, Member, Team
from storage.outbox import Priority

ASKED_AGAIN: Final = timedelta(minutes=15)
LONG_LOST: Final = timedelta(minutes=15)
CALM: Final = "calm"
"""The stage of a clock that has reached no rung yet."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """Nobody is there for this rung before `until` (aware UTC): it waits, and the others come when they would."""

    until: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """The lead goes to this member, with a fresh clock."""

    to: Member


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

    `when`: its time (aware UTC); `effect`: what happens then; `stage`: how cards show a lead from then on. `snoozes`: a
    snooze moves it. `alarm`: what it says must not wait for the courier's next look.
    """

    name: str
    when: Callable[[Clock, Terms, WorkingHours], datetime]
    effect: Callable[[Step], Decision]
    stage: str
    snoozes: bool = False
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class LateRung:
    """A rung after the deadline. `when`: its time (aware UTC), None where the lead's terms have no such rung."""

    name: str
    when: Callable[[Aim], datetime | None]
    effect: Callable[[Step], Decision]
    alarm: bool = False


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
    if not seconds or aim.lead.reassigns >= aim.terms.max_reassigns:
        return None
    return aim.hours.add(aim.since, timedelta(seconds=seconds))


def show(_step: Step) -> Decision:
    """Only the cards change."""
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
    note_missed(lead, step.clock, at)
    data = {"clock": step.clock.id, "due_at": step.clock.due_at.isoformat()}
    event_id = note_event(session, lead, "breached", at=at, by=None, data=data)
    # After an outage: what was lost long ago must not stand in the way of what can still be saved.
    priority = Priority.ALARM if step.lateness < LONG_LOST else Priority.REMINDER
    ping_managers(session, lead, step.team, event_id, at, priority=priority)
    return None


def reassign(step: Step) -> Decision:
    """Nobody acted on the breach: the next available rep gets the lead; without one, the lead stays."""
    lead = step.lead
    rep = next_rep(step.session, step.team, step.at, without={lead.owner_id} if lead.owner_id else ())
    return HandOver(rep) if rep is not None else None


def _works_at(step: Step) -> datetime:
    """When the lead's rep works, from now on, or when to ask again: who is away may be back earlier (aware UTC)."""
    lead, at = step.lead, step.at
    owner = step.session.get(Member, lead.owner_id) if lead.owner_id is not None else None
    hours = WorkingHours.from_json(step.team.hours)
    works_at = working_moment(hours, owner.away_until if owner else None, at)
    return works_at if works_at == at else min(works_at, working_moment(hours, None, at + ASKED_AGAIN))


RUNGS: Final = (
    Rung("half", at_share(lambda terms: terms.half_at), show, "half"),
    Rung("remind", at_share(lambda terms: terms.remind_at), remind, "almost", snoozes=True),
)
"""Before the deadline, in the order in which they come."""

BREACH: Final = Rung("breach", at_deadline, breach, "overdue", alarm=True)

LATE_RUNGS: Final = (LateRung("reassign", to_reassign, reassign),)
"""After the deadline, one after the other: the first whose time can be told comes next."""

LADDER: Final[Mapping[str, Rung | LateRung]] = {rung.name: rung for rung in (*RUNGS, BREACH, *LATE_RUNGS)}
"""Every rung by its name, the first one first."""

STAGES: Final = (CALM, *(rung.stage for rung in (*RUNGS, BREACH)))
"""How a card can show a clock, the calmest first."""

ALARMS: Final = frozenset(rung.name for rung in LADDER.values() if rung.alarm)
