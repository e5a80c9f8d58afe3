"""When a rep can be reminded of a lead: in the working time of its team, and not while the rep is away.

The times that are offered are such times, before the deadline; what is kept is put right when it is chosen, and once
more when it falls due, since hours change and people go away meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from domain.calendar import CalendarError, WorkingHours, moment_of
from domain.zones import stored_zone

MORNING: Final = time(9)
AFTERNOON: Final = time(14)
SPANS: Final = {"10m": timedelta(minutes=10), "1h": timedelta(hours=1)}
DEADLINE: Final = "deadline"
DAYS_AHEAD: Final = 14
MORNINGS: Final = 2
_TIMES: Final = {"morning": MORNING, "afternoon": AFTERNOON}


@dataclass(frozen=True, slots=True)
class Snooze:
    """A time until which a rep can be left alone: `choice` is what a click sends, `until` is aware UTC, as of now.

    `zone`: the rep's, in which the time is to be named.
    """

    choice: str
    until: datetime
    zone: str


def working_moment(hours: WorkingHours, away_until: datetime | None, moment: datetime) -> datetime:
    """The first moment from `moment` on at which the team works and the rep is back; all are aware UTC."""
    back = moment if away_until is None else max(moment, away_until)
    try:
        return hours.next_opening(back)
    except CalendarError:
        return back  # never open again: no time is better than another


def offered_snoozes(
    hours: WorkingHours, zone: str, away_until: datetime | None, *, at: datetime, due_at: datetime
) -> tuple[Snooze, ...]:
    """The times to offer to a rep who lives in `zone`, earliest first: in working time and before the deadline.

    The last is the deadline itself: no more reminders. None once it has passed.
    """
    if at >= due_at:
        return ()
    found: dict[datetime, Snooze] = {}
    for choice, span in SPANS.items():
        until = at + span
        if until < due_at and working_moment(hours, away_until, until) == until:
            found[until] = Snooze(choice, until, zone)
    today = at.astimezone(stored_zone(zone)).date()
    mornings = 0
    for ahead in range(DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        for part in ("morning", "afternoon") if ahead == 0 else ("morning",):
            choice = f"{part}:{day.isoformat()}"
            named = snooze_until(choice, hours, zone, away_until, at=at)
            if named is None or not at < named < due_at or named.astimezone(stored_zone(zone)).date() != day:
                continue
            found.setdefault(named, Snooze(choice, named, zone))
            mornings += part == "morning"
        if mornings == MORNINGS:
            break
    return (*(found[until] for until in sorted(found)), Snooze(DEADLINE, due_at, zone))


def snooze_until(
    choice: str, hours: WorkingHours, zone: str, away_until: datetime | None, *, at: datetime
) -> datetime | None:
    """The working moment that a choice means at `at`: `10m`, `1h`, `morning:2026-11-30`; None for anything else.

    `tomorrow`, which older cards offer, is the next morning on which the team works. A day's time may be past.
    """
    if choice in SPANS:
        return working_moment(hours, away_until, at + SPANS[choice])
    if choice == "tomorrow":
        return _next_morning(hours, zone, away_until, at)
    part, _, written = choice.partition(":")
    try:
        day = date.fromisoformat(written)
        return _on(day, _TIMES[part], hours, zone, away_until)
    except (KeyError, ValueError, OverflowError):
        return None


def _next_morning(hours: WorkingHours, zone: str, away_until: datetime | None, at: datetime) -> datetime:
    """When work begins on the next day of the rep that has any."""
    tomorrow = at.astimezone(stored_zone(zone)).date() + timedelta(days=1)
    first = working_moment(hours, away_until, moment_of(stored_zone(zone), tomorrow, time()))
    return _on(first.astimezone(stored_zone(zone)).date(), MORNING, hours, zone, away_until)


def _on(day: date, wall: time, hours: WorkingHours, zone: str, away_until: datetime | None) -> datetime:
    """That time of the rep's day, or the first working moment after it; what works on that day only earlier, then."""
    local = stored_zone(zone)
    moment = working_moment(hours, away_until, moment_of(local, day, wall).astimezone(UTC))
    if moment.astimezone(local).date() == day or wall != MORNING:
        return moment
    opening = working_moment(hours, away_until, moment_of(local, day, time()).astimezone(UTC))
    return opening if opening.astimezone(local).date() == day else moment
