"""A week of opening hours, and the line that tells it: `mon-fri 09:00-12:30, 13:30-18:00`.

Dates, zones and holidays are the calendar's (`domain.calendar`); what people write is read by `domain.hours_line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Final, Literal

from domain.errors import TandemError
from storage.frozen import Shape

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES_A_DAY: Final = 24 * 60


Why = Literal[
    "never_open",
    "no_country",
    "not_stored_so",
    "unknown_country",
    "unknown_holidays",
    "unknown_zone",
    "no_whole_minutes",
    "ends_early",
    "no_seven_days",
    "overlap",
    "no_time",
    "beyond_24",
    "empty",
    "too_long",
    "no_time_of_day",
    "unread",
    "no_end",
    "leads_nowhere",
    "no_first_day",
    "unread_time",
    "unread_beyond_24",
    "no_start",
    "dash_missing",
    "begins_over",
    "no_length",
    "days_without_time",
    "closed_and_open",
]


@dataclass(unsafe_hash=True)
class CalendarError(TandemError, ValueError):
    """Working hours that make no sense. `given`: what stood there, as the sentence about it says it."""

    why: Why
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """An open stretch of one local day, `start` included and `end` not, by the wall clock, to the minute.

    `end` 00:00 means 24:00, the end of the same day. A span never runs over midnight: that is one span to
    24:00 and one from 00:00 on the next day, which `parse_week` writes by itself. Raises CalendarError.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        for value in (self.start, self.end):
            if value.second or value.microsecond or value.tzinfo is not None or value.fold:
                raise CalendarError("no_whole_minutes", (str(value),))
        if self.minutes[0] >= self.minutes[1]:
            raise CalendarError("ends_early", (str(self),))

    @property
    def minutes(self) -> tuple[int, int]:
        """Start and end in minutes since the day's 00:00; the end is 1,440 for 24:00."""
        end = self.end.hour * 60 + self.end.minute
        return self.start.hour * 60 + self.start.minute, end or _MINUTES_A_DAY

    @property
    def walls(self) -> tuple[str, str]:
        """Start and end as people write them: "09:00", "24:00"."""
        return f"{self.start:%H:%M}", "24:00" if self.end == time(0) else f"{self.end:%H:%M}"

    def __str__(self) -> str:
        return "-".join(self.walls)


Week = tuple[tuple[Span, ...], ...]
"""Seven days, Monday first, each with its spans in order; `()` is a closed day."""

ALWAYS_WEEK: Final[Week] = ((Span(time(0), time(0)),),) * 7


@dataclass(frozen=True, slots=True)
class KeptHours:
    """Working hours as they are kept: a week of days, each with its spans as people write them ("09:00", "24:00")."""

    zone: str
    week: tuple[tuple[tuple[str, str], ...], ...]
    closed: tuple[date, ...] = ()
    country: str | None = None
    subdivision: str | None = None


HOURS: Final[Shape[KeptHours]] = Shape("hours", KeptHours)


def checked_week(week: Iterable[Iterable[Span]]) -> Week:
    """Return `week` with each day's spans in order. Raises CalendarError for a missing day or an overlap."""
    days = tuple(tuple(sorted(spans, key=lambda span: span.minutes)) for spans in week)
    if len(days) != len(DAYS):
        raise CalendarError("no_seven_days", (str(len(days)),))
    for name, spans in zip(DAYS, days, strict=True):
        for first, second in pairwise(spans):
            if second.minutes[0] < first.minutes[1]:
                raise CalendarError("overlap", (str(first), str(second), name))
    return days


def describe_week(week: Week) -> str:
    """Return the line that `parse_week` reads back as `week`; the whole week closed is `mon-sun closed`."""
    groups: list[str] = []
    described: set[int] = set()
    for day, spans in enumerate(week):
        if not spans or day in described:
            continue
        same = [other for other in range(day, len(week)) if week[other] == spans]
        described.update(same)
        groups.append(f"{_describe_days(same)} {', '.join(map(str, spans))}")
    return "; ".join(groups) or "mon-sun closed"


def parse_time(text: str) -> time:
    """Return the time written as HH:MM; 24:00 is `time(0)`, as a Span's end has it. Raises CalendarError."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if found is None:
        raise CalendarError("no_time", (text,))
    return _time(int(found[1]), int(found[2]), text)


def _time(hour: int, minute: int, shown: str) -> time:
    if (hour, minute) == (24, 0):
        return time(0)
    if hour > 23 or minute > 59:
        raise CalendarError("beyond_24", (shown,))
    return time(hour, minute)


def _describe_days(days: list[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)
