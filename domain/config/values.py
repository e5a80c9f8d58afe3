"""The single values of the settings file, as people write them: durations, places, people, zones, days.

Each reader takes what stood in the file and returns what is kept; what makes no sense raises ValueWrong, or
CalendarError for hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final, Literal

from domain.calendar import CalendarError, describe_week, parse_week
from domain.config.errors import ValueWrong
from domain.currencies import CURRENCIES
from domain.hours_line import parse_minute
from domain.places import country_meant, find_zones, regions_of, zone_meant
from domain.sources import NAME as SOURCE_NAME
from domain.text import TextEmpty, TextTooLong, clean_text
from domain.week import DAYS

NONE: Final = ""
"""What `none` in the file becomes: the setting is taken away (None: the file does not mention it)."""

LONGEST_SECONDS: Final = 90 * 24 * 3600
LEAST_MINUTES_A_WEEK: Final = 60
MOST_SPANS_A_DAY: Final = 10
MOST_CLOSED_DAYS: Final = 366
MOST_COMPETITORS: Final = 500
MOST_WATCHED: Final = 50
MOST_WORKING_DAYS: Final = 60
MOST_TRIES: Final = 20
MOST_ACCOUNTS: Final = 1_000
MOST_TIMES: Final = 100
MOST_ALERTS: Final = 20
MOST_ASKED: Final = 100
_DAYS = re.compile(
    r"\s*(?P<first>\d{4}-\d\d-\d\d)(?:\s*(?:to|until|till|bis|–|—|\.\.|/|\s-)\s*(?P<last>\d{4}-\d\d-\d\d))?\s*"
)
_DURATION_PIECE = re.compile(r"(\d{1,7})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)(?![a-z])")
_DAY_PIECE = re.compile(r"\d\s*(d|days?|w|weeks?)\b")
_NO_WORDS = ("none", "never", "")
_USER_ID = re.compile(r"[UW][A-Z0-9_-]{2,40}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9_-]{2,40}")
_CHANNEL_NAME = re.compile(r"#?([^\s#,.<>@!A-Z]{1,80})")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,250}\.[^\s@<>.]{1,63}")
_EMOJI = re.compile(r"[\w+'-]{1,100}")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def read_text(raw: Any, *, limit: int = 80) -> str:
    """One line of text, cleaned."""
    try:
        text = clean_text(_string(raw), limit=limit)
    except TextEmpty:
        raise ValueWrong("empty") from None
    except TextTooLong as error:
        raise ValueWrong("too_long", (str(error.length), str(limit))) from None
    return " ".join(text.split())


def read_key(raw: Any) -> str:
    """The short name of a team, tier or audience, in small letters: leads and other settings refer to it."""
    text = _string(raw).strip().casefold()
    if not _KEY.fullmatch(text):
        raise ValueWrong("no_key", (written(raw),))
    return text


def read_key_or_none(raw: Any) -> str:
    return NONE if is_none(raw) else read_key(raw)


def read_source_name(raw: Any) -> str:
    """The name of a source: it becomes part of the address that the other system posts to."""
    text = _string(raw)
    if not SOURCE_NAME.fullmatch(text):
        raise ValueWrong("no_source_name", (written(raw),))
    return text


def read_duration(raw: Any) -> int:
    """A length of working time such as `5m`, `2h` or `1h 30m`, in seconds."""
    text = _string(raw, 'contact = "5m"').strip().casefold()
    if _DAY_PIECE.search(text):
        raise ValueWrong("in_days", (written(raw),))
    pieces = _DURATION_PIECE.findall(text)
    if not pieces or _DURATION_PIECE.sub("", text).strip(" ,"):
        raise ValueWrong("no_duration", (written(raw),))
    seconds = sum(int(count) * {"s": 1, "m": 60, "h": 3600}[unit[0]] for count, unit in pieces)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValueWrong("duration_out_of_bounds", (written(raw), str(LONGEST_SECONDS // 3600)))
    return seconds


def read_duration_or_never(raw: Any) -> int:
    """A duration in seconds; 0 for `never`."""
    return 0 if is_none(raw) else read_duration(raw)


def describe_duration(seconds: int) -> str:
    """The shortest text that `read_duration` reads back as `seconds`: "5m", "1h 30m"."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    pieces = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count]
    return " ".join(pieces) or "0s"


def read_share(raw: Any) -> float:
    """A part of the time, from 1 % to 99 %: 0.5 or "50%"."""
    value: Any = raw
    if isinstance(raw, str) and re.fullmatch(r"\s*\d{1,2}(\.\d{1,9})?\s*%\s*", raw):
        value = float(raw.strip().rstrip("%")) / 100
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.01 <= value <= 0.99:
        raise ValueWrong("no_share", (written(raw),))
    return round(float(value), 4)


def read_channel(raw: Any) -> str:
    """A channel: its id (`C…`), or `#name`, which is looked up in Slack."""
    if is_none(raw):
        return NONE
    text = _string(raw).strip()
    if _CHANNEL_ID.fullmatch(text):
        return text
    named = _CHANNEL_NAME.fullmatch(text)
    if named is None:
        raise ValueWrong("no_channel", (written(raw),))
    return f"#{named[1]}"


def read_person(raw: Any) -> str:
    """A person: their Slack member id (`U…`), or their e-mail address in small letters."""
    text = _string(raw).strip()
    if _USER_ID.fullmatch(text):
        return text
    if _EMAIL.fullmatch(text):
        return text.casefold()
    raise ValueWrong("no_person", (written(raw),))


def read_person_or_none(raw: Any) -> str:
    return NONE if is_none(raw) else read_person(raw)


def read_zone(raw: Any) -> str:
    """An IANA time zone that follows a place's rules, by its name or by that of a city: "munich" is Europe/Berlin."""
    text = _string(raw).strip()
    found = zone_meant(text)
    if found is not None:
        return found
    raise ValueWrong("no_zone", (written(raw),), tuple(find_zones(text)[:3]))


def read_hours(raw: Any) -> str:
    """A week of opening hours, written the one way that `describe_week` writes it."""
    week = parse_week(_string(raw, 'hours = "mon-fri 09:00-17:00"'))
    minutes = sum(end - start for spans in week for start, end in (span.minutes for span in spans))
    if not minutes:
        raise ValueWrong("closed_all_week")
    if minutes < LEAST_MINUTES_A_WEEK:
        raise ValueWrong("too_few_minutes", (str(minutes), str(LEAST_MINUTES_A_WEEK // 60)))
    if any(len(spans) > MOST_SPANS_A_DAY for spans in week):
        raise ValueWrong("too_many_spans", (str(MOST_SPANS_A_DAY),))
    return describe_week(week)


def read_holidays(raw: Any) -> str:
    """The country whose public holidays close the team, `DE`, or with its region, `US-CA`; names are understood."""
    if is_none(raw):
        return NONE
    found = country_meant(_string(raw))
    if found is None:
        raise ValueWrong("no_country", (written(raw),))
    country, region = found
    if not region:
        return country
    regions = sorted(set(regions_of(country).values()))
    if region not in regions:
        raise ValueWrong("no_region", (written(raw), country, written(region)), tuple(regions[:60]))
    return f"{country}-{region}"


def read_days(raw: Any) -> tuple[date, ...]:
    """A day, 2026-12-24, or the days from one to another, "2026-12-24 to 2027-01-01"; at most a year of them."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return (raw,)
    found = _DAYS.fullmatch(raw) if isinstance(raw, str) else None
    try:
        if found is None:
            raise ValueError
        first = date.fromisoformat(found["first"])
        last = date.fromisoformat(found["last"] or found["first"])
    except ValueError:
        raise ValueWrong("no_day", (written(raw),)) from None
    if last < first:
        raise ValueWrong("ends_early", (written(raw),))
    if (last - first).days >= MOST_CLOSED_DAYS:
        raise ValueWrong("closed_too_long", (written(raw), str(MOST_CLOSED_DAYS)))
    return tuple(first + timedelta(days=day) for day in range((last - first).days + 1))


def check_closed(given: list[tuple[date, ...]]) -> list[tuple[date, ...]]:
    """Closed days, some of them in a row, as they are."""
    days = {day for some in given for day in some}
    if len(days) > MOST_CLOSED_DAYS:
        raise ValueWrong("too_many_closed", (str(len(days)), str(MOST_CLOSED_DAYS)))
    return given


def check_competitors(given: list[str]) -> list[str]:
    """The competitors as they are."""
    if len(given) > MOST_COMPETITORS:
        raise ValueWrong("too_many_competitors", (str(len(given)), str(MOST_COMPETITORS)))
    return given


def check_watched(given: list[str]) -> list[str]:
    """The channels as they are."""
    if len(given) > MOST_WATCHED:
        raise ValueWrong("too_many_watched", (str(len(given)), str(MOST_WATCHED)))
    return given


def describe_days(days: Iterable[date]) -> list[str]:
    """The days as people write them, those in a row as one: ["2026-05-14", "2026-12-24 to 2027-01-01"]."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def read_weekday(raw: Any) -> int:
    """A day of the week; Monday is 0."""
    text = _string(raw).strip().casefold()
    for number, name in enumerate(WEEKDAYS):
        if len(text) >= 3 and name.casefold().startswith(text):
            return number
    raise ValueWrong("no_weekday", (written(raw),))


WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
assert len(WEEKDAYS) == len(DAYS)


def read_minute(raw: Any) -> int:
    """A time of the day, "09:00", in minutes since midnight."""
    text = raw if isinstance(raw, str) else str(raw).removesuffix(":00")
    try:
        return parse_minute(text)
    except CalendarError:
        raise ValueWrong("no_minute", (written(raw),)) from None


def describe_minute(minute: int) -> str:
    """The time of the day, "09:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read_currency(raw: Any) -> str:
    """A currency by its three letters."""
    text = _string(raw).strip().upper()
    if text not in CURRENCIES:
        raise ValueWrong("no_currency", (written(raw),))
    return text


def read_emoji(raw: Any) -> str:
    """The name of an emoji, with or without its colons, "" for none: no reaction does anything then.

    A skin tone is left out, since people choose their own.
    """
    text = _string(raw, "ear").strip().casefold()
    if text in _NO_WORDS:
        return ""
    name = re.sub(r"::skin-tone-[2-6]$", "", text.removeprefix(":").removesuffix(":"))
    if not _EMOJI.fullmatch(name):
        raise ValueWrong("no_emoji", (written(raw),))
    return name


def written(raw: Any) -> str:
    """What stood there, in one line, short enough for a sentence."""
    # A number of thousands of digits cannot be written out, and nobody would read it.
    number = repr(float("inf")) if isinstance(raw, int) and abs(raw) > 10**60 else str(raw)
    text = raw if isinstance(raw, str) else "yes or no" if isinstance(raw, bool) else number
    text = " ".join("".join(char for char in text if char.isprintable()).split())
    return f"{text[:60]}…" if len(text) > 60 else text


def _string(raw: Any, example: str = "") -> str:
    if isinstance(raw, str):
        return raw
    raise ValueWrong("no_text", (written(raw),), (example,) if example else ())


def is_none(raw: Any) -> bool:
    """Whether it says that there is to be none."""
    return isinstance(raw, str) and raw.strip().casefold() in _NO_WORDS


def one_of(words: Iterable[str]) -> Callable[[Any], str]:
    """A reader of one of these words."""
    allowed = tuple(words)

    def read(raw: Any) -> str:
        text = _string(raw).strip().casefold()
        if text in allowed:
            return text
        raise ValueWrong("no_choice", (written(raw), *get_close_matches(text, allowed, n=1, cutoff=0.6)), allowed)

    return read


def read_working_days(raw: Any) -> int:
    """In how many working days, from 1 to MOST_WORKING_DAYS; 0 for `never`."""
    if is_none(raw):
        return 0
    return read_whole(raw, 0, MOST_WORKING_DAYS, "no_working_days")


def read_some_working_days(raw: Any) -> int:
    """In how many working days, from 1 to MOST_WORKING_DAYS."""
    return read_whole(raw, 1, MOST_WORKING_DAYS, "no_some_days")


def read_tries(raw: Any) -> int:
    """How many tries, from 1 to MOST_TRIES; 0 for `never`."""
    return 0 if is_none(raw) else read_whole(raw, 0, MOST_TRIES, "no_tries")


def read_lapses(raw: Any) -> int:
    """After how many leads that lapsed in a row, from 1 to MOST_TRIES; 0 for `never`."""
    return 0 if is_none(raw) else read_whole(raw, 0, MOST_TRIES, "no_lapses")


def describe_or_never(number: int) -> int | str:
    """What is read back as `number`; 0 is `never`."""
    return number or "never"


def read_accounts(raw: Any) -> int:
    """From how many accounts on, from 1 to MOST_ACCOUNTS."""
    return read_whole(raw, 1, MOST_ACCOUNTS, "no_accounts")


def read_accounts_or_never(raw: Any) -> int:
    """From how many accounts on; 0 for `never`."""
    return 0 if is_none(raw) else read_whole(raw, 0, MOST_ACCOUNTS, "no_accounts_or_never")


def read_times(raw: Any) -> int:
    """How many times as many, from 1 to MOST_TIMES."""
    return read_whole(raw, 1, MOST_TIMES, "no_times")


def read_alerts(raw: Any) -> int:
    """How many messages a day, from 1 to MOST_ALERTS."""
    return read_whole(raw, 1, MOST_ALERTS, "no_alerts")


def read_items_or_never(raw: Any) -> int:
    """About how many items a day, up to MOST_ASKED; 0 for `never`."""
    return 0 if is_none(raw) else read_whole(raw, 0, MOST_ASKED, "no_items_or_never")


Why = Literal[
    "no_cap",
    "no_weight",
    "no_working_days",
    "no_some_days",
    "no_tries",
    "no_lapses",
    "no_accounts",
    "no_accounts_or_never",
    "no_times",
    "no_alerts",
    "no_items_or_never",
    "no_of_1000",
]


def read_whole(raw: Any, least: int, most: int, why: Why) -> int:
    """A number, as a file has it or as it is typed in a form."""
    value = int(raw) if isinstance(raw, str) and re.fullmatch(r"\s*[0-9]{1,4}\s*", raw) else raw
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueWrong(why, (written(raw), str(most)))
    return value


def read_count(raw: Any) -> int:
    """How many times, from 0 to 10."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 10:
        raise ValueWrong("no_count", (written(raw),))
    return raw
