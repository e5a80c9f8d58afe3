"""The single values of the settings file, as people write them: durations, places, people, zones, days.

Each reader takes what stood in the file and returns what is kept; what makes no sense raises ValueError with
a sentence for the person who wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

from domain.calendar import CalendarError, describe_week, parse_week, public_holidays
from domain.sources import NAME as SOURCE_NAME
from domain.text import TextEmpty, TextTooLong, clean_text
from domain.week import DAYS

NONE: Final = ""
"""What `none` in the file becomes: the setting is taken away (None: the file does not mention it)."""

LONGEST_SECONDS: Final = 90 * 24 * 3600
_DURATION_PIECE = re.compile(r"(\d{1,7})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)(?![a-z])")
_DAY_PIECE = re.compile(r"\d\s*(d|days?|w|weeks?)\b")
_NO_WORDS = ("none", "never", "")
_USER_ID = re.compile(r"[UW][A-Z0-9_-]{2,40}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9_-]{2,40}")
_CHANNEL_NAME = re.compile(r"#?([^\s#,.<>@!A-Z]{1,80})")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,250}\.[^\s@<>.]{1,63}")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def read_text(raw: Any, *, limit: int = 80) -> str:
    """One line of text, cleaned."""
    try:
        text = clean_text(_string(raw), limit=limit)
    except TextEmpty:
        raise ValueError("is empty.") from None
    except TextTooLong as error:
        raise ValueError(f"has {error.length} characters; at most {limit} fit.") from None
    return " ".join(text.split())


def read_key(raw: Any) -> str:
    """The short name of a team, tier or audience, in small letters: leads and other settings refer to it."""
    text = _string(raw).strip().casefold()
    if not _KEY.fullmatch(text):
        raise ValueError(
            f"is {said(raw)}; a short name has small letters, digits and dashes and at most 40 of them, "
            "for example emea."
        )
    return text


def read_key_or_none(raw: Any) -> str:
    return NONE if _is_none(raw) else read_key(raw)


def read_source_name(raw: Any) -> str:
    """The name of a source: it becomes part of the address that the other system posts to."""
    text = _string(raw)
    if not SOURCE_NAME.fullmatch(text):
        raise ValueError(
            f"is {said(raw)}; it becomes part of a web address, so use up to 40 small letters, digits and dashes, "
            "for example website."
        )
    return text


def read_duration(raw: Any) -> int:
    """A length of working time such as `5m`, `2h` or `1h 30m`, in seconds."""
    text = _string(raw, 'for example contact = "5m"').strip().casefold()
    if _DAY_PIECE.search(text):
        raise ValueError(
            f"is {said(raw)}, but clocks count working time, and a working day is as long as a team's hours. "
            "Write hours, for example 8h."
        )
    pieces = _DURATION_PIECE.findall(text)
    if not pieces or _DURATION_PIECE.sub("", text).strip(" ,"):
        raise ValueError(f"is {said(raw)}, which is no length of time. Write for example 5m, 2h or 1h 30m.")
    seconds = sum(int(count) * {"s": 1, "m": 60, "h": 3600}[unit[0]] for count, unit in pieces)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValueError(f"is {said(raw)}; it must be more than nothing and at most {LONGEST_SECONDS // 3600} hours.")
    return seconds


def read_duration_or_never(raw: Any) -> int:
    """A duration in seconds; 0 for `never`."""
    return 0 if _is_none(raw) else read_duration(raw)


def describe_duration(seconds: int) -> str:
    """The shortest text that `read_duration` reads back as `seconds`: "5m", "1h 30m"."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    pieces = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count]
    return " ".join(pieces) or "0s"


def read_share(raw: Any) -> float:
    """A part of the time: 0.5 or "50%"."""
    value: Any = raw
    if isinstance(raw, str) and re.fullmatch(r"\s*\d{1,2}(\.\d+)?\s*%\s*", raw):
        value = float(raw.strip().rstrip("%")) / 100
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError(f'is {said(raw)}; it is a part of the time to contact, for example 0.5 or "50%".')
    return round(float(value), 4)


def read_channel(raw: Any) -> str:
    """A channel: its id (`C…`), or `#name`, which is looked up in Slack."""
    if _is_none(raw):
        return NONE
    text = _string(raw).strip()
    if _CHANNEL_ID.fullmatch(text):
        return text
    named = _CHANNEL_NAME.fullmatch(text)
    if named is None:
        raise ValueError(
            f"is {said(raw)}, which is no channel. Write its name, for example #sales, or its id "
            "(in Slack: the channel's name → About → Channel ID), for example C0123ABCD."
        )
    return f"#{named[1]}"


def read_person(raw: Any) -> str:
    """A person: their Slack member id (`U…`), or their e-mail address in small letters."""
    text = _string(raw).strip()
    if _USER_ID.fullmatch(text):
        return text
    if _EMAIL.fullmatch(text):
        return text.casefold()
    raise ValueError(
        f"is {said(raw)}, which is no person that can be found. Write their e-mail address, or their member id "
        "(in Slack: their profile → ⋮ → Copy member ID), for example U0123ABCD."
    )


def read_person_or_none(raw: Any) -> str:
    return NONE if _is_none(raw) else read_person(raw)


def read_zone(raw: Any) -> str:
    """An IANA time zone that follows a place's rules: `Europe/Berlin`, or `UTC`."""
    text = _string(raw).strip()
    found = zones().get(text.casefold())
    if found is not None:
        return found
    near = find_zones(text)
    hint = f" Did you mean {_or(near[:3])}?" if near else ""
    raise ValueError(f"is {said(raw)}, which is no time zone.{hint or ' Write for example Europe/Berlin.'}")


@lru_cache(maxsize=1)
def zones() -> dict[str, str]:
    """Every zone that may be chosen, by its name in small letters.

    Abbreviations such as EST are not among them: they stand still when the clocks change.
    """
    names = (
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    )
    return {name.casefold(): name for name in sorted({*names, "UTC"})}


_ABBREVIATED: Final = {
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "cst": "America/Chicago",
    "ct": "America/Chicago",
    "mst": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "gmt": "Europe/London",
    "bst": "Europe/London",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
}


def find_zones(text: str, *, limit: int = 20) -> list[str]:
    """Zones that `text` could mean, the likeliest first: part of a name, an abbreviation, or nearly a name."""
    wanted = "_".join(text.strip().casefold().split())
    if not wanted:
        return []
    known = zones()
    if wanted in _ABBREVIATED:
        return [_ABBREVIATED[wanted]]
    found = [name for low, name in known.items() if low.rpartition("/")[2].startswith(wanted)]
    found += [name for low, name in known.items() if wanted in low]
    cities = {low.rpartition("/")[2]: low for low in known}
    found += [known[low] for low in get_close_matches(wanted, known, n=3, cutoff=0.75)]
    found += [known[cities[city]] for city in get_close_matches(wanted.rpartition("/")[2], cities, n=3, cutoff=0.75)]
    return list(dict.fromkeys(found))[:limit]


def read_hours(raw: Any) -> str:
    """A week of opening hours, written the one way that `describe_week` writes it."""
    try:
        week = parse_week(_string(raw, 'for example hours = "mon-fri 09:00-17:00"'))
    except CalendarError as error:
        raise ValueError(f"do not make sense: {error}") from None
    if not any(week):
        raise ValueError("are closed all week, so no clock would ever run. Write for example mon-fri 09:00-17:00.")
    return describe_week(week)


def read_holidays(raw: Any) -> str:
    """The country whose public holidays close the team, `DE`, or with its region, `US-CA`."""
    if _is_none(raw):
        return NONE
    import holidays  # large, and many files name no country

    text = _string(raw).strip()
    country, _, region = text.partition("-")
    country = country.upper()
    regions = holidays.list_supported_countries().get(country)
    if regions is None or len(country) != 2:
        raise ValueError(
            f"is {said(raw)}; write a country's two letters, for example DE, or with a region, for example US-CA."
        )
    if not region:
        return country
    known = {name.casefold(): name for name in regions}
    if region.casefold() not in known:
        have = ", ".join(sorted(regions)[:60])
        raise ValueError(
            f"is {said(raw)}, but {country} has no region {said(region)} here."
            + (f" Its regions: {have}." if have else f" Write {country} alone.")
        )
    public_holidays(country, known[region.casefold()], 2026)
    return f"{country}-{known[region.casefold()]}"


def read_date(raw: Any) -> date:
    """A day: 2026-12-24, with or without quotes."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if isinstance(raw, str):
        try:
            return date.fromisoformat(raw.strip())
        except ValueError:
            pass
    raise ValueError(f"is {said(raw)}, which is no day. Write year-month-day, for example 2026-12-24.")


def read_weekday(raw: Any) -> int:
    """A day of the week; Monday is 0."""
    text = _string(raw).strip().casefold()
    for number, name in enumerate(WEEKDAYS):
        if len(text) >= 3 and name.casefold().startswith(text):
            return number
    raise ValueError(f"is {said(raw)}, which is no day of the week. Write for example monday.")


WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
assert len(WEEKDAYS) == len(DAYS)


def read_minute(raw: Any) -> int:
    """A time of the day, "09:00", in minutes since midnight."""
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})(:00)?\s*", str(raw))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f'is {said(raw)}, which is no time of the day. Write for example "09:00".')
    return int(found[1]) * 60 + int(found[2])


def describe_minute(minute: int) -> str:
    """The time of the day, "09:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read_currency(raw: Any) -> str:
    """A currency by its three letters."""
    text = _string(raw).strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"is {said(raw)}; write the currency's three letters, for example EUR.")
    return text


def said(raw: Any) -> str:
    """What stood there, short enough for a sentence."""
    text = raw if isinstance(raw, str) else "yes or no" if isinstance(raw, bool) else str(raw)
    text = " ".join("".join(char for char in text if char.isprintable()).split())
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def _string(raw: Any, example: str = "") -> str:
    if isinstance(raw, str):
        return raw
    raise ValueError(f"is {said(raw)}, but should be a text in quotes{f', {example}' if example else ''}.")


def _is_none(raw: Any) -> bool:
    return isinstance(raw, str) and raw.strip().casefold() in _NO_WORDS


def _or(names: Iterable[str]) -> str:
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def one_of(words: Iterable[str]) -> Callable[[Any], str]:
    """A reader of one of these words."""
    allowed = tuple(words)

    def read(raw: Any) -> str:
        text = _string(raw).strip().casefold()
        if text in allowed:
            return text
        near = get_close_matches(text, allowed, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"is {said(raw)}; it can be {_or(allowed)}.{hint}")

    return read


def read_count(raw: Any) -> int:
    """How many times, from 0 to 10."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 10:
        raise ValueError(f"is {said(raw)}; write a number from 0 to 10, without quotes.")
    return raw
