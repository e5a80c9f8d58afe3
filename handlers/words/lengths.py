"""Lists, and lengths of time, as sentences say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

_ORDINALS: Final = ("first", "second", "third")


def listed(names: Sequence[str], *, most: int | None = None) -> str:
    """ "reps, managers and admins"; with more than `most`: "ana, bo and 12 more"."""
    if most is not None and len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def either(names: Sequence[str]) -> str:
    """ "a, b or c" """
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def ago(passed: timedelta) -> str:
    """A short past time: "4 s ago", "12 min ago", "3 h ago", "2 days ago"."""
    return "just now" if passed.total_seconds() < 1 else f"{span(passed)} ago"


def span(length: timedelta) -> str:
    """A length of time in its two largest units at most: "45 s", "12 min", "1 h 30 min", "2 days"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    name = "day" if days == 1 else "days"
    return f"{days} {name} {hours} h" if hours and days < 3 else f"{days} {name}"


def ordinal(number: int) -> str:
    """ "first", "second", "third", "4th", "11th", "22nd"."""
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def clock_time(at: datetime) -> str:
    """A time for places where Slack's date tokens do not work: "14:20 UTC"."""
    return at.strftime("%H:%M UTC")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 item", "1,204 items"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
