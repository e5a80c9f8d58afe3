"""What a rule asks of a lead, and whether a lead says so. Plain reckoning on texts, no database.

A condition names a field as people write it: `country`, `employees`, or whatever a form calls its question. Fields are
compared as `domain.leads.spellings` spells them, so the same lead reads alike through every source.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from domain.accounts import account_slug
from domain.errors import TandemError
from domain.leads.addresses import address_key
from domain.leads.arriving import NewLead
from domain.leads.free_mail import is_free_mail
from domain.leads.spellings import FIELDS, spelled
from domain.places import country_meant, regions_of
from domain.text import shorten

Verb = Literal["is", "is_not", "contains", "at_least", "at_most", "above", "below", "given", "work_address"]
BOUNDS: Final[tuple[Verb, ...]] = ("at_least", "at_most", "above", "below")
"""Those that compare numbers."""

NAMED: Final = ("source", "tier", "segment", "country", "territory", "persona", "accounts")
"""Conditions that have a setting of their own; each lists what will do."""

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "segment": ("segment", "companysegment", "customersegment", "marketsegment", "accountsegment"),
    "country": ("country", "countrycode", "countryname", "countryregion", "land", "pays", "pais", "paese"),
    "state": ("state", "stateregion", "stateprovince", "province", "bundesland", "statecode"),
    "territory": ("territory", "region", "salesterritory", "area", "gebiet", "team", "salesteam"),
    "persona": ("persona", "buyerpersona", "hspersona"),
    "industry": ("industry", "sector", "branche", "branch", "vertical"),
    "employees": (
        *("employees", "numberofemployees", "employeecount", "numemployees", "noofemployees", "companysize"),
        *("sizeofcompany", "headcount", "teamsize", "mitarbeiter", "anzahlmitarbeiter", "unternehmensgrosse"),
    ),
}
"""What forms and other systems call some fields: a rule finds each under any of its names."""

_CANONICAL: Final = {name: called for called, names in ALIASES.items() for name in names}
_SIGNS: Final[Mapping[str, Verb]] = {
    ">=": "at_least",
    "<=": "at_most",
    "at least": "at_least",
    "at most": "at_most",
    "≥": "at_least",
    "≤": "at_most",
    ">": "above",
    "<": "below",
    "more than": "above",
    "less than": "below",
    "!=": "is_not",
    "is not": "is_not",
    "=": "is",
    "==": "is",
    "is": "is",
    "in": "is",
    "one of": "is",
    "contains": "contains",
}
_WRITTEN: Final[Mapping[Verb, str]] = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "at_least": "is at least",
    "at_most": "is at most",
    "above": "is more than",
    "below": "is less than",
    "given": "is given",
    "work_address": "is a work address",
}
_WRITTEN_SIGNS: Final[Mapping[Verb, str]] = {
    "is": "=",
    "is_not": "!=",
    "contains": "contains",
    "at_least": ">=",
    "at_most": "<=",
    "above": ">",
    "below": "<",
}
_STATES: Final[Mapping[tuple[Verb, str], Verb]] = {
    **{("is", words): "given" for words in ("given", "required", "filled in", "filled", "known", "present", "set")},
    **{("is_not", words): "given" for words in ("empty", "blank", "missing", "none", "unknown")},
}
"""What a line can say of a field without naming a value. In quotes these words are values like others."""

_KIND: Final = r"(?: e-?mail)?(?: address)?"
_WORK_ADDRESS: Final = re.compile(rf"(?:an? )?(?:work|company|business|corporate|professional){_KIND}")
_PRIVATE_ADDRESS: Final = re.compile(rf"(?:an? )?(?:free|free-?mail|personal|private){_KIND}|free mail")
_MUST_BE_GIVEN: Final = re.compile(
    r"has (?:an? )?(?P<has>.+)|"
    r"(?P<field>.+) (?:exists|required|is mandatory|must (?:be (?:given|present|filled in|filled|set)|exist))",
    re.IGNORECASE,
)
"""Other words for "is given"."""

_LINE: Final = re.compile(
    r"(?:\"(?P<quoted>[^\"]+)\"|(?P<field>.+?))\s*"
    r"(?:(?P<sign>>=|<=|!=|==?|[≥≤]|[<>](?=\s*\d))"
    r"|(?<=[\s\"])(?P<word>at least|at most|more than|less than|is not|one of|contains|is|in)\s)"
    r"\s*(?P<rest>.+)",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(r"(?P<word>at least|at most|more than|less than)\s+(?P<rest>\d.*)", re.IGNORECASE)
"""How a condition with a number goes on after its "is", as screens write it. Nobody means such a text itself."""
_NUMBER: Final = re.compile(r"(\d[\d.,'’\u00a0\u202f ]*)\s*([km])?\b", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_VALUE: Final = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^,]*?))\s*(?:,| or |$)", re.IGNORECASE)
_TO_QUOTE: Final = re.compile("[,'\"]|^$|^\\s|\\s$| or ", re.IGNORECASE)
_ONE_OF: Final = re.compile("(?:one|any) of ", re.IGNORECASE)


@dataclass(unsafe_hash=True)
class ConditionWrong(TandemError, ValueError):
    """A line of a rule that says no condition. `given`: the line, or the part of it that is wrong."""

    why: Literal["not_understood", "no_number", "no_address"]
    given: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a rule asks. `field`: as it was written; `values`: of which one will do."""

    field: str
    verb: Verb
    values: tuple[str, ...]

    @property
    def written(self) -> str:
        """The condition in words: "employees is at least 500"."""
        told = " or ".join(self.values)
        if self.field == "accounts":
            return f"the account is {told}"
        return f"{self.field} {_WRITTEN[self.verb]} {told}".rstrip()


@dataclass(frozen=True, slots=True)
class LeadSays:
    """What a lead says, for rules: texts by the field's spelling. `company` and `email` name its account."""

    fields: Mapping[str, Sequence[str]]
    company: str | None
    email: str | None

    def of(self, field: str) -> Sequence[str]:
        """What the lead says in a field, under whatever name it was sent."""
        return self.fields.get(field_key(field), ())


def what_it_says(lead: NewLead, *, tier: str) -> LeadSays:
    """A lead as rules see it. `tier`: what it counts as."""
    fields: dict[str, list[str]] = {}
    own = (
        ("source", lead.source),
        ("tier", tier),
        ("territory", lead.team),
        ("name", lead.name),
        ("email", lead.email),
        ("domain", _domain(lead.email)),
        ("company", lead.company),
        ("jobtitle", lead.job_title),
        ("phone", lead.phone),
        ("asked", lead.asked),
        ("score", str(lead.score) if lead.score is not None else None),
    )
    for name, text in (*own, *lead.fields):
        if text:
            fields.setdefault(field_key(name), []).append(" ".join(text.split()))
    return LeadSays(fields, lead.company, lead.email)


def parse_condition(line: str) -> Condition:
    """A line such as `employees >= 500`, `industry = Pharma, Biotech`, `asked contains demo`. Raises ConditionWrong.

    A field with a sign in its name stands in quotes: `"What is it about?" contains price`. So does a value with a comma
    or an "or" in it.
    """
    words = " ".join(line.split())
    found = _LINE.fullmatch(words)
    if found is None and (must := _MUST_BE_GIVEN.fullmatch(words)) is not None:
        return Condition((must["has"] or must["field"]).strip('"'), "given", ())
    field = (found["quoted"] or found["field"]).strip() if found is not None else ""
    if found is None or not spelled(field):
        raise ConditionWrong("not_understood", line)
    verb = _SIGNS[(found["sign"] or found["word"]).casefold()]
    state = _state(field, verb, found["rest"].strip().casefold())
    if state is not None and found["word"]:
        return Condition(field, state, ())
    rest = found["rest"]
    if verb == "is" and (bound := _BOUND.fullmatch(rest)) is not None:
        verb, rest = _SIGNS[bound["word"].casefold()], bound["rest"]
    values = (re.sub("[.,]", "", rest),) if verb in BOUNDS and _THOUSANDS.fullmatch(rest) else _values(rest)
    if not values:
        raise ConditionWrong("not_understood", line)
    if verb in BOUNDS and (len(values) > 1 or read_number(values[0]) is None):
        raise ConditionWrong("no_number", rest)
    return Condition(field, verb, values)


def _state(field: str, verb: Verb, said: str) -> Verb | None:
    """What the line says of the field, where it names no value. Only of an address it is told whose it is."""
    if field_key(field) == "email":
        pattern = {"is": _WORK_ADDRESS, "is_not": _PRIVATE_ADDRESS}.get(verb)
        if pattern is not None and pattern.fullmatch(said):
            return "work_address"
    return _STATES.get((verb, said))


def write_condition(condition: Condition) -> str:
    """The line that `parse_condition` reads as this condition."""
    if not condition.values:
        field = _written_field(condition.field)
        return f"{field} {_WRITTEN[condition.verb]}"
    sign = _WRITTEN_SIGNS[condition.verb]
    told = ", ".join(f'"{one}"' if _TO_QUOTE.search(one) else one for one in condition.values)
    return f"{_written_field(condition.field)} {sign} {told}"


def _written_field(field: str) -> str:
    bare = _LINE.fullmatch(f"{field} = x")
    return field if bare is not None and bare["field"] == field else f'"{field}"'


def conditions_of(stored: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The conditions of a rule as they are kept: lists by NAMED, and lines under `where`."""
    listed = [Condition(name, "is", tuple(stored[name])) for name in NAMED if stored.get(name)]
    return (*listed, *(_parsed(line) for line in stored.get("where") or ()))


def first_unmet(conditions: Iterable[Condition], says: LeadSays) -> tuple[Condition, str] | None:
    """The first condition that does not hold, with what the lead says instead; None when all hold."""
    return next(iter(unmet(conditions, says)), None)


def unmet(conditions: Iterable[Condition], says: LeadSays) -> Iterator[tuple[Condition, str]]:
    """The conditions that do not hold, each with what the lead says instead ("" for nothing)."""
    for condition in conditions:
        said = _account_of(says) if condition.field == "accounts" else says.of(condition.field)
        if not _holds(condition, said, says):
            yield condition, shorten(", ".join(said), 80)


def read_number(text: str) -> float | None:
    """The first number in a text: "1,000+" is 1000, "501-1000" is 501, "10k" is 10000; None where there is none."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    digits = re.sub(r"['’\u00a0\u202f ]", "", found[1].strip(" .,"))
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        digits = re.sub("[.,]", "", digits)
    digits = digits.replace(",", ".")
    if digits.count(".") > 1 or len(digits) > 30:
        return None
    return float(digits) * {"k": 1e3, "m": 1e6}.get((found[2] or "").casefold(), 1)


def field_key(field: str) -> str:
    """What a field is compared by, under whatever name it was sent or asked for."""
    word = spelled(field)
    if word in _CANONICAL:
        return _CANONICAL[word]
    return spelled(FIELDS[word][0]) if word in FIELDS else word


def _values(text: str) -> tuple[str, ...]:
    inside = _ONE_OF.sub("", text.strip(), count=1) if _ONE_OF.match(text.strip()) else text.strip()
    if inside.startswith("[") and inside.endswith("]"):
        inside = inside[1:-1]
    found = []
    for quoted, single, plain in _VALUE.findall(inside):
        value = " ".join((quoted or single or plain).split())
        if value:
            found.append(value)
    return tuple(found)


@lru_cache(maxsize=512)
def _parsed(line: str) -> Condition:
    return parse_condition(line)


def _holds(condition: Condition, said: Sequence[str], says: LeadSays) -> bool:
    field = field_key(condition.field)
    match condition.verb:
        case "given":
            return bool(said)
        case "work_address":
            domains = [one.rpartition("@")[2] for one in said]
            return bool(domains) and not any(is_free_mail(one) for one in domains)
        case "is_not":
            return not any(_is(field, one, value, says) for one in said for value in condition.values)
        case "is":
            return any(_is(field, one, value, says) for one in said for value in condition.values)
        case "contains":
            return any(_plain(value) in _plain(one) for one in said for value in condition.values)
    bound = read_number(condition.values[0])
    numbers = [number for one in said if (number := read_number(one)) is not None]
    if bound is None or not numbers:
        return False
    compare = {"at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt}
    return bool(compare[condition.verb](numbers[0], bound))


def _is(field: str, said: str, value: str, says: LeadSays) -> bool:
    if field == "accounts":
        return _is_account(said, value)
    if field == "country" and _is_country(said, value, says.of("state")):
        return True
    if field in ("persona", "territory", "segment"):
        return spelled(said) == spelled(value)
    return _plain(said) == _plain(value)


def _is_account(said: str, value: str) -> bool:
    """Whether a company's name or an address's domain is the account that a rule names, by either."""
    if "." in value and " " not in value and _plain(said).endswith((_plain(value), f".{_plain(value)}")):
        rest = _plain(said).removesuffix(_plain(value))
        return not rest or rest.endswith(".")
    return account_slug(said) == account_slug(value)


def _is_country(said: str, value: str, states: Sequence[str]) -> bool:
    """Whether both name one country; where the rule names a region of it (US-CA), the lead's must be that."""
    meant, wanted = country_meant(said), country_meant(value)
    if meant is None or wanted is None or meant[0] != wanted[0]:
        return False
    if not wanted[1]:
        return True
    known = regions_of(wanted[0])
    regions = {meant[1], *(known.get(spelled(state), state) for state in states)}
    return _plain(wanted[1]) in {_plain(region) for region in regions if region}


def _account_of(says: LeadSays) -> Sequence[str]:
    return [one for one in (says.company, _domain(says.email)) if one]


def _domain(email: str | None) -> str | None:
    return address_key(email).rpartition("@")[2] if email and "@" in email else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
