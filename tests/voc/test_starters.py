"""Themes to begin with: offered once, added once, those that are there are not doubled, unused ones go again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.home import load_home
from domain.themes import answer_theme, find_or_add_theme, find_theme
from domain.voc.items import log_line, withdraw_item
from domain.voc.sounding import listen
from domain.voc.starters import Chosen, choose_starters, open_starters, starter_slugs
from storage.models import AuditEvent, Theme
from tests.running import Running
from tests.world import World

ALL = starter_slugs()


def themes(world: World) -> list[str]:
    return world.run(lambda session: list(session.scalars(select(Theme.slug).order_by(Theme.id))))


def choose(world: World, *wanted: str, by: str = "max") -> Chosen:
    return world.run(choose_starters, wanted, by=world.member(by), at=world.now)


def add(world: World, *slugs: str) -> None:
    for slug in slugs:
        world.run(find_or_add_theme, world.workspace_id, slug, at=world.now)


def is_offered(world: World) -> bool:
    """On the Homes of both, a marketer and an admin."""
    homes = [world.run(load_home, world.member(name).id, world.workspace_id, world.now) for name in ("max", "mia")]
    marketer, admin = homes
    assert marketer is not None
    assert admin is not None
    assert marketer.starters == any(step.key == "themes" for step in admin.steps)
    return marketer.starters


def test_there_are_twenty_themes_and_each_is_known_by_its_words(world: World) -> None:
    assert len(ALL) == 20
    choose(world, *ALL)
    assert themes(world) == list(ALL)
    heard = world.run(listen, world.workspace_id, "das ist uns viel zu teuer", "objection", at=world.now)
    assert heard is not None
    assert heard.theme.slug == "pricing"


def test_they_are_added_once_however_often_it_is_asked(world: World) -> None:
    assert choose(world, *ALL) == Chosen(ALL, (), ())
    assert choose(world, *ALL) == Chosen((), (), ())
    assert len(themes(world)) == 20

    def noted(session: Session) -> list[str]:
        return list(session.scalars(select(AuditEvent.action).where(AuditEvent.action == "theme.starters")))

    assert len(world.run(noted)) == 1


def test_a_workspace_with_few_themes_is_offered_them_until_somebody_answers(world: World) -> None:
    add(world, "blue", "green", "red", "grey")
    assert is_offered(world)
    choose(world, "pricing")
    assert not is_offered(world)


def test_who_wants_none_is_not_asked_again(world: World) -> None:
    choose(world)
    assert themes(world) == []
    assert not is_offered(world)


def test_a_workspace_with_themes_of_its_own_is_not_offered_any(world: World) -> None:
    add(world, "blue", "green", "red", "grey", "white")
    assert not is_offered(world)


def test_a_rep_is_offered_nothing(world: World) -> None:
    home = world.run(load_home, world.member("ana").id, world.workspace_id, world.now)
    assert home is not None
    assert not home.starters
    assert home.steps == ()


@pytest.mark.parametrize(
    ("mine", "starter"),
    [("preis", "pricing"), ("too-expensive", "pricing"), ("priceing", "pricing"), ("intergration", "integration")],
)
def test_what_is_there_by_another_name_or_a_slip_is_not_added_twice(mine: str, starter: str, world: World) -> None:
    add(world, mine)
    offered = world.run(open_starters, by=world.member("max"), at=world.now)
    assert {one.slug: one.there for one in offered.themes}[starter] == mine
    choose(world, *ALL)
    assert starter not in themes(world)
    assert len(themes(world)) == 20


def test_a_theme_that_only_has_one_of_the_words_is_another_theme(world: World) -> None:
    add(world, "sap-integration")
    choose(world, *ALL)
    assert "integration" in themes(world)


def test_what_was_merged_into_another_theme_is_not_added_again(world: World) -> None:
    add(world, "pricing", "money-talk")
    into = world.run(find_theme, world.workspace_id, "money-talk")
    assert into is not None
    gone = update(Theme).where(Theme.slug == "pricing").values(merged_into_id=into.id)
    world.run(lambda session: session.execute(gone))
    offered = world.run(open_starters, by=world.member("max"), at=world.now)
    assert offered.themes[0].there == "money-talk"
    assert "pricing" not in choose(world, *ALL).added
    assert themes(world).count("pricing") == 1


def test_what_nothing_refers_to_is_taken_away_and_the_rest_stays(world: World) -> None:
    choose(world, *ALL)
    item = world.run(log_line, "too dear #pricing", by=world.member("ana"), at=world.now).item
    world.run(withdraw_item, item.id, by=world.member("ana"), at=world.now)
    trust = world.run(find_theme, world.workspace_id, "trust")
    assert trust is not None
    world.run(answer_theme, trust.id, text="Call them.", by=world.member("max"), at=world.now)
    kept = set(ALL) - {"pricing", "trust", "stall", "scale"}
    assert choose(world, *kept) == Chosen((), ("stall", "scale"), ("pricing", "trust"))
    assert set(themes(world)) == set(ALL) - {"stall", "scale"}


def test_a_theme_of_another_name_is_neither_taken_away_nor_spoken_of(world: World) -> None:
    add(world, "preis")
    assert choose(world) == Chosen((), (), ())
    assert themes(world) == ["preis"]


def test_what_was_taken_away_can_be_added_again(world: World) -> None:
    choose(world, *ALL)
    choose(world, *ALL[1:])
    assert choose(world, *ALL) == Chosen((ALL[0],), (), ())


async def test_a_marketer_is_offered_them_on_home_ticks_and_saves(tandem: Running) -> None:
    home = await tandem.slack.home("max").open()
    await home.button("Choose themes").click(by="max")
    form = tandem.slack.modal("max")
    assert form is not None
    shown = str(form.view.body)
    for words in ("Pricing", "Status quo", "In-house", "Locked in", "Usability"):
        assert f"'{words}'" in shown, words
    await form.submit()
    found = await tandem.program.db.read(lambda session: list(session.scalars(select(Theme.slug))))
    assert sorted(found) == sorted(ALL)
