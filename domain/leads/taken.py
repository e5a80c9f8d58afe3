"""A lead as another system sent it: whatever shape a detail comes in, the lead is taken and the detail is marked.

Nobody can be asked again, so nothing but a lead without any trace of a person or company is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from domain.errors import FieldProblems
from domain.leads.addresses import NOBODYS, address_key, read_address
from domain.leads.arriving import NewLead, Touch
from domain.leads.errors import LeadFieldWrong
from domain.leads.fields import LIMITS, MOST_TOUCHES, read_score
from domain.leads.spellings import says_nothing
from domain.leads.wishes import fingerprint
from domain.text import TextEmpty, clean_text, shorten

SHOWN: Final = 40
SHORT: Final = 200
LONGEST_ANSWER: Final = 500
MOST_ANSWERS: Final = 200
CALLED: Final = {
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "company": "Company",
    "job_title": "Job title",
    "asked": "What was asked",
    "form": "Form",
    "score": "Score",
    "tier": "Tier",
    "team": "Team",
    "touches": "Touches",
}

PLACEHOLDERS: Final = frozenset({"name", "first_name", "last_name", "company", "phone", "job_title"})
"""Fields that people must fill in who have nothing to say there."""

_AS_A_SUM: Final = re.compile(r"(\d)[.,](\d+)[eE]\+?(\d{1,2})")

_TOUCH_WORDS: Final = (
    "what",
    "name",
    "title",
    "label",
    "event",
    "type",
    "activity",
    "campaign",
    "description",
    "value",
)
_TOUCH_TIMES: Final = (
    "at",
    "date",
    "time",
    "timestamp",
    "occurred_at",
    "occurredAt",
    "created_at",
    "createdAt",
    "when",
)


class Repeated(list[Any]):
    """The values of a field that was sent more than once."""


def text_of(value: Any) -> str | None:
    """The value as text, cleaned; None for one that says nothing, or that is no text in any way."""
    if isinstance(value, Repeated):
        return next((text for one in value if (text := text_of(one))), None)
    if isinstance(value, list):
        texts = [text for one in value if not isinstance(one, list | dict) and (text := text_of(one))]
        return ", ".join(texts) or None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return clean_text(str(value), limit=10**9)
    except TextEmpty:
        return None


def taken_lead(
    values: Mapping[str, Any],
    *,
    source: str,
    external_id: str | None = None,
    rest: Mapping[str, Any] | None = None,
    sent: str | None = None,
    unsaid: Callable[[str], bool] | None = None,
) -> NewLead:
    """The lead in `values`, by the names of domain/leads/spellings.py, as they were sent.

    `rest`: what else was said, which a resend says again; `sent`: everything that was sent, for people.
    `unsaid`: tells the labels of what the system says of itself, which makes nothing new. Raises FieldProblems under
    `name` where nothing says who it is.
    """
    reader = _Reader(values)
    email = reader.email()
    phone, company = reader.phone(), reader.line("company")
    name = reader.name()
    asked, form = reader.text("asked"), reader.line("form")
    known = name or reader.beside or email or phone or company or reader.unread
    if known is None:
        raise FieldProblems({"name": LeadFieldWrong("nobody")})
    touches = reader.touches()
    if asked is None:
        asked = form
    elif form is not None:
        touches = (*touches, Touch(form, None))
    score = reader.score()
    lead = NewLead(
        name=shorten(" ".join(known.split()), LIMITS["name"]),
        source=source,
        email=email,
        phone=phone,
        company=company,
        job_title=reader.line("job_title"),
        asked=asked,
        score=score,
        tier=reader.line("tier"),
        team=reader.line("team"),
        touches=touches[-MOST_TOUCHES:],
        external_id=external_id,
        marks=tuple(reader.marks.values()),
        sent=sent,
        fields=_answers(rest or {}),
    )
    said = {label: value for label, value in (rest or {}).items() if unsaid is None or not unsaid(label)}
    return replace(lead, said=_said(lead, said))


def _answers(rest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What else was answered, for rules: the beginning of each of the first MOST_ANSWERS."""
    texts = ((label, text_of(value)) for label, value in rest.items())
    found = ((label[:SHORT], shorten(text, LONGEST_ANSWER)) for label, text in texts if text)
    return tuple(islice(found, MOST_ANSWERS))


def _said(lead: NewLead, rest: Mapping[str, Any]) -> str:
    """The fingerprint of everything that was said, ids and times aside."""
    said = {
        "name": lead.name,
        "email": address_key(lead.email) if lead.email else None,
        "phone": lead.phone,
        "company": lead.company,
        "job_title": lead.job_title,
        "asked": lead.asked,
        "score": lead.score,
        "tier": lead.tier,
        "team": lead.team,
        "touches": [(touch.what, touch.at) for touch in lead.touches],
        "marks": lead.marks,
        "rest": {label: text_of(value) for label, value in rest.items()},
    }
    return fingerprint(said)


@dataclass
class _Reader:
    """Reads the values one by one; `marks`: a sentence for each that could not be used as it was sent.

    `beside`: a name that stood beside the address; `unread`: what stands where an address should be.
    """

    values: Mapping[str, Any]
    marks: dict[str, str] = field(default_factory=dict)
    beside: str | None = None
    unread: str | None = None

    def text(self, name: str) -> str | None:
        """A field's text; one that is too long is cut and marked, what is no text is marked."""
        value = self.values.get(name)
        text = text_of(value)
        if text is None:
            if _is_odd(value):
                self._not_understood(name, value)
            return None
        if name in PLACEHOLDERS and says_nothing(name, text):
            return None
        limit = LIMITS[name]
        if len(text) > limit:
            self.marks[name] = f"{CALLED[name]} has {len(text):,} characters: cut here, kept as sent."
        return shorten(text, limit)

    def line(self, name: str) -> str | None:
        """A field's text in one line."""
        text = self.text(name)
        return " ".join(text.split()) if text is not None else None

    def name(self) -> str | None:
        """The whole name. Beside a first name alone, `Nom` is the surname; beside a surname, `Nombre` is the first."""
        whole = self.line("name")
        first, last = self.line("first_name"), self.line("last_name")
        part = first or last
        if whole and part and not (first and last) and not _words(part) <= _words(whole):
            return f"{first} {whole}" if first else f"{whole} {last}"
        return whole or " ".join(one for one in (first, last) if one) or None

    def phone(self) -> str | None:
        """The number. A spreadsheet that took it for a sum wrote `4.93E+11`: with all its digits it is one still."""
        text = self.text("phone")
        if text is None or (found := _AS_A_SUM.fullmatch(text)) is None:
            return text
        if len(found[2]) == int(found[3]):
            return found[1] + found[2]
        self._not_understood("phone", text)
        return None

    def email(self) -> str | None:
        value = self.values.get("email")
        texts = value if isinstance(value, list) else [value]
        written = [text for one in texts if (text := text_of(one)) and not says_nothing("email", text)]
        read = (address for text in written if (address := read_address(text)))
        found = next((one for one in read if one.email.casefold() not in NOBODYS), None)
        if found is None:
            self.unread = " ".join(written[0].split()) if written else None
        if (found is None and (written or _is_odd(value))) or (found and len(found.email) > LIMITS["email"]):
            self._not_understood("email", value)
            return None
        if found is None:
            return None
        self.beside = found.name
        if found.more or len({text.casefold() for text in written}) > 1:
            self.marks["email"] = (
                "More than one e-mail address was sent: this is the first, the others are kept as sent."
            )
        return found.email

    def score(self) -> int | None:
        """The score, rounded to a whole one; any number will do."""
        value = self.values.get("score")
        value = next(iter(value), None) if isinstance(value, Repeated) else value
        score = read_score(value)
        if score is not None:
            return score
        if value is not None and value != [] and value != {} and not (isinstance(value, str) and not value.strip()):
            self._not_understood("score", value)
        return None

    def touches(self) -> tuple[Touch, ...]:
        """The touches, the earliest first where they are dated; what came without a date stays beside its neighbour."""
        value = self.values.get("touches")
        if isinstance(value, dict):
            value = [value] if any(one in value for one in _TOUCH_WORDS) else list(value.values())
        entries = value if isinstance(value, list) else [] if value is None else [value]
        found = [touch for one in entries if (touch := self._touch(one)) is not None]
        if len(found) > MOST_TOUCHES:
            self.marks["touches"] = (
                f"{len(found):,} touches were sent: the last {MOST_TOUCHES} are shown, all are kept as sent."
            )
        if (campaign := self._campaign()) is not None:
            found.append(campaign)
        return in_order(found)

    def _touch(self, entry: Any) -> Touch | None:
        at = None
        if isinstance(entry, dict):
            at = next((text for one in _TOUCH_TIMES if (text := text_of(entry.get(one)))), None)
            what = next((text for one in _TOUCH_WORDS if (text := text_of(entry.get(one)))), None)
        else:
            what = text_of(entry)
        if what is None:
            if _is_odd(entry):
                self._not_understood("touches", entry)
            return None
        if len(what) > LIMITS["touch"]:
            self.marks["touches"] = "A touch was too long: cut here, kept as sent."
        return Touch(shorten(what, LIMITS["touch"]), at if at and len(at) <= LIMITS["touch_at"] else None)

    def _campaign(self) -> Touch | None:
        """What brought the person, from a link's utm parameters."""
        parts = (text_of(self.values.get(one)) for one in ("campaign", "campaign_source", "campaign_medium"))
        words = " · ".join(" ".join(part.split()) for part in parts if part)
        return Touch(shorten(words, LIMITS["touch"]), None) if words else None

    def _not_understood(self, name: str, value: Any) -> None:
        written = text_of(value) or text_of(_written(value)) or ""  # what no database takes is not told either
        told = f" “{shorten(' '.join(written.split()), SHOWN)}”" if written else ""
        self.marks[name] = f"{CALLED[name]}{told} was not understood: kept as sent."


def _words(text: str) -> set[str]:
    return set(text.casefold().split())


def in_order(touches: list[Touch]) -> tuple[Touch, ...]:
    """The touches by their times, the earliest first; one without a time follows the touch before it."""
    last = datetime.min.replace(tzinfo=UTC)
    keyed: list[tuple[datetime, Touch]] = []
    for touch in touches:
        last = moment_of(touch.at) or last
        keyed.append((last, touch))
    return tuple(touch for _, touch in sorted(keyed, key=lambda one: one[0]))


def moment_of(text: str | None) -> datetime | None:
    """The moment (aware UTC) that a text names in ISO 8601 or in seconds or milliseconds since 1970; else None."""
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{9,13}(\.\d+)?", text):
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e11 else seconds, UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_odd(value: Any) -> bool:
    """Whether something was said in a shape that is no text. Lists may nest as deep as Python reads them."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, bool) or (isinstance(one, dict) and one):
            return True
    return False


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else str(value)
