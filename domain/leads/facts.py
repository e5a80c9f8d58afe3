"""Everything that a message about a lead shows, read once from the tables into frozen facts of one moment.

Views make words and colours of them; nothing here knows of Slack's shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads import story_rows as rows
from domain.leads.beside import claimed_until, meeting_told, ticking_told, tries_told
from domain.leads.declined import DeclineFacts, decline_facts, latest_declines
from domain.leads.ended import OutcomeFacts, outcome_facts, standing_outcomes
from domain.leads.endings import Ending as Ending
from domain.leads.endings import JoinedInto
from domain.leads.endings import Turn as Turn
from domain.leads.hands import HANDING, TURNS, hands_of
from domain.leads.judgement import Judgement, Promise, judge
from domain.leads.meetings import Meeting
from domain.leads.passed import PassedFacts, passed_of
from domain.leads.persons import Person as Person
from domain.leads.snoozing import Snooze, offered_snoozes
from domain.leads.terms import MEETING
from domain.leads.ticking import Ticking
from domain.leads.tries import Tries
from storage.models import OPEN_LEAD_STATES, Decline

SETTLING = ("contacted", "declined", "withdrawn")


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A lead at `at`. `zone` is its team's; `touches` are marketing's, the latest first.

    Exactly one of `ticking` and `ending` is set, but for an open lead without a clock, which has neither.
    `own_pick`: the owner has it by their own click. `moved_by`: the id of the event that last handed it on or
    settled it. `declined`: its latest decline that stands, open again or not. `fallback`: who looks after it unowned.
    `tries` and `meeting`: None where the policy asks for none, or the lead is not there yet. `claim_by`: when an
    unclaimed lead goes to the next rep (aware UTC). `passed`: how it met the definition; `outcome`: what came of it.
    `joined`: of which lead it is a part by now. `erased`: its person was erased on request.
    """

    id: int
    at: datetime
    name: str
    company: str | None
    email: str | None
    phone: str | None
    job_title: str | None
    asked: str | None
    source: str
    score: int | None
    tier: str
    touches: tuple[str, ...]
    notes: tuple[str, ...]
    team_name: str
    team_channel: str | None
    zone: str
    state: str
    arrived_at: datetime
    owner: Person | None
    claimed_by: Person | None
    own_pick: bool
    decline_reason: str | None
    decline_note: str | None
    ticking: Ticking | None
    ending: Ending | None
    judged: Judgement
    moved_by: int | None = None
    declined: DeclineFacts | None = None
    fallback: Person | None = None
    tries: Tries | None = None
    meeting: Meeting | None = None
    claim_by: datetime | None = None
    passed: PassedFacts | None = None
    outcome: OutcomeFacts | None = None
    joined: JoinedInto | None = None
    erased: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_LEAD_STATES

    @property
    def contacted_late(self) -> bool:
        """Whether a rep reached the person after a deadline."""
        given_back = self.decline_reason is not None or (self.state == "nurture" and self.declined is not None)
        return self.judged.verdict == "late" and not given_back and self.joined is None


@dataclass(frozen=True, slots=True)
class Alert:
    """A reminder or a breach (`kind`: reminded, breached), and what became of it.

    `rep` had the lead then; `nobody`: no rep was available to take it. `due_at`: the deadline that was missed
    or was near. `turn`: the latest step that answered the alert while the lead stayed open. `instead`: in whose place
    somebody else was told, and `instead_why` (domain/leads/receivers.py), or None.
    """

    kind: str
    at: datetime
    nobody: bool
    rep: Person | None
    due_at: datetime | None
    lead: LeadFacts
    turn: Turn | None
    instead: Person | None = None
    instead_why: str = ""

    @property
    def tried(self) -> bool:
        """Whether the rep tried to reach the person since."""
        tries = self.lead.tries
        return tries is not None and tries.last is not None and tries.last > self.at

    @property
    def resolved(self) -> bool:
        """Whether nobody needs to act on it any more."""
        if not self.lead.is_open or self.turn is not None:
            return True
        if self.kind == "reminded":
            return self.lead.owner != self.rep or self.tried
        return self.nobody and self.lead.owner is not None


@dataclass(frozen=True, slots=True)
class Handoff:
    """One step by which a lead changed hands or ended: given, claimed, reassigned, taken, declined, joined (`kind`).

    `back`: why somebody is given it again, "" otherwise (domain/leads/returning.py). `reason` and `note` of a decline;
    `undone`: it was taken back. `missed`: for want of what Tandem moved the lead on its own, "" otherwise.
    """

    kind: str
    by: Person | None
    before: Person | None
    to: Person | None
    lead: LeadFacts
    back: str = ""
    reason: str | None = None
    note: str | None = None
    undone: bool = False
    missed: str = ""


def load_lead(session: Session, lead_id: int, workspace_id: int, at: datetime) -> LeadFacts | None:
    """The facts of a lead at `at` (aware UTC); None when this workspace has no such lead."""
    story = _Story.of(session, lead_id, workspace_id)
    return story.facts(at) if story else None


def load_leads(session: Session, lead_ids: Sequence[int], workspace_id: int, at: datetime) -> tuple[LeadFacts, ...]:
    """The facts of these leads in their order, read together; without those that this workspace does not have."""
    return tuple(story.facts(at) for story in _Story.of_all(session, lead_ids, workspace_id))


def load_alert(session: Session, event_id: int, workspace_id: int, at: datetime) -> Alert | None:
    """The facts of a reminder or breach; None when this workspace has no such event."""
    return next(iter(load_alerts(session, [event_id], workspace_id, at)), None)


def load_alerts(session: Session, event_ids: Sequence[int], workspace_id: int, at: datetime) -> list[Alert]:
    """The facts of these alerts, the latest one of each lead, in the order in which they came; read together."""
    return [story.alert(event_id, at) for event_id, story in _Story.of_events(session, event_ids, workspace_id)]


def load_handoff(session: Session, event_id: int, workspace_id: int, at: datetime) -> Handoff | None:
    """The facts of a step by which a lead changed hands; None when this workspace has no such event."""
    found = _Story.of_events(session, [event_id], workspace_id)
    if not found:
        return None
    story = found[0][1]
    event, lead = story.event(event_id), story.facts(at)
    later = (one.kind for one in story.events if one.id > event.id and one.kind in (*HANDING, *SETTLING, "reopened"))
    return Handoff(
        kind=event.kind,
        by=story.person(event.by_id),
        before=story.person(event.data.get("from") or story.owner_before(event)),
        to=story.person(event.data.get("to")),
        lead=lead,
        back=str(event.data.get("back") or ""),
        reason=event.data.get("reason"),
        note=_words_of(session, event_id, lead) if event.kind == "declined" else None,
        undone=next(later, None) == "reopened",
        missed=str(event.data.get("missed") or ""),
    )


def _words_of(session: Session, event_id: int, lead: LeadFacts) -> str | None:
    """The words of the decline that this event is, whatever was declined since; of an older release, the lead's."""
    said = session.execute(select(Decline.note).where(Decline.event_id == event_id)).first()
    return said.note if said is not None else lead.decline_note


@dataclass(frozen=True, slots=True)
class _Story:
    """The rows behind the facts of one lead, with its team's name, channel and hours.

    `events` and `clocks` are in the order in which they happened.
    """

    lead: Any
    events: tuple[Any, ...]
    clocks: tuple[Any, ...]
    people: dict[int, Person]
    declined: Any = None
    outcome: Any = None
    joined: Any = None

    @classmethod
    def of(cls, session: Session, lead_id: int, workspace_id: int) -> _Story | None:
        return next(iter(cls.of_all(session, [lead_id], workspace_id)), None)

    @classmethod
    def of_events(cls, session: Session, event_ids: Sequence[int], workspace_id: int) -> list[tuple[int, _Story]]:
        """The stories in which these events happened, each once with the latest of its own, in the events' order."""
        session.flush()
        asked = {"events": list(event_ids), "workspace": workspace_id}
        latest = {row.lead_id: row.id for row in rows.WHOSE.all(session, asked)}
        leads = sorted(latest, key=lambda lead_id: latest[lead_id])
        return [(latest[one.lead.id], one) for one in cls.of_all(session, leads, workspace_id)]

    @classmethod
    def of_all(cls, session: Session, lead_ids: Sequence[int], workspace_id: int) -> list[_Story]:
        """The stories of these leads in their order, in as many statements as of one."""
        session.flush()
        asked = {"leads": list(lead_ids), "workspace": workspace_id}
        found = {row.id: row for row in rows.LEADS.all(session, asked)} if lead_ids else {}  # no look, for none
        leads = [found[lead_id] for lead_id in lead_ids if lead_id in found]
        if not (ids := [lead.id for lead in leads]):
            return []
        events: dict[int, list[Any]] = {lead_id: [] for lead_id in ids}
        clocks: dict[int, list[Any]] = {lead_id: [] for lead_id in ids}
        for event in rows.EVENTS.all(session, {"leads": ids}):
            events[event.lead_id].append(event)
        for clock in rows.CLOCKS.all(session, {"leads": ids}):
            clocks[clock.lead_id].append(clock)
        of_events = [event for those in events.values() for event in those]
        declined = latest_declines(session, sorted({one.lead_id for one in of_events if one.kind == "declined"}))
        outcomes = standing_outcomes(session, of_events)
        joined = rows.joined_rows(session, of_events)
        named = rows.people_named(leads, joined.values(), of_events, declined.values())
        members = rows.MEMBERS.all(session, {"ids": named})
        known = {one.id: Person(one.slack_user_id, one.name, one.tz, one.away_until) for one in members}
        return [
            cls(
                one,
                tuple(events[one.id]),
                tuple(clocks[one.id]),
                known,
                declined.get(one.id),
                outcomes.get(one.id),
                joined.get(one.id) if one.state == "joined" else None,
            )
            for one in leads
        ]

    def event(self, event_id: int) -> Any:
        return next(event for event in self.events if event.id == event_id)

    @property
    def clock(self) -> Any:
        """The lead's last clock before contact, running or not."""
        return next((clock for clock in reversed(self.clocks) if clock.purpose != MEETING), None)

    def person(self, member_id: int | None) -> Person | None:
        return self.people.get(member_id) if member_id is not None else None

    def facts(self, at: datetime) -> LeadFacts:
        lead, is_open = self.lead, self.lead.state in OPEN_LEAD_STATES
        handed, moved = self._last(HANDING), self._last((*HANDING, *SETTLING))
        return LeadFacts(
            id=lead.id,
            at=at,
            name=lead.name,
            company=lead.company,
            email=lead.email,
            phone=lead.phone,
            job_title=lead.job_title,
            asked=lead.asked,
            source=lead.source,
            score=lead.score,
            tier=lead.tier,
            touches=tuple(str(touch["what"]) for touch in reversed(lead.touches)),
            notes=tuple(str(note) for note in lead.notes),
            team_name=lead.team_name,
            team_channel=lead.team_channel,
            zone=str(lead.team_hours["zone"]),
            state=lead.state,
            arrived_at=lead.arrived_at,
            owner=self.person(lead.owner_id),
            claimed_by=self.person(lead.claimed_by_id),
            own_pick=handed is not None and handed.by_id is not None and handed.by_id == lead.owner_id,
            decline_reason=lead.decline_reason,
            decline_note=lead.decline_note,
            ticking=self._ticking(at) if is_open else None,
            ending=None if is_open else self._ending(),
            judged=judge(self._promise(is_open), at),
            moved_by=moved.id if moved is not None else None,
            declined=decline_facts(self.declined, self.people) if self.declined is not None else None,
            fallback=self.person(lead.fallback_id) if lead.owner_id is None else None,
            tries=tries_told(self.events, self.clock) if is_open else None,
            meeting=meeting_told(self.events, self.clocks) if lead.state == "contacted" else None,
            claim_by=claimed_until(lead, self.clock, at) if lead.state == "new" else None,
            passed=passed_of(self.events, self.people),
            outcome=outcome_facts(self.outcome, lead.state, self.people),
            joined=rows.joined_into(self.joined, self.people) if self.joined is not None else None,
            erased=lead.erased_at is not None,
        )

    def alert(self, event_id: int, at: datetime) -> Alert:
        event, lead = self.event(event_id), self.facts(at)
        missed = event.data.get("due_at")
        due_at = datetime.fromisoformat(missed) if missed else (lead.ticking.due_at if lead.ticking else None)
        undone = {each.data.get("undoes") for each in self.events if each.kind == "handed_back"}
        later = (each for each in self.events if each.id > event.id and each.id not in undone)
        turns = [each for each in later if each.kind in TURNS]
        return Alert(
            kind=event.kind,
            at=event.at,
            nobody=bool(event.data.get("nobody")),
            rep=self.person(self.owner_before(event)),
            due_at=due_at,
            lead=lead,
            turn=self.turn(turns[-1]) if turns else None,
            instead=self.person(event.data.get("instead")),
            instead_why=str(event.data.get("instead_why") or ""),
        )

    def owner_before(self, event: Any) -> int | None:
        """Who had the lead when the event happened."""
        for earlier in reversed(self.events):
            if earlier.id < event.id and earlier.kind in HANDING:
                had: int | None = earlier.by_id if earlier.kind == "claimed" else earlier.data.get("to")
                return had
        return None

    def turn(self, event: Any) -> Turn:
        until = event.data.get("to") if event.kind == "extended" else None
        to = None if event.kind == "extended" else event.data.get("to")
        return Turn(
            id=event.id,
            kind=event.kind,
            at=event.at,
            by=self.person(event.by_id),
            to=self.person(to),
            until=datetime.fromisoformat(until) if until else None,
            missed=str(event.data.get("missed") or ""),
        )

    def _last(self, kinds: tuple[str, ...]) -> Any:
        return next((event for event in reversed(self.events) if event.kind in kinds), None)

    def _ticking(self, at: datetime) -> Ticking | None:
        clock = self.clock
        if clock is None or clock.state == "stopped":
            return None
        moved = self._last(("extended", "given", "reassigned", "taken"))
        return ticking_told(
            clock, at, self._snoozes(clock, at), extended=moved is not None and moved.kind == "extended"
        )

    def _snoozes(self, clock: Any, at: datetime) -> tuple[Snooze, ...]:
        owner = self.person(self.lead.owner_id)
        if owner is None:
            return ()
        hours = WorkingHours.from_json(self.lead.team_hours)
        return offered_snoozes(hours, owner.tz, owner.away_until, at=at, due_at=clock.due_at)

    def _ending(self) -> Ending:
        lead, last, at = self.lead, self._last(SETTLING), self._settled_at()
        by = self.person(last.by_id) if last else None
        took, worked = at - lead.arrived_at, self._hours().between(lead.arrived_at, at)
        return Ending(lead.state, by, at, took, worked, last.data.get("origin") if last else None)

    def _settled_at(self) -> datetime:
        last = self._last(SETTLING)
        at: datetime = self.lead.contacted_at or (last.at if last else self.lead.updated_at)
        return at

    def _hours(self) -> WorkingHours:
        return WorkingHours.from_json(self.clock.hours if self.clock else self.lead.team_hours)

    def _promise(self, is_open: bool) -> Promise:
        live = self.clock if self.clock is not None and (not is_open or self.clock.state != "stopped") else None
        return Promise(
            began=self.clocks[0].started_at if self.clocks else None,
            due_at=live.due_at if live else None,
            missed_at=self.lead.breached_at,
            settled_at=None if is_open else self._settled_at(),
            hours=self._hours(),
            hands=hands_of(self.events),
        )
