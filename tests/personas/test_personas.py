"""Personas: versions, names that come close, two people editing one, and what changed in a week."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Changed, FieldProblems, NotFound
from domain.marks import mark
from domain.people import ensure_workspace
from domain.personas import (
    Draft,
    FieldChange,
    PersonaCard,
    PersonaChange,
    Saved,
    Unknown,
    add_persona,
    edit_persona,
    find_persona,
    list_personas,
    load_persona,
    merge_draft,
    persona_changes,
    suggest_personas,
)
from tests.refused import refused
from tests.world import World


def add(world: World, name: str, by: str = "max", **fields: str) -> PersonaCard:
    saved: Saved = world.run(add_persona, Draft(name, fields), by=world.member(by), at=world.now)
    return saved.card


def edit(world: World, card: PersonaCard, by: str = "max", why: str = "", **fields: str) -> Saved:
    draft = Draft(fields.pop("name", card.name), {**card.fields, **fields}, why)
    saved: Saved = world.run(edit_persona, card.id, draft, version=card.version, by=world.member(by), at=world.now)
    return saved


def find(world: World, typed: str) -> PersonaCard | Unknown:
    found: PersonaCard | Unknown = world.run(find_persona, typed, by=world.member("ana"), at=world.now)
    return found


def changes(world: World, **back: float) -> list[PersonaChange]:
    found: list[PersonaChange] = world.run(
        persona_changes, world.workspace_id, world.now - timedelta(**back), world.now + timedelta(seconds=1)
    )
    return found


def test_a_persona_is_found_however_its_name_is_typed(world: World) -> None:
    add(world, "Ops  Olivia", role="Head of operations")
    found = find(world, "ops-olivia")
    assert isinstance(found, PersonaCard)
    assert (found.name, found.fields["role"], found.fields["goals"]) == ("Ops Olivia", "Head of operations", "")


def test_an_unknown_name_offers_the_nearest_and_guesses_none(world: World) -> None:
    for name in ("Ops Olivia", "CFO Carl", "IT Ida"):
        add(world, name)
    assert find(world, "olvia") == Unknown("olvia", ("Ops Olivia",))
    assert find(world, "carl") == Unknown("carl", ("CFO Carl",))
    assert find(world, "zzz") == Unknown("zzz", ())


def test_an_edit_makes_a_version_and_says_who_changed_what(world: World) -> None:
    card = add(world, "Ops Olivia", pains="Tools")
    world.later(days=1)
    saved = edit(world, card, by="mia", why="lost deals", pains="Too many tools", goals="One list")
    assert saved.changed == ("goals", "pains")
    now = world.run(load_persona, card.id, by=world.member("ana"), at=world.now)
    assert (now.version, now.changed_by, now.changed_at, now.why) == (2, "mia", world.now, "lost deals")
    assert now.changed == ("goals", "pains")


def test_saving_what_is_there_already_makes_no_version(world: World) -> None:
    card = add(world, "Ops Olivia", pains="Tools")
    saved = edit(world, card, why="just looking")
    assert (saved.changed, saved.card.version) == ((), 1)


def test_an_edit_of_an_older_version_is_refused_and_merged_for_the_second_person(world: World) -> None:
    card = add(world, "Ops Olivia", pains="Tools", goals="Order")
    edit(world, card, by="mia", pains="Many tools", role="COO")
    mine = Draft("Ops Olivia", {**card.fields, "pains": "Old tools", "goals": "Peace"}, "because")
    with pytest.raises(Changed) as lost:
        world.run(edit_persona, card.id, mine, version=1, by=world.member("max"), at=world.now)
    assert lost.value.by == "mia"
    clash = world.run(merge_draft, card.id, mine, version=1, by=world.member("max"), at=world.now)
    assert clash.contested == ("pains",)
    assert clash.card.fields["pains"] == "Many tools"
    assert clash.merged.fields == {
        "role": "COO",
        "goals": "Peace",
        "pains": "Old tools",
        "objections": "",
        "message": "",
    }
    assert clash.merged.why == "because"
    saved = world.run(edit_persona, card.id, clash.merged, version=2, by=world.member("max"), at=world.now)
    assert saved.changed == ("goals", "pains")


def test_two_personas_cannot_share_a_name_even_an_earlier_one(world: World) -> None:
    card = add(world, "Ops Olivia")
    edit(world, card, name="COO Olivia")
    for name in ("ops olivia", "COO-Olivia"):
        with refused(FieldProblems, "already"):
            add(world, name)
    assert isinstance(find(world, "Ops Olivia"), PersonaCard), "the earlier name still finds it"


@pytest.mark.parametrize(("name", "field"), [("", "name"), ("\x00\u200b", "name"), ("123", "name"), ("x" * 61, "name")])
def test_a_name_nobody_could_type_is_a_field_problem(world: World, name: str, field: str) -> None:
    with pytest.raises(FieldProblems) as refused:
        add(world, name)
    assert list(refused.value.problems) == [field]


def test_a_field_above_its_limit_is_a_field_problem_and_nothing_is_stored(world: World) -> None:
    with pytest.raises(FieldProblems) as refused:
        add(world, "Ops Olivia", goals="x" * 1001)
    assert list(refused.value.problems) == ["goals"]
    assert world.run(list_personas, by=world.member("ana"), at=world.now) == []


def test_hostile_text_is_stored_as_typed_without_its_invisible_parts(world: World) -> None:
    card = add(world, "Olivia <!channel>", goals="a\x00b <@U1> *c*\r\nשלום")
    assert (card.name, card.fields["goals"]) == ("Olivia <!channel>", "ab <@U1> *c*\nשלום")


def test_several_edits_in_a_week_are_told_as_one_step_from_before_to_after(world: World) -> None:
    card = add(world, "Ops Olivia", pains="A", goals="G")
    world.later(days=10)
    card = edit(world, card, by="mia", why="first", pains="B", goals="H").card
    world.later(days=1)
    edit(world, card, by="max", why="second", pains="C", goals="G")
    assert changes(world, days=5) == [
        PersonaChange("Ops Olivia", False, (FieldChange("pains", "A", "C"),), ("mia", "max"), ("first", "second"))
    ]


def test_a_change_that_was_taken_back_within_the_week_is_left_out(world: World) -> None:
    card = add(world, "Ops Olivia", pains="A")
    world.later(days=10)
    edit(world, edit(world, card, pains="B").card, pains="A")
    assert changes(world, days=5) == []


def test_a_new_persona_is_told_with_what_is_said_about_it(world: World) -> None:
    add(world, "CFO Carl", role="CFO")
    assert changes(world, days=1) == [PersonaChange("CFO Carl", True, (FieldChange("role", "", "CFO"),), ("max",), ())]


def test_other_workspaces_see_and_change_nothing(world: World) -> None:
    card = add(world, "Ops Olivia")
    other = world.run(ensure_workspace, "T2", name="Elsewhere", at=world.now)

    def stranger() -> Any:
        ana = world.member("ana")
        return type(ana)(ana.id, other, ana.user_id, ana.name, "admin", ana.tz)

    assert find_in(world, stranger(), "Ops Olivia") == Unknown("Ops Olivia", ())
    with pytest.raises(NotFound):
        world.run(edit_persona, card.id, Draft("X", {}), version=1, by=stranger(), at=world.now)
    assert world.run(persona_changes, other, world.now - timedelta(days=1), world.now + timedelta(days=1)) == []


def find_in(world: World, by: Any, typed: str) -> Any:
    return world.run(find_persona, typed, by=by, at=world.now)


def test_a_select_offers_names_that_hold_what_is_typed(world: World) -> None:
    cards = {name: add(world, name) for name in ("Ops Olivia", "CFO Carl")}
    offered = world.run(suggest_personas, "oLi", by=world.member("ana"), at=world.now)
    assert offered == [("Ops Olivia", mark(cards["Ops Olivia"].id, cards["Ops Olivia"].created_at))]
    assert [name for name, _ in world.run(suggest_personas, "", by=world.member("ana"), at=world.now)] == [
        "CFO Carl",
        "Ops Olivia",
    ]
