"""The weeks that digests tell of: when an audience's next issue is, and which week ends with it.

An audience's week ends at its weekday and minute by the wall clock of its zone. So the week in which clocks
change has an hour more or less, and no moment falls between two weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from domain.calendar import moment_of
from domain.issues import Timing, last_issue
from domain.zones import stored_zone

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until before `end` (aware UTC), told in the days of `zone`.

    What is counted lies `lag` earlier: what is still being stored when a digest is made belongs to the next one.
    """

    start: datetime
    end: datetime
    zone: str
    lag: timedelta = timedelta()

    @property
    def since(self) -> datetime:
        """From when things are counted."""
        return self.start - self.lag

    @property
    def until(self) -> datetime:
        """Until before when things are counted."""
        return self.end - self.lag

    @property
    def is_week(self) -> bool:
        """Whether it is a week, give or take a change of clocks."""
        return abs(self.end - self.start - WEEK) <= timedelta(hours=2)

    def length(self) -> str:
        """ "this week", "in 3 days"."""
        if self.is_week:
            return "this week"
        days = max(1, round((self.end - self.start) / timedelta(days=1)))
        return f"in {days} day{'' if days == 1 else 's'}"

    def days(self) -> str:
        """The local dates: "9–16 Nov", "28 Dec – 4 Jan"."""
        zone = stored_zone(self.zone)
        # The end itself is not told of: a week until Monday 00:00 ends on Sunday.
        end = max(self.start, self.end - timedelta(microseconds=1))
        first, last = self.start.astimezone(zone).date(), end.astimezone(zone).date()
        if first == last:
            return short_date(last)
        if first.month == last.month:
            return f"{first.day}–{short_date(last)}"
        return f"{short_date(first)} – {short_date(last)}"

    def before(self) -> Period:
        """What this period is compared with: as long a time that ends where this one starts."""
        start = _week_earlier(self.start, self.zone) if self.is_week else self.start - (self.end - self.start)
        return Period(start, self.start, self.zone, self.lag)


def week_of_issue(timing: Timing, end: datetime) -> Period:
    """The period of the issue that is due at `end`: it starts when the one before was due."""
    return Period(last_issue(timing, end - timedelta(microseconds=1)), end, timing.zone)


def week_until(end: datetime, zone: str) -> Period:
    """The week that ends at any moment: it starts at the same wall time a week earlier."""
    return Period(_week_earlier(end, zone), end, zone)


def _week_earlier(end: datetime, zone: str) -> datetime:
    local = end.astimezone(stored_zone(zone))
    return moment_of(stored_zone(zone), local.date() - timedelta(days=7), local.time().replace(fold=0))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short_date(day: date) -> str:
    """The date as "9 Nov"; months in English, whatever the machine's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]}"
