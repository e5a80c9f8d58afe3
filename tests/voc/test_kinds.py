"""The kind of an item: said by a mark, told by plain words, else an objection; and a person's word is the last."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Changed, NotFound, Refused
from domain.voc.facts import VocFacts
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_form, log_line, use_kind
from storage.models import VOC_KINDS
from tests.voc.conftest import Desk
from tests.world import World


def log(world: World, line: str) -> VocFacts:
    return world.run(log_line, line, by=world.member("ana"), at=world.now).item


def fill(world: World, **fields: Any) -> VocFacts:
    form = VocForm(**fields)
    return world.run(log_form, form, origin="form", permalink=None, by=world.member("ana"), at=world.now).item


def use(world: World, item: VocFacts, kind: str, who: str = "ana") -> VocFacts:
    return world.run(use_kind, item.id, kind, version=item.version, by=world.member(who), at=world.now).item


@pytest.mark.parametrize(
    ("line", "kind", "by"),
    [
        ("the rollout takes far too long", "pain_point", "words"),
        ("objection: the rollout takes far too long", "objection", "person"),
        ("too expensive", "objection", None),
    ],
)
def test_a_mark_wins_over_words_and_without_either_it_is_an_objection(
    world: World, line: str, kind: str, by: str | None
) -> None:
    item = log(world, line)
    assert (item.kind, item.kind_by) == (kind, by)


def test_in_a_form_words_tell_the_kind_where_the_person_left_it_as_it_was(world: World) -> None:
    assert fill(world, text="loves the board").kind == "praise"
    picked = fill(world, text="loves the board", kind="question")
    assert (picked.kind, picked.kind_by) == ("question", "person")


def test_the_kind_that_a_person_chose_is_not_read_again_from_an_edited_text(world: World) -> None:
    item = use(world, log(world, "loves the board"), "objection")
    assert (item.kind, item.kind_by, item.version) == ("objection", "person", 2)
    form = VocForm(text="loves the old board", kind="objection")
    edited = world.run(edit_item, item.id, form, version=2, by=world.member("ana"), at=world.now).item
    assert (edited.kind, edited.kind_by) == ("objection", "person")


def test_a_text_that_is_edited_tells_the_kind_where_nobody_said_it(world: World) -> None:
    item = log(world, "too expensive")
    form = VocForm(text="the rollout takes far too long", kind="objection")
    edited = world.run(edit_item, item.id, form, version=1, by=world.member("ana"), at=world.now).item
    assert (edited.kind, edited.kind_by) == ("pain_point", "words")


def test_the_same_kind_once_more_changes_nothing(world: World) -> None:
    item = use(world, log(world, "loves the board"), "praise")
    again = world.run(use_kind, item.id, "praise", version=1, by=world.member("ana"), at=world.now).item
    assert (item.version, again.version) == (2, 2)


def test_a_kind_is_refused_by_who_may_not_change_the_item_for_an_older_version_and_when_there_is_none(
    world: World,
) -> None:
    item = log(world, "loves the board")
    with pytest.raises(Refused):
        use(world, item, "question", "bo")
    use(world, item, "question")
    with pytest.raises(Changed):
        use(world, item, "objection")
    with pytest.raises(NotFound):
        use(world, item, "nonsense")


async def test_a_kind_that_nobody_said_is_changed_by_one_tap_in_the_receipt(desk: Desk) -> None:
    receipt = await desk.voc("the rollout takes far too long @Globex")
    assert receipt.text.startswith("Pain point logged")
    assert "Kind guessed from the words: the menu changes it." in receipt.text
    await receipt.select("voc.kind", "Feature gap")
    await receipt.changed(containing="Feature gap updated")
    assert "understood from the words" not in receipt.text
    assert [(item.kind, item.kind_by) for item in await desk.items()] == [("feature_gap", "person")]


async def test_a_kind_that_was_said_has_no_menu(desk: Desk) -> None:
    receipt = await desk.voc("gap: bulk edit @Globex")
    assert "voc.kind" not in str(receipt.blocks)


async def test_the_menu_works_in_a_modal_too(desk: Desk) -> None:
    form = await desk.slack.shortcut("Log what a customer said", by="ana")
    form.fill({"What happened?": "loves the board"})
    await form.submit()
    assert "Praise logged" in desk.modal("ana").text
    await desk.modal("ana").select("voc.kind", "Question")
    assert "Question updated" in desk.modal("ana").text


@pytest.mark.parametrize("kind", VOC_KINDS)
async def test_each_kind_gets_the_approved_answer_and_is_called_by_its_own_name(desk: Desk, kind: str) -> None:
    await desk.voc(f"{kind}: something about it #pricing @Initech", by="bo")
    desk.later(minutes=5)
    receipt = await desk.voc(f"{kind}: something else about it #pricing @Globex")
    assert "#pricing: 2nd time in 30 days  ·  1 other rep heard it too" in receipt.text
    assert ("objection" in receipt.text.lower()) == (kind == "objection")
