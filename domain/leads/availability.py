"""Away and back: a rep who is away is given no leads, nor is one who let several lapse (domain/leads/benching.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.announce import refresh_home
from domain.leads.benching import end_bench
from domain.leads.errors import AwayRefused
from domain.leads.snoozing import MORNING, working_moment
from domain.people import Actor
from domain.zones import stored_zone
from storage.database import wake
from storage.models import IS_OPEN, Lead, Member, Team, TeamMember

LONGEST: Final = timedelta(days=366)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Away:
    """The member gets no leads until then (aware UTC), and still has `open_leads`."""

    until: datetime
    open_leads: int


def go_away(session: Session, text: str, *, by: Actor, at: datetime) -> Away:
    """The member gets no new leads until the time that `text` names, or until work goes on after it; open leads stay
    theirs. Raises AwayRefused.
    """
    until = _when_work_goes_on(session, by.id, parse_until(text, by.tz, at))
    session.get_one(Member, by.id).away_until = until
    session.flush()
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    open_leads = session.scalar(select(func.count()).where(Lead.owner_id == by.id, IS_OPEN))
    return Away(until, open_leads or 0)


def _when_work_goes_on(session: Session, member_id: int, until: datetime) -> datetime:
    """The first moment from `until` on at which one of the member's teams works; `until` for who is in no team."""
    teams = session.scalars(
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.member_id == member_id, Team.archived_at.is_(None))
    )
    return min((working_moment(WorkingHours.from_json(team.hours), None, until) for team in teams), default=until)


def come_back(session: Session, *, by: Actor, at: datetime) -> bool:
    """The member gets leads again. Returns whether they were away, or out of the rotation."""
    member = session.get_one(Member, by.id)
    was_away = member.away_until is not None and member.away_until > at
    member.away_until = None
    was_away = end_bench(session, member, at) or was_away
    wake(session, "ticker")  # which gives the leads that wait
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return was_away


def parse_until(text: str, tz: str, at: datetime) -> datetime:
    """When somebody is back, in their zone, as aware UTC: nine o'clock on the day that `text` names.

    Understood: nothing or `tomorrow`; `4h`, `2d`, `1w`; a weekday (the next one); a date like 2026-12-24.
    Raises AwayRefused.
    """
    words = re.sub(r"^(until|till|for)\s+", "", " ".join(text.casefold().split()))
    until = _moment(words, tz, at)
    if until is None:
        raise AwayRefused("not_understood")
    if until <= at:
        raise AwayRefused("passed")
    if until - at > LONGEST:
        raise AwayRefused("too_far")
    return until


def _moment(words: str, tz: str, at: datetime) -> datetime | None:
    if words in ("", "tomorrow"):
        words = "1d"
    zone = stored_zone(tz)
    today = at.astimezone(zone).date()
    counted = re.fullmatch(r"([0-9]{1,4}) ?(h|hours?|d|days?|w|weeks?)", words)
    if counted:
        number, unit = int(counted[1]), counted[2][0]
        if unit == "h":
            return at + timedelta(hours=number)
        return _morning_of(today + timedelta(days=number * (7 if unit == "w" else 1)), zone)
    if len(words) >= 3:
        for number, name in enumerate(WEEKDAYS):
            if name.startswith(words):
                return _morning_of(today + timedelta(days=(number - today.weekday() - 1) % 7 + 1), zone)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words):
        try:
            return _morning_of(date.fromisoformat(words), zone)
        except (ValueError, OverflowError):
            return None
    return None


def _morning_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)
