"""Whose turn it is in a team: who can be given a lead at this moment, and in which order. Plain reckoning, no database.

A team has one ledger of turns, whatever brought the lead. A turn is a moment: the one who had theirs the longest ago is
next. So whoever is passed over keeps their turn, and whoever comes back gets one lead and is the last again. No two
turns of a team are of one moment, even where leads arrive at one (`after`).

Weighted turns are a race: with each lead somebody goes UNIT / weight forward, and who is the farthest behind is next.
Whoever comes back begins where the others are (the start-time fair queueing of networks).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from domain.calendar import WorkingHours
from domain.leads.why import Passed
from domain.zones import stored_zone

UNIT: Final = 2520
"""How far a lead moves somebody of weight 1; whole parts of it for weights up to 10."""

LARGEST_WEIGHT: Final = 10
TICK: Final = timedelta(microseconds=1)
HOUR: Final = timedelta(hours=1)
KEPT_FOR: Final = timedelta(hours=26)
"""How long it is remembered when somebody was given a lead: a local day, with the clocks put back."""

DAWN: Final = timedelta(hours=1)
"""A lead of the night is for those whose day begins within this time of the first one's."""


@dataclass(frozen=True, slots=True)
class TeamRules:
    """What a team says of its turns; `hours` as WorkingHours has them in JSON. Caps: None is no limit."""

    id: int
    name: str
    hours: Mapping[str, Any]
    distribution: str = "turns"
    most_an_hour: int | None = None
    most_a_day: int | None = None
    most_open: int | None = None
    own_hours: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is simply the next one's turn: then leads that arrive together are shared out together."""
        return self.distribution == "turns" and not self.own_hours and not self.capped

    @property
    def capped(self) -> bool:
        return any(cap is not None for cap in (self.most_an_hour, self.most_a_day, self.most_open))

    @property
    def counts_recent(self) -> bool:
        return self.most_an_hour is not None or self.most_a_day is not None


@dataclass(slots=True)
class Standing:
    """A member as the ledger of a team knows them; times are aware UTC. `open`: how many open leads they have.

    `benched_at`: since when they are out of the rotation (domain/leads/benching.py), None: they are not.
    """

    id: int
    user_id: str
    name: str
    active: bool = True
    away_until: datetime | None = None
    tz: str = "UTC"
    position: int = 0
    weight: int = 1
    turn_at: datetime | None = None
    served: int | None = None
    lead_at: datetime | None = None
    recent: list[datetime] = field(default_factory=list)
    open: int = 0
    benched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Who can be given a lead, whoever is next first, and who cannot."""

    free: tuple[Standing, ...]
    passed: tuple[Passed, ...]


def obstacle(one: Standing, team: TeamRules, at: datetime) -> Passed | None:
    """What keeps somebody from being given a lead at `at`, their hours aside; None: nothing."""
    if not one.active:
        return Passed(one.name, "gone")
    if one.away_until is not None and one.away_until > at:
        return Passed(one.name, "away", one.away_until)
    if one.benched_at is not None:
        return Passed(one.name, "benched")
    if team.most_open is not None and one.open >= team.most_open:
        return Passed(one.name, "open", count=one.open)
    if team.most_an_hour is not None:
        lately = sum(at - HOUR < moment for moment in one.recent)
        if lately >= team.most_an_hour:
            return Passed(one.name, "hour", count=lately)
    if team.most_a_day is not None:
        zone = stored_zone(str(team.hours["zone"]))
        midnight = datetime.combine(at.astimezone(zone).date(), time(0), zone).astimezone(UTC)
        today = sum(moment >= midnight for moment in one.recent)
        if today >= team.most_a_day:
            return Passed(one.name, "day", count=today)
    return None


def stand_in_line(
    standings: Iterable[Standing],
    team: TeamRules,
    at: datetime,
    *,
    distribution: str | None = None,
    without: Collection[int] = (),
) -> Line:
    """The members in the order of their turns at `at`. `distribution`: in place of the team's; `without`: ids."""
    everybody = [one for one in standings if one.id not in without]
    found = [(one, obstacle(one, team, at)) for one in everybody]
    passed = [why for _, why in found if why is not None]
    free = [one for one, why in found if why is None]
    if team.own_hours and free:
        free, asleep = _awake(free, team, at)
        passed += asleep
    how = distribution or team.distribution
    level = max((one.served for one in everybody if one.served is not None), default=0)

    def place(one: Standing) -> tuple[Any, ...]:
        turn = (one.turn_at is not None, one.turn_at or at, one.position, one.id)
        if how == "weighted":
            return (_begins(one, level), *turn)
        if how == "longest":
            last = last_lead(one)
            return (last is not None, last or at, one.position, one.id)
        return turn

    return Line(tuple(sorted(free, key=place)), tuple(passed))


def take_turn(one: Standing, everybody: Sequence[Standing], team: TeamRules, at: datetime, how: str) -> None:
    """Write into the ledger that `one` of `everybody` is given a lead in their turn at `at`."""
    if how == "weighted":
        one.served = _begins(one, max((each.served for each in everybody if each.served is not None), default=0))
    one.turn_at = after(at, (each.turn_at for each in everybody))
    take_lead(one, team, at)


def take_lead(one: Standing, team: TeamRules, at: datetime) -> None:
    """Write down that `one` is given a lead at `at` that takes no turn: it was theirs in any case."""
    one.lead_at = max(at, one.lead_at or at)
    if team.counts_recent:
        one.recent = [moment for moment in one.recent if moment > at - KEPT_FOR] + [at]
    one.open += 1


def after(at: datetime, turns: Iterable[datetime | None]) -> datetime:
    """The moment of a turn that is taken at `at`: later than all turns before, whatever the clock says."""
    return max(at, max((turn + TICK for turn in turns if turn is not None), default=at))


def last_lead(one: Standing) -> datetime | None:
    """When somebody last got a lead of the team in any way (aware UTC)."""
    return max((each for each in (one.turn_at, one.lead_at) if each is not None), default=None)


def _begins(one: Standing, level: int) -> int:
    """Where in the race somebody's next turn begins: where their last one ended, but never behind the others."""
    return level if one.served is None else max(level, one.served + UNIT // one.weight)


def _awake(free: Sequence[Standing], team: TeamRules, at: datetime) -> tuple[list[Standing], list[Passed]]:
    """Those within their own hours; when nobody is, those whose day begins with the first ones'. And the others."""
    opens = {one.id: opening(one, team, at) for one in free}
    first = min(opens.values())
    bound = at if first == at else first + DAWN
    why = "asleep" if first == at else "later"
    chosen = [one for one in free if opens[one.id] <= bound]
    return chosen, [Passed(one.name, why, opens[one.id]) for one in free if opens[one.id] > bound]


def opening(one: Standing, team: TeamRules, at: datetime) -> datetime:
    """When the member works, from `at` on: the team's week, read in their own zone."""
    hours = WorkingHours.from_json({**team.hours, "zone": stored_zone(one.tz).key})
    return at if hours.is_open(at) else hours.next_opening(at)
