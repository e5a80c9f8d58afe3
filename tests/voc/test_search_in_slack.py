"""Searching, and quotes to copy, as people meet them in Slack."""

import pytest

from domain.text import shorten
from tests.voc.conftest import Desk

QUOTED = 'they said "way too dear & <!channel>" #pricing @Globex $40k'


async def test_a_search_finds_quotes_and_notes_and_tells_them_apart(desk: Desk) -> None:
    await desk.voc(QUOTED, by="bo")
    await desk.voc("far too dear for them #pricing @Initech", by="bo")
    desk.later(minutes=5)
    found = await desk.voc("search dear")
    assert "2 items, best first" in found.text
    assert "way too dear & <!channel>" in found.text
    assert "The customer’s words  ·  Objection  ·  Globex  ·  #pricing" in found.text
    assert "A rep’s note  ·  Objection  ·  Initech  ·  #pricing" in found.text
    assert len(await desk.items()) == 2


async def test_pages_turn_in_place(desk: Desk) -> None:
    for number in range(7):
        await desk.voc(f"much too slow for us, number {number}", by="bo")
        desk.later(minutes=1)
    found = await desk.voc("search slow")
    assert "1 to 5 of 7 items" in found.text
    assert found.buttons == ["Next (2 more)"]
    await found.button("Next (2 more)").click(by="ana")
    await found.changed(containing="6 to 7 of 7 items")
    assert found.buttons == ["Back"]
    assert "number 0" in found.text
    await found.button("Back").click(by="ana")
    await found.changed(containing="1 to 5 of 7 items")


async def test_where_nothing_is_found_there_is_a_way_on(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    found = await desk.voc("search #priceing")
    assert "Nothing found. There is no theme #priceing." in found.text
    assert found.buttons == ["Show #pricing"]
    assert "What reps noted last" in (await found.button("Show #pricing").click(by="ana")).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("search", "Say what to look for"),
        ("quotes", "Say what to look for"),
        ("search ...", "Say what to look for"),
        ("search @Nobody", "No account is called Nobody."),
        ("search kind:gossip", "gossip is no kind."),
        ("search since:soon", "soon is no date."),
        ("search zebra stripes", "No item has all of these words."),
        ("search <!channel> & <b>", "Nothing found."),
    ],
)
async def test_what_cannot_be_found_is_told_in_words(desk: Desk, typed: str, told: str) -> None:
    await desk.voc("too dear #pricing", by="bo")
    assert told in (await desk.voc(typed)).text
    assert len(await desk.items()) == 1


async def test_a_colleague_who_is_mentioned_is_whose_items_are_found(desk: Desk) -> None:
    await desk.voc("too slow for them", by="bo")
    await desk.voc("too slow for us", by="mia")
    found = await desk.voc(f"search slow by:<@{desk.slack.member('bo').id}|bo>")
    assert "too slow for them" in found.text
    assert "too slow for us" not in found.text


async def test_a_long_line_that_begins_with_search_is_asked_about(desk: Desk) -> None:
    await desk.voc("exports take far too long", by="bo")
    asked = await desk.voc("search for exports takes far too long #speed")
    assert "Log this, or did you mean to search what customers said?" in asked.text
    assert asked.buttons == ["Log it", "Search", "Open the form"]
    assert len(await desk.items()) == 1
    await asked.button("Search").click(by="ana")
    await asked.changed(containing="There is no theme #speed.")
    again = await desk.voc("search for exports takes far too long")
    await again.button("Log it").click(by="ana")
    await again.changed(containing="Pain point logged")
    assert (await desk.items())[-1].verbatim == "search for exports takes far too long"


async def test_what_is_too_long_for_a_search_is_logged_as_ever(desk: Desk) -> None:
    line = shorten("search never finds what they look for " * 20, 600)
    assert " logged" in (await desk.voc(line)).text


@pytest.mark.parametrize("line", ["find pricing", "suche pricing", "Search! pricing"])
async def test_what_is_nearly_the_command_leads_to_the_search(desk: Desk, line: str) -> None:
    await desk.voc("too dear #pricing", by="bo")
    asked = await desk.voc(line)
    await asked.button("Search").click(by="ana")
    await asked.changed(containing="1 item")
    assert len(await desk.items()) == 1


async def test_quotes_are_ready_to_copy_and_say_how_they_may_be_used(desk: Desk) -> None:
    for who, quote in (("@Globex", "too dear by half"), ("@Initech", "dear but good"), ("@Hooli", "dear dear dear")):
        await desk.voc(f'they said "{quote}" #pricing {who}')
        desk.later(minutes=1)
    await desk.voc("a rep wrote that it is dear #pricing")
    for place, consent in ((0, "Yes, with the customer’s name"), (1, "Yes, without the customer’s name")):
        listed = await desk.voc("list")
        form = await listed.select("voc.row", "Edit", near=("too dear by half", "dear but good")[place])
        form.fill({"May the quote be used outside?": consent})
        await form.submit()
    found = await desk.voc("quotes #pricing")
    assert "Only:" not in found.text
    assert "Only: #pricing" in (await desk.voc("quotes dear #pricing")).text
    assert "“too dear by half”\n— Globex" in found.text
    assert "May be used with the name" in found.text
    assert "May be used without the name" in found.text
    assert "Inside only: ask before it leaves the house  ·  Objection  ·  Hooli" in found.text
    assert "Initech" not in found.text
    assert "a rep wrote" not in found.text
    assert [item.consent for item in await desk.items()] == ["named", "anonymous", None, None]


async def test_the_form_for_a_quote_asks_how_it_may_be_used(desk: Desk) -> None:
    receipt = await desk.voc("too dear for them @Globex")
    form = await receipt.button("Add quote").click(by="ana")
    form.fill({"Exact quote": "we cannot pay that", "May the quote be used outside?": "Yes, with the customer’s name"})
    assert not await form.submit()
    await receipt.changed(containing="we cannot pay that")
    assert [(item.quote, item.consent) for item in await desk.items()] == [("we cannot pay that", "named")]


@pytest.mark.parametrize("value", ["", "{", "[]", '{"q":""}', '{"q":"x","s":-1,"n":1,"o":false}', "[" * 9_000])
def test_a_button_that_says_nothing_turns_no_page(value: str) -> None:
    from handlers.voc.found import read_turned

    assert read_turned(value) is None
