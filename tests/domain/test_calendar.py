"""Working time: what passes while a team is open, in every zone and across every change of its clocks."""

import json
import timeit
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar import (
    ALWAYS_OPEN,
    ALWAYS_WEEK,
    HORIZON,
    CalendarError,
    Span,
    WorkingHours,
    parse_week,
    public_holidays,
)
from tests.domain.test_week import weeks
from tests.refused import refused

OFFICE = parse_week("mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00")
HOUR = timedelta(hours=1)
# Each with a moment near which its clocks change, or in Kolkata's case never do.
CHANGES = [
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("America/Sao_Paulo", "2018-11-04T03:00"),
    ("America/Sao_Paulo", "2019-02-17T02:00"),
    ("America/St_Johns", "2010-11-07T02:31"),
    ("Asia/Kolkata", "2026-06-01T00:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[WorkingHours, datetime]:
    """A calendar, and a moment within a few days of a change of its clocks."""
    zone, change = draw(st.sampled_from(CHANGES))
    around = utc(change)
    nearby = st.integers(-5, 5).map(lambda days: around.date() + timedelta(days=days))
    hours = WorkingHours(zone, draw(weeks()), closed=draw(st.frozensets(nearby, max_size=3)))
    minutes = draw(st.integers(-6 * 1440, 6 * 1440))
    return hours, around + timedelta(minutes=minutes, seconds=draw(st.integers(0, 59)))


durations = st.timedeltas(timedelta(0), timedelta(days=12))


def test_counting_begins_at_the_next_opening_and_skips_the_break() -> None:
    berlin = WorkingHours("Europe/Berlin", OFFICE)
    sunday = utc("2026-11-08T12:00")
    assert berlin.next_opening(sunday) == utc("2026-11-09T08:00")
    assert berlin.add(sunday, 4 * HOUR) == utc("2026-11-09T13:00")


def test_time_that_runs_out_at_closing_time_ends_then_and_not_at_the_next_opening() -> None:
    berlin = WorkingHours("Europe/Berlin", OFFICE)
    assert berlin.add(utc("2026-11-06T16:00"), HOUR) == utc("2026-11-06T17:00")
    assert berlin.add(utc("2026-11-06T16:00"), HOUR + timedelta(microseconds=1)) == utc("2026-11-07T09:00:00.000001")


def test_no_working_time_ends_at_the_start() -> None:
    closed = utc("2026-11-08T12:00")
    assert WorkingHours("Europe/Berlin", OFFICE).add(closed, timedelta(0)) == closed


def test_opening_time_is_open_and_closing_time_is_not() -> None:
    berlin = WorkingHours("Europe/Berlin", OFFICE)
    assert not berlin.is_open(utc("2026-11-09T07:59:59"))
    assert berlin.is_open(utc("2026-11-09T08:00"))
    assert not berlin.is_open(utc("2026-11-09T11:30"))
    assert berlin.next_opening(utc("2026-11-09T08:30")) == utc("2026-11-09T08:30")


def test_working_time_backwards_is_negative() -> None:
    berlin = WorkingHours("Europe/Berlin", OFFICE)
    friday, monday = utc("2026-11-06T16:00"), utc("2026-11-09T09:00")
    assert berlin.between(friday, monday) == 6 * HOUR
    assert berlin.between(monday, friday) == -6 * HOUR


def test_a_night_shift_really_lasts_as_long_as_the_clocks_make_it() -> None:
    night = WorkingHours("America/New_York", parse_week("sat 22:00-06:00"))
    spring, autumn = utc("2026-03-08T02:00"), utc("2026-11-01T01:00")
    assert night.between(spring, spring + timedelta(days=1)) == 7 * HOUR
    assert night.between(autumn, autumn + timedelta(days=1)) == 9 * HOUR
    assert night.add(spring, 5 * HOUR) == utc("2026-03-08T08:00")


def test_hours_that_begin_at_a_skipped_wall_time_begin_when_the_clocks_jump() -> None:
    new_york = WorkingHours("America/New_York", parse_week("sun 02:30-04:00"))
    midnight = utc("2026-03-08T05:00")
    assert new_york.next_opening(midnight) == utc("2026-03-08T07:00")
    assert new_york.between(midnight, midnight + timedelta(days=1)) == HOUR


def test_hours_that_lie_within_the_skipped_hour_do_not_happen() -> None:
    new_york = WorkingHours("America/New_York", parse_week("sun 02:00-02:45"))
    assert new_york.next_opening(utc("2026-03-08T05:00")) == utc("2026-03-15T06:00")


def test_a_wall_time_that_comes_twice_is_its_first() -> None:
    new_york = WorkingHours("America/New_York", parse_week("sun 00:00-01:30; sun 01:30-03:00"))
    midnight = utc("2026-11-01T04:00")
    assert new_york.between(midnight, utc("2026-11-01T05:30")) == 1.5 * HOUR
    assert new_york.between(midnight, midnight + timedelta(days=1)) == 4 * HOUR


def test_lord_howe_changes_by_half_an_hour() -> None:
    island = WorkingHours("Australia/Lord_Howe", parse_week("sun 01:00-04:00"))
    assert island.between(utc("2026-10-03T12:00"), utc("2026-10-04T12:00")) == 2.5 * HOUR
    assert island.between(utc("2026-04-04T12:00"), utc("2026-04-05T12:00")) == 3.5 * HOUR


def test_the_day_that_apia_skipped_has_no_working_time() -> None:
    apia = WorkingHours("Pacific/Apia", parse_week("fri 09:00-17:00"))
    thursday = utc("2011-12-29T20:00")
    assert apia.next_opening(thursday) == datetime(2012, 1, 6, 9, tzinfo=ZoneInfo("Pacific/Apia")).astimezone(UTC)


def test_a_midnight_that_does_not_exist_is_the_first_moment_of_its_day() -> None:
    sao_paulo = WorkingHours("America/Sao_Paulo", ALWAYS_WEEK, closed=frozenset({date(2018, 11, 3)}))
    assert sao_paulo.next_opening(utc("2018-11-03T12:00")) == utc("2018-11-04T03:00")


def test_where_clocks_fall_back_over_midnight_the_new_day_goes_on() -> None:
    """St. John's went from Sunday 00:01 back to Saturday 23:01: Sunday's first midnight is when Sunday begins."""
    sundays = WorkingHours("America/St_Johns", parse_week("sun 00:00-24:00"))
    midnight = utc("2010-11-07T02:30")
    assert not sundays.is_open(midnight - timedelta(minutes=1))
    assert sundays.is_open(midnight)
    assert sundays.is_open(midnight + timedelta(minutes=30))
    assert sundays.between(midnight, midnight + timedelta(days=2)) == 25 * HOUR


def test_holidays_of_the_subdivision_and_closed_dates_do_not_count() -> None:
    bavaria = WorkingHours(
        "Europe/Berlin", OFFICE, closed=frozenset({date(2026, 1, 7)}), country="DE", subdivision="BY"
    )
    berlin = WorkingHours("Europe/Berlin", OFFICE, country="DE", subdivision="BE")
    epiphany = utc("2026-01-06T07:00")
    assert berlin.next_opening(epiphany) == utc("2026-01-06T08:00")
    assert bavaria.next_opening(epiphany) == utc("2026-01-08T08:00")
    assert not bavaria.is_open(utc("2026-01-06T10:00"))


def test_a_holiday_moved_to_another_year_is_known() -> None:
    assert date(2021, 12, 31) in public_holidays("US", None, 2021)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "“Mars/Olympus” is not a time zone; write for example Europe/Berlin."),
        ({"zone": "../etc/passwd"}, "is not a time zone"),
        ({"zone": "America"}, "is not a time zone"),
        ({"country": "XX"}, "Country XX not available"),
        ({"country": "de"}, "write two capitals, for example DE"),
        ({"country": "DE", "subdivision": "ZZ"}, "does not have subdivision ZZ"),
        ({"subdivision": "BY"}, "needs a country"),
        ({"week": ALWAYS_WEEK[:3]}, "A week has 7 days"),
        ({"week": ((),) * 7}, "These working hours are never open."),
    ],
)
def test_hours_that_make_no_sense_are_refused_when_made(fields: dict[str, object], sentence: str) -> None:
    with refused(CalendarError, sentence):
        WorkingHours(**{"zone": "Europe/Berlin", "week": OFFICE, **fields})  # type: ignore[arg-type]


def test_a_team_that_is_closed_for_years_opens_after_them() -> None:
    start = date(2026, 1, 1)
    closed = frozenset(start + timedelta(days=day) for day in range(800))
    hours = WorkingHours("UTC", OFFICE, closed=closed)
    at = utc("2026-01-02T12:00")
    assert hours.next_opening(at) == utc("2028-03-11T10:00")
    assert hours.add(at, HOUR) == utc("2028-03-11T11:00")
    assert not hours.is_open(at)
    assert hours.between(at, at + timedelta(days=700)) == timedelta(0)


def test_what_lies_beyond_a_hundred_years_is_their_end_and_no_error() -> None:
    minute = WorkingHours("UTC", parse_week("sun 00:00-00:01"))
    at = utc("2026-01-02T12:00")
    assert minute.add(at, timedelta(hours=2160)) == at + HORIZON
    sundays = frozenset(date(2026, 1, 4) + timedelta(weeks=week) for week in range(5300))
    assert WorkingHours("UTC", minute.week, sundays).next_opening(at) == at + HORIZON


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1, 12),  # noqa: DTZ001  a naive moment is what is refused
        datetime(2026, 1, 1, 12, tzinfo=timezone(HOUR)),
        datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("Europe/London")),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_only_aware_utc_moments_are_taken(moment: datetime) -> None:
    for hours in (ALWAYS_OPEN, WorkingHours("Europe/London", OFFICE)):
        calls: list[Callable[[], object]] = [
            partial(hours.add, moment, HOUR),
            partial(hours.between, moment, utc("2026-01-01")),
            partial(hours.between, utc("2026-01-01"), moment),
            partial(hours.is_open, moment),
            partial(hours.next_opening, moment),
        ]
        for call in calls:
            with pytest.raises(ValueError, match=r"aware UTC|no room"):
                call()


def test_utc_under_another_name_is_taken_and_comes_out_as_utc() -> None:
    moment = datetime(2026, 11, 9, 8, tzinfo=ZoneInfo("UTC"))
    assert WorkingHours("Europe/Berlin", OFFICE).add(moment, HOUR).tzinfo is UTC


@pytest.mark.parametrize("working", [timedelta(seconds=-1), timedelta(days=3661), timedelta.max])
def test_negative_or_absurd_working_time_is_refused(working: timedelta) -> None:
    with pytest.raises(ValueError, match="between 0 and 3660 days"):
        ALWAYS_OPEN.add(utc("2026-01-01"), working)


def test_hours_survive_json_and_read_as_people_write_them() -> None:
    hours = WorkingHours(
        "Europe/Berlin",
        parse_week("mon 09:00-24:00; sun 00:00-24:00"),
        closed=frozenset({date(2026, 12, 24)}),
        country="DE",
        subdivision="BY",
    )
    stored = json.dumps(hours.to_json())
    assert '"week": [[["09:00", "24:00"]], [], [], [], [], [], [["00:00", "24:00"]]]' in stored
    assert WorkingHours.from_json(json.loads(stored)) == hours
    assert hash(WorkingHours.from_json(json.loads(stored))) == hash(hours)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"zone": "UTC"},
        {"zone": "UTC", "week": 3},
        {"zone": "UTC", "week": [[["09:00"]], [], [], [], [], [], []]},
        {"zone": "UTC", "week": [[[9, 17]], [], [], [], [], [], []]},
        {"zone": "UTC", "week": [[["9", "17:00"]], [], [], [], [], [], []]},
        {"zone": None, "week": [[["09:00", "17:00"]], [], [], [], [], [], []]},
        {"zone": "UTC", "week": [[["09:00", "17:00"]], [], [], [], [], [], []], "closed": ["Xmas"]},
        {"zone": "UTC", "week": [[["09:00", "17:00"]], [], [], [], [], [], []], "country": 7},
        {"zone": ["UTC"], "week": [[["09:00", "17:00"]], [], [], [], [], [], []]},
    ],
)
def test_json_that_is_no_calendar_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(CalendarError):
        WorkingHours.from_json(data)


@given(calendars(), durations)
@example((WorkingHours("UTC", ALWAYS_WEEK), utc("2026-01-01")), timedelta(days=1))
def test_between_measures_what_add_added(subject: tuple[WorkingHours, datetime], working: timedelta) -> None:
    hours, start = subject
    end = hours.add(start, working)
    assert hours.between(start, end) == working
    # The first such moment: just before it, less has passed.
    if working:
        assert hours.between(start, end - timedelta(microseconds=1)) < working


@given(calendars(), durations)
def test_add_never_goes_beyond_what_between_measured(subject: tuple[WorkingHours, datetime], later: timedelta) -> None:
    hours, start = subject
    end = start + later
    reached = hours.add(start, hours.between(start, end))
    assert reached <= end
    if hours.is_open(end):
        assert reached == end or hours.next_opening(reached) == end


@given(calendars(), durations, durations)
def test_adding_twice_is_adding_the_sum(
    subject: tuple[WorkingHours, datetime], first: timedelta, second: timedelta
) -> None:
    hours, start = subject
    assert hours.add(hours.add(start, first), second) == hours.add(start, first + second)


@given(calendars(), st.timedeltas(timedelta(days=-9), timedelta(days=9)), durations)
def test_stretches_of_working_time_add_up(
    subject: tuple[WorkingHours, datetime], second: timedelta, third: timedelta
) -> None:
    hours, a = subject
    b, c = a + second, a + third
    assert hours.between(a, b) + hours.between(b, c) == hours.between(a, c)


@given(calendars(), durations, durations, durations)
def test_a_later_start_or_more_work_never_ends_earlier(
    subject: tuple[WorkingHours, datetime], later: timedelta, working: timedelta, more: timedelta
) -> None:
    hours, start = subject
    assert hours.add(start, working) <= hours.add(start + later, working)
    assert hours.add(start, working) <= hours.add(start, working + more)


@given(calendars())
def test_the_next_opening_is_open_and_nothing_before_it_is(subject: tuple[WorkingHours, datetime]) -> None:
    hours, at = subject
    opening = hours.next_opening(at)
    assert hours.is_open(opening)
    assert hours.between(at, opening) == timedelta(0)
    assert (opening == at) == hours.is_open(at)


@given(st.sampled_from(CHANGES), st.integers(0, 20_000), durations)
def test_always_open_is_plain_arithmetic_across_every_change(
    change: tuple[str, str], minutes: int, working: timedelta
) -> None:
    zone, moment = change
    start = utc(moment) + timedelta(minutes=minutes - 10_000)
    # A date closed long ago takes the general path; without one there is a short cut.
    for hours in (WorkingHours.always(zone), WorkingHours(zone, ALWAYS_WEEK, frozenset({date(1999, 1, 1)}))):
        assert hours.add(start, working) == start + working
        assert hours.between(start, start + working) == working
        assert hours.is_open(start)
        assert hours.next_opening(start) == start


@given(calendars(), durations)
def test_working_time_agrees_with_a_look_at_every_minute(
    subject: tuple[WorkingHours, datetime], later: timedelta
) -> None:
    hours, start = subject
    start = start.replace(second=0)
    minutes = int(min(later, timedelta(hours=30)).total_seconds() // 60)
    looked = sum(hours.is_open(start + timedelta(minutes=minute)) for minute in range(minutes))
    assert hours.between(start, start + timedelta(minutes=minutes)) == timedelta(minutes=looked)


def test_open_minutes_are_those_the_wall_clock_shows() -> None:
    """A second opinion: on days without a repeated hour, open means that the local time lies in a span."""
    for zone, change in CHANGES:
        hours = WorkingHours(zone, parse_week("mon-sun 00:30-02:15, 09:00-12:30, 23:00-24:00"))
        local_zone = ZoneInfo(zone)
        for quarter in range(-200, 200):
            at = utc(change) + timedelta(minutes=15 * quarter)
            local = at.astimezone(local_zone)
            if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
                continue
            spans = [(time(0, 30), time(2, 15)), (time(9), time(12, 30)), (time(23), time.max)]
            assert hours.is_open(at) == any(a <= local.time() < b for a, b in spans), (zone, at)


def test_adding_takes_well_under_a_tenth_of_a_millisecond() -> None:
    hours = WorkingHours("America/New_York", OFFICE, country="US")
    start = utc("2026-11-06T22:00")
    seconds = min(timeit.repeat(lambda: hours.add(start, 16 * HOUR), number=200, repeat=5)) / 200
    assert seconds < 100e-6


def test_the_days_remembered_stay_bounded() -> None:
    hours = WorkingHours("UTC", (*ALWAYS_WEEK[:6], (Span(time(9), time(10)),)))
    hours.between(utc("1990-01-01"), utc("2020-01-01"))
    assert len(hours._days) <= 4096
