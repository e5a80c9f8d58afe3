"""What was typed into the form and not sent is there when the form is opened again, for a day, and for its author."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.voc.drafts import Typed, drop_draft, find_draft, forget_before, keep_draft
from handlers.voc.drafts import typed_in
from storage.models import VocDraft
from tests.voc.conftest import Desk
from tests.world import World

WORDS = "They like it, but the rollout takes too long"


async def test_a_closed_form_comes_back_as_it_was(desk: Desk) -> None:
    form = await desk.voc()
    await form.select("Kind", "Pain point")
    await form.select("Theme", "rollout")
    await form.select("What happened?", WORDS)
    await form.select("Exact quote", "twelve weeks!")
    await form.close()
    again = await desk.voc()
    assert [again.value(name) for name in ("What happened?", "Kind", "Exact quote")] == [
        WORDS,
        "Pain point",
        "twelve weeks!",
    ]
    assert "did not send it" in again.text
    assert not await again.submit()
    [item] = await desk.items()
    assert (item.verbatim, item.kind, item.quote) == (WORDS, "pain_point", "twelve weeks!")
    assert item.theme_id is not None
    assert (await desk.voc()).value("What happened?") is None


async def test_the_global_shortcut_and_a_colleague_see_what_is_theirs(desk: Desk) -> None:
    form = await desk.voc()
    await form.select("What happened?", WORDS)
    await form.close()
    theirs = await desk.voc(by="bo")
    assert theirs.value("What happened?") is None
    shown = await desk.slack.shortcut("Log what a customer said", by="ana")
    assert shown.value("What happened?") == WORDS


async def test_starting_afresh_empties_the_form_for_good(desk: Desk) -> None:
    form = await desk.voc()
    await form.select("What happened?", WORDS)
    await form.close()
    again = await desk.voc()
    await again.button("Start afresh").click(by="ana")
    fresh = desk.modal("ana")
    assert fresh.value("What happened?") is None
    await fresh.close()
    assert (await desk.voc()).value("What happened?") is None
    begun = desk.modal("ana")
    await begun.select("What happened?", "something else")
    await begun.close()
    assert (await desk.voc()).value("What happened?") == "something else"


async def test_emptied_words_are_no_draft_and_a_day_later_nothing_is_offered(desk: Desk) -> None:
    form = await desk.voc()
    await form.select("What happened?", WORDS)
    await form.select("What happened?", "")
    await form.close()
    again = await desk.voc()
    assert again.value("What happened?") is None
    await again.select("What happened?", WORDS)
    await again.close()
    desk.later(hours=25)
    assert (await desk.voc()).value("What happened?") is None


async def test_logging_a_line_or_a_message_leaves_the_draft(desk: Desk) -> None:
    form = await desk.voc()
    await form.select("What happened?", WORDS)
    await form.close()
    await desk.voc("they say that it is far too expensive")
    message = await desk.slack.channel("#general").post("too dear for us", by="bo")
    shown = await message.shortcut("Log this message", by="ana")
    assert not await shown.submit()
    assert (await desk.voc()).value("What happened?") == WORDS


# The rules alone, on each engine.


def typed(words: str, moment: str, view_id: str = "V1") -> Typed:
    return Typed({"text": words}, view_id, moment)


def test_of_two_tellings_the_later_one_counts_in_whatever_order_they_come(world: World) -> None:
    ana = world.member("ana")
    for words, moment in (("too de", "2.0"), ("too", "1.0"), ("too dear", "3.0")):
        world.run(keep_draft, typed(words, moment), by=ana, at=world.now)
    found = world.run(find_draft, by=ana, at=world.now)
    assert found is not None
    assert found.fields == {"text": "too dear"}


def test_what_comes_after_the_form_was_sent_is_no_draft(world: World) -> None:
    ana = world.member("ana")
    world.run(keep_draft, typed("too dear", "1.0"), by=ana, at=world.now)
    world.run(drop_draft, "V1", by=ana, at=world.now)
    world.run(keep_draft, typed("too dear!", "2.0"), by=ana, at=world.now)
    assert world.run(find_draft, by=ana, at=world.now) is None
    world.run(keep_draft, typed("another", "3.0", "V2"), by=ana, at=world.now)
    assert world.run(find_draft, by=ana, at=world.now) is not None


def test_old_drafts_are_forgotten(world: World) -> None:
    world.run(keep_draft, typed("too dear", "1.0"), by=world.member("ana"), at=world.now)
    world.run(forget_before, world.later(days=2))
    assert world.run(lambda session: session.scalar(select(VocDraft.member_id))) is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"text": {"a": {"value": "  "}}},
        {"kind": {"a": {"selected_option": {"text": {"text": "Praise"}, "value": "praise"}}}},
        {"theme": {"a": {"selected_option": {"value": "x"}}}},
        {"theme": {"a": {"selected_option": {"text": "x", "value": "x"}}}},
    ],
)
def test_a_form_without_words_is_no_draft(values: dict[str, object]) -> None:
    assert typed_in({"state": {"values": values}}) == {}
