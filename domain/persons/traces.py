"""By what a person is known who is to be erased, and how that is taken out of texts that others wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from domain.leads.addresses import address_key
from domain.leads.wishes import LEAST_DIGITS
from storage.models import Lead, LeadEvent, Wish

TAKEN_OUT: Final = "(erased)"
SHORTEST_NAME: Final = 5
"""Characters of a full name of two words or more; what is shorter stands in too many other words."""


LEAST_BARE: Final = 8
"""Digits of a number without that of its country and without the 0 in front: fewer may be anything's."""

_BETWEEN: Final = r"[\s().\-/]*"
_OPEN: Final = r"(.|\n){0,40}"
_NOTHING: Final = r"(?!)"
"""A pattern that matches nothing."""


@dataclass(frozen=True)
class Traces:
    """The person's e-mail addresses, phone numbers and full names. A single word is no full name."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, emails: Iterable[str], phones: Iterable[str], names: Iterable[str]) -> Traces:
        """Those that can be told from other words."""
        whole = (" ".join(one.split()) for one in names)
        return cls(
            tuple(sorted({one.strip() for one in emails if "@" in one})),
            tuple(sorted({one.strip() for one in phones if len(_digits(one)) >= LEAST_DIGITS})),
            tuple(sorted({one for one in whole if " " in one and len(one) >= SHORTEST_NAME and "@" not in one})),
        )

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones or self.names)

    def to_text(self) -> str:
        return json.dumps({"emails": self.emails, "phones": self.phones, "names": self.names})

    @classmethod
    def from_text(cls, text: str) -> Traces:
        kept = json.loads(text)
        return cls(*(tuple(map(str, kept.get(one) or ())) for one in ("emails", "phones", "names")))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join((*self._addresses, *self._named)) or _NOTHING, re.I)

    @cached_property
    def _pattern_without_names(self) -> re.Pattern[str]:
        return re.compile("|".join(self._addresses) or _NOTHING, re.I)

    @property
    def _addresses(self) -> tuple[str, ...]:
        ways = dict.fromkeys(way for one in self.phones for way in _ways_to_dial(one))
        return (*self._ways(self.emails, _email), *(_phone(*way) for way in ways))

    @property
    def _named(self) -> tuple[str, ...]:
        return self._ways(self._orders, _name)

    @property
    def _orders(self) -> tuple[str, ...]:
        """The names, and as address books have them: "Wong, Lee"."""
        turned = (f"{last}, {first}" for first, _, last in (one.rpartition(" ") for one in self.names))
        return (*self.names, *turned)

    @staticmethod
    def _ways(texts: Iterable[str], pattern: Any) -> tuple[str, ...]:
        """Each as it is, and as it stands in JSON that escapes."""
        return tuple(pattern(way) for one in texts for way in dict.fromkeys((one, json.dumps(one)[1:-1])))

    def without(self, value: Any, *, names: bool = True) -> Any:
        """A text, or JSON with texts in it, in which TAKEN_OUT stands where the person did."""
        pattern = self._pattern if names else self._pattern_without_names
        if isinstance(value, str):
            return pattern.sub(TAKEN_OUT, value)
        if isinstance(value, dict):
            return {self.without(name, names=names): self.without(one, names=names) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.without(one, names=names) for one in value]
        return value

    def may_stand_in(self, column: Any, *, names: bool = True) -> ColumnElement[bool]:
        """Whether a column may hold a trace: `without` tells exactly."""
        text = cast(column, Text)
        last = {_digits(one)[-LEAST_DIGITS:] for one in self.phones}
        spread = ("%" + "%".join(one) + "%" for one in sorted(last))
        words = (*self.emails, *(self._orders if names else ()))
        return or_(*(text.like(one) for one in spread), *(text.regexp_match(_at_least(one)) for one in words))


def traces_of(session: Session, leads: Collection[int], email: str | None, given: Traces | None = None) -> Traces:
    """All by which the persons of these leads are known: as they were sent, and as news changed it."""
    emails: list[str] = [email] if email else []
    phones: list[str] = []
    names: list[str] = []
    if given is not None:
        emails += given.emails
        phones += given.phones
        names += given.names
    rows = session.execute(
        select(Lead.email, Lead.phone, Lead.name).where(Lead.id.in_(leads), Lead.erased_at.is_(None))
    )
    for row in rows:
        emails.append(row.email or "")
        phones.append(row.phone or "")
        names.append(row.name)
    keys = session.scalars(select(Wish.person).where(Wish.lead_id.in_(leads), Wish.person.is_not(None)))
    emails += [str(one) for one in keys if not str(one).startswith("tel:")]
    news = select(LeadEvent.data).where(LeadEvent.lead_id.in_(leads), LeadEvent.kind == "news")
    for data in session.scalars(news):
        names.append(str(data.get("name") or ""))
        for label, text in data.get("details") or ():
            if label == "E-mail":
                emails.append(str(text))
            elif label == "Phone":
                phones.append(str(text))
    return Traces.of([*emails, *(address_key(one) for one in emails if "@" in one)], phones, names)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())


def _email(text: str) -> str:
    """ "ana@x.example", and neither "joana@x.example" nor "ana@x.example.org"."""
    return rf"(?<![\w.+-]){re.escape(text)}(?![\w-]|\.\w)"


def _ways_to_dial(text: str) -> list[tuple[str, str]]:
    """How a number may be written that was sent as `text`: what may stand before it, as a pattern, and its digits.

    +49 (0)30 5550199, 0049 30 5550199, 030 5550199 and 30 5550199 are one number. Where the number of the country
    ends is not known: it has two or three digits, but for 1 and 7.
    """
    text = re.sub(r"\(\s*0\s*\)", "", text)
    digits = _digits(text)
    as_sent = ("", digits)
    if text.lstrip("( ").startswith("+") or digits.startswith("00"):
        digits = digits.removeprefix("00")
        ways = [(rf"(?:(?:\+|00){_BETWEEN})?", digits)]
        for length in (1,) if digits[:1] in ("1", "7") else (2, 3):
            country, rest = digits[:length], digits[length:]
            if not rest.startswith("0"):
                ways.append((rf"(?:(?:\+|00){_BETWEEN.join(country)}{_BETWEEN})?0{_BETWEEN}", rest))
                ways.append(("", rest))
    else:
        digits = digits.removeprefix("0")
        ways = [(rf"(?:(?:\+|00)(?:{_BETWEEN}\d){{1,3}}{_BETWEEN}(?:0{_BETWEEN})?|0{_BETWEEN})", digits), ("", digits)]
    return [as_sent, *(way for way in ways if len(way[1]) >= (LEAST_DIGITS if way[0] else LEAST_BARE))]


def _phone(before: str, digits: str) -> str:
    return rf"(?<![\d+])\(?{before}{_BETWEEN.join(digits)}(?!\d)"


def _name(text: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, text.split())) + r"(?!\w)"


def _at_least(text: str) -> str:
    """A pattern for either database that finds the text at least, in any case: no database folds that itself.

    Whatever stands for spaces and for other letters than ASCII's is open.
    """
    found = ""
    for char in text:
        if char.isascii() and char.isalpha():
            found += f"[{char.lower()}{char.upper()}]"
        elif char.isascii() and not char.isspace():
            found += char if char.isdigit() else f"[{char}]" if char not in "^]\\[" else f"\\{char}"
        elif not found.endswith(_OPEN):
            found += _OPEN
    return found
