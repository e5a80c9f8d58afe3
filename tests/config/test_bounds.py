"""Whatever the settings accept, works: any team that may be set, any policy, a lead at any time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.calendar import WorkingHours, describe_week
from domain.config.apply import apply_config
from domain.config.difference import plan_config
from domain.config.export import export_config
from domain.config.problems import ConfigProblems
from domain.config.schema import Config, check_config, parse_config
from domain.config.values import LONGEST_SECONDS, MOST_CLOSED_DAYS, MOST_COMPETITORS, describe_duration
from domain.hours_line import LONGEST, parse_week
from domain.issues import next_issue
from domain.leads.clocks import clock_row
from domain.leads.terms import Terms
from domain.money import Money
from domain.places import zones
from domain.quick_line import parse_quick_line
from domain.week import Week
from handlers.words import plain_sentence
from tests.domain.test_week import weeks
from tests.refused import refused
from tests.world import World

SKIPPED_A_DAY = (
    "Pacific/Apia",
    "Pacific/Fakaofo",
    "Pacific/Kwajalein",
    "Kwajalein",
    "Pacific/Enderbury",
    "Pacific/Kanton",
    "Pacific/Kiritimati",
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def teams(draw: st.DrawFn) -> dict[str, Any]:
    """A team as a settings file may have it, at the edges of what is accepted, too."""
    start = draw(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    many = draw(st.sampled_from((0, 3, MOST_CLOSED_DAYS)))
    step = draw(st.sampled_from((1, 2, 7)))
    return {
        "key": "emea",
        "zone": draw(st.sampled_from(sorted(zones().values()))),
        "hours": describe_week(draw(weeks(step=60))),
        "holidays": draw(st.sampled_from(("none", "DE", "US-CA", "SE", "IL", "IR", "IN"))),
        "closed": [start + timedelta(days=step * each) for each in range(many)],
    }


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    half = draw(st.floats(0.01, 0.98))
    return {
        "tier": "hot",
        "contact": describe_duration(draw(st.integers(1, LONGEST_SECONDS))),
        "half": half,
        "remind": draw(st.floats(half, 0.99)),
    }


def accepted(**given: Any) -> Config:
    return check_config(given)


def hours_of(config: Config) -> WorkingHours:
    assert config.teams
    team = config.teams[0]
    country, _, region = (team.holidays or "").partition("-")
    closed = frozenset(day for days in team.closed or () for day in days)
    return WorkingHours(team.zone or "UTC", parse_week(team.hours or ""), closed, country or None, region or None)


@settings(max_examples=60, deadline=None)
@given(teams(), policies(), moments)
@example(
    {"key": "emea", "zone": "UTC", "hours": "sun 00:00-01:00", "holidays": "US", "closed": []},
    {"tier": "hot", "contact": "2160h", "half": 0.01, "remind": 0.99},
    datetime(2026, 1, 1, tzinfo=UTC),
)
def test_a_lead_of_any_team_and_policy_gets_its_clock(
    team: dict[str, Any], policy: dict[str, Any], at: datetime
) -> None:
    config = accepted(teams=[team], policies=[policy])
    assert config.policies
    wanted = config.policies[0]
    assert wanted.contact
    hours = hours_of(config)
    terms = Terms("hot", wanted.contact, wanted.half or 0.5, wanted.remind or 0.8, wanted.contact, 1)
    began = time.process_time()
    row = clock_row(1, 1, hours.to_json(), hours, terms, at)
    assert hours.between(at, row["due_at"]) == timedelta(seconds=wanted.contact)
    assert at < row["next_at"] <= row["due_at"]
    assert at <= hours.next_opening(at) <= row["due_at"]
    assert time.process_time() - began < 1.5


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.text(max_size=8) | st.booleans())
@example(0.00001)
@example("0.001%")
@example(10**400)
def test_any_share_is_kept_within_its_bounds_or_refused(share: object) -> None:
    refusal, kept = "", 0.5
    try:
        config = accepted(policies=[{"tier": "hot", "half": share}])
        kept = (config.policies or [])[0].half or 0
    except ConfigProblems as error:
        refusal = plain_sentence(error)
    assert 0.01 <= kept <= 0.99
    assert not refusal or "from 0.01 to 0.99" in refusal


@pytest.mark.parametrize(
    ("setting", "value", "bound"),
    [
        ("hours", f"mon {', '.join(f'{hour}:00-{hour}:30' for hour in range(8, 19))}", "more than 10 spans on a day"),
        ("hours", "sun 00:00-00:01", "The hours come to 1 min a week; a team needs at least 1 hour"),
        ("closed", ["2026-01-01 to 2027-12-31"], "at most 366 fit. Archive a team that is closed for longer."),
        (
            "closed",
            ["2026-01-01 to 2026-12-31", "2027-01-01 to 2027-12-31"],
            "The closed days are 730 days, but at most",
        ),
        ("closed", ["2026-12-31 to 2026-12-24"], "Write the first day first."),
    ],
)
def test_what_lies_beyond_a_team_s_bounds_is_refused_with_the_bound(setting: str, value: Any, bound: str) -> None:
    team = {"key": "emea", setting: value}
    with refused(ConfigProblems, bound):
        accepted(teams=[team])


@given(weeks(step=30))
def test_the_hours_that_are_accepted_fit_into_their_field(week: Week) -> None:
    assert len(describe_week(week)) <= LONGEST


def test_the_number_of_competitors_is_bounded_and_the_bound_is_said() -> None:
    accepted(competitors=[f"Rival {number}" for number in range(MOST_COMPETITORS)])
    with refused(ConfigProblems, "The competitors are 501, but at most 500 fit"):
        accepted(competitors=[f"Rival {number}" for number in range(MOST_COMPETITORS + 1)])


@dataclass(frozen=True)
class Slot:
    """When a digest goes out."""

    weekday: int
    minute: int
    zone: str


@given(st.integers(0, 6), st.integers(0, 24 * 60 - 1), st.sampled_from(sorted(zones().values())), moments)
def test_any_digest_comes_within_eight_days_of_any_moment(weekday: int, minute: int, zone: str, at: datetime) -> None:
    issue = next_issue(Slot(weekday, minute, zone), at)
    # Apia skipped a day, and with it a digest, in 2011.
    assert at < issue <= at + timedelta(days=8 if zone not in SKIPPED_A_DAY else 15)


@given(st.lists(st.text(max_size=90), max_size=6), st.text(max_size=60), st.sampled_from(("EUR", "JPY", "KWD", "INR")))
@example([".", "(", "C++", "a|b", "\\", "#x", "@y", "vs", "$40k"], "vs C++ (a|b) . \\ $40k", "JPY")
def test_any_competitors_and_currency_that_are_accepted_leave_every_line_readable(
    names: list[str], line: str, currency: str
) -> None:
    kept = [name for name in names if not problems_with(competitors=[name])]
    config = accepted(competitors=kept, currency=currency)
    for text in (line, " vs ".join(["too dear $40k", *kept])[:2000]):
        read = parse_quick_line(text, known_competitors=config.competitors or [], currency=config.currency or "")
        assert read.deal_size is None or str(Money.of(read.deal_size.amount, read.deal_size.currency))


def problems_with(**given: Any) -> str:
    try:
        check_config(given)
    except ConfigProblems as error:
        return plain_sentence(error)
    return ""


def test_accounts_of_any_name_are_taken_or_refused_with_a_sentence(world: World) -> None:
    names = [
        ".",
        "🙂",
        "ß",
        "ﬃ",
        "'",
        "https://x.example",
        "a" * 80,
        "İstanbul",
        "—",
        "株式会社",
        "ACME",
        "Acme",
        "\u0301",
    ]
    taken = [name for name in names if not problems_with(accounts=[name])]
    assert len(taken) >= 10
    world.run(apply_config, world.workspace_id, accepted(accounts=taken), by=None, at=world.now)
    again = parse_config(world.run(export_config, world.workspace_id))
    assert world.run(plan_config, world.workspace_id, again, at=world.now).changes == ()
