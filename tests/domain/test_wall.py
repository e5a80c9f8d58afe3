"""The program's clock: by itself it is the computer's; once it follows another one, only that one counts."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from domain.wall import Reading, StepWatch, WallClock

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


def reading(said: datetime, *, took: float = 0.0) -> Reading:
    """Another clock's answer that has just come, `took` seconds after the question."""
    answered = time.monotonic()
    return Reading(said, answered - took, answered)


def test_by_itself_it_is_the_computers_clock() -> None:
    before = datetime.now(UTC)
    told = WallClock().now()
    assert before <= told <= datetime.now(UTC)


def test_once_it_follows_another_clock_it_counts_the_seconds_since_what_that_one_said() -> None:
    clock = WallClock()
    read = reading(NOON)
    clock.follow(read)
    told = clock.now()
    assert NOON <= told <= NOON + timedelta(seconds=time.monotonic() - read.answered, microseconds=2)


def test_the_answer_is_taken_to_have_been_given_halfway() -> None:
    clock = WallClock()
    read = reading(NOON, took=2.0)
    clock.follow(read)
    told = clock.now() - timedelta(seconds=time.monotonic() - read.answered)
    assert abs(told - (NOON + timedelta(seconds=1))) < timedelta(milliseconds=100)


def test_a_slow_answer_that_contradicts_nothing_disturbs_nothing() -> None:
    clock = WallClock()
    clock.follow(reading(NOON))
    assert clock.follow(reading(clock.now() - timedelta(seconds=1), took=2.0)) == timedelta()


def test_a_clock_that_is_ahead_by_little_is_held_until_time_has_caught_up() -> None:
    clock = WallClock()
    clock.follow(reading(NOON))
    before = clock.now()
    clock.follow(reading(before - timedelta(milliseconds=900)))
    held = clock.now()
    assert before <= held == clock.now()


def test_a_step_back_of_the_clock_it_follows_is_taken() -> None:
    clock = WallClock()
    clock.follow(reading(NOON))
    change = clock.follow(reading(NOON - timedelta(hours=1)))
    assert clock.now() < NOON - timedelta(minutes=59)
    assert abs(change + timedelta(hours=1)) < timedelta(seconds=1)


def test_a_playground_that_moved_it_moves_it_the_same_way_after_it_follows_another() -> None:
    clock = WallClock()
    clock.follow(reading(NOON))
    clock.advance(timedelta(days=2))
    assert clock.now() >= NOON + timedelta(days=2)
    assert clock.outside() < NOON + timedelta(days=1)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))


def test_a_step_of_a_clock_is_seen_once_by_the_steady_one() -> None:
    present = [NOON]
    began = time.monotonic()
    watch = StepWatch(lambda: present[0] + timedelta(seconds=time.monotonic() - began))
    assert watch.step() == timedelta()
    for by in (timedelta(hours=-1), timedelta(days=365)):
        present[0] += by
        assert abs(watch.step() - by) < timedelta(seconds=1)
        assert watch.step() == timedelta()


def test_a_clock_that_is_slewed_is_not_stepped() -> None:
    present = [NOON]
    watch = StepWatch(lambda: present[0])
    present[0] += timedelta(seconds=1)
    assert watch.step() == timedelta()
