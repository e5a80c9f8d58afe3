"""Which content performed: the top of a week, its change, the movers, and the search."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from domain.performance import ContentWeek, Figure, content_week, find_content, last_complete_week, show_content
from domain.themes import find_or_add_theme
from storage.models import Asset, AssetFigures
from tests.world import World

WEEK, BEFORE = date(2026, 11, 9), date(2026, 11, 2)


def figures(world: World, title: str, week: date, views: int | None, leads: int | None, wins: int | None = 0) -> None:
    def write(session: Any) -> None:
        asset = session.scalars(select(Asset).where(Asset.title == title)).one_or_none()
        if asset is None:
            asset = Asset(workspace_id=world.workspace_id, slug=title.lower(), title=title, created_at=world.now)
            session.add(asset)
            session.flush()
        session.add(
            AssetFigures(
                asset_id=asset.id,
                week=week,
                workspace_id=world.workspace_id,
                views=views,
                leads=leads,
                influenced_wins=wins,
                updated_at=world.now,
            )
        )

    world.run(write)


def week(world: World, monday: date = WEEK) -> ContentWeek:
    found: ContentWeek | None = world.run(content_week, world.workspace_id, monday)
    assert found is not None
    return found


def test_the_top_five_are_those_with_most_leads_then_views(world: World) -> None:
    for number in range(7):
        figures(world, f"Post {number}", WEEK, views=100 - number, leads=number // 2)
    assert [asset.title for asset in week(world).top] == ["Post 6", "Post 4", "Post 5", "Post 2", "Post 3"]


def test_figures_tell_their_change_against_the_week_before(world: World) -> None:
    figures(world, "Guide", BEFORE, 130, 8, None)
    figures(world, "Guide", WEEK, 142, 6, 1)
    figures(world, "New", WEEK, 10, 0, 0)
    found = week(world)
    guide, new = found.top
    assert (guide.views, guide.leads, guide.influenced_wins) == (Figure(142, 12), Figure(6, -2), Figure(1, None))
    assert new.views == Figure(10, None)
    assert (found.assets, found.views, found.leads) == (2, Figure(152, 22), Figure(6, -2))


def test_what_was_not_reported_is_not_zero(world: World) -> None:
    figures(world, "Guide", WEEK, None, 3, None)
    assert week(world).top[0].views is None
    assert week(world).views is None


def test_movers_are_told_apart_from_the_top(world: World) -> None:
    for number in range(5):
        figures(world, f"Top {number}", WEEK, 1000, 50)
    for title, before, now in (("Up", 1, 9), ("Down", 9, 1), ("Same", 5, 5)):
        figures(world, title, BEFORE, 10, before)
        figures(world, title, WEEK, 10, now)
    figures(world, "Gone", BEFORE, 10, 9)
    found = week(world)
    assert ([asset.title for asset in found.risen], [asset.title for asset in found.fallen]) == (["Up"], ["Down"])


def test_a_week_without_figures_is_none(world: World) -> None:
    figures(world, "Guide", BEFORE, 1, 1)
    assert world.run(content_week, world.workspace_id, WEEK) is None


def test_the_last_complete_week_goes_by_the_zone(world: World) -> None:
    sunday_night = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)
    assert last_complete_week(sunday_night, "UTC") == date(2026, 11, 2)
    assert last_complete_week(sunday_night, "Europe/Berlin") == date(2026, 11, 9)


def test_without_last_weeks_figures_the_latest_earlier_week_is_shown(world: World) -> None:
    figures(world, "Guide", BEFORE, 1, 1)
    figures(world, "Guide", date(2026, 11, 16), 9, 9)
    found = world.run(show_content, by=world.member("ana"), at=world.now)
    assert found is not None
    assert found.week == BEFORE


def test_a_search_finds_by_title_theme_and_case_of_any_script(world: World) -> None:
    figures(world, "Über Preise", WEEK, 5, 1)
    figures(world, "Security paper", WEEK, 5, 2)

    def tag(session: Any) -> None:
        theme = find_or_add_theme(session, world.workspace_id, "sso", at=world.now)
        session.scalars(select(Asset).where(Asset.title == "Security paper")).one().theme_id = theme.id

    world.run(tag)

    def search(words: str) -> list[str]:
        return [found.title for found in world.run(find_content, words, by=world.member("ana"), at=world.now)]

    assert search("üBER preise") == ["Über Preise"]
    assert search("#sso paper") == ["Security paper"]
    assert search("paper preise") == []
    assert search("%") == []
    assert search("p") == ["Security paper", "Über Preise"]
