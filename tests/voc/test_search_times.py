"""Times in a search: what was imported later, and is older, hides nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

import domain.voc.search
from domain.voc.items import log_line
from domain.voc.query import named_period
from domain.voc.search import LOOKS, Found, search_items
from domain.voc.wording import catch_up, word_items
from storage.models import VocItem
from tests.world import World


def search(world: World, typed: str) -> Found:
    who = world.run(catch_up, by=world.member("bo"), at=world.now)
    return world.db.read_sync(search_items, typed, by=who, at=world.now)


def bring_in(world: World, count: int, days: int) -> None:
    """As many items as an import adds, all logged so many days ago."""
    ana, then = world.member("ana"), world.now - timedelta(days=days)
    row = {"workspace_id": ana.workspace_id, "member_id": ana.id, "kind": "praise", "origin": "import"}
    row |= {"line": "slow", "verbatim": "slow", "created_at": then, "updated_at": then}
    world.run(lambda session: session.execute(insert(VocItem), [row] * count))
    while world.run(word_items, world.workspace_id, limit=1_000):
        pass


def test_what_an_import_brings_of_earlier_days_hides_nothing_of_later_ones(world: World) -> None:
    item = world.run(log_line, "slow", by=world.member("ana"), at=world.now).item.id
    bring_in(world, sum(LOOKS) + 1, days=15)
    assert [hit.id for hit in search(world, "slow last 14 days").hits] == [item]


def test_a_day_of_which_half_counts_hides_nothing(world: World) -> None:
    item = world.run(log_line, "slow", by=world.member("ana"), at=world.now).item.id
    world.later(hours=1)
    bring_in(world, LOOKS[0] + LOOKS[1], days=14)
    world.later(minutes=1)
    assert [hit.id for hit in search(world, "slow last 14 days").hits] == [item]


def test_a_month_counts_from_its_first_day_to_its_last(world: World) -> None:
    first = world.run(log_line, "slow", by=world.member("ana"), at=world.now.replace(month=10, day=1)).item.id
    last = world.run(log_line, "slow", by=world.member("ana"), at=world.now.replace(month=10, day=31)).item.id
    world.run(log_line, "slow", by=world.member("ana"), at=world.now.replace(month=11, day=1))
    found = search(world, "slow since:2026-10 until:2026-10")
    assert sorted(hit.id for hit in found.hits) == [first, last]
    assert search(world, "slow since:2026-09-15 until:2026-11").total == 3


def test_what_is_old_is_found_behind_whatever_is_newer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain.voc.search, "LOOKS", (2, 2))
    ana = world.member("ana")
    old = world.run(log_line, "slow in spring", by=ana, at=world.now).item.id
    world.later(days=100)
    for number in range(6):
        world.run(log_line, f"slow in winter {number}", by=ana, at=world.now)
    assert [hit.id for hit in search(world, "slow before:2027").hits] == [old]
    assert [hit.id for hit in search(world, "slow until:2026-12").hits] == [old]


def test_the_day_on_which_a_time_ends_hides_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain.voc.search, "LOOKS", (2, 2))
    ana = world.member("ana")
    old = world.run(log_line, "slow at first", by=ana, at=world.now).item.id
    world.later(days=2)
    for number in range(6):
        world.run(log_line, f"slow again {number}", by=ana, at=world.now)
    assert [hit.id for hit in search(world, f"slow before:{world.now:%Y-%m-%d}").hits] == [old]


@pytest.mark.parametrize(
    ("word", "first", "behind"),
    [
        ("today", "2026-11-18", "2026-11-19"),
        ("Yesterday", "2026-11-17", "2026-11-18"),
        ("wednesday", "2026-11-18", "2026-11-19"),
        ("thu", "2026-11-12", "2026-11-13"),
        ("monday", "2026-11-16", "2026-11-17"),
        ("this-week", "2026-11-16", "2026-11-23"),
        ("last-week", "2026-11-09", "2026-11-16"),
        ("month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("year", "2026-01-01", "2027-01-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
    ],
)
def test_what_people_call_a_time_is_one(word: str, first: str, behind: str) -> None:
    assert named_period(word, date(2026, 11, 18)) == (date.fromisoformat(first), date.fromisoformat(behind))


def test_today_is_a_filter_too(world: World) -> None:
    ana = world.member("ana")
    yesterday = world.run(log_line, "slow in the morning", by=ana, at=world.now).item.id
    today = world.run(log_line, "slow in the evening", by=ana, at=world.later(days=1)).item.id

    def found(when: str) -> list[int]:
        return [hit.id for hit in search(world, f"slow {when}").hits]

    assert found("since:today") == [today]
    assert found("since:yesterday") == [today, yesterday]
    assert found("before:today") == [yesterday]
