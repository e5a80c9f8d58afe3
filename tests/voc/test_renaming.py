"""A renamed theme keeps its items, and whoever types its old name lands under it."""

import pytest

from domain.errors import Changed, FieldProblems, NotAllowed, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.themes import find_theme
from domain.voc.errors import RegroupingRefused
from domain.voc.items import log_line
from domain.voc.renaming import plan_rename, rename_row
from domain.voc.suggestions import suggest_themes
from tests.voc.regrouped import log, merge, rename, themes_of_items, undo
from tests.world import World


def refusal(world: World, slug: str, name: str) -> str:
    with pytest.raises(FieldProblems) as caught:
        rename(world, slug, name)
    problem = caught.value.problems["name"]
    assert isinstance(problem, RegroupingRefused)
    return problem.why


def test_a_renamed_theme_keeps_its_items_and_its_old_name_leads_to_it(world: World) -> None:
    log(world, "dear #price")
    done = rename(world, "#price", "Price model")
    assert (done.kind, done.subject, done.target) == ("rename", "price", "price-model")
    assert themes_of_items(world) == {"dear": "price-model"}
    assert log(world, "dearer #price").item.theme == "price-model"
    assert log(world, "dearest #price-model").item.theme == "price-model"
    theme = world.run(find_theme, world.workspace_id, "price")
    assert theme is not None
    assert (theme.slug, theme.title) == ("price-model", "Price model")


def test_the_old_name_is_not_offered_as_a_theme(world: World) -> None:
    log(world, "dear #price")
    rename(world, "price", "cost")
    for typed in ("", "price"):
        offered = world.run(suggest_themes, typed, by=world.member("ana"), at=world.now)
        assert ([one.slug for one in offered.themes], offered.new) == (["cost"], None)


def test_undoing_gives_the_old_name_back_and_the_new_one_leads_to_it(world: World) -> None:
    log(world, "dear #price")
    undo(world, rename(world, "price", "cost"))
    assert themes_of_items(world) == {"dear": "price"}
    assert log(world, "dearer #cost").item.theme == "price"


def test_renaming_back_and_forth_ends_where_it_should(world: World) -> None:
    log(world, "dear #price")
    rename(world, "price", "cost")
    rename(world, "cost", "price")
    last = rename(world, "price", "budget")
    assert {log(world, f"{slug} #{slug}").item.theme for slug in ("price", "cost", "budget")} == {"budget"}
    undo(world, last)
    assert {log(world, f"{slug} again #{slug}").item.theme for slug in ("price", "cost", "budget")} == {"price"}


def test_a_rename_that_was_followed_by_another_is_not_undone_alone(world: World) -> None:
    log(world, "dear #price")
    first = rename(world, "price", "cost")
    rename(world, "cost", "budget")
    with pytest.raises(RegroupingRefused) as caught:
        undo(world, first)
    assert caught.value == RegroupingRefused("renamed_since", "#cost", "#budget")


def test_a_name_that_another_theme_has_is_refused(world: World) -> None:
    log(world, "dear #price")
    log(world, "dear #cost")
    log(world, "dear #budget")
    log(world, "dear #budgets")
    merge(world, "budgets", "budget")
    assert refusal(world, "price", "Cost") == "taken"
    assert refusal(world, "price", "budgets") == "part_already"
    assert refusal(world, "budget", "budgets") == "taken_by_merged"
    assert refusal(world, "price", "#price") == "called_so"
    assert refusal(world, "price", "#42") == "no_name"
    assert refusal(world, "price", "  ") == "no_name"


def test_a_renamed_theme_is_merged_with_all_its_names(world: World) -> None:
    log(world, "dear #price")
    log(world, "dear too #budget")
    rename(world, "price", "cost")
    done = merge(world, "cost", "budget")
    assert {log(world, f"{slug} #{slug}").item.theme for slug in ("price", "cost", "budget")} == {"budget"}
    undo(world, done)
    assert log(world, "again #price").item.theme == "cost"


def test_who_renames_second_reads_the_name_of_now(world: World) -> None:
    log(world, "dear #price")
    plan = world.run(plan_rename, "price", "", by=world.member("max"), at=world.now)
    rename(world, "price", "cost", who="mia")
    by = world.member("max")
    with pytest.raises(Changed) as caught:
        world.run(rename_row, "theme", int(plan.key), "budget", version=plan.name, by=by, at=world.now)
    assert caught.value.changes == ("cost",)


def test_only_marketers_of_the_workspace_rename(world: World) -> None:
    log(world, "dear #price")
    with pytest.raises(NotAllowed):
        rename(world, "price", "cost", who="ana")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    theirs = world.run(log_line, "dear #price", by=stranger, at=world.now)
    assert theirs.item.theme == "price"
    theme = world.run(find_theme, other, "price")
    assert theme is not None
    with pytest.raises(NotFound):
        world.run(rename_row, "theme", theme.id, "cost", version="price", by=world.member("max"), at=world.now)
