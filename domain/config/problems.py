"""What is wrong with settings, in sentences: each names where it stands and says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from domain.config.values import said
from domain.errors import TandemError

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """`loc`: keys and positions from the top of the file; `path`: the same for people, `teams[emea].hours`."""

    loc: Loc
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


@dataclass(unsafe_hash=True)
class SettingWrong(TandemError):
    """A setting cannot be as the form says."""

    sentence: str


@dataclass(unsafe_hash=True)
class ConfigProblems(TandemError):
    """The settings cannot be applied, and nothing was changed; every problem is listed."""

    problems: tuple[Problem, ...]


_NAMING: Final = {"teams": "key", "policies": "tier", "audiences": "key", "sources": "name"}
_ONE_OF: Final = {"teams": "team", "policies": "policy", "audiences": "audience", "sources": "source"}
_LABELS: Final = {
    "zone": "The time zone",
    "hours": "The hours",
    "holidays": "The holiday calendar",
    "closed": "The closed day",
    "members": "The member",
    "who": "The person",
    "contact": "The time to contact",
    "reassign_after": "The time after which a lead moves to the next rep",
    "max_reassigns": "How often a lead moves on",
    "key": "The short name",
    "tier": "The tier",
    "auth": "The kind of signature",
    "half": "The share for half time",
    "remind": "The share for the reminder",
    "when_empty": "What happens in an empty week",
    "competitors": "The competitor",
    "accounts": "The account",
    "marketing_channel": "The marketing channel",
}
_MANY: Final = ("closed", "competitors")
_OTHER_WORDS: Final = {
    "timezone": "zone",
    "time_zone": "zone",
    "tz": "zone",
    "working_hours": "hours",
    "people": "members",
    "reps": "members",
    "users": "members",
    "roles": "members",
    "id": "key",
    "slug": "key",
    "title": "name",
    "lead": "manager",
    "boss": "manager",
    "sla": "contact",
    "minutes": "contact",
    "day": "weekday",
    "hour": "time",
    "at": "time",
    "country": "holidays",
    "days_off": "closed",
    "webhooks": "sources",
    "digests": "audiences",
    "slas": "policies",
    "is_default": "default",
    "secret": "auth",
}


def path_of(loc: Loc, data: Mapping[str, Any]) -> str:
    """Where something stands, for people: entries of a list go by their name, else by their number from 1."""
    parts: list[str] = []
    here: Any = data
    for step in loc:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            name = here.get(_NAMING.get(str(parts[-1]) if parts else "", "")) if isinstance(here, dict) else None
            label = name if isinstance(name, str) and re.fullmatch(r"[\w-]{1,40}", name) else str(step + 1)
            parts[-1] = f"{parts[-1]}[{label}]"
        elif step != "[key]":
            here = here.get(step) if isinstance(here, dict) else None
            parts.append(step if re.fullmatch(r"[\w-]+", step) else said(step))
    return ".".join(parts)


def problems_of(error: ValidationError, data: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> list[Problem]:
    """The problems that pydantic found. `known`: the settings of each section; "" for the top of the file."""
    found: dict[Loc, Problem] = {}
    for each in error.errors(include_url=False):
        loc: Loc = tuple(each["loc"])
        sentence = _sentence(each["type"], loc, each.get("input"), each.get("ctx") or {}, known)
        found.setdefault(loc, Problem(loc, path_of(loc, data), sentence))
    return list(found.values())


def syntax_problem(text: str, message: str) -> Problem:
    """A file that is no TOML: which line, and the mistakes that people make most."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    what = re.sub(r"\s*\(at [^)]*\)", "", message)
    if place is None:
        return Problem((), "", f"The file ends in the middle of something, or repeats a setting: {what}.")
    number = int(place[1])
    line = (text.splitlines() or [""])[min(number, len(text.splitlines())) - 1]
    hint = "Texts stand in quotes, lists in square brackets, and each setting on its own line."
    if re.search("[“”„‘’]", line):
        hint = 'The quotes on this line are curly; write straight ones: ".'
    elif re.match(r"\s*[^\"'=\s]+@[^\"'=\s]+\s*=", line):
        hint = 'An e-mail address on the left needs quotes: "ana@example.com" = "rep".'
    elif re.match(r"\s*[\w-]+\s*=\s*[^\s\"'\[{\d]", line) and not re.search(r"=\s*(true|false)\b", line):
        hint = 'A text needs quotes: name = "value".'
    elif re.match(r"\s*[\w-]+\s*:", line):
        hint = 'A setting is written with an equals sign: name = "value".'
    return Problem((), f"line {number}", f"This line cannot be read: {said(line.strip())}. {hint}")


def _sentence(kind: str, loc: Loc, given: Any, ctx: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> str:
    section = str(loc[0]) if loc else ""
    name = next((str(step) for step in reversed(loc) if isinstance(step, str) and step != "[key]"), "")
    if kind == "extra_forbidden":
        return _unknown(name, section if len(loc) > 1 else "", known)
    if kind == "missing":
        one = _ONE_OF.get(section, section)
        return f'Every {one} needs a {name}. Add for example {name} = "{_EXAMPLES.get(name, "sales")}".'
    if kind == "value_error":
        if section == "members":
            return f"The {'person' if loc[-1] == '[key]' else 'role'} {ctx['error']}"
        said_why = str(ctx["error"])
        if said_why[:1].isupper():
            return said_why
        label = _LABELS.get(name, f"The {name.replace('_', ' ')}")
        # Of a list: one of its entries, or all of them.
        return f"{f'{label}s' if name in _MANY and loc[-1] == name else label} {said_why}"
    if kind == "list_type":
        if section in _ONE_OF and len(loc) == 1:
            return f"Write [[{section}]] in two pairs of brackets, once for each {_ONE_OF[section]}."
        return f"This should be a list in square brackets, for example {name} = [{_quoted(given)}]."
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        if section == "members":
            return 'Write [members], and below it one line for each person: "ana@example.com" = "rep".'
        return f"Write [[{section}]], and below it one setting on each line."
    if kind in ("bool_type", "bool_parsing"):
        return f"“{name}” is {said(given)}; write true or false, without quotes."
    return f"“{name}” is {said(given)}, which cannot be used here."


_EXAMPLES: Final = {"key": "emea", "tier": "hot", "name": "website"}


def _unknown(name: str, section: str, known: Mapping[str, Sequence[str]]) -> str:
    settings = known.get(section, ())
    if section and name in known[""]:
        return f"“{name}” belongs at the top of the file, above the first line in brackets."
    folded = name.casefold().replace("-", "_")
    near = [folded] if folded in settings else [word for word in (_OTHER_WORDS.get(folded),) if word in settings]
    near = near or get_close_matches(folded, settings, n=1, cutoff=0.6)
    where = f" in [[{section}]]" if section else ""
    if near:
        return f"There is no setting {said(name)}{where}. Did you mean {near[0]}?"
    return f"There is no setting {said(name)}{where}. The settings here are {', '.join(settings)}."


def _quoted(given: Any) -> str:
    return f'"{str(given)[:30]}"' if isinstance(given, str) and '"' not in given else '"…", "…"'
