"""What falls between two digests: whatever was not told is told once, or the digest says what no digest told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from digests.editions import LAG, load_facts
from digests.marketing import MarketingFacts
from digests.rendering import render_edition
from digests.sales import SalesFacts
from digests.sections import Facts
from storage.models import Asset, AssetFigures, Audience, Delivery, Edition, ToldFigures, VocItem
from tests.digests.conftest import Week
from tests.world import World

MONDAY_NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The first issue after the world's Monday noon."""

LAST_WEEK, WEEK_BEFORE = date(2026, 11, 16), date(2026, 11, 9)
A_WEEK = timedelta(days=7)


def told(week: Week, kind: str = "sales") -> str:
    """All that the latest digest says."""
    rendered = render_edition(load_facts(week.editions(kind)[-1]))
    return "\n".join(block["text"]["text"] for block in rendered.blocks)


def at(world: World, week: Week, moment: datetime) -> None:
    """It is that time, and what is due is made."""
    world.now = moment
    week.publish()


def test_figures_that_come_after_their_digest_are_told_by_the_next_with_their_week(world: World, week: Week) -> None:
    at(world, week, MONDAY_NINE)
    assert "16–23 Nov: a quiet week" in told(week)
    world.later(hours=2)
    week.perform("Guide", LAST_WEEK, 142, 6)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert (
        "*Figures that came late*, week of 16 Nov\n1 piece: 142 views, 6 leads\n1. Guide: 142 views, 6 leads"
        in told(week)
    )
    at(world, week, MONDAY_NINE + 2 * A_WEEK)
    assert "Guide" not in told(week), "it is told once"


def test_only_what_was_not_told_of_a_week_is_told_later(world: World, week: Week) -> None:
    week.perform("Guide", LAST_WEEK, 142, 6)
    at(world, week, MONDAY_NINE)
    assert "Guide" in told(week)
    world.later(hours=2)
    week.perform("Webinar", LAST_WEEK, 20, 1)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert "Figures that came late*, week of 16 Nov\n1 piece: 20 views, 1 lead" in told(week)
    assert "Guide" not in told(week)


def test_a_figure_that_was_missing_is_told_and_a_corrected_one_is_not(world: World, week: Week) -> None:
    week.perform("Guide", LAST_WEEK, 142, 6)
    week.perform("Webinar", LAST_WEEK, 20, 1)
    world.run(lambda session: session.execute(update(AssetFigures).values(leads=None)))
    at(world, week, MONDAY_NINE)
    at(world, week, MONDAY_NINE + timedelta(hours=2))

    def correct(session: Any) -> None:
        assets = {asset.title: asset.id for asset in session.query(Asset)}
        session.get_one(AssetFigures, (assets["Guide"], LAST_WEEK)).views = 150
        session.get_one(AssetFigures, (assets["Webinar"], LAST_WEEK)).leads = 1

    world.run(correct)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert "1. Webinar: 20 views, 1 lead" in told(week)
    assert "Guide" not in told(week)


def test_figures_of_weeks_before_the_first_digest_are_no_news(world: World, week: Week) -> None:
    week.perform("Guide", WEEK_BEFORE, 142, 6)
    at(world, week, MONDAY_NINE)
    week.perform("Old blog", WEEK_BEFORE, 10, 0)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert "quiet week" in told(week)


def test_what_a_version_without_marks_has_told_is_not_told_again(world: World, week: Week) -> None:
    week.perform("Guide", LAST_WEEK, 142, 6)
    at(world, week, MONDAY_NINE)
    world.run(lambda session: session.execute(delete(ToldFigures)))
    world.later(hours=2)
    week.perform("Webinar", LAST_WEEK, 20, 1)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert "Webinar" in told(week)
    assert "Guide" not in told(week)


def test_a_digest_that_moves_to_another_day_tells_a_shorter_time_and_nothing_twice(world: World, week: Week) -> None:
    week.hear("dear", "pricing", at=MONDAY_NINE - timedelta(days=1))
    week.perform("Guide", LAST_WEEK, 142, 6)
    at(world, week, MONDAY_NINE)
    for kind in ("sales", "marketing"):
        week.set(kind, weekday=3)
    week.hear("slow", "speed", at=MONDAY_NINE + timedelta(days=1))
    at(world, week, MONDAY_NINE + timedelta(days=3))
    assert "1 objection* (same) in 3 days" in told(week, "marketing")
    assert "pricing" not in told(week, "marketing")
    assert "Guide" not in told(week), "its week was told on Monday"
    assert "No figures" not in told(week)


def test_a_missed_digest_is_told_with_the_next(world: World, week: Week) -> None:
    at(world, week, MONDAY_NINE)
    week.hear("dear", "pricing", at=MONDAY_NINE + timedelta(days=1))
    at(world, week, MONDAY_NINE + A_WEEK + timedelta(days=4))
    assert [one.state for one in week.editions("marketing")] == ["frozen", "skipped"]
    at(world, week, MONDAY_NINE + 2 * A_WEEK)
    assert "Marketing digest, 23 Nov – 7 Dec" in told(week, "marketing")
    assert "1 objection* in 14 days" in told(week, "marketing")


def test_after_a_long_pause_the_digest_says_what_no_digest_told(world: World, week: Week) -> None:
    at(world, week, MONDAY_NINE)
    week.set("marketing", paused=True)
    world.later(days=30)
    week.set("marketing", paused=False)
    week.hear("dear", "pricing", at=datetime(2026, 12, 27, tzinfo=UTC))
    at(world, week, datetime(2026, 12, 28, 9, tzinfo=UTC))
    assert "Marketing digest, 21–28 Dec" in told(week, "marketing")
    assert "There was no digest for 23 Nov – 21 Dec." in told(week, "marketing")


def test_what_is_being_stored_when_a_digest_is_made_is_told_by_the_next(world: World, week: Week) -> None:
    at(world, week, MONDAY_NINE)
    week.hear("dear", "pricing", at=MONDAY_NINE - LAG / 2)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert "pricing" in told(week, "marketing")


def test_editions_of_earlier_versions_still_read(world: World, week: Week) -> None:
    period = {"start": "2026-11-09T08:00:00Z", "end": "2026-11-16T08:00:00Z", "zone": "UTC"}
    theme = ["pricing", 9, 4, 6, ["Globex"], [], None, 1, ["Ana"], False]
    names = (
        "theme",
        "count",
        "change",
        "accounts",
        "named",
        "deals",
        "verbatim",
        "reps",
        "heard_by",
        "answered",
    )
    leads: dict[str, Any] = {
        "received": 2,
        "change": None,
        "in_time": 1,
        "late": 1,
        "overdue": 0,
        "waiting": 0,
        "declines": [],
    }
    facts = {
        "kind": "marketing",
        "period": period,
        "objections": 13,
        "change": 5,
        "themes": [dict(zip(names, theme, strict=True))],
        "more_themes": 2,
        "more_objections": 4,
        "untagged": None,
        "others": [{"kind": "praise", "count": 1, "change": None}],
        "leads": leads,
    }
    rendered = render_edition(load_facts(Edition(facts=facts)))
    words = "\n".join(block["text"]["text"] for block in rendered.blocks)
    assert "13 objections* (+5) this week" in words
    assert "*1. #pricing*: 9 objections (+4)" in words
    assert "2 more themes with 4 objections" in words
    assert "*Also heard:* 1 word of praise" in words


STEPS = st.one_of(
    st.tuples(st.just("day"), st.integers(0, 6)),
    st.tuples(st.just("minute"), st.sampled_from([0, 1, 9 * 60, 1439])),
    st.tuples(st.just("zone"), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"])),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("hear"), st.integers(0, 0)),
    st.tuples(st.just("import"), st.integers(0, 3)),
    st.tuples(st.just("stand still"), st.integers(1, 20)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(STEPS, st.integers(1, 200)), min_size=1, max_size=8))
def test_whatever_is_changed_everything_is_told_once_or_said_to_be_untold(
    world: World, week: Week, steps: list[tuple[tuple[str, Any], int]]
) -> None:
    world.run(_forget)
    world.now = MONDAY_NINE - timedelta(hours=1)
    for kind in ("sales", "marketing"):
        week.set(kind, weekday=0, minute=9 * 60, zone="UTC", paused=False)
    at(world, week, MONDAY_NINE)
    numbers = count()
    heard: dict[str, datetime] = {}
    imported: dict[str, tuple[date, datetime]] = {}
    for (what, value), hours in steps:
        match what:
            case "day":
                _set(week, weekday=value)
            case "minute":
                _set(week, minute=value)
            case "zone":
                _set(week, zone=value)
            case "pause":
                _set(week, paused=value)
            case "hear":
                theme = f"heard-{next(numbers)}"
                heard[theme] = world.now
                week.hear("dear", theme)
            case "import":
                title = f"asset-{next(numbers)}"
                monday = world.now.date() - timedelta(days=world.now.weekday())
                of_week = monday - timedelta(weeks=value)
                imported[title] = (of_week, world.now)
                week.perform(title, of_week, 5, 1)
            case _:
                world.later(days=value)
        for _ in range(hours):
            world.later(hours=1)
            if world.now.hour % 6 == 0:
                week.publish()
    _set(week, paused=False)
    for _ in range(22):
        world.later(days=1)
        week.publish()
    _each_heard_once(week, heard)
    _each_imported_at_most_once(week, imported)


def _each_heard_once(week: Week, heard: dict[str, datetime]) -> None:
    facts = list(_told_facts(week, "marketing"))
    for theme, when in heard.items():
        times = [each for each in facts if theme in {one.theme for one in each.themes}]  # type: ignore[attr-defined]
        named = [each for each in facts if each.untold and each.untold.start - LAG <= when < each.untold.end]
        crowded = [each for each in facts if isinstance(each, MarketingFacts) and each.more_themes]
        assert len(times) + len(named) == 1 or crowded, (theme, when, [each.period for each in facts])


def _each_imported_at_most_once(week: Week, imported: dict[str, tuple[date, datetime]]) -> None:
    facts = list(_told_facts(week, "sales"))
    first = min((each.content_week for each in facts if isinstance(each, SalesFacts)), default=None)
    for title, (of_week, when) in imported.items():
        tellings = [
            one
            for each in facts
            if isinstance(each, SalesFacts)
            for one in (each.content, *each.late_content)
            if one is not None and one.week == of_week and one.assets and title in _titles(one)
        ]
        assert len(tellings) <= 1, (title, of_week, when)
        weeks = {each.content_week for each in facts if isinstance(each, SalesFacts)}
        if first is not None and of_week in weeks and of_week >= first:
            crowded = any(
                one is not None and one.week == of_week and one.assets > len(one.top)
                for each in facts
                if isinstance(each, SalesFacts)
                for one in (each.content, *each.late_content)
            )
            assert tellings or crowded, (title, of_week, when, sorted(weeks))


def _titles(content: Any) -> set[str]:
    return {asset.title for asset in (*content.top, *content.risen, *content.fallen)}


def _told_facts(week: Week, kind: str) -> Iterator[Facts]:
    for edition in week.editions(kind):
        if edition.state == "frozen":
            yield load_facts(edition)


def _set(week: Week, **values: Any) -> None:
    for kind in ("sales", "marketing"):
        week.publish()
        week.set(kind, **values)


def _forget(session: Any) -> None:
    for table in (ToldFigures, Edition, Delivery, VocItem, AssetFigures, Asset):
        session.execute(delete(table))
    session.execute(update(Audience).values(next_at=None))


@pytest.mark.parametrize("kind", ["sales", "marketing"])
def test_a_preview_tells_nothing_away(world: World, week: Week, kind: str) -> None:
    from digests.audiences import preview_digest

    at(world, week, MONDAY_NINE)
    week.perform("Guide", LAST_WEEK, 142, 6)
    world.later(hours=2)
    world.run(preview_digest, kind, by=world.member("mia"), at=world.now)
    at(world, week, MONDAY_NINE + A_WEEK)
    assert "Guide" in told(week)
