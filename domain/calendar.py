"""Working time: the fair clock that stands still while a team is closed.

It knows opening hours, closed dates and public holidays, and nothing of leads, policies or rungs. Every
moment that goes in or comes out is an aware UTC datetime; wall clocks and zones stay inside.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from domain.hours_line import parse_week
from domain.week import (
    ALWAYS_WEEK,
    HOURS,
    CalendarError,
    KeptHours,
    Span,
    Week,
    checked_week,
    describe_week,
    parse_time,
)
from domain.zones import find_zone

__all__ = [
    "ALWAYS_OPEN",
    "ALWAYS_WEEK",
    "HORIZON",
    "CalendarError",
    "Span",
    "Week",
    "WorkingHours",
    "describe_week",
    "moment_of",
    "parse_week",
    "public_holidays",
    "zone_named",
]

HORIZON: Final = timedelta(days=36525)
"""How far ahead is looked: a hundred years. Settings cannot ask for more (`domain.config.values` bounds them)."""

LONGEST_WORKING: Final = timedelta(days=3660)
"""The most working time that can be added at once: a clock of ten years is a mistake."""

_DAY = timedelta(days=1)
_DAYS_KEPT = 4096
_YEARS = (2, 9997)
_UTC_KEYS = frozenset({"UTC", "Etc/UTC", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT", "Universal", "Etc/Universal"})

_Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class WorkingHours:
    """When a team works: a week of wall-clock hours in the IANA `zone`, less `closed` dates and holidays.

    `country` (ISO 3166-1 alpha-2) and `subdivision` (as the holidays package names it) choose the public
    holidays; None means none. A closed date or holiday closes its local date from 00:00 to 24:00.

    Daylight saving time: working time is time that really passes, so a night shift is an hour longer or
    shorter on those days. A wall time that does not exist is the moment at which the clocks jump; one that
    comes twice is its first. (A day that a zone skipped, as Apia skipped 2011-12-30, has no working time.)

    However long the team is closed, there is an answer: a moment beyond HORIZON is HORIZON's end.

    Raises CalendarError for an unknown zone, country or subdivision, and for a week that is bad or empty. Safe to
    share between threads; holds the spans of the days it was asked about.
    """

    zone: str
    week: Week
    closed: frozenset[date] = frozenset()
    country: str | None = None
    subdivision: str | None = None
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _days: dict[date, tuple[_Interval, ...]] = field(init=False, repr=False, compare=False)
    _plain: bool = field(init=False, repr=False, compare=False)
    _days_on: tuple[timedelta, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        week = checked_week(self.week)
        if not any(week):
            raise CalendarError("never_open")
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "closed", frozenset(self.closed))
        object.__setattr__(self, "_zone", zone_named(self.zone))
        object.__setattr__(self, "_days", {})
        object.__setattr__(self, "_days_on", _to_the_next_weekday(week))
        object.__setattr__(self, "_plain", week == ALWAYS_WEEK and not self.closed and self.country is None)
        if self.country is not None:
            public_holidays(self.country, self.subdivision, 2026)
        elif self.subdivision is not None:
            raise CalendarError("no_country", (self.subdivision,))

    @classmethod
    def always(cls, zone: str = "UTC") -> Self:
        """Return hours that never close, in `zone`."""
        return cls(zone, ALWAYS_WEEK)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> WorkingHours:
        """Return the hours that `to_json` wrote, in UTC when their zone cannot be used any more.

        Equal ones are read once, and shared: every lead has a copy of its team's. Raises CalendarError for anything
        else.
        """
        try:
            written = json.dumps(data)
        except (TypeError, ValueError, RecursionError) as error:
            raise CalendarError("not_stored_so", (str(error),)) from error
        return _read_hours(written)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values: zone, week (pairs of HH:MM), closed (ISO dates), country, subdivision."""
        week = tuple(tuple(span.walls for span in spans) for spans in self.week)
        return HOURS.write(KeptHours(self.zone, week, tuple(sorted(self.closed)), self.country, self.subdivision))

    def add(self, start: datetime, working: timedelta) -> datetime:
        """Return the first moment at which `working` time has passed since `start` (aware UTC).

        Outside hours nothing passes, so counting begins at the next opening; time that runs out at closing
        time ends then, not at the next opening. No working time ends at `start` itself.

        Raises ValueError when `start` is not UTC, `working` is negative or longer than LONGEST_WORKING, or
        the years run out.
        """
        moment = _utc(start)
        if not timedelta(0) <= working <= LONGEST_WORKING:
            raise ValueError(f"working must be between 0 and {LONGEST_WORKING.days} days, not {working}")
        try:
            if not working or self._plain:
                return moment + working
            left = working
            for opens, closes in self._openings(moment):
                begins = max(opens, moment)
                if closes - begins >= left:
                    return begins + left
                left -= closes - begins
        except OverflowError as error:
            raise ValueError(f"{working} after {start} is beyond the last year a date can have") from error
        return moment + HORIZON

    def between(self, a: datetime, b: datetime) -> timedelta:
        """Return the working time from `a` to `b` (aware UTC); negative when `b` is earlier.

        Looks at each day between them that has hours. Raises ValueError when either is not UTC.
        """
        first, last = _utc(a), _utc(b)
        if self._plain:
            return last - first
        if last < first:
            return -self.between(last, first)
        total = timedelta(0)
        day = self._local_date(first)
        # Closed days have no interval to stop at: the date ends it, with room for any zone's distance to UTC.
        after = last.date() + 2 * _DAY
        while day <= after:
            for opens, closes in self._spans_on(day):
                if opens >= last:
                    return total
                if closes > first:
                    total += min(closes, last) - max(opens, first)
            day += self._days_on[day.weekday()]
        return total

    def is_open(self, at: datetime) -> bool:
        """Tell whether `at` (aware UTC) is working time; opening time is, closing time is not."""
        moment = _utc(at)
        if self._plain:
            return True
        day = self._local_date(moment)
        # Where clocks fall back over midnight, the next date's hours may already run.
        return any(opens <= moment < closes for each in (day, day + _DAY) for opens, closes in self._spans_on(each))

    def next_opening(self, at: datetime) -> datetime:
        """Return the first working moment at or after `at` (aware UTC): `at` itself when open.

        Raises ValueError when `at` is not UTC.
        """
        moment = _utc(at)
        if self._plain:
            return moment
        return next((max(opens, moment) for opens, _ in self._openings(moment)), moment + HORIZON)

    def end_of_day(self, start: datetime, days: int) -> datetime:
        """Return when the last hours of the `days`-th working day after the day of `start` (aware UTC) end.

        A working day is a local date that has hours. Raises ValueError when `start` is not UTC or `days` is below 1.
        """
        if days < 1:
            raise ValueError(f"{days} working days after a day are none")
        moment = _utc(start)
        day = self._local_date(moment)
        last = day + HORIZON
        while day < last:
            day += self._days_on[day.weekday()]
            spans = self._spans_on(day)
            days -= bool(spans)
            if not days:
                return spans[-1][1]
        return moment + HORIZON

    def _openings(self, moment: datetime) -> Iterator[_Interval]:
        """Yield the intervals that close after `moment`, up to HORIZON; days of the week without hours are passed."""
        day = self._local_date(moment)
        last = day + HORIZON
        while day <= last:
            for opens, closes in self._spans_on(day):
                if closes > moment:
                    yield opens, closes
            day += self._days_on[day.weekday()]

    def _local_date(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _spans_on(self, day: date) -> tuple[_Interval, ...]:
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            known = self._days[day] = self._intervals(day)
        return known

    def _intervals(self, day: date) -> tuple[_Interval, ...]:
        """Return the open intervals of the local date, in order, in UTC, without the empty ones."""
        spans = self.week[day.weekday()]
        if not spans or day in self.closed or self._is_holiday(day):
            return ()
        found: list[_Interval] = []
        for span in spans:
            opens = moment_of(self._zone, day, span.start)
            closes = moment_of(self._zone, day + _DAY if span.end == time(0) else day, span.end)
            if opens < closes:
                found.append((opens, closes))
        return tuple(found)

    def _is_holiday(self, day: date) -> bool:
        return self.country is not None and day in public_holidays(self.country, self.subdivision, day.year)


def _to_the_next_weekday(week: Week) -> tuple[timedelta, ...]:
    """For each day of the week, how far it is to the next one that has hours."""
    return tuple(next(_DAY * step for step in range(1, 8) if week[(day + step) % 7]) for day in range(7))


@lru_cache(maxsize=512)
def _read_hours(written: str) -> WorkingHours:
    try:
        kept = HOURS.read(json.loads(written))
    except ValueError as error:
        raise CalendarError("not_stored_so", (str(error),)) from error
    week = tuple(tuple(Span(parse_time(start), parse_time(end)) for start, end in spans) for spans in kept.week)
    zone = kept.zone if find_zone(kept.zone) else "UTC"
    return WorkingHours(zone, week, frozenset(kept.closed), kept.country, kept.subdivision)


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays in `year` of the country (ISO 3166-1 alpha-2) and its subdivision.

    Observed days count; years that the holidays package does not know have none. Raises CalendarError for
    unknown names.
    """
    # Not at the top: the package is large, and many calendars name no country.
    import holidays

    if len(country) != 2 or not country.isupper():
        raise CalendarError("unknown_country", (country,))
    try:
        # Of some countries only certain years are known; the package warns of the others.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError as error:
        raise CalendarError("unknown_holidays", (str(error),)) from error


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone of that name. Raises CalendarError for an unknown one."""
    zone = find_zone(name)
    if zone is None:
        raise CalendarError("unknown_zone", (name,))
    return zone


def _utc(moment: datetime) -> datetime:
    """Return `moment` with `datetime.UTC` as its zone. Raises ValueError when it is naive or in another."""
    zone = moment.tzinfo
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise ValueError(f"the year of {moment!r} leaves no room to count")
    if zone is UTC:
        return moment
    if zone == UTC or (isinstance(zone, ZoneInfo) and zone.key in _UTC_KEYS):
        return moment.replace(tzinfo=UTC)
    raise ValueError(f"moments are aware UTC datetimes, not {moment!r}")


def moment_of(zone: ZoneInfo, day: date, wall: time) -> datetime:
    """Return the moment of a wall time: its first if it comes twice, the jump if the clocks skip it."""
    local = datetime.combine(day, wall, zone)
    moment = local.astimezone(UTC)
    before = local.utcoffset()
    after = local.replace(fold=1).utcoffset()
    if before is None or after is None or after <= before:
        return moment
    low, high = moment - (after - before), moment
    # In UTC the offset changes once between the two readings of the skipped time.
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if middle <= low:
            break
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


ALWAYS_OPEN: Final = WorkingHours.always()
"""Every minute of every day."""
