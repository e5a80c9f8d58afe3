"""The steps that people take with a lead, allowed to those whose lead it is, with what their receipts say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import ceil
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.errors import FieldProblems, TandemError
from domain.leads.announce import refresh_lead
from domain.leads.clocks import live_clock
from domain.leads.errors import NotTheirLead, StepRefused
from domain.leads.fields import checked_lead, parse_score
from domain.leads.lifecycle import extend_lead, lead_for_update, may_work_lead, open_lead, snooze_lead
from domain.leads.receiving import Received, receive_lead
from domain.leads.snoozing import DEADLINE, MORNING, SPANS, snooze_until
from domain.people import Actor
from domain.zones import stored_zone
from storage.models import Member, Policy, Team

T = TypeVar("T")

EXTENSIONS: Final = {"15m": 15, "1h": 60, "4h": 240}
"""Minutes of working time by what a manager picks; `next_day` is computed."""


@dataclass(frozen=True, slots=True)
class Worked(Generic[T]):
    """A step that was taken with a lead: `result` is what the step itself returned."""

    lead_id: int
    name: str
    company: str | None
    arrived_at: datetime
    result: T


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form of a new lead offers: (value, label) of the policies and the teams, the default first."""

    tiers: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]


def work_lead(
    session: Session, step: Callable[..., T], lead_id: int, *, by: Actor, at: datetime, **more: Any
) -> Worked[T]:
    """Take `step(session, lead_id, by=, at=, **more)` if the lead is the member's to work on.

    Raises Refused for people of other teams, NotFound, and what the step raises.
    """
    lead = lead_for_update(session, lead_id, by.workspace_id)
    if not may_work_lead(session, lead, by):
        team = session.get_one(Team, lead.team_id)
        raise NotTheirLead(team.name)
    result = step(session, lead_id, by=by, at=at, **more)
    return Worked(lead.id, lead.name, lead.company, lead.arrived_at, result)


@dataclass(frozen=True, slots=True)
class Snoozed:
    """Until when the rep is left alone, and the deadline, which stays (aware UTC). `until` None: it had passed.

    `moved`: it is later than was picked, since the team is closed then or the rep is away. `zone`: the team's.
    """

    until: datetime | None
    due_at: datetime
    moved: bool
    zone: str


def snooze_lead_for(session: Session, lead_id: int, *, choice: str, by: Actor, at: datetime) -> Snoozed:
    """Leave the lead's rep alone until the time that was picked, as `offered_snoozes` names them.

    A time that has passed since it was offered changes nothing but the cards, which then offer others.
    """
    lead = open_lead(session, lead_id, by.workspace_id, at)
    hours = WorkingHours.from_json(session.get_one(Team, lead.team_id).hours)
    rep = session.get_one(Member, lead.owner_id if lead.owner_id is not None else by.id)
    if choice == DEADLINE:
        clock = live_clock(session, lead.id)
        until = clock.due_at if clock is not None else None
    else:
        until = snooze_until(choice, hours, rep.tz, rep.away_until, at=at)
    if until is None:
        raise StepRefused("no_snooze_picked")
    if until <= at:
        refresh_lead(session, lead, at, by=by)
        return Snoozed(None, at, moved=False, zone=hours.zone)
    due_at = snooze_lead(session, lead_id, until=until, by=by, at=at)
    moved = choice in SPANS and until > at + SPANS[choice]
    return Snoozed(until, due_at, moved, hours.zone)


def extend_lead_by(session: Session, lead_id: int, *, choice: str, by: Actor, at: datetime) -> datetime:
    """Give the rep more time: `15m`, `1h`, `4h` of working time, or `next_day`. Returns the new deadline (UTC).

    `next_day` ends an hour after the team begins its next working day (at nine, or later if it opens later).
    """
    if choice == "next_day":
        lead = open_lead(session, lead_id, by.workspace_id, at)
        clock = live_clock(session, lead.id)
        if clock is None:
            raise StepRefused("no_deadline")
        hours = WorkingHours.from_json(clock.hours)
        base = max(at, clock.due_at)
        minutes = ceil(
            hours.between(base, next_working_morning(hours, base) + timedelta(hours=1)) / timedelta(minutes=1)
        )
    elif choice in EXTENSIONS:
        minutes = EXTENSIONS[choice]
    else:
        raise StepRefused("no_extension_picked")
    return extend_lead(session, lead_id, minutes=minutes, by=by, at=at)


def next_working_morning(hours: WorkingHours, at: datetime) -> datetime:
    """When work begins on the next local day that has any: nine o'clock, or the opening if that is later (UTC)."""
    zone = stored_zone(hours.zone)
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    opening = hours.next_opening(datetime.combine(tomorrow, time(0), zone).astimezone(UTC))
    day = opening.astimezone(zone).date()
    later = hours.next_opening(max(opening, datetime.combine(day, MORNING, zone).astimezone(UTC)))
    return later if later.astimezone(zone).date() == day else opening


def add_lead(session: Session, given: Mapping[str, str | None], *, by: Actor, at: datetime) -> Worked[Received]:
    """Take in the lead that a member typed. Raises FieldProblems by the form's field names."""
    problems: dict[str, TandemError] = {}
    score = None
    try:
        score = parse_score(given.get("score"))
    except FieldProblems as found:
        problems |= found.problems
    try:
        arriving = checked_lead(given, source=given.get("source") or "by hand", score=score)
    except FieldProblems as found:
        raise FieldProblems(found.problems | problems) from found
    if problems:
        raise FieldProblems(problems)
    received = receive_lead(session, by.workspace_id, arriving, at=at, by=by)
    return Worked(received.lead_id, arriving.name, arriving.company, at, received)


def lead_choices(session: Session, *, by: Actor, at: datetime) -> Choices:  # noqa: ARG001  # a query like all
    """The tiers and teams of the member's workspace."""
    policies = session.scalars(
        select(Policy)
        .where(Policy.workspace_id == by.workspace_id)
        .order_by(Policy.is_default.desc(), Policy.position, Policy.id)
    )
    teams = session.scalars(
        select(Team)
        .where(Team.workspace_id == by.workspace_id, Team.archived_at.is_(None))
        .order_by(Team.is_default.desc(), Team.name)
    )
    return Choices(
        tiers=tuple((policy.tier, policy.tier) for policy in policies),
        teams=tuple((team.key, team.name) for team in teams),
    )
