"""Items that are picked from a theme's list go to another theme, or to a new one, and come back by an undo."""

import pytest

from domain.errors import FieldProblems, NotAllowed
from domain.people import ensure_member, ensure_workspace
from domain.themes import theme_pulse
from domain.voc.errors import RegroupingRefused
from domain.voc.items import log_line, withdraw_item
from domain.voc.splitting import PAGE, list_to_split, split_theme
from tests.voc.regrouped import log, merge, split, themes_of_items, undo
from tests.world import World


def test_picked_items_go_to_a_new_theme_with_their_counts(world: World) -> None:
    log(world, "rebates #pricing @Globex")
    log(world, "dear #pricing @Initech")
    log(world, "more rebates #pricing @Initech")
    done = split(world, "#pricing", [0, 2], "#rebates")
    assert (done.kind, done.subject, done.target, done.moved) == ("split", "pricing", "rebates", 2)
    assert themes_of_items(world) == {"rebates": "rebates", "dear": "pricing", "more rebates": "rebates"}
    page = world.run(list_to_split, "rebates", 0, by=world.member("max"), at=world.now)
    pulse = world.run(theme_pulse, world.workspace_id, page.theme_id, at=world.now)
    assert (pulse.count, pulse.accounts) == (2, 2)


def test_an_undo_moves_them_back_but_not_those_that_were_moved_since(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "rebates #pricing")
    done = split(world, "pricing", [0, 1], "rebates")
    split(world, "rebates", [1], "speed")
    undo(world, done)
    assert themes_of_items(world) == {"dear": "speed", "rebates": "pricing"}


def test_an_undo_finds_items_that_a_later_merge_took_along(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "late #timing")
    done = split(world, "pricing", [0], "rebates")
    merge(world, "rebates", "timing")
    undo(world, done)
    assert themes_of_items(world) == {"dear": "pricing", "late": "timing"}


def test_the_list_has_live_items_in_pages_the_newest_first(world: World) -> None:
    for number in range(PAGE + 1):
        log(world, f"dear {number} #pricing")
    taken = log(world, "taken #pricing").item
    world.run(withdraw_item, taken.id, by=world.member("ana"), at=world.now)
    first, second = (world.run(list_to_split, "pricing", page, by=world.member("max"), at=world.now) for page in (0, 1))
    assert (first.items[0].words, len(first.items), first.more) == (f"dear {PAGE}", PAGE, True)
    assert ([one.words for one in second.items], second.more) == (["dear 0"], False)


def test_nothing_picked_the_same_theme_and_no_name_are_refused(world: World) -> None:
    log(world, "dear #pricing")
    with pytest.raises(RegroupingRefused, match="nothing_picked"):
        split(world, "pricing", [], "rebates")
    for into in ("pricing", "#42"):
        with pytest.raises(FieldProblems) as caught:
            split(world, "pricing", [0], into)
        assert list(caught.value.problems) == ["into"]


def test_an_item_that_is_elsewhere_by_now_is_not_moved(world: World) -> None:
    log(world, "dear #pricing")
    page = world.run(list_to_split, "pricing", 0, by=world.member("max"), at=world.now)
    split(world, "pricing", [0], "rebates")
    picked = [page.items[0].marked]
    with pytest.raises(RegroupingRefused, match="gone"):
        world.run(split_theme, page.theme_id, picked, "speed", by=world.member("max"), at=world.now)


def test_items_of_another_workspace_and_of_before_a_restore_are_not_moved(world: World) -> None:
    log(world, "dear #pricing")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    theirs = world.run(log_line, "dear #pricing", by=stranger, at=world.now).item
    page = world.run(list_to_split, "pricing", 0, by=world.member("max"), at=world.now)
    ours = page.items[0].marked.partition("-")[0]
    for picked in (f"{theirs.id}", f"{ours}-zzzz", ours):
        with pytest.raises(RegroupingRefused, match="gone"):
            world.run(split_theme, page.theme_id, [picked], "speed", by=world.member("max"), at=world.now)


def test_only_marketers_split(world: World) -> None:
    log(world, "dear #pricing")
    with pytest.raises(NotAllowed):
        split(world, "pricing", [0], "rebates", who="ana")
