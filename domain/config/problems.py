"""Where in the settings something is wrong, and what: found by pydantic, by the reader of TOML, or by comparing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal

from pydantic import ValidationError

from domain.config.errors import FileWrong, SettingWrong
from domain.config.values import written
from domain.errors import TandemError

Loc = tuple[str | int, ...]
LineMistake = Literal[
    "line", "line_with_curly_quotes", "line_with_bare_address", "line_with_bare_text", "line_with_colon"
]


@dataclass(frozen=True, slots=True)
class Problem:
    """`loc`: keys and positions from the top of the file; `path`: the same for people, `teams[emea].hours`."""

    loc: Loc
    path: str
    wrong: TandemError


@dataclass(unsafe_hash=True)
class ConfigProblems(TandemError):
    """The settings cannot be applied, and nothing was changed; every problem is listed."""

    problems: tuple[Problem, ...]


_NAMING: Final = {"teams": "key", "policies": "tier", "audiences": "key", "sources": "name", "routes": "name"}
_ONE_OF: Final = {
    "teams": "team",
    "policies": "policy",
    "audiences": "audience",
    "sources": "source",
    "routes": "route",
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
    "rules": "routes",
    "routing": "routes",
    "rule": "where",
    "conditions": "where",
    "region": "territory",
    "countries": "country",
    "account": "accounts",
    "owner": "person",
    "rep": "person",
    "owners": "account_owners",
    "round_robin": "distribution",
    "order": "distribution",
    "cap": "most_open",
    "max_open": "most_open",
    "max_per_day": "most_a_day",
    "max_per_hour": "most_an_hour",
    "weight": "weights",
    "definition": "criteria",
    "qualification": "criteria",
    "sql": "sql_means",
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
            parts.append(step if re.fullmatch(r"[\w-]+", step) else f"“{written(step)}”")
    return ".".join(parts)


def problems_of(error: ValidationError, data: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> list[Problem]:
    """The problems that pydantic found. `known`: the settings of each section; "" for the top of the file."""
    found: dict[Loc, Problem] = {}
    for each in error.errors(include_url=False):
        loc: Loc = tuple(each["loc"])
        wrong = _wrong(each["type"], loc, each.get("input"), each.get("ctx") or {}, known)
        found.setdefault(loc, Problem(loc, path_of(loc, data), wrong))
    return list(found.values())


def syntax_problem(text: str, message: str) -> Problem:
    """A file that is no TOML: which line, and the mistakes that people make most."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    what = re.sub(r"\s*\(at [^)]*\)", "", message)
    if place is None:
        return Problem((), "", FileWrong("breaks_off", (what,)))
    number = int(place[1])
    line = (text.splitlines() or [""])[min(number, len(text.splitlines())) - 1]
    return Problem((), f"line {number}", FileWrong(_mistake(line), (written(line.strip()),)))


def _mistake(line: str) -> LineMistake:
    if re.search("[“”„‘’]", line):
        return "line_with_curly_quotes"
    if re.match(r"\s*[^\"'=\s]+@[^\"'=\s]+\s*=", line):
        return "line_with_bare_address"
    if re.match(r"\s*[\w-]+\s*=\s*[^\s\"'\[{\d]", line) and not re.search(r"=\s*(true|false)\b", line):
        return "line_with_bare_text"
    return "line_with_colon" if re.match(r"\s*[\w-]+\s*:", line) else "line"


def _wrong(kind: str, loc: Loc, given: Any, ctx: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> TandemError:
    section = str(loc[0]) if loc else ""
    name = next((str(step) for step in reversed(loc) if isinstance(step, str) and step != "[key]"), "")
    match kind:
        case "extra_forbidden":
            return _unknown(name, section if len(loc) > 1 else "", known)
        case "missing":
            return FileWrong("missing", (_ONE_OF.get(section, section), name, _EXAMPLES.get(name, "sales")))
        case "value_error":
            wrong = ctx["error"]
            assert isinstance(wrong, TandemError)
            if section == "members":
                return SettingWrong("person" if loc[-1] == "[key]" else "role", wrong)
            if section == "account_owners":
                return SettingWrong("account" if loc[-1] == "[key]" else "person", wrong)
            if "weights" in loc[:-1]:
                return SettingWrong("person" if loc[-1] == "[key]" else "weight", wrong)
            # Of a list: one of its entries, or all of them.
            return SettingWrong(name, wrong, whole=name in _MANY and loc[-1] == name)
        case "list_type" if section in _ONE_OF and len(loc) == 1:
            return FileWrong("no_list_of_tables", (section, _ONE_OF[section]))
        case "list_type":
            return FileWrong("no_list", (name, _quoted(given)))
        case "model_type" | "dict_type" | "model_attributes_type":
            if section == "account_owners" or name == "weights":
                return FileWrong("no_people", (name,))
            return FileWrong("no_members") if section == "members" else FileWrong("no_table", (section,))
        case "bool_type" | "bool_parsing":
            return FileWrong("no_switch", (name, written(given)))
    return FileWrong("unusable", (name, written(given)))


_EXAMPLES: Final = {"key": "emea", "tier": "hot", "name": "website", "team": "emea"}


def _unknown(name: str, section: str, known: Mapping[str, Sequence[str]]) -> FileWrong:
    settings = known.get(section, ())
    if section and name in known[""]:
        return FileWrong("belongs_on_top", (name,))
    folded = name.casefold().replace("-", "_")
    near = [folded] if folded in settings else [word for word in (_OTHER_WORDS.get(folded),) if word in settings]
    near = near or get_close_matches(folded, settings, n=1, cutoff=0.6)
    return FileWrong("unknown", (written(name), section, *near), tuple(settings))


def _quoted(given: Any) -> str:
    return f'"{str(given)[:30]}"' if isinstance(given, str) and '"' not in given else '"…", "…"'
