"""What a rep gets back for logging: an approved answer, or how often it came up, counted and never invented."""

from datetime import datetime

import pytest

from domain.errors import FieldProblems, NotFound
from domain.money import Money
from domain.people import ensure_member, ensure_workspace
from domain.pulse import Pulse
from domain.themes import answer_theme, find_or_add_theme, find_themes, top_themes
from domain.voc.items import log_line, withdraw_item
from domain.voc.receipt import VocReceipt
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def pulse(receipt: VocReceipt) -> Pulse:
    assert receipt.echo is not None
    return receipt.echo.pulse


def test_the_pulse_counts_items_reps_accounts_and_deals(world: World) -> None:
    log(world, "dear #pricing @Globex $40k")
    log(world, "dear #pricing @Initech $45k", "bo")
    assert pulse(log(world, "dear #pricing")) == Pulse(3, 2, 2, (Money(8_500_000, "USD"),))


def test_deals_are_summed_per_currency(world: World) -> None:
    log(world, "dear #pricing $40k")
    assert pulse(log(world, "dear #pricing €50k")).deals == (Money(5_000_000, "EUR"), Money(4_000_000, "USD"))


def test_one_accounts_deal_counts_once_at_its_largest(world: World) -> None:
    log(world, "dear #pricing @Globex $40k")
    assert pulse(log(world, "dear #pricing @Globex $45k", "bo")).deals == (Money(4_500_000, "USD"),)


def test_what_is_older_than_thirty_days_or_taken_back_does_not_count(world: World) -> None:
    log(world, "dear #pricing")
    world.later(days=31)
    taken = log(world, "dear #pricing", "bo").item
    world.run(withdraw_item, taken.id, by=world.member("bo"), at=world.now)
    assert pulse(log(world, "dear #pricing")).count == 1


def test_another_workspace_is_not_counted(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #pricing", by=stranger, at=world.now)
    assert pulse(log(world, "dear #pricing")).count == 1


def test_without_a_theme_the_competitor_is_counted(world: World) -> None:
    log(world, "cheaper vs Rivalsoft")
    receipt = log(world, "nicer vs Rivalsoft", "bo")
    assert receipt.echo is not None
    assert (receipt.echo.about, receipt.echo.name, receipt.echo.pulse.count) == ("competitor", "Rivalsoft", 2)


def test_without_theme_and_competitor_the_account_is_counted(world: World) -> None:
    receipt = log(world, "they like it @Globex")
    assert receipt.echo is not None
    assert (receipt.echo.about, receipt.echo.name) == ("account", "Globex")


def test_an_approved_answer_comes_with_the_count(world: World) -> None:
    theme = world.run(find_or_add_theme, world.workspace_id, "pricing", at=world.now)
    world.run(answer_theme, theme.id, text="Say: value.", by=world.member("max"), at=world.now)
    log(world, "dear #pricing", "bo")
    receipt = log(world, "dear #pricing")
    assert (receipt.answer, pulse(receipt).count, pulse(receipt).reps) == ("Say: value.", 2, 2)


def test_an_answer_must_have_words_and_its_theme_must_be_here(world: World) -> None:
    theme = world.run(find_or_add_theme, world.workspace_id, "pricing", at=world.now)
    with pytest.raises(FieldProblems):
        world.run(answer_theme, theme.id, text=" ", by=world.member("max"), at=world.now)
    with pytest.raises(NotFound):
        world.run(answer_theme, theme.id + 99, text="x", by=world.member("max"), at=world.now)


def test_the_hint_stops_after_three_items(world: World) -> None:
    assert [log(world, f"word {n}x").hint is not None for n in range(4)] == [True, True, True, False]


def test_the_hint_names_themes_in_use_and_stays_away_when_one_was_used(world: World) -> None:
    log(world, "dear #pricing", "bo")
    assert log(world, "no theme").hint == ("pricing",)
    assert log(world, "dear #pricing").hint is None


def test_a_new_theme_is_marked_new_once(world: World) -> None:
    assert log(world, "dear #pricing").item.theme_new
    assert not log(world, "dear #pricing", "bo").item.theme_new


def test_further_tags_are_told_and_not_counted(world: World) -> None:
    receipt = log(world, "slow and dear #pricing #speed")
    assert (receipt.item.theme, receipt.line.tags) == ("pricing", ("speed",))


def test_top_themes_are_the_most_used_lately(world: World) -> None:
    for line in ("a #sso", "b #pricing", "c #pricing"):
        log(world, line)
    found = world.run(top_themes, world.workspace_id, at=world.now, limit=5)
    assert [(theme.slug, theme.count) for theme in found] == [("pricing", 2), ("sso", 1)]


def test_themes_are_found_by_a_part_of_their_name(world: World) -> None:
    for line in ("a #price-model", "b #sso", "c #100_percent_uptime"):
        log(world, line)

    def find(typed: str, at: datetime) -> list[str]:
        return [theme.slug for theme in world.run(find_themes, world.workspace_id, typed, at=at, limit=9)]

    assert find("#Model", world.now) == ["price-model"]
    assert find("%", world.now) == []
    assert len(find("", world.later(days=40))) == 3
