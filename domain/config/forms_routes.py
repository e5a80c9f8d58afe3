"""Rules about where leads go, changed in Slack: added, changed, moved, removed. The rules are the settings file's.

The file has a setting of its own for some conditions (`country`, `source`, …). Here each is a line, as in the
definition of a lead: `country = DE, AT`, `employees >= 500`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.config.overview import Overview
from domain.config.route_sets import RouteSet
from domain.config.saving import Opened, Saved, check_opened, last_name, save, settings_now
from domain.errors import NotFound
from domain.leads.conditions import NAMED, ConditionWrong, parse_condition
from domain.people import Actor

_ACCOUNT: Final = ("account", "company")
"""Other names of `accounts`, which a rule knows by name or by the domain of their addresses."""


@dataclass(frozen=True, slots=True)
class RouteForm:
    """What was filled in about a rule. `was`: its name when the form was opened, "" for a new one.

    `when`: a condition on each line. `team`: a key, None for the default team. `place`: before how many others it is
    asked, counted from 0; None: it stays where it is, and a new one is asked last.
    """

    was: str
    version: str
    name: str
    when: str
    team: str | None
    person: str | None
    place: int | None


def save_route(session: Session, form: RouteForm, *, by: Actor, at: datetime) -> Saved:
    """Change a rule, or add one. Raises FieldProblems, NotFound, Changed where any rule was changed meanwhile."""
    overview = settings_now(session, by)
    others = [route for route in overview.routes if route.name != form.was]
    before = next((route for route in overview.routes if route.name == form.was), None)
    if form.was and before is None:
        raise NotFound("rule")
    if form.was:
        check_opened(session, Opened("rule", "routes", form.version), overview.routes, by=by, at=at)
    given: dict[str, Any] = {
        "name": form.name,
        **_asked(form.when.splitlines()),
        "team": form.team or next(team.key for team in overview.teams if team.is_default),
        "person": form.person,
        "distribution": before.distribution if before is not None else None,
    }
    place = form.place
    if place is None:
        place = overview.routes.index(before) if before is not None else _last(others)
    return _save(session, [*_given(others[:place]), given, *_given(others[place:])], by, at)


def remove_route(session: Session, name: str, *, by: Actor, at: datetime) -> Saved:
    """Take a rule away. Raises NotFound."""
    overview = settings_now(session, by)
    if all(route.name != name for route in overview.routes):
        raise NotFound("rule")
    return _save(session, _given(route for route in overview.routes if route.name != name), by, at)


def route_named(overview: Overview, name: str) -> RouteSet | None:
    """The rule of this name, if it is there."""
    return next((route for route in overview.routes if route.name == name), None)


def _last(routes: Sequence[RouteSet]) -> int:
    """Where a new rule goes: last, but before one that takes every lead."""
    return len(routes) - (1 if routes and not routes[-1].when else 0)


def _save(session: Session, routes: Sequence[dict[str, Any]], by: Actor, at: datetime) -> Saved:
    field = last_name("when", {"where": "when", "distribution": "team", **dict.fromkeys(NAMED, "when")})
    plain = [{name: value for name, value in route.items() if value is not None} for route in routes]
    return save(session, {"routes": plain}, field, by=by, at=at)


def _given(routes: Iterable[RouteSet]) -> list[dict[str, Any]]:
    return [
        {
            "name": route.name,
            **_asked(route.when),
            "team": route.team,
            "person": route.person,
            "distribution": route.distribution,
        }
        for route in routes
    ]


def _asked(lines: Iterable[str]) -> dict[str, Any]:
    """The lines, each as the setting that the file has for it, or as one of `where`."""
    asked: dict[str, Any] = {}
    where = []
    for line in filter(None, map(str.strip, lines)):
        name, values = _named(line)
        if name is None or name in asked:
            where.append(line)
        else:
            asked[name] = list(values)
    return {**asked, **({"where": where} if where else {})}


def _named(line: str) -> tuple[str | None, tuple[str, ...]]:
    try:
        condition = parse_condition(line)
    except ConditionWrong:
        return None, ()  # the settings say what is wrong with it
    field = condition.field.casefold()
    name = "accounts" if field in _ACCOUNT else field
    return (name if name in NAMED and condition.verb == "is" else None), condition.values
