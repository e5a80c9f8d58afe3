"""A merged theme's items, assets and name go to the other theme at once; undoing moves back exactly what was moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from domain.content import asset_slug
from domain.errors import Changed, NotAllowed, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.themes import answer_theme, find_or_add_theme, find_theme, top_themes
from domain.voc.errors import RegroupingRefused, UnknownName
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line, withdraw_item
from domain.voc.known import KnownTheme, show_theme
from domain.voc.merging import merge_rows, plan_merge
from domain.voc.moving import MOVED_AT_ONCE, Strays, find_strays, gather_strays, move_some
from domain.voc.name_slips import use_theme
from domain.voc.planning import find_history
from domain.voc.regrouping import Items
from domain.voc.suggestions import suggest_themes
from domain.voc.tagging import set_theme
from domain.voc.undoing import undo_regrouping
from storage.jobs import open_jobs
from storage.models import Asset, AuditEvent, Theme, VocItem
from tests.voc.regrouped import finish, follow, log, merge, theme_of, themes_of_items, undo
from tests.world import World


def theme_id(world: World, slug: str) -> int:
    theme = world.run(find_theme, world.workspace_id, slug)
    assert theme is not None
    return theme.id


def answer(world: World, slug: str, text: str) -> None:
    world.run(answer_theme, theme_id(world, slug), text=text, by=world.member("max"), at=world.later(minutes=1))


def answer_of(world: World, slug: str) -> str | None:
    theme = world.run(find_theme, world.workspace_id, slug)
    return theme.answer if theme is not None else None


def grow(world: World, item_id: int, count: int) -> None:
    """So many more items like this one."""

    def add(session: Session) -> None:
        row = session.get_one(VocItem, item_id)
        columns = {name: getattr(row, name) for name in row.__table__.columns.keys() if name != "id"}  # noqa: SIM118
        columns |= {"tallied": None, "tallied_version": 0}
        session.execute(insert(VocItem), [columns | {"verbatim": f"more {number}"} for number in range(count)])

    world.run(add)


def test_all_items_live_and_taken_back_go_to_the_other_theme_and_count_there(world: World) -> None:
    log(world, "dear #pricing @Globex $40k")
    taken = log(world, "too dear #priceing").item
    world.run(withdraw_item, taken.id, by=world.member("ana"), at=world.now)
    log(world, "dearer #priceing @Initech $9k", "bo")
    done = merge(world, "#priceing", "#pricing")
    assert (done.subject, done.target, done.moved, done.left) == ("priceing", "pricing", 2, False)
    assert set(themes_of_items(world).values()) == {"pricing"}
    known = world.run(show_theme, "#pricing", by=world.member("ana"), at=world.now)
    assert isinstance(known, KnownTheme)
    assert (known.pulse.count, known.pulse.reps, known.pulse.accounts) == (2, 2, 2)
    assert [one.slug for one in world.run(top_themes, world.workspace_id, at=world.now, limit=9)] == ["pricing"]


def test_what_is_typed_under_the_merged_name_lands_under_the_other_theme(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    merge(world, "priceing", "pricing")
    logged = log(world, "dear again #Priceing")
    assert (logged.item.theme, logged.item.theme_new, logged.meant) == ("pricing", False, None)
    form = VocForm(text="dear once more", theme="priceing")
    edited = world.run(edit_item, logged.item.id, form, version=1, by=world.member("ana"), at=world.later(minutes=1))
    assert edited.item.theme == "pricing"
    known = world.run(show_theme, "#priceing", by=world.member("ana"), at=world.now)
    assert isinstance(known, KnownTheme)
    assert known.slug == "pricing"


def test_a_name_leads_on_through_several_merges(world: World) -> None:
    for slug in ("price", "cost", "budget"):
        log(world, f"dear {slug} #{slug}")
    merge(world, "price", "cost")
    merge(world, "cost", "budget")
    assert log(world, "dear at last #price").item.theme == "budget"
    assert set(themes_of_items(world).values()) == {"budget"}


def test_menus_offer_the_theme_that_took_the_place_and_never_the_merged_one(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    merge(world, "priceing", "pricing")
    offered = world.run(suggest_themes, "priceing", by=world.member("ana"), at=world.now)
    assert ([one.slug for one in offered.themes], offered.new) == (["pricing"], None)
    assert [one.slug for one in world.run(suggest_themes, "", by=world.member("ana"), at=world.now).themes] == [
        "pricing"
    ]
    assert log(world, "dear #pricng").meant == "pricing"


def test_assets_go_along_and_come_back(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")

    def add(session: Session) -> None:
        title = "The guide"
        theme = find_or_add_theme(session, world.workspace_id, "priceing", at=world.now)
        session.add(
            Asset(
                workspace_id=world.workspace_id,
                slug=asset_slug(title, None),
                title=title,
                theme_id=theme.id,
                created_at=world.now,
            )
        )

    def theme_of_asset(session: Session) -> Any:
        return session.scalar(select(Theme.slug).join(Asset, Asset.theme_id == Theme.id))

    world.run(add)
    assert world.run(plan_merge, "priceing", "pricing", by=world.member("max"), at=world.now).assets == 1
    done = merge(world, "priceing", "pricing")
    assert world.run(theme_of_asset) == "pricing"
    undo(world, done)
    assert world.run(theme_of_asset) == "priceing"


def test_the_plan_says_what_will_happen(world: World) -> None:
    log(world, "dear #pricing @Globex")
    log(world, "dear #priceing @Globex")
    log(world, "dearer #priceing @Initech")
    answer(world, "priceing", "Say: value.")
    plan = world.run(plan_merge, "#priceing", "#pricing", by=world.member("max"), at=world.now)
    assert (plan.subject, plan.target, plan.items, plan.target_items) == (
        "priceing",
        "pricing",
        Items(2, 2),
        Items(1, 1),
    )
    assert plan.answer is not None
    assert (plan.answer.text, plan.target_answer) == ("Say: value.", None)


def test_undoing_moves_back_what_was_moved_and_nothing_else(world: World) -> None:
    log(world, "old #pricing")
    log(world, "slip #priceing")
    moved = log(world, "elsewhere #priceing").item
    done = merge(world, "priceing", "pricing")
    log(world, "later #priceing")
    log(world, "fast #speed")
    world.run(use_theme, moved.id, "speed", version=2, by=world.member("ana"), at=world.later(minutes=1))
    taken_back = undo(world, done)
    assert taken_back.undone_by == world.member("max").name
    assert themes_of_items(world) == {
        "old": "pricing",
        "slip": "priceing",
        "elsewhere": "speed",
        "later": "pricing",
        "fast": "speed",
    }
    assert log(world, "again #priceing").item.theme == "priceing"


def test_an_item_that_somebody_moved_away_and_back_is_left_where_they_put_it(world: World) -> None:
    log(world, "old #pricing")
    log(world, "fast #speed")
    item = log(world, "slip #priceing").item
    done = merge(world, "priceing", "pricing")
    world.run(use_theme, item.id, "speed", version=2, by=world.member("ana"), at=world.later(minutes=1))
    world.run(use_theme, item.id, "pricing", version=3, by=world.member("ana"), at=world.later(minutes=1))
    undo(world, done)
    assert themes_of_items(world)["slip"] == "pricing"


def test_an_item_that_marketing_filed_elsewhere_and_back_is_left_where_they_put_it(world: World) -> None:
    for line in ("old #pricing", "fast #speed"):
        log(world, line)
    item = log(world, "slip #priceing").item
    done = merge(world, "priceing", "pricing")
    for version, slug in ((2, "speed"), (3, "pricing")):
        world.run(set_theme, item.id, slug, version=version, by=world.member("max"), at=world.later(minutes=1))
    undo(world, done)
    assert themes_of_items(world)["slip"] == "pricing"


def test_a_second_undo_changes_nothing(world: World) -> None:
    log(world, "old #pricing")
    log(world, "slip #priceing")
    done = merge(world, "priceing", "pricing")
    first = undo(world, done)
    assert undo(world, done, "mia") == first
    assert themes_of_items(world) == {"old": "pricing", "slip": "priceing"}


def test_a_merge_undone_after_a_further_merge_gives_its_items_back_and_no_others(world: World) -> None:
    for slug in ("price", "cost", "budget"):
        log(world, f"it was {slug} #{slug}")
    first = merge(world, "price", "cost")
    second = merge(world, "cost", "budget")
    undo(world, first)
    assert themes_of_items(world) == {"it was price": "price", "it was cost": "budget", "it was budget": "budget"}
    undo(world, second)
    assert themes_of_items(world) == {f"it was {slug}": slug for slug in ("price", "cost", "budget")}


def test_merges_undone_from_the_last_to_the_first(world: World) -> None:
    for slug in ("price", "cost", "budget"):
        log(world, f"it was {slug} #{slug}")
    first, second = merge(world, "price", "cost"), merge(world, "cost", "budget")
    undo(world, second)
    assert themes_of_items(world)["it was price"] == "cost"
    undo(world, first)
    assert themes_of_items(world)["it was price"] == "price"


def test_into_itself_or_in_a_circle_is_refused_in_words(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    with pytest.raises(RegroupingRefused, match="itself"):
        merge(world, "pricing", "#Pricing")
    merge(world, "priceing", "pricing")
    for subject, target in (("pricing", "priceing"), ("priceing", "pricing")):
        with pytest.raises(RegroupingRefused) as caught:
            merge(world, subject, target)
        assert caught.value == RegroupingRefused("part_already", "#priceing", "#pricing")


def test_only_marketers_merge_and_undo(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    with pytest.raises(NotAllowed):
        merge(world, "priceing", "pricing", who="ana")
    done = merge(world, "priceing", "pricing")
    with pytest.raises(NotAllowed):
        undo(world, done, "ana")


def test_an_unknown_theme_names_what_may_be_meant(world: World) -> None:
    log(world, "dear #pricing")
    with pytest.raises(UnknownName) as caught:
        merge(world, "pricng", "pricing")
    assert caught.value == UnknownName("theme", "#pricng", ("#pricing",))


def test_themes_and_merges_of_another_workspace_are_none(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #budget", by=stranger, at=world.now)
    theirs = world.run(find_theme, other, "budget")
    assert theirs is not None
    by = world.member("max")
    with pytest.raises(UnknownName):
        merge(world, "pricing", "budget")
    for subject, target in ((theme_id(world, "pricing"), theirs.id), (theirs.id, theme_id(world, "pricing"))):
        with pytest.raises(NotFound):
            world.run(merge_rows, "theme", subject, target, staying="target", version="", by=by, at=world.now)
    done = merge(world, "priceing", "pricing")

    with pytest.raises(NotFound):
        world.run(undo_regrouping, done.id, by=replace(stranger, role="admin"), at=world.now)


def test_of_two_people_who_merge_at_once_the_second_reads_that_it_is_done(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    by = world.member("max")
    plan = world.run(plan_merge, "priceing", "pricing", by=by, at=world.now)
    merge(world, "priceing", "pricing", who="mia")
    with pytest.raises(RegroupingRefused) as caught:
        follow(world, plan)
    assert caught.value.why == "part_already"


def test_an_answer_that_was_given_while_the_form_was_open_is_not_passed_over(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    by = world.member("max")
    plan = world.run(plan_merge, "priceing", "pricing", by=by, at=world.now)
    answer(world, "pricing", "Ours.")
    with pytest.raises(Changed):
        follow(world, plan, staying="subject")


def test_very_many_items_follow_in_steps_and_others_wait_for_no_count(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "late #timing")
    grow(world, log(world, "slip #priceing").item.id, 2 * MOVED_AT_ONCE)
    done = merge(world, "priceing", "pricing")
    assert (done.moved, done.left) == (MOVED_AT_ONCE, True)
    assert world.run(open_jobs) == 1
    assert log(world, "new #priceing").item.theme == "pricing"
    with pytest.raises(RegroupingRefused, match="busy"):
        merge(world, "pricing", "timing")
    finish(world, done)
    assert set(themes_of_items(world).values()) == {"pricing", "timing"}
    known = world.run(show_theme, "pricing", by=world.member("ana"), at=world.now)
    assert isinstance(known, KnownTheme)
    assert known.pulse.count == 2 * MOVED_AT_ONCE + 3


def test_a_merge_that_is_undone_while_its_items_are_moved_ends_as_if_it_had_not_been(world: World) -> None:
    log(world, "dear #pricing")
    grow(world, log(world, "slip #priceing").item.id, 2 * MOVED_AT_ONCE)
    done = merge(world, "priceing", "pricing")
    world.run(move_some, done.id, at=world.now)
    finish(world, undo(world, done))
    counts = list(themes_of_items(world).values())
    assert (counts.count("pricing"), len(counts)) == (1, len(counts))


def test_what_lands_under_a_merged_theme_all_the_same_is_gathered_and_comes_back_with_it(world: World) -> None:
    log(world, "dear #pricing")
    slip = theme_of(world, log(world, "slip #priceing").item.id)
    done = merge(world, "priceing", "pricing")
    stray = log(world, "stray #speed").item
    world.run(lambda session: setattr(session.get_one(VocItem, stray.id), "theme_id", slip))
    assert world.run(find_strays) == Strays("theme", slip)
    assert world.run(gather_strays, Strays("theme", slip), at=world.now) == 1
    assert world.run(find_strays) is None
    assert themes_of_items(world)["stray"] == "pricing"
    undo(world, done)
    assert themes_of_items(world)["stray"] == "priceing"


def test_an_item_that_an_earlier_release_put_back_is_gathered_again(world: World) -> None:
    log(world, "dear #pricing")
    item = log(world, "slip #priceing").item
    slip = theme_of(world, item.id)
    done = merge(world, "priceing", "pricing")
    world.run(lambda session: setattr(session.get_one(VocItem, item.id), "theme_id", slip))
    assert world.run(gather_strays, Strays("theme", slip), at=world.now) == 1
    undo(world, done)
    assert themes_of_items(world)["slip"] == "priceing"


def test_the_history_says_who_did_what_when(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "slip #priceing")
    done = merge(world, "priceing", "pricing")
    found, rows = world.run(find_history, "#priceing", by=world.member("mia"), at=world.now)
    assert (found.name, rows) == ("pricing", [done])
    undo(world, done, "mia")
    _, rows = world.run(find_history, "#priceing", by=world.member("mia"), at=world.now)
    assert (rows[0].by, rows[0].undone_by) == (world.member("max").name, world.member("mia").name)
    actions = world.run(lambda session: list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id))))
    assert [one for one in actions if one.startswith("theme.merge")] == ["theme.merged", "theme.merge_undone"]
