"""The line in which a person writes opening hours, read as people write it: `mon-fri 09:00-12:30, 13:30-18:00`,
`9am-5pm`, `Mo-Fr 9-17 Uhr; Sa 10-14`, `lun-ven 9h-17h30`, `24/7`.

`describe_week` writes what was understood in one way, and the person sees it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Final

from domain.week import ALWAYS_WEEK, DAYS, CalendarError, Span, Week, checked_week

LONGEST: Final = 1000
_NOON: Final = 12 * 60
_DAY: Final = 24 * 60

_ENGLISH: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OTHER_DAYS: Final = (
    ("montag", "lundi", "lunes", "lunedi", "maandag", "segunda", "m"),
    ("dienstag", "mardi", "martes", "martedi", "dinsdag", "terca"),
    ("mittwoch", "mercredi", "miercoles", "mercoledi", "woensdag", "quarta", "w"),
    ("donnerstag", "jeudi", "jueves", "giovedi", "donderdag", "quinta"),
    ("freitag", "vendredi", "viernes", "venerdi", "vrijdag", "sexta", "f"),
    ("samstag", "sonnabend", "samedi", "sabado", "sabato", "zaterdag"),
    ("sonntag", "dimanche", "domingo", "domenica", "zondag"),
)
_SHORT: Final = (
    "mo lu",
    "tu di",
    "we mi me mer wo",
    "th do je ju gi thur thurs",
    "fr ve vi vr",
    "sa za",
    "su so zo dim dom",
)
_SEVERAL: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(("weekdays", "weekday", "workdays", "workday", "businessdays", "workweek"), (0, 1, 2, 3, 4)),
    **dict.fromkeys(("weekends", "weekend", "wochenende"), (5, 6)),
    **dict.fromkeys(("daily", "everyday", "alldays", "taglich", "dagelijks"), (0, 1, 2, 3, 4, 5, 6)),
}
_JOINED: Final = {
    "every day": "everyday",
    "all days": "alldays",
    "business days": "businessdays",
    "tous les jours": "daily",
}
_TO: Final = ("to", "till", "until", "thru", "through", "bis", "tot", "a", "al", "ate", "au", "as")
_AND: Final = ("and", "und", "et", "y", "e", "en", "&", ",", "/", "+")
_CLOSED: Final = ("closed", "off", "geschlossen", "zu", "ferme", "cerrado", "chiuso", "gesloten")
_ALL_DAY: Final = ("allday", "24h", "24hrs", "24hours", "always", "ganztags", "24std")
_IGNORED: Final = (
    "from",
    "von",
    "van",
    "de",
    "du",
    "le",
    "das",
    "dalle",
    "alle",
    "uhr",
    "open",
    "hours",
    "h",
    ":",
    "on",
    "o'clock",
    ".",
    "each",
)
_ALWAYS: Final = re.compile(
    r"(open |always )?(24 ?[/x] ?7|24/7/365|always( open)?|around the clock|rund um die uhr|24 ?(h|hours|hrs))"
)

_TOKEN = re.compile(
    r"(?P<allday>(?:all day|24 ?(?:h|hrs|hours|std))\b)"
    r"|(?P<time>(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})|(?P<compact>\d{2})(?!\d))?(?!\d)(?:\s*(?:h|uhr|hrs|o'clock)\b)?"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?|(?P<letter>[ap])\b)?)"
    r"|(?P<word>noon|midday|midnight|[^\W\d_]+)"
    r"|(?P<dash>-)"
    r"|(?P<stop>[;\n|])"
    r"|(?P<mark>[^\s\w]|_)"
    r"|(?P<rest>\w+)"
)


def _days_by_name() -> dict[str, int]:
    names: dict[str, int] = {}
    for day, name in enumerate(_ENGLISH):
        names |= {name[:length]: day for length in range(3, len(name) + 1)} | {f"{name}s": day}
    for day, others in enumerate(_OTHER_DAYS):
        names |= {
            name[:length]: day for name in others for length in range(3, len(name) + 1) if name[:length] not in names
        }
        names |= dict.fromkeys(others, day)
    for day, words in enumerate(_SHORT):
        names |= {word: day for word in words.split() if word not in names}
    return names


_DAY_NAMES: Final = _days_by_name()


@dataclass(frozen=True)
class _Time:
    """A time as written: minutes since midnight; `half` "a", "p" or ""; `exact`: it reads as one of 24 hours."""

    minutes: int
    half: str
    exact: bool
    shown: str


@dataclass
class _Group:
    """Days and their hours, as far as they were read. `to`: the last day or time is the first of a range."""

    days: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False
    start: _Time | None = None
    to: bool = False

    @property
    def has_hours(self) -> bool:
        return bool(self.spans) or self.closed or self.start is not None


def parse_week(text: str) -> Week:
    """The week in a line. Groups of days and hours are separated by `;`, a line break, or the next day's name.

    Days not named are closed; hours without days are from Monday to Friday; `fri 22:00-06:00` runs on into
    Saturday. `9-5` ends in the afternoon, `22:00-06:00` the next morning. Raises CalendarError with
    what cannot be read.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    normal = re.sub(r"[–—−‐‑~]", "-", plain.strip().casefold())
    for words, joined in _JOINED.items():
        normal = normal.replace(words, joined)
    if not normal:
        raise CalendarError("empty")
    if len(normal) > LONGEST:
        raise CalendarError("too_long", (str(len(normal)), str(LONGEST)))
    if _ALWAYS.fullmatch(normal):
        return ALWAYS_WEEK
    return _week_of(_groups(normal))


def parse_minute(text: str) -> int:
    """A time of the day in minutes since midnight: "09:00", "9am", "17h30". Raises CalendarError."""
    found = _TOKEN.fullmatch(text.strip().casefold())
    if found is None or not found["time"] or (minutes := _time_of(found).minutes) == _DAY:
        raise CalendarError("no_time_of_day", (text,))
    return minutes


def _groups(text: str) -> list[_Group]:
    groups = [_Group()]
    for found in _TOKEN.finditer(text):
        group = groups[-1]
        word = found["word"] or found["mark"] or ""
        if found["stop"]:
            _finish(group)
            groups.append(_Group())
        elif found["allday"] or word in _ALL_DAY:
            group.spans.append((0, _DAY))
        elif found["time"]:
            _add_time(group, _time_of(found))
        elif word in ("noon", "midday", "midnight"):
            minutes = _NOON if word != "midnight" else 0
            _add_time(group, _Time(minutes, "", True, word))
        elif word in _DAY_NAMES or word in _SEVERAL:
            if group.has_hours and not group.to:
                _finish(group)
                group = _Group()
                groups.append(group)
            _add_days(group, word)
        elif word in _CLOSED:
            group.closed = True
        elif found["dash"] or word in _TO:
            group.to = True
        elif word in _AND or word in _IGNORED:
            continue
        else:
            raise CalendarError("unread", (found[0],))
    _finish(groups[-1])
    return [group for group in groups if group.days or group.has_hours]


def _finish(group: _Group) -> None:
    if group.start is not None:
        raise CalendarError("no_end", (group.start.shown,))
    if group.to:
        raise CalendarError("leads_nowhere")


def _add_days(group: _Group, word: str) -> None:
    named = _SEVERAL.get(word) or (_DAY_NAMES[word],)
    if group.to:
        if not group.days or word in _SEVERAL:
            raise CalendarError("no_first_day", (word,))
        first = group.days[-1]
        named = tuple((first + step) % 7 for step in range((named[0] - first) % 7 + 1))
        group.to = False
    group.days.extend(day for day in named if day not in group.days)


def _time_of(found: re.Match[str]) -> _Time:
    shown = found["time"].strip()
    hour, minute = int(found["hour"]), int(found["minute"] or found["compact"] or 0)
    half = found["half"] or found["letter"] or ""
    if half and not 1 <= hour <= 12:
        raise CalendarError("unread_time", (shown,))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or hour * 60 + minute > _DAY:
        raise CalendarError("unread_beyond_24", (shown,))
    exact = hour > 12 or found["hour"].startswith("0") or bool(found["compact"])
    return _Time(hour * 60 + minute, half, exact, shown)


def _add_time(group: _Group, given: _Time) -> None:
    if group.start is None:
        if group.to:
            raise CalendarError("no_start", (given.shown,))
        group.start = given
    elif not group.to:
        raise CalendarError("dash_missing", (group.start.shown, given.shown))
    else:
        group.spans.append(_span(group.start, given, group.spans[-1][1] if group.spans else None))
        group.start, group.to = None, False


def _span(first: _Time, last: _Time, before: int | None) -> tuple[int, int]:
    """Minutes from and to; an end that is not after its start is on the next day. `before`: where the last span ended.

    Where hours could be of the morning or of the afternoon, the likelier one is taken: 9-5 ends at 17:00, 1-5 after a
    morning begins at 13:00, 9-5pm begins in the morning.
    """
    start, end = first.minutes, last.minutes
    open_start, open_end = not first.exact and not first.half, not last.exact and not last.half
    shown = f"{first.shown}-{last.shown}"
    if start == _DAY:
        raise CalendarError("begins_over", (shown,))
    if open_start and start < 8 * 60 and before is not None and start < before <= 13 * 60:
        start += _NOON
    if open_start and last.half == "p" and start < _NOON and (end - start) % _DAY > _NOON and start + _NOON < end:
        start += _NOON
    if open_end and end < _NOON and end <= start and start < end + _NOON:
        end += _NOON
    if start == end and not (start == 0 and last.shown == "midnight"):
        raise CalendarError("no_length", (shown,))
    return start, end or _DAY


def _week_of(groups: list[_Group]) -> Week:
    if groups and groups[0].has_hours and not groups[0].days:
        if len(groups) > 1 and not groups[-1].has_hours:
            # The hours came before their days: "9-17 mon-fri".
            for position, group in enumerate(groups[:-1]):
                group.days = groups[position + 1].days
            groups = groups[:-1]
        else:
            groups[0].days = [0, 1, 2, 3, 4]
    days: list[list[Span]] = [[] for _ in DAYS]
    opened: set[int] = set()
    closed: set[int] = set()
    named: list[int] = []
    for group in groups:
        named = group.days or named
        if not group.has_hours:
            raise CalendarError("days_without_time")
        (closed if group.closed else opened).update(named)
        for day in sorted(closed & opened):
            raise CalendarError("closed_and_open", (_ENGLISH[day].title(),))
        for day in named:
            for start, end in group.spans:
                _add(days, day, start, end)
    if not opened and not closed:
        raise CalendarError("empty")
    return checked_week(days)


def _add(days: list[list[Span]], day: int, start: int, end: int) -> None:
    if end > start:
        days[day].append(Span(_wall(start), _wall(end)))
    else:
        days[day].append(Span(_wall(start), time(0)))
        days[(day + 1) % 7].append(Span(time(0), _wall(end)))


def _wall(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
