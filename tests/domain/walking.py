"""Working time against a walk by the minute: `make walk`. The walk knows wall clocks and dates, nothing of intervals.

A calendar is drawn at random: a zone, a week of split shifts, closed dates, public holidays, and some days near a
change of the zone's clocks or near a holiday. One walk over each minute of these days notes which are open. Then random
questions are asked of the calendar, and counted on the notes.
"""

from __future__ import annotations

import argparse
import random
import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from time import perf_counter
from zoneinfo import ZoneInfo

import holidays

from domain.calendar import ALWAYS_WEEK, Span, Week, WorkingHours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DAYS_WALKED = 6
LONGEST_REPEATED = timedelta(hours=3)
ASKED = 10
"""So many questions are asked of each calendar."""

ZONES = (
    ("Africa/Cairo", ("EG", None)),
    ("Africa/Casablanca", ("MA", None)),
    ("Africa/Johannesburg", ("ZA", None)),
    ("America/Anchorage", ("US", "AK")),
    ("America/Chicago", ("US", "IL")),
    ("America/Havana", ("CU", None)),
    ("America/Los_Angeles", ("US", "CA")),
    ("America/Mexico_City", ("MX", None)),
    ("America/New_York", ("US", "NY")),
    ("America/Nuuk", ("GL", None)),
    ("America/Phoenix", ("US", "AZ")),
    ("America/Santiago", ("CL", None)),
    ("America/Sao_Paulo", ("BR", "SP")),
    ("America/St_Johns", ("CA", "NL")),
    ("Asia/Beirut", ("LB", None)),
    ("Asia/Jerusalem", ("IL", None)),
    ("Asia/Kathmandu", ("NP", None)),
    ("Asia/Kolkata", ("IN", "MH")),
    ("Asia/Tehran", ("IR", None)),
    ("Asia/Tokyo", ("JP", None)),
    ("Atlantic/Azores", ("PT", "20")),
    ("Australia/Adelaide", ("AU", "SA")),
    ("Australia/Lord_Howe", ("AU", "NSW")),
    ("Europe/Berlin", ("DE", "BY")),
    ("Europe/Dublin", ("IE", None)),
    ("Europe/London", ("GB", "ENG")),
    ("Pacific/Apia", ("WS", None)),
    ("Pacific/Auckland", ("NZ", "AUK")),
    ("Pacific/Chatham", ("NZ", "CIT")),
    ("UTC", ("FR", None)),
)
YEARS = range(2004, 2034)


@dataclass(frozen=True, slots=True)
class Walk:
    """The minutes of some days from `first` (aware UTC) on: `opened[n]` of the first n are open."""

    hours: WorkingHours
    first: datetime
    opened: tuple[int, ...]

    @property
    def minutes(self) -> int:
        return len(self.opened) - 1

    def is_open(self, minute: int) -> bool:
        return self.opened[minute + 1] > self.opened[minute]

    def at(self, minute: int) -> datetime:
        return self.first + minute * MINUTE


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What was asked of a calendar, what it said, and what the walk counted."""

    asked: str
    said: object
    counted: object
    hours: WorkingHours


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """Noon (UTC) of the days on which the zone's clocks are changed."""
    local = ZoneInfo(zone)
    noons = (datetime(YEARS[0], 1, 1, 12, tzinfo=UTC) + DAY * n for n in range(len(YEARS) * 365))
    return tuple(
        noon for noon in noons if noon.astimezone(local).utcoffset() != (noon - DAY).astimezone(local).utcoffset()
    )


@cache
def holidays_of(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=(year - 1, year, year + 1)))


def drawn_week(chance: random.Random) -> Week:
    """Up to four spans a day, many of them in the small hours, which clocks skip or show twice."""
    if chance.random() < 0.03:
        return ALWAYS_WEEK
    days: list[tuple[Span, ...]] = []
    for _ in range(7):
        step = chance.choice((1, 15, 30, 60))
        small = range(0, 240, 5)
        times = [*range(0, 1441, step), *(small if step < 60 else ())]
        wanted = chance.choice((0, 1, 1, 2, 2, 3, 4))
        marks = sorted(set(chance.sample(times, 2 * wanted)))
        marks = marks[: len(marks) // 2 * 2]
        pairs = zip(marks[::2], marks[1::2], strict=True)
        days.append(tuple(Span(_wall(start), _wall(end)) for start, end in pairs))
    return tuple(days) if any(days) else drawn_week(chance)


def _wall(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def drawn_walk(chance: random.Random) -> Walk:
    """A calendar, and all minutes of some days."""
    zone, (country, subdivision) = chance.choice(ZONES)
    year = chance.choice(YEARS)
    around = datetime(year, 1, 1, tzinfo=UTC) + DAY * chance.randrange(365)
    drawn = chance.random()
    if drawn < 0.6 and changes_of(zone):
        around = chance.choice(changes_of(zone))
    elif drawn < 0.8 and (closed := sorted(holidays_of(country, subdivision, year))):
        around = datetime.combine(chance.choice(closed), time(12), UTC)
    first = (around - DAY * chance.randint(2, DAYS_WALKED - 2)).replace(hour=0) + MINUTE * chance.randrange(1440)
    named = chance.random() < 0.6
    hours = WorkingHours(
        zone,
        drawn_week(chance),
        closed=frozenset(around.date() + DAY * chance.randint(-5, 5) for _ in range(chance.choice((0, 0, 1, 2)))),
        country=country if named else None,
        subdivision=subdivision if named else None,
    )
    return Walk(hours, first, tuple(accumulate(open_minutes(hours, first, DAYS_WALKED * 1440), initial=0)))


def open_minutes(hours: WorkingHours, first: datetime, count: int) -> Iterator[bool]:
    """Whether the team works, for each of `count` minutes from `first` on, by what a clock on its wall shows.

    While clocks that were put back show an hour again, that hour does not count anew: the latest time shown does.
    """
    zone = ZoneInfo(hours.zone)
    at = first - LONGEST_REPEATED
    latest = at.astimezone(zone).replace(tzinfo=None)
    today, times = latest.date(), _open_on(hours, latest.date())
    end = first + count * MINUTE
    while at < end:
        shown = at.astimezone(zone).replace(tzinfo=None)
        if shown > latest:
            latest = shown
            if latest.date() != today:
                today, times = latest.date(), _open_on(hours, latest.date())
        if at >= first:
            yield bool(times[latest.hour * 60 + latest.minute])
        at += MINUTE


def _open_on(hours: WorkingHours, day: date) -> bytearray:
    """For each time to the minute that a clock can show on that date: whether it is a working one."""
    times = bytearray(1440)
    if day in hours.closed or (hours.country and day in holidays_of(hours.country, hours.subdivision, day.year)):
        return times
    for span in hours.week[day.weekday()]:
        for minute in range(*span.minutes):
            times[minute] = 1
    return times


def ask(walk: Walk, chance: random.Random) -> Iterator[Disagreement]:
    """One random case: time between two minutes in both directions, time added, the next opening."""
    a, b = sorted(chance.randrange(walk.minutes) for _ in range(2))
    if chance.random() < 0.3:
        b = min(walk.minutes, a + chance.randrange(300))
    hours, start, end, opened = walk.hours, walk.at(a), walk.at(b), walk.opened
    worked = (opened[b] - opened[a]) * MINUTE
    if (said := hours.between(start, end)) != worked:
        yield Disagreement(f"between {start} and {end}", said, worked, hours)
    if (said := hours.between(end, start)) != -worked:
        yield Disagreement(f"between {end} and {start}", said, -worked, hours)
    if left := opened[-1] - opened[a]:
        added = chance.randint(1, left)
        reached = bisect_left(opened, opened[a] + added)
        if (ends := hours.add(start, added * MINUTE)) != walk.at(reached):
            yield Disagreement(f"{added} minutes after {start}", ends, walk.at(reached), hours)
        opening = bisect_left(opened, opened[a] + 1) - 1
        if (opens := hours.next_opening(start)) != walk.at(opening):
            yield Disagreement(f"the next opening from {start} on", opens, walk.at(opening), hours)
    if a < walk.minutes and hours.is_open(start) != walk.is_open(a):
        yield Disagreement(f"open at {start}", hours.is_open(start), walk.is_open(a), hours)


def disagreements(cases: int, seed: int) -> Iterator[Disagreement]:
    """Where the calendar and the walk differ, in `cases` random cases that `seed` decides."""
    chance = random.Random(seed)
    walk = drawn_walk(chance)
    for case in range(cases):
        if case and case % ASKED == 0:
            walk = drawn_walk(chance)
        yield from ask(walk, chance)


def main() -> int:
    """Ask, and print what differs."""
    parser = argparse.ArgumentParser(prog="make walk", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = perf_counter()
    count = 0
    for found in disagreements(asked.cases, asked.seed):
        count += 1
        sys.stdout.write(f"{found.asked}: said {found.said}, counted {found.counted}\n  {found.hours}\n")
    sys.stdout.write(
        f"{asked.cases:,} cases over {len(ZONES)} zones, seed {asked.seed}: {count} disagree"
        f" ({perf_counter() - began:.0f} s)\n"
    )
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
