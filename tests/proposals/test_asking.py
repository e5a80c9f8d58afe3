"""Marketing is asked in one message about items that may belong to a theme, and the message follows what happens."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.proposals.asking import (
    LOOKED_BACK,
    ask_marketing,
    find_maybes,
)
from domain.proposals.deciding import (
    accept_proposals,
    refuse_proposals,
    reopen_proposals,
)
from domain.proposals.labelling import gather_batch, record_labels
from domain.proposals.labels import Checked
from domain.themes import find_or_add_theme, find_theme
from domain.voc.declining import decline_theme
from domain.voc.items import withdraw_item
from domain.voc.name_slips import use_theme
from playground.blocks import problems_in_message
from storage.models import (
    ThemeBatch,
    VocProposal,
)
from tests.proposals.asking import (
    MAYBES,
    cards,
    decide,
    log,
    marks,
    next_day,
    open_channel,
    sent,
    shown,
    texts,
    themes_of,
)
from tests.world import World


@pytest.fixture(autouse=True)
def _channel(world: World) -> None:
    open_channel(world)


def test_what_the_rep_left_open_is_asked_of_marketing_in_one_message(world: World) -> None:
    log(world, *MAYBES)
    assert next_day(world) == 3
    assert cards(world) == ["C-MARKETING"]
    card = shown(world)
    assert card is not None
    assert card.text == "3 items may belong to a theme."
    assert "3 sound like #pricing" in texts(world)
    assert all(line in texts(world) for line in MAYBES)


def test_where_nothing_may_belong_to_a_theme_nothing_is_said(world: World) -> None:
    log(world, "lunch was great with the whole team", "dear #pricing")
    assert (next_day(world), cards(world)) == (0, [])
    assert world.run(lambda session: session.scalars(select(ThemeBatch)).all()) == []


def test_nobody_is_asked_twice_about_one_item(world: World) -> None:
    log(world, *MAYBES[:2])
    assert next_day(world) == 2
    assert next_day(world) == 0
    log(world, MAYBES[2])
    assert next_day(world) == 1
    assert "1 item may belong to a theme." in texts(world)


def test_what_was_answered_between_the_look_and_the_question_is_not_asked(world: World) -> None:
    first, second, third = log(world, *MAYBES)
    world.later(hours=2)
    found = world.run(find_maybes, world.workspace_id, at=world.now)
    assert found is not None
    ana = world.member("ana")
    world.run(use_theme, first, "pricing", version=1, by=ana, at=world.now)
    world.run(decline_theme, second, version=1, by=ana, at=world.now)
    assert world.run(ask_marketing, world.workspace_id, found, at=world.now) == 1
    assert third in world.run(lambda session: session.scalars(select(VocProposal.item_id)).all())


def test_what_a_rep_answers_meanwhile_disappears_from_the_message(world: World) -> None:
    first, second, _third = log(world, *MAYBES)
    next_day(world)
    before = len(cards(world))
    ana = world.member("ana")
    world.run(use_theme, first, "pricing", version=1, by=ana, at=world.now)
    world.run(withdraw_item, second, by=ana, at=world.now)
    assert len(cards(world)) == before  # the one message waits still, and shows what is open as it is sent
    words = texts(world)
    assert "1 item may belong to a theme." in words
    assert MAYBES[0] not in words
    assert MAYBES[1] not in words
    assert MAYBES[2] in words
    assert "2 items of this message have an answer" in words


def test_a_change_of_an_item_edits_the_message_that_stands(world: World) -> None:
    first, *_ = log(world, *MAYBES)
    next_day(world)
    sent(world)
    world.run(use_theme, first, "pricing", version=1, by=world.member("ana"), at=world.now)
    assert cards(world) == ["C-MARKETING"]


def test_all_of_a_theme_go_under_it_at_once_and_come_back(world: World) -> None:
    items = log(world, *MAYBES)
    next_day(world)
    sent(world)
    done = decide(world, accept_proposals, marks(world))
    assert (len(done.marks), done.themes) == (3, ("pricing",))
    assert themes_of(world, items) == ["pricing"] * 3
    assert "All 3 items of this message have an answer: 3 under a theme by your answer." in texts(world)
    assert cards(world) == ["C-MARKETING"]
    decide(world, reopen_proposals, list(done.marks))
    assert themes_of(world, items) == [None] * 3
    assert "3 sound like #pricing" in texts(world)


def test_what_is_refused_is_not_asked_about_again(world: World) -> None:
    first, *_ = log(world, MAYBES[0])
    next_day(world)
    decide(world, refuse_proposals, marks(world))
    assert themes_of(world, [first]) == [None]
    assert "The item that might belong to a theme has an answer: 1 refused." in texts(world)
    for _ in range(3):
        assert next_day(world) == 0


def test_what_a_rep_declined_is_not_asked_of_marketing(world: World) -> None:
    first, *_ = log(world, MAYBES[0])
    world.run(decline_theme, first, version=1, by=world.member("ana"), at=world.now)
    assert next_day(world) == 0


def test_what_was_taken_back_or_is_old_is_not_asked_about(world: World) -> None:
    first, *_ = log(world, MAYBES[0])
    world.run(withdraw_item, first, by=world.member("ana"), at=world.now)
    log(world, MAYBES[1])
    world.later(days=LOOKED_BACK.days)
    assert next_day(world) == 0


def test_what_a_model_proposes_is_asked_about_too_and_what_it_knows_no_theme_for_is_not(world: World) -> None:
    proposed, none, unread = log(world, "they were not amused at all", *MAYBES[:2])
    theme = world.run(find_theme, world.workspace_id, "pricing")
    assert theme is not None
    labels = {
        proposed: (1, Checked(theme.id, "objection", "It is about the price.", 80)),
        none: (1, Checked(None, "objection", "Nothing fits.", 80)),
        unread: (1, Checked()),
    }
    world.run(record_labels, world.workspace_id, labels, model="tiny", prompt="1", at=world.now)
    assert next_day(world) == 2
    words = texts(world)
    assert "not amused" in words
    assert MAYBES[1] in words
    assert MAYBES[0] not in words


def test_a_model_changes_nothing_about_what_people_were_asked(world: World) -> None:
    first, second = log(world, *MAYBES[:2])
    next_day(world)
    other = world.run(find_or_add_theme, world.workspace_id, "support", at=world.now)
    assert world.run(gather_batch, world.workspace_id, at=world.now) is None
    labels = {first: (1, Checked(other.id, "objection", "so", 90)), second: (1, Checked())}
    world.run(record_labels, world.workspace_id, labels, model="tiny", prompt="1", at=world.now)
    assert "2 sound like #pricing" in texts(world)


def test_a_message_shows_five_themes_and_says_what_is_left(world: World) -> None:
    theme_ids = [world.run(find_or_add_theme, world.workspace_id, f"theme-{n}", at=world.now).id for n in range(7)]
    items = log(world, *(f"a remark number {n} about nothing special" for n in range(9)))
    labels = {item: (1, Checked(theme_ids[min(n, 6)], None, "so", 80)) for n, item in enumerate(items)}
    world.run(record_labels, world.workspace_id, labels, model="tiny", prompt="1", at=world.now)
    assert next_day(world) == 9
    words = texts(world)
    assert "3 sound like #theme-6" in words
    assert words.count("Sounds like #") == 4
    assert "and 2 more items: *Open all*" in words


def test_what_customers_say_is_no_markup_in_the_message(world: World) -> None:
    log(world, "the fees came up <!channel> *so* <https://evil.example|x>")
    next_day(world)
    card = shown(world)
    assert card is not None
    assert problems_in_message(card.content()["blocks"]) == []
    quotes = [block for block in card.blocks if block["type"] == "rich_text"]
    assert "<!channel>" in str(quotes)
    texts = [block["text"]["text"] for block in card.blocks if block["type"] == "section"]
    assert "<!channel>" not in str([card.text, *texts, *(one for one in card.blocks if one["type"] == "context")])
