"""The demo's calendar: which Tuesday it plays on, and when its story's days and wall times are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.demo.cast import HOME_ZONE
from domain.calendar import moment_of, public_holidays
from domain.wall import local_time

HOLIDAYS: Final = (("GB", "ENG"), ("US", None), ("DE", "BE"))
"""Where the teams of company.toml have their public holidays."""


@dataclass(frozen=True, slots=True)
class Almanac:
    """`monday` is the Monday of the demo's week; the page is opened on its Tuesday."""

    monday: date

    def at(self, day: int, wall: str, *, weeks: int = 0) -> datetime:
        """The moment (UTC) of a wall time in HOME_ZONE on `day` (0 is Monday), `weeks` weeks before the demo's."""
        when = self.monday + timedelta(days=day, weeks=-weeks)
        return moment_of(ZoneInfo(HOME_ZONE), when, time.fromisoformat(wall))


def almanac_for(today: date) -> Almanac:
    """The week of `today`, or the latest one before it in which all teams work on Monday and Tuesday."""
    monday = today - timedelta(days=today.weekday())
    while _closed(monday) or _closed(monday + timedelta(days=1)):
        monday -= timedelta(weeks=1)
    return Almanac(monday)


def today() -> date:
    """The date at the headquarters."""
    return local_time().astimezone(ZoneInfo(HOME_ZONE)).date()


def _closed(day: date) -> bool:
    return any(day in public_holidays(country, region, day.year) for country, region in HOLIDAYS)
