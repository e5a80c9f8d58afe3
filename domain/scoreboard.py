"""Both sides' figures in one place, counted by the same leads: those that came in within the last weeks.

A lead belongs to the day on which it came in, whenever it was contacted or declined, so the newest weeks are still
maturing and say so. Whether a lead was in time is judged as everywhere (domain/leads/judgement.py). Every rate has the
numbers that it is made of. Teams are for all to see; a person's own figures are for them and their manager.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.goal import Goal, load_goal
from domain.home import week_begin
from domain.leads.decline_figures import DeclineFigures, decline_figures
from domain.leads.definition import InForce, versions_in_force
from domain.leads.judgement import LIVE_CLOCK
from domain.leads.tries import count_tries
from domain.people import Actor
from domain.scoreboard_lead import Counted
from domain.scoreboard_people import by_person
from domain.zones import stored_zone
from storage.models import UNCOUNTED, Clock, Hold, Lead, Member, Team, Theme
from storage.statements import Statement

PERIODS: Final = (4, 12)
"""So many weeks can be looked at."""

MOST_LEADS: Final = 3_000
"""Of more leads the newest are counted, and that is said."""

MATURE: Final = 0.9
"""A week's leads are judged when so many of them are answered; before that, the share is still moving."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`."""

    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Working time from a lead's first clock to its contact: half of the `n` leads took at most `median`, nine in ten
    at most `ninth`."""

    n: int
    median: timedelta
    ninth: timedelta


@dataclass(frozen=True, slots=True)
class Tried:
    """Nobody answered `tries` times, on `leads` leads, of which `reached` were contacted in the end."""

    tries: int
    leads: int
    reached: int


@dataclass(frozen=True, slots=True)
class SalesFigures:
    """What sales did with `leads` leads.

    `in_time`: of those that were contacted or whose first deadline passed. `untouched`: that deadline passed, and
    nobody claimed or contacted them yet. `open`: they wait for contact.
    """

    leads: int
    open: int
    in_time: Rate
    untouched: int
    speed: Speed | None
    tried: Tried | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """The leads that came in in the week that began on `monday`: how many were contacted in time."""

    monday: date
    in_time: Rate


@dataclass(frozen=True, slots=True)
class Cohort:
    """The leads of the week that began on `monday`. `accepted`: claimed or contacted; the rest of the `answered` ones
    were given back."""

    monday: date
    leads: int
    answered: int
    accepted: int

    @property
    def is_maturing(self) -> bool:
        """Too few are answered for the share to be final."""
        return self.answered < MATURE * self.leads


@dataclass(frozen=True, slots=True)
class Triage:
    """Leads that failed the definition when they came: `held` still, of which `late` are late, and what became of the
    others. Those that are held or dropped count as delivered nowhere.
    """

    held: int
    late: int
    passed: int
    dropped: int

    @property
    def count(self) -> int:
        return self.held + self.passed + self.dropped


@dataclass(frozen=True, slots=True)
class MarketingFigures:
    """What became of the leads that marketing handed over, and of the answers that it promised.

    `answers`: themes that were answered, of those for which a first answer was promised in the time; `late`: the
    promised day is over, without an answer. `triage`: leads that failed the definition as they came.
    """

    accepted: Rate
    cohorts: tuple[Cohort, ...]
    declines: DeclineFigures
    nurture: int
    answers: Rate
    late: int
    triage: Triage


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """The figures of the last `weeks` weeks at `until` (aware UTC).

    `team`: the key of the one that is looked at, "" for all. `teams`: each by name where all are looked at. `people`:
    those whose figures the reader may see, by name. `choices`: (key, name) of each team where there are several.
    `cut`: there are more leads than were counted. `trend`: sales by week, oldest first; weeks without leads are none.
    `goal`: of all teams together, None where one is picked. `definitions`: those in force in the time, oldest first.
    """

    since: datetime
    until: datetime
    weeks: int
    team: str
    sales: SalesFigures
    marketing: MarketingFigures
    teams: tuple[tuple[str, SalesFigures], ...]
    people: tuple[tuple[str, SalesFigures], ...]
    choices: tuple[tuple[str, str], ...]
    cut: bool
    trend: tuple[Week, ...] = ()
    goal: Goal | None = None
    definitions: tuple[InForce, ...] = ()


_LEADS: Final = (
    select(
        Lead.id,
        Lead.team_id,
        Lead.owner_id,
        Lead.state,
        Lead.arrived_at,
        Lead.claimed_at,
        Lead.contacted_at,
        Lead.breached_at,
        Clock.due_at,
    )
    .outerjoin(Clock, LIVE_CLOCK)
    .where(
        Lead.workspace_id == bindparam("workspace"),
        Lead.arrived_at >= bindparam("since"),
        Lead.arrived_at <= bindparam("until"),
        # What marketing holds or dropped was not delivered, and one person is one lead.
        Lead.state.not_in([literal(state) for state in UNCOUNTED]),
    )
    .order_by(Lead.arrived_at.desc())
    .limit(MOST_LEADS + 1)
)
_NEWEST: Final = Statement(_LEADS)
_BEGAN: Final = Statement(
    select(Clock.lead_id, func.min(Clock.started_at).label("began"))
    .where(Clock.lead_id.in_(bindparam("leads", expanding=True)))
    .group_by(Clock.lead_id)
)
_PROMISED: Final = Statement(
    select(Theme.answer_due_at, Theme.answered_at)
    .where(
        Theme.workspace_id == bindparam("workspace"),
        Theme.answer_wanted_at >= bindparam("since"),
        Theme.answer_wanted_at <= bindparam("until"),
        Theme.merged_into_id.is_(None),
    )
    .limit(MOST_LEADS)
)
_HELD: Final = Statement(
    select(Hold.state, Hold.due_at, Lead.team_id)
    .join(Lead, Lead.id == Hold.lead_id)
    .where(Hold.workspace_id == bindparam("workspace"), Hold.at >= bindparam("since"), Hold.at <= bindparam("until"))
    .limit(MOST_LEADS)
)


def load_scoreboard(
    session: Session, *, weeks: int = PERIODS[0], team: str = "", by: Actor, at: datetime
) -> Scoreboard:
    """The figures of all teams, or of the one with that key; one that is unknown here is as if none was picked."""
    teams = {row.id: row for row in _teams(session, by.workspace_id)}
    picked = next((row for row in teams.values() if row.key == team), None)
    zone = next((row.hours.zone for row in teams.values() if row.is_default), "UTC")
    since = week_begin(week_begin(at, zone) - timedelta(weeks=weeks - 1, days=-1), zone)  # whenever clocks change
    rows = _NEWEST.all(session, {"workspace": by.workspace_id, "since": since, "until": at})
    cut = len(rows) > MOST_LEADS
    counted = [row.id for row in rows[:MOST_LEADS]]
    began, tries = _first_clocks(session, counted), count_tries(session, counted)
    leads = [
        Counted.of(row, began.get(row.id), tries.get(row.id, 0), teams[row.team_id].hours, at)
        for row in rows[:MOST_LEADS]
    ]
    if picked is not None:
        leads = [one for one in leads if one.team == picked.id]
    by_team = _grouped((one.team, one) for one in leads)
    return Scoreboard(
        since=since,
        until=at,
        weeks=weeks,
        team=picked.key if picked is not None else "",
        sales=_sales(leads),
        marketing=_marketing(session, by.workspace_id, leads, since, at, zone, picked),
        teams=tuple((row.name, _sales(by_team[row.id])) for row in teams.values() if by_team[row.id])
        if picked is None and len(teams) > 1
        else (),
        people=_people(session, leads, teams, by=by, at=at),
        choices=tuple((row.key, row.name) for row in teams.values()) if len(teams) > 1 else (),
        cut=cut,
        trend=_trend(leads, zone),
        goal=load_goal(session, by.workspace_id, since=since, at=at) if picked is None else None,
        definitions=versions_in_force(session, by.workspace_id, since=since, until=at),
    )


def _teams(session: Session, workspace_id: int) -> list[_Team]:
    """Every team, archived ones too, whose leads still count: with `hours` ready to reckon with."""
    rows = session.execute(
        select(Team.id, Team.key, Team.name, Team.hours, Team.manager_id, Team.is_default)
        .where(Team.workspace_id == workspace_id)
        .order_by(Team.name, Team.id)
    )
    return [
        _Team(row.id, row.key, row.name, WorkingHours.from_json(row.hours), row.manager_id, row.is_default)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Team:
    id: int
    key: str
    name: str
    hours: WorkingHours
    manager_id: int | None
    is_default: bool


def _first_clocks(session: Session, leads: Sequence[int]) -> dict[int, datetime]:
    return {row.lead_id: row.began for row in _BEGAN.all(session, {"leads": list(leads)})} if leads else {}


def _sales(leads: Sequence[Counted]) -> SalesFigures:
    times = sorted(one.took for one in leads if one.took is not None)
    judged = [one for one in leads if one.contacted or one.missed]
    tried = [one for one in leads if one.tries]
    return SalesFigures(
        leads=len(leads),
        open=sum(one.is_open for one in leads),
        in_time=Rate(sum(one.contacted and not one.missed for one in judged), len(judged)),
        untouched=sum(one.missed and not one.touched for one in leads),
        speed=Speed(len(times), _at(times, 0.5), _at(times, 0.9)) if times else None,
        tried=Tried(sum(one.tries for one in tried), len(tried), sum(one.contacted for one in tried))
        if tried
        else None,
    )


def _trend(leads: Sequence[Counted], zone: str) -> tuple[Week, ...]:
    by_week = _grouped((_monday(one.arrived_at, zone), one) for one in leads)
    return tuple(Week(monday, _sales(by_week[monday]).in_time) for monday in sorted(by_week))


def _at(times: Sequence[timedelta], share: float) -> timedelta:
    """The shortest time that so large a share of the sorted times does not exceed."""
    return times[max(0, -(-len(times) * round(share * 10) // 10) - 1)]


def _marketing(
    session: Session,
    workspace_id: int,
    leads: Sequence[Counted],
    since: datetime,
    at: datetime,
    zone: str,
    picked: _Team | None,
) -> MarketingFigures:
    cohorts = []
    by_week = _grouped((_monday(one.arrived_at, zone), one) for one in leads)
    for monday in sorted(by_week):
        week = by_week[monday]
        accepted, back = sum(one.accepted for one in week), sum(one.given_back for one in week)
        cohorts.append(Cohort(monday, len(week), accepted + back, accepted))
    promised = _PROMISED.all(session, {"workspace": workspace_id, "since": since, "until": at})
    return MarketingFigures(
        accepted=Rate(sum(one.accepted for one in cohorts), sum(one.answered for one in cohorts)),
        cohorts=tuple(cohorts),
        declines=decline_figures(session, workspace_id, since=since, until=at, team_id=picked.id if picked else None),
        nurture=sum(one.nurture for one in leads),
        answers=Rate(sum(row.answered_at is not None for row in promised), len(promised)),
        late=sum(row.answered_at is None and row.answer_due_at <= at for row in promised if row.answer_due_at),
        triage=_triage(session, workspace_id, since, at, picked),
    )


def _triage(session: Session, workspace_id: int, since: datetime, at: datetime, picked: _Team | None) -> Triage:
    rows = _HELD.all(session, {"workspace": workspace_id, "since": since, "until": at})
    mine = [row for row in rows if picked is None or row.team_id == picked.id]
    held = [row for row in mine if row.state == "held"]
    return Triage(
        held=len(held),
        late=sum(row.due_at is not None and row.due_at <= at for row in held),
        passed=sum(row.state in ("fixed", "passed") for row in mine),
        dropped=sum(row.state == "dropped" for row in mine),
    )


def _monday(at: datetime, zone: str) -> date:
    local = at.astimezone(stored_zone(zone)).date()
    return local - timedelta(days=local.weekday())


def _people(
    session: Session, leads: Sequence[Counted], teams: Mapping[int, _Team], *, by: Actor, at: datetime
) -> tuple[tuple[str, SalesFigures], ...]:
    """The reader's own figures, and those of whoever has leads in a team that they manage."""
    managed = {team.id for team in teams.values() if team.manager_id == by.id}
    grouped = {
        owner: shown
        for owner, found in by_person(session, leads, at).items()
        if (shown := [one for one in found if owner == by.id or one.team in managed])
    }
    if not grouped:
        return ()
    names = dict(session.execute(select(Member.id, Member.name).where(Member.id.in_(grouped))).all())
    people = [(names[owner], _sales(found)) for owner, found in grouped.items() if owner in names]
    return tuple(sorted(people, key=lambda one: one[0].casefold()))


def _grouped(pairs: Iterable[tuple[Any, Counted]]) -> dict[Any, list[Counted]]:
    found: dict[Any, list[Counted]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return found
