"""Understands what is typed after `/voc search`: words, phrases in quotes, and what the items must belong to.

`security "per seat" #pricing @Globex !Rivalsoft kind:objection since:2026-01 by:@ana`, in any order. Names that nobody
knows are told, never passed over. Nothing typed is an operator for a database: storage/words.py puts words in quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug, found_account
from domain.people import Actor, workspace_zone
from domain.quick_line import KIND_WORDS
from domain.text import clean_text, compare_key, plain, slugify_theme
from domain.themes import find_theme
from domain.voc.led_competitors import own_competitor
from domain.voc.words import words_of
from storage.models import Account, Member, VocItem

LONGEST_QUERY: Final = 300
"""Characters: a button of the answer carries them, for the next page."""

MOST_PARTS: Final = 16
"""Words and phrases that are looked for; more are passed over, and that is told."""

LONGEST_NAME: Final = 5
"""Words of an account's name that stand behind an `@` without quotes."""

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200

What = Literal["theme", "account", "kind", "person", "time"]

_PIECE: Final = re.compile(
    r"""
    \s+
  | (?P<lately>(?:last|past)\s+(?:(?P<count>\d{1,3})\s*)?(?P<unit>day|week|month|quarter|year)s?)(?![\w-])
  | (?P<filter>kind|since|after|until|before|by|theme|account|competitor)\s?:\s?
    (?P<value>"[^"]*"?|<@[^\s<>]*>|[^\s"]+)
  | <@(?P<user>[UW][A-Z0-9]{1,20})>
  | (?P<mark>[#@!])(?P<marked>"[^"]*"|[^\s"]+)
  | "(?P<phrase>[^"]*)" | "
  | (?P<kinds>objections|pain[ _-]points|feature[ _-]gaps|feature[ _-]requests|lost[ _-]reasons|questions)(?![\w-])
  | (?P<word>[^\s"]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»「」", '"'))
_BEHIND_A_MARK: Final = re.compile(r'[^"#@!\n]{1,200}')
_DAYS: Final = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_GENITIVE: Final = re.compile(r"['’][sS](?=[^\w\s]*\Z)")
_GENITIVE_BEHIND: Final = re.compile(r"['’][sS](?!\w)")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AGO: Final = re.compile(r"(\d{1,3})\s?([dwmy])[a-z]*", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_KINDS: Final = {compare_key(word): kind.value for word, kind in KIND_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """Words that follow each other. `exact`: they stood in quotes, so no ending is taken off and none is added."""

    words: tuple[str, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A theme, an account or a member by id, as it is shown."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that the query names and that there is not."""

    what: What
    name: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `text`: as typed, cleaned. Of one kind of filter any will do, of different kinds all must.

    Where something was merged or renamed, what took its place is looked for; `competitors` are else as typed. `since`
    and `until` (aware UTC): from then on, and before then. `too_many`: some words are not looked for.
    """

    text: str
    parts: tuple[Part, ...] = ()
    themes: tuple[Named, ...] = ()
    accounts: tuple[Named, ...] = ()
    members: tuple[Named, ...] = ()
    competitors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    unknown: tuple[Unknown, ...] = ()
    too_many: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for: a smile, three dots."""
        return not (self.parts or self.unknown or self.belongs)

    @property
    def belongs(self) -> bool:
        """Whether it says what the items belong to, or of what time they are."""
        return any((self.themes, self.accounts, self.members, self.competitors, self.kinds, self.since, self.until))

    @property
    def is_search(self) -> bool:
        """Whether something was typed that is in no line about a customer, such as `kind:` or `last 90 days`."""
        return any((self.members, self.kinds, self.since, self.until)) or any(
            one.what in ("kind", "person", "time") for one in self.unknown
        )


def read_query(session: Session, typed: str, *, by: Actor, at: datetime) -> Query:
    """Understand what was typed. Raises TextEmpty and TextTooLong (LONGEST_QUERY)."""
    text = clean_text(typed, limit=LONGEST_QUERY)
    return _Reader(session, text, by, at).read()


@dataclass
class _Reader:
    session: Session
    text: str
    by: Actor
    at: datetime
    parts: list[Part] = field(default_factory=list)
    themes: list[Named] = field(default_factory=list)
    accounts: list[Named] = field(default_factory=list)
    members: list[Named] = field(default_factory=list)
    competitors: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None

    def read(self) -> Query:
        line = plain(self.text).translate(_QUOTES)
        place = 0
        while place < len(line):
            found = _PIECE.match(line, place)
            assert found is not None, "some piece begins at every character"
            place = self._take(found, line)
        return Query(
            text=self.text,
            parts=tuple(dict.fromkeys(self.parts))[:MOST_PARTS],
            themes=tuple(dict.fromkeys(self.themes)),
            accounts=tuple(dict.fromkeys(self.accounts)),
            members=tuple(dict.fromkeys(self.members)),
            competitors=tuple(dict.fromkeys(self.competitors)),
            kinds=tuple(dict.fromkeys(self.kinds)),
            since=self.since,
            until=self.until,
            unknown=tuple(dict.fromkeys(self.unknown)),
            too_many=len(set(self.parts)) > MOST_PARTS,
        )

    def _take(self, found: re.Match[str], line: str) -> int:
        """Keep what a piece says; where it ends."""
        if found["lately"]:
            # As a theme's pulse counts (domain/pulse.py): what is later than that moment.
            begin = self.at - timedelta(days=int(found["count"] or 1) * _DAYS[found["unit"].lower()])
            self.since = begin + timedelta(microseconds=1)
        elif found["filter"] and words_of(found["value"]):
            self._filter(found["filter"].lower(), found["value"].strip('"'), self._typed(found, "value"))
        elif found["user"]:
            self._member(Member.slack_user_id == found["user"], found["user"])
        elif found["mark"]:
            return self._marked(found, line)
        elif found["phrase"] is not None:
            self._add(self._typed(found, "phrase"), exact=True)
        elif found["kinds"]:
            self.kinds.append(_KINDS[compare_key(found["kinds"].rstrip("sS"))])
        elif found["word"]:
            self._add(self._typed(found, "word"))
        return found.end()

    def _typed(self, found: re.Match[str], group: str) -> str:
        """The piece as it was typed, since `plain` has other characters in the same places."""
        return self.text[found.start(group) : found.end(group)]

    def _add(self, typed: str, *, exact: bool = False) -> None:
        if words := words_of(typed):
            self.parts.append(Part(tuple(words), exact))

    def _marked(self, found: re.Match[str], line: str) -> int:
        name, typed = found["marked"].strip('"'), self._typed(found, "marked")
        if not words_of(typed):
            return found.end()
        if found["mark"] == "#":
            if slugify_theme(name) is None:
                self._add(typed)  # `#42` is no theme
            else:
                self._theme(_of(name))
        elif found["mark"] == "!":
            self._competitor(typed)
        elif found["marked"].startswith('"'):
            self._account([name], name)
        else:
            return self._longest_account(found.start("marked"), line) or found.end()
        return found.end()

    def _filter(self, what: str, value: str, typed: str) -> None:
        if what == "kind":
            self._kind(value)
        elif what in ("since", "after", "until", "before"):
            self._time(what, value)
        elif what == "theme":
            self._theme(value.lstrip("#"))
        elif what == "competitor":
            self._competitor(typed.lstrip("!"))
        elif what == "account":
            self._account([value.lstrip("@")], value)
        else:
            self._person(value)

    def _theme(self, name: str) -> None:
        slug = slugify_theme(name) or ""
        theme = find_theme(self.session, self.by.workspace_id, slug)
        if theme is None:
            self.unknown.append(Unknown("theme", slug or name))
        else:
            self.themes.append(Named(theme.id, theme.slug))

    def _competitor(self, name: str) -> None:
        bare = name.strip('"“”')
        if bare == name and _of(bare) != bare and not self._is_competitor(bare):
            bare = _of(bare)
        if compare_key(bare):
            self.competitors.append(own_competitor(self.session, self.by.workspace_id, bare) or bare)

    def _longest_account(self, start: int, line: str) -> int | None:
        """The account whose name begins there, the longest that there is; where its name ends."""
        behind = _BEHIND_A_MARK.match(line, start)
        words = list(re.finditer(r"\S+", behind[0]))[:LONGEST_NAME] if behind else []
        names = [behind[0][: word.end()] for word in reversed(words)] if behind else []
        # Some names end with an `'s` of their own, such as McDonald's: so both are looked for.
        both = [each for name in names for each in dict.fromkeys((name, _of(name)))]
        found = self._account(both, _of(words[0][0]) if words else "")
        if found is None:
            return None
        genitive = _GENITIVE_BEHIND.match(line, start + len(found))
        return genitive.end() if genitive else start + len(found)

    def _is_competitor(self, name: str) -> bool:
        """Whether items name a competitor so."""
        named = select(VocItem.id).where(
            VocItem.workspace_id == self.by.workspace_id,
            VocItem.competitor_key == compare_key(name),
            VocItem.state == "live",
        )
        return self.session.scalar(named.limit(1)) is not None

    def _account(self, names: list[str], shown: str) -> str | None:
        """Keep the account of the first name that there is; that name."""
        slugs = {account_slug(name): name for name in reversed(names)}
        rows = self.session.execute(
            select(Account.id, Account.name, Account.slug, Account.created_at, Account.merged_into_id).where(
                Account.workspace_id == self.by.workspace_id, Account.slug.in_(list(slugs))
            )
        ).all()
        if not rows:
            self.unknown.append(Unknown("account", shown))
            return None
        best = max(rows, key=lambda row: len(slugs[row.slug]))
        found = found_account(self.session, best.id, best.name, False, best.created_at, best.merged_into_id)
        self.accounts.append(Named(found.id, found.name))
        return slugs[best.slug]

    def _kind(self, value: str) -> None:
        key = compare_key(value)
        kind = _KINDS.get(key) or _KINDS.get(key.rstrip("s"))
        if kind is None:
            self.unknown.append(Unknown("kind", value))
        else:
            self.kinds.append(kind)

    def _person(self, value: str) -> None:
        if value.lower() in ("me", "@me"):
            self.members.append(Named(self.by.id, self.by.name))
        elif mentioned := re.fullmatch(r"<@([UW][A-Z0-9]{1,20})>", value):
            self._member(Member.slack_user_id == mentioned[1], value)
        else:
            key = compare_key(_of(value))
            self._member(or_(Member.name_key == key, Member.first_name_key == key), value.lstrip("@"))

    def _member(self, which: ColumnElement[bool], shown: str) -> None:
        rows = self.session.execute(
            select(Member.id, Member.name).where(Member.workspace_id == self.by.workspace_id, which).limit(20)
        ).all()
        if not rows:
            self.unknown.append(Unknown("person", shown))
        self.members += [Named(row.id, row.name) for row in rows]

    def _time(self, what: str, value: str) -> None:
        if ago := _AGO.fullmatch(value):
            days = {"d": 1, "w": 7, "m": 30, "y": 365}[ago[2].lower()]
            begin = end = self.at - timedelta(days=int(ago[1]) * days)
        else:
            zone = ZoneInfo(workspace_zone(self.session, self.by.workspace_id))
            period = read_period(value) or named_period(value, self.at.astimezone(zone).date())
            if period is None:
                self.unknown.append(Unknown("time", value))
                return
            begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in period)
        if what in ("since", "after"):
            self.since = begin if what == "since" else end
        else:
            self.until = end if what == "until" else begin


def _of(name: str) -> str:
    """The name without the `'s` by which a sentence makes it a genitive, and what follows: `@Globex's`."""
    return _GENITIVE.sub("", name)


def read_period(value: str) -> tuple[date, date] | None:
    """The first day of a year, month or day, and the first one behind it: `2026`, `2026-01`, `2026-01-15`."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        first = date(year, month or 1, day or 1)
        if day is not None:
            return first, first + timedelta(days=1)
        if month is not None:
            return first, (first + timedelta(days=32)).replace(day=1)
        return first, first.replace(year=first.year + 1)
    except ValueError:
        return None


def named_period(value: str, today: date) -> tuple[date, date] | None:
    """Like `read_period`, of what people say: `today`, `yesterday`, `monday` (the latest), `week`, `last-month`."""
    word = value.casefold().replace("_", "-").removeprefix("this-")
    day, week = timedelta(days=1), timedelta(days=7)
    monday, first = today - today.weekday() * day, today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    named = {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "week": (monday, monday + week),
        "last-week": (monday - week, monday),
        "month": (first, following),
        "last-month": ((first - day).replace(day=1), first),
        "year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
        "last-year": (date(today.year - 1, 1, 1), date(today.year, 1, 1)),
    }
    for number, name in enumerate(_WEEKDAYS):
        latest = today - ((today.weekday() - number) % 7) * day
        named[name] = named[name[:3]] = (latest, latest + day)
    return named.get(word)
