"""The line in which a person writes opening hours."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hours_line import parse_week
from domain.week import ALWAYS_WEEK, CalendarError, Span, Week, checked_week, describe_week
from handlers.words import plain_sentence
from tests.refused import refused


@st.composite
def weeks(draw: st.DrawFn, *, step: int = 15) -> Week:
    """Weeks that are open at least once, with up to three spans a day that may touch."""
    days: list[tuple[Span, ...]] = []
    for _ in range(7):
        marks = sorted(draw(st.sets(st.integers(0, 1440 // step), max_size=6)))
        pairs = zip(marks[::2], marks[1::2], strict=False)
        days.append(tuple(Span(_at(a * step), _at(b * step)) for a, b in pairs))
    if not any(days):
        days[draw(st.integers(0, 6))] = (Span(time(9), time(17)),)
    return tuple(days)


def _at(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def test_split_days_and_a_short_saturday_are_understood() -> None:
    week = parse_week("mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00")
    assert week[0] == week[4] == (Span(time(9), time(12, 30)), Span(time(13, 30), time(18)))
    assert week[5] == (Span(time(10), time(14)),)
    assert week[6] == ()


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("Monday to-be", None),
        ("9am-5pm", "mon-fri 09:00-17:00"),
        ("9-17", "mon-fri 09:00-17:00"),
        ("9-5", "mon-fri 09:00-17:00"),
        ("mon-fri 9-5", "mon-fri 09:00-17:00"),
        ("M-F 9:00-5:30", "mon-fri 09:00-17:30"),
        ("09.00–17.00", "mon-fri 09:00-17:00"),
        ("9h-17h30", "mon-fri 09:00-17:30"),
        ("lundi au vendredi de 9h00 à 18h30", "mon-fri 09:00-18:30"),
        ("lun-ven 9h à 18h", "mon-fri 09:00-18:00"),
        ("Mo-Fr 9-17 Uhr", "mon-fri 09:00-17:00"),
        ("Mo–Fr von 9 bis 17 Uhr, Sa 10–14", "mon-fri 09:00-17:00; sat 10:00-14:00"),
        ("Monday through Friday, 8:30 a.m. - 5:30 p.m.", "mon-fri 08:30-17:30"),
        ("Mon 9-5 Tue 9-5 Wed 9-1", "mon-tue 09:00-17:00; wed 09:00-13:00"),
        ("mon-thu 0900-1730, fri 0900-1400", "mon-thu 09:00-17:30; fri 09:00-14:00"),
        ("8-12, 1-5", "mon-fri 08:00-12:00, 13:00-17:00"),
        ("8h30-12h15/14h-18h", "mon-fri 08:30-12:15, 14:00-18:00"),
        ("8am-noon, 1pm-5pm", "mon-fri 08:00-12:00, 13:00-17:00"),
        ("9-17 mon-fri, 10-14 sat", "mon-fri 09:00-17:00; sat 10:00-14:00"),
        ("9-11pm", "mon-fri 21:00-23:00"),
        ("sat 10pm-6am", "sat 22:00-24:00; sun 00:00-06:00"),
        ("open 24 hours", "mon-sun 00:00-24:00"),
        ("weekdays 9-5; weekends closed", "mon-fri 09:00-17:00"),
        ("lun.-vie. 9:00-14:00, 16:00-19:00", "mon-fri 09:00-14:00, 16:00-19:00"),
        ("MON–FRI 9:00 – 17:00", "mon-fri 09:00-17:00"),
        ("mon, wed and fri 09:00-12:00", "mon, wed, fri 09:00-12:00"),
        ("daily: 08:00-20:00", "mon-sun 08:00-20:00"),
        ("fri-mon 10:00-11:00", "mon, fri-sun 10:00-11:00"),
        ("24/7", "mon-sun 00:00-24:00"),
        ("sat 18:00-24:00", "sat 18:00-24:00"),
        ("fri 22:00-06:00", "fri 22:00-24:00; sat 00:00-06:00"),
        ("sun 22:00-06:00", "mon 00:00-06:00; sun 22:00-24:00"),
        ("mon 13:00-14:00\nmon 09:00-10:00; sun closed;", "mon 09:00-10:00, 13:00-14:00"),
    ],
)
def test_a_written_week_reads_back_in_its_shortest_form(text: str, described: str | None) -> None:
    if described is None:
        with pytest.raises(CalendarError):
            parse_week(text)
    else:
        assert describe_week(parse_week(text)) == described


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There are no opening hours. Write for example mon-fri 09:00-17:00."),
        ("mon-fri", "I can't read these hours: there are days without a time."),
        ("funday 09:00-17:00", "I can't read these hours: “funday” is no day and no time."),
        ("nine to five", "I can't read these hours: “nine” is no day and no time."),
        ("mon 09:00-25:00", "“25:00” is no time of the day; times go from 00:00 to 24:00."),
        ("mon 09:60-10:00", "no time of the day"),
        ("13pm-5pm", "“13pm” is no time of the day"),
        ("mon 09:00-09:00", "begins and ends at the same time. Write 00:00-24:00 for a whole day."),
        ("mon 24:00-06:00", "begins when the day is over. Begin at 00:00 on the next day."),
        ("mon 09:00-12:00, 11:00-13:00", "The hours 09:00-12:00 and 11:00-13:00 on mon overlap."),
        ("mon-fri 09:00-17:00; fri closed", "Friday is said to be closed and to have hours."),
        ("t 09:00-17:00", "“t” is no day and no time"),
        ("mon-fri 9-", "“9” has a start and no end"),
        ("mon-fri 9 17", "between “9” and “17” a “-” is missing"),
        ("9-17 lunch 12-13", "“lunch” is no day and no time"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(CalendarError) as caught:
        parse_week(text)
    assert sentence in plain_sentence(caught.value)


@given(weeks(step=1))
def test_any_week_survives_being_described_and_parsed(week: Week) -> None:
    assert parse_week(describe_week(week)) == week


@given(st.text("monfrisat-,;: 0129/apmh.", max_size=30) | st.text(max_size=30))
def test_no_line_breaks_the_parser(text: str) -> None:
    refusal = "."
    try:
        parse_week(text)
    except CalendarError as error:
        refusal = plain_sentence(error)
    assert refusal.endswith(".")


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with refused(CalendarError, "stays within one day"):
        Span(time(22), time(6))


def test_a_span_is_whole_minutes() -> None:
    with refused(CalendarError, "whole minutes"):
        Span(time(9, 0, 30), time(10))


def test_a_week_has_seven_days() -> None:
    with refused(CalendarError, "7 days"):
        checked_week(ALWAYS_WEEK[:6])
