"""No message of ours has more than 9,500 characters, what is beside its bar counted; what is left out is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from digests.rendering import render_edition
from domain.leads.arriving import Touch
from domain.leads.facts import Alert, load_alert
from domain.leads.rungs import apply_due_rungs
from handlers.blocks import actions, button, section
from handlers.bounds import MESSAGE_LIMIT, bounded, length
from handlers.leads import alerts, lists
from handlers.messages import Rendering
from handlers.receipts import TEXT_LIMIT, message_of
from playground.blocks import problems_in_message, text_length
from storage.models import Lead, Member
from tests.digests.test_rendering import marketing, sales, theme
from tests.leads.shown import HOSTILE, event
from tests.world import World


def size(content: dict[str, Any]) -> int:
    """All that counts: the text, the blocks, the attachments with their fallbacks."""
    beside = content.get("attachments") or []
    blocks = [*(content.get("blocks") or []), *(block for one in beside for block in one["blocks"])]
    assert problems_in_message(content.get("blocks") or []) == []
    return len(content["text"]) + text_length(blocks) + sum(len(one["fallback"]) for one in beside)


def test_a_message_that_fits_stays_as_it_is() -> None:
    blocks = [section("x" * 3000), section("y" * 3000), actions(button("Go", "go", "1"))]
    assert bounded("short", blocks) == ("short", blocks, [])


def test_whole_parts_go_from_the_end_and_a_line_says_how_many() -> None:
    blocks = [section(f"{number}" * 2900) for number in range(6)]
    _, kept, _ = bounded("short", blocks, rest="`/lead list` shows all.")
    assert kept[:3] == blocks[:3]
    assert kept[3]["elements"][0]["text"] == (
        "3 parts are left out here: Slack takes no longer message. `/lead list` shows all."
    )
    assert len(kept) == 4


def test_what_stands_beside_the_bar_goes_first_and_the_message_keeps_its_buttons() -> None:
    blocks = [*[section("x" * 2900) for _ in range(3)], actions(button("Claim", "lead.claim", "1"))]
    _, kept, beside = bounded("short", blocks, [section("y" * 2900)])
    assert beside == []
    assert kept[:3] == blocks[:3]
    assert kept[-1] == blocks[-1]
    assert "1 part is left out" in kept[3]["elements"][0]["text"]


def test_buttons_go_with_the_part_that_they_stand_under() -> None:
    rows = [(section(f"lead {n} " + "x" * 2900), actions(button("Claim", "lead.claim", n))) for n in range(6)]
    _, kept, _ = bounded("short", [block for row in rows for block in row])
    assert [block["type"] for block in kept] == ["section", "actions"] * 3 + ["context"]


def test_a_receipt_of_text_alone_is_bounded_too() -> None:
    from handlers.answers import Receipt

    assert 9_000 < size(message_of(Receipt("word " * 9000))) <= TEXT_LIMIT


@given(
    sizes=st.lists(st.integers(min_value=1, max_value=3000), max_size=49),
    beside=st.lists(st.integers(min_value=1, max_value=3000), max_size=5),
    text=st.integers(min_value=0, max_value=5000),
    ends=st.booleans(),
)
def test_no_message_is_longer_than_the_bound(sizes: list[int], beside: list[int], text: int, ends: bool) -> None:
    blocks = [section("x" * each) for each in sizes] + ([actions(button("Go", "go", 1))] if ends else [])
    rendering = Rendering("t" * text, blocks, colour="#123456", extra=[section("y" * each) for each in beside])
    content = rendering.content()
    assert size(content) <= MESSAGE_LIMIT
    assert not ends or content["blocks"][-1] == blocks[-1]
    assert len(content["blocks"]) <= 50


@pytest.mark.parametrize("words", ["&<>" * 700, "very dear " * 200, "😀" * 2000])
def test_the_longest_digests_fit(words: str) -> None:
    """They had 11,800 characters."""
    from digests.sales import Answer
    from digests.told import ToldField, ToldPersona
    from domain.personas import FIELDS

    themes = [theme(f"theme-{n}-{'x' * 50}", words) for n in range(40)]
    changes = tuple(ToldField(field, words[:1000], words[:1000]) for field in FIELDS)
    personas = tuple(ToldPersona(f"Persona {n}", False, changes, ("Max",), (words[:300],)) for n in range(9))
    answers = tuple(Answer(f"theme-{n}", words[:1000], "Max") for n in range(30))
    for facts in (marketing(*themes, more=9), sales(personas=personas, more_personas=3, answers=answers)):
        rendered = render_edition(facts)
        content = Rendering(rendered.text, rendered.blocks).content()
        assert 3_000 < size(content) <= MESSAGE_LIMIT
        assert content["blocks"] == list(rendered.blocks), "the digest says itself what it leaves out"


@pytest.mark.parametrize("words", HOSTILE)
def test_a_breach_with_long_words_fits(world: World, words: str) -> None:
    touches = tuple(Touch(words[:200], None) for _ in range(9))
    lead = world.lead(name=words[:200], company=words[:200], asked=words, phone=words[:60], touches=touches)
    world.run(apply_due_rungs, at=world.later(minutes=5))
    event_id = event(world, lead, "breached")
    alert = world.run(load_alert, event_id, world.workspace_id, world.now)
    assert isinstance(alert, Alert)
    content = alerts.breach(alert, "U-MIA").content()
    assert size(content) <= MESSAGE_LIMIT
    assert content["blocks"][-1]["type"] == "actions"


@pytest.mark.parametrize("words", HOSTILE)
def test_a_long_list_of_leads_fits(world: World, words: str) -> None:
    from domain.leads.listing import list_open_leads

    for _ in range(40):
        world.lead(name=words[:200], company=words[:200])
    world.run(lambda session: session.execute(update(Lead).values(owner_id=world_member(session, "ana"))))
    found = world.run(list_open_leads, by=world.member("ana"), at=world.now)
    assert size(message_of(lists.leads_list(found, "U-ANA", "/lead"))) <= MESSAGE_LIMIT


def world_member(session: Any, name: str) -> int:
    from sqlalchemy import select

    return int(session.scalars(select(Member.id).where(Member.name == name)).one())


def test_the_bound_is_below_what_slack_was_seen_to_refuse() -> None:
    from playground.blocks import BLOCKS_LIMIT

    assert MESSAGE_LIMIT < BLOCKS_LIMIT
    assert length([section("abc")]) >= text_length([section("abc")])
