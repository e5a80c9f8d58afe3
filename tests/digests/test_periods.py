"""When issues are due and which week each tells of, also where clocks change."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.periods import Period, short_date, week_of_issue, week_until
from domain.issues import last_issue, next_issue


@dataclass(frozen=True)
class At:
    weekday: int
    minute: int
    zone: str


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


BERLIN_MONDAY = At(0, 9 * 60, "Europe/Berlin")


def test_the_next_issue_is_strictly_later() -> None:
    assert next_issue(BERLIN_MONDAY, utc("2026-11-16T07:59")) == utc("2026-11-16T08:00")
    assert next_issue(BERLIN_MONDAY, utc("2026-11-16T08:00")) == utc("2026-11-23T08:00")


def test_the_last_issue_may_be_now() -> None:
    assert last_issue(BERLIN_MONDAY, utc("2026-11-16T08:00")) == utc("2026-11-16T08:00")
    assert last_issue(BERLIN_MONDAY, utc("2026-11-16T07:59")) == utc("2026-11-09T08:00")


@pytest.mark.parametrize(
    ("before", "end", "hours"),
    [("2026-03-25T00:00", "2026-03-30T07:00", 167), ("2026-10-21T00:00", "2026-10-26T08:00", 169)],
)
def test_the_week_of_a_clock_change_is_an_hour_shorter_or_longer(before: str, end: str, hours: int) -> None:
    issue = next_issue(BERLIN_MONDAY, utc(before))
    assert issue == utc(end)
    period = week_of_issue(BERLIN_MONDAY, issue)
    assert period.end - period.start == timedelta(hours=hours)


def test_an_issue_at_a_time_that_clocks_skip_is_due_when_they_jump() -> None:
    sunday_half_past_two = At(6, 2 * 60 + 30, "Europe/Berlin")
    issue = next_issue(sunday_half_past_two, utc("2026-03-28T12:00"))
    assert issue == utc("2026-03-29T01:00")
    assert week_of_issue(sunday_half_past_two, next_issue(sunday_half_past_two, issue)).start == issue


def test_an_issue_at_a_time_that_comes_twice_is_due_once() -> None:
    sunday_half_past_two = At(6, 2 * 60 + 30, "Europe/Berlin")
    issue = next_issue(sunday_half_past_two, utc("2026-10-24T12:00"))
    assert issue == utc("2026-10-25T00:30")
    assert next_issue(sunday_half_past_two, issue) == utc("2026-11-01T01:30")


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC")


@given(
    st.integers(0, 6),
    st.integers(0, 1439),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2012, 1, 5), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_issues_follow_each_other_without_a_gap_or_an_overlap(
    weekday: int, minute: int, zone: str, moment: datetime
) -> None:
    timing = At(weekday, minute, zone)
    first = next_issue(timing, moment)
    second = next_issue(timing, first)
    assert last_issue(timing, moment) <= moment < first <= moment + timedelta(days=8)
    assert week_of_issue(timing, second) == Period(first, second, zone)
    assert abs(second - first - timedelta(days=7)) <= timedelta(hours=1)


def test_days_are_told_in_the_zone_of_the_audience() -> None:
    assert Period(utc("2026-11-09T08:00"), utc("2026-11-16T08:00"), "Europe/Berlin").days() == "9–16 Nov"
    assert Period(utc("2026-12-28T23:30"), utc("2027-01-04T23:30"), "Europe/Berlin").days() == "29 Dec – 5 Jan"


def test_a_week_until_midnight_ends_with_the_day_before() -> None:
    assert Period(utc("2026-11-09T00:00"), utc("2026-11-16T00:00"), "UTC").days() == "9–15 Nov"
    assert Period(utc("2026-11-15T09:00"), utc("2026-11-15T12:00"), "UTC").days() == "15 Nov"


@given(
    st.integers(0, 6),
    st.sampled_from([*range(0, 1440, 30), 1, 1439]),
    st.sampled_from([*ZONES, "Africa/Cairo", "America/Santiago", "Asia/Beirut"]),
    st.datetimes(datetime(2012, 1, 5), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_title_names_the_days_that_the_week_touches_and_no_other(
    weekday: int, minute: int, zone: str, moment: datetime
) -> None:
    timing = At(weekday, minute, zone)
    period = week_of_issue(timing, next_issue(timing, moment))
    local = ZoneInfo(zone)
    first = period.start.astimezone(local).date()
    last = (period.end - timedelta(microseconds=1)).astimezone(local).date()
    assert (last - first).days in ((6,) if minute == 0 else (6, 7)), "never nine days"
    assert period.days().startswith(str(first.day))
    assert period.days().endswith(short_date(last))


def test_a_week_can_end_at_any_moment() -> None:
    assert week_until(utc("2026-03-30T10:17"), "Europe/Berlin").start == utc("2026-03-23T11:17")
