"""Why a lead went where it went: kept with the lead, as it was decided, whatever becomes of the rules later."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal

from storage.frozen import Shape

How = Literal["person", "before", "owner", "turns", "weighted", "longest", "nobody"]
Obstacle = Literal["gone", "away", "hour", "day", "open", "asleep", "later", "other_team", "busy", "benched"]


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody who was not given the lead, and what stood in the way.

    `gone`: no active account. `away`, `asleep` (not within their hours) and `later` (nobody is; others begin earlier):
    `until` then (aware UTC). `hour`, `day`, `open`: they had `count` leads, which is the most. `other_team`: no member
    of the team. `benched`: several leads lapsed, and they were not back yet. `busy`: they were being given another lead
    at that moment; today they are waited for.
    """

    name: str
    why: str
    until: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Unmet:
    """A rule that did not hold: the first of its conditions that failed, and what the lead `said` ("" for nothing)."""

    route: str
    condition: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """How one decision was made. Names are as they were then.

    `how` (How): by which step. `team_by`: who chose the team: "route", "lead" (it was sent so), "default", "owner" (the
    account's owner is of that team), "" for unknown. `route`: the rule that held, with its conditions `met`; `unmet`:
    the rules before it, `unmet_more` of them are left out. `person`: whom the rule names, `before`: who had this
    person's lead before, `owner`: whose `account` it is, where they could not get it. `passed`: whose turn would have
    come earlier, `passed_more` of them are left out. `free`: how many could have got the lead, 0: nobody counted.
    `last_turn`: when whoever got it had theirs before (aware UTC). `fallback`: who looks after a lead that nobody is
    free for. `waited`: nobody was free when the lead came.
    """

    how: str
    team: str = ""
    team_by: str = ""
    route: str = ""
    met: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    unmet_more: int = 0
    person: Passed | None = None
    before: Passed | None = None
    owner: Passed | None = None
    account: str = ""
    passed: tuple[Passed, ...] = ()
    passed_more: int = 0
    free: int = 0
    last_turn: datetime | None = None
    fallback: str = ""
    waited: bool = False


WHY: Final[Shape[Why]] = Shape("why", Why)
_FIELDS: Final = tuple(field.name for field in fields(Why))


def why_from_json(stored: Any) -> Why | None:
    """What was kept; None where nothing was (an earlier release decided), or what only a later release knows."""
    if not isinstance(stored, dict):
        return None
    try:
        return WHY.read(stored)
    except ValueError:
        return None


def kept_why(why: Why) -> dict[str, Any]:
    """The explanation as JSON, without what says nothing: most decisions are short, and one is kept for every lead."""
    told = {name: value for name in _FIELDS if (value := getattr(why, name))}
    last = told.get("last_turn")
    plain = all(isinstance(value, str | int | datetime) for value in told.values())
    if plain:
        return told | ({"last_turn": last.isoformat()} if last is not None else {})
    written = WHY.write(why)
    return {name: written[name] for name in told}
