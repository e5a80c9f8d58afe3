"""Who is told of an alarm, and when: in the hours of whoever is to read it, or by whoever stands in for them.

First the team's manager. One who is away, or off hours, or who has the lead, is stood in for by the team's delegate.
Without one who is there, a manager who is off hours is told when their hours begin; for one who is away, the others who
manage the workspace are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.snoozing import working_moment
from domain.people import managers_of
from domain.zones import stored_zone
from storage.models import Member, Team

CLOSING: Final = timedelta(minutes=15)
"""What falls due as the team closes is told then: whoever manages it has not left yet."""

MOST: Final = 3

Absence = Literal["away", "off", "own"]
"""Why a manager is stood in for: away, outside their hours, or the lead is theirs."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who is told at `at` (aware UTC). `instead`: of whom, and why; None where nobody stands in."""

    told: Sequence[Member]
    at: datetime
    instead: Member | None = None
    why: Absence | None = None


def receivers_of(session: Session, team: Team, owner_id: int | None, at: datetime) -> Receivers:
    """Who is told of a lead of the team that the member `owner_id` has."""
    manager = session.get(Member, team.manager_id) if team.manager_id is not None else None
    if manager is None or not manager.active:
        return Receivers([one for one in managers_of(session, team) if one.id != owner_id], at)
    why = _absence(team, manager, owner_id, at)
    if why is None:
        return Receivers([manager], at)
    delegate = session.get(Member, team.delegate_id) if team.delegate_id is not None else None
    if delegate is not None and delegate.active and _absence(team, delegate, owner_id, at) is None:
        return Receivers([delegate], at, manager, why)
    if why == "own":
        return Receivers([], at)  # nobody is told of themselves: the reminder was theirs already
    if why == "off":
        return Receivers([manager], works_from(team, manager, at))
    others = [one for one in _others(session, team, manager) if _absence(team, one, owner_id, at) is None]
    if others:
        return Receivers(others[:MOST], at, manager, why)
    return Receivers([manager], works_from(team, manager, at))


def hours_of(team: Team, member: Member) -> WorkingHours:
    """When a member of the team works: its week, in their own zone where the team says so."""
    return hours_in_zone(team.hours, member.tz if team.own_hours else None)


def hours_in_zone(hours: Mapping[str, Any], tz: str | None) -> WorkingHours:
    """A team's stored week, in the zone of a member (as Slack names it); None: in the team's own."""
    return WorkingHours.from_json(hours if tz is None else {**hours, "zone": stored_zone(tz).key})


def works_from(team: Team, member: Member, at: datetime) -> datetime:
    """The first moment from `at` on within the member's hours (aware UTC), whether they are away or not."""
    return working_moment(hours_of(team, member), None, at)


def _absence(team: Team, member: Member, owner_id: int | None, at: datetime) -> Absence | None:
    if member.id == owner_id:
        return "own"
    if member.away_until is not None and member.away_until > at:
        return "away"
    hours = hours_of(team, member)
    return None if hours.is_open(at) or hours.is_open(at - CLOSING) else "off"


def _others(session: Session, team: Team, manager: Member) -> Sequence[Member]:
    """The workspace's other managers, else its admins."""
    for role in ("manager", "admin"):
        found = session.scalars(
            select(Member)
            .where(
                Member.workspace_id == team.workspace_id, Member.role == role, Member.active, Member.id != manager.id
            )
            .order_by(Member.id)
        ).all()
        if found:
            return found
    return ()
