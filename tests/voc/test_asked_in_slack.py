"""The question about a word that is no saying, as reps meet it in Slack."""

import asyncio

import pytest

from tests.voc.conftest import Desk


@pytest.mark.parametrize("line", ["undo", "find pricing", "pricing", "help pricing"])
async def test_a_word_that_is_no_saying_is_asked_about_and_not_logged(desk: Desk, line: str) -> None:
    asked = await desk.voc(line)
    assert "Log this, or did you mean" in asked.text
    assert line in asked.text
    assert await desk.items() == []


@pytest.mark.parametrize(
    ("line", "stands_out"),
    [
        ("undo", "My last items"),
        ("help pricing", "Help"),
        ("find pricing", "Search"),
        ("expensive", "Log it"),
        ("list prices too high", "Log it"),
    ],
)
async def test_what_is_likely_meant_stands_out(desk: Desk, line: str, stands_out: str) -> None:
    asked = await desk.voc(line)
    elements = [one for block in asked.blocks for one in block.get("elements", ()) if one.get("style") == "primary"]
    assert [one["text"]["text"] for one in elements] == [stands_out]


async def test_log_it_saves_exactly_what_was_typed(desk: Desk) -> None:
    asked = await desk.voc("R&D/<costs>")
    await asked.button("Log it").click(by="ana")
    await asked.changed(containing="Objection logged")
    assert [(item.line, item.verbatim, item.origin) for item in await desk.items()] == [
        ("R&D/<costs>", "R&D/<costs>", "command")
    ]
    assert asked.buttons == ["Edit", "Undo", "Add quote"]


async def test_a_second_click_logs_nothing_twice(desk: Desk) -> None:
    asked = await desk.voc("expensive")
    buttons = [asked.button("Log it") for _ in range(3)]
    await asyncio.gather(*(button.click(by="ana") for button in buttons))
    await asked.changed(containing="Objection logged")
    assert [item.verbatim for item in await desk.items()] == ["expensive"]


async def test_the_same_word_typed_again_is_another_question(desk: Desk) -> None:
    for _ in range(2):
        asked = await desk.voc("expensive")
        await asked.button("Log it").click(by="ana")
        await asked.changed(containing="Objection logged")
    assert len(await desk.items()) == 2


async def test_the_last_items_are_one_click_away_and_the_words_stay(desk: Desk) -> None:
    await desk.voc("too expensive for them")
    asked = await desk.voc("undo")
    assert asked.buttons == ["Log it", "My last items", "Open the form"]
    listed = await asked.button("My last items").click(by="ana")
    assert "too expensive for them" in listed.text
    await listed.select("voc.row", "Undo", near="too expensive")
    await listed.changed(containing="Undone")
    assert "undo" in asked.text
    assert [item.state for item in await desk.items()] == ["withdrawn"]


async def test_help_is_one_click_away(desk: Desk) -> None:
    asked = await desk.voc("help pricing")
    assert asked.buttons == ["Log it", "Help", "Open the form"]
    assert "in one line" in (await asked.button("Help").click(by="ana")).text


async def test_the_form_opens_with_what_was_typed_and_takes_the_questions_place(desk: Desk) -> None:
    asked = await desk.voc("pricing")
    assert asked.buttons == ["Log it", "Open the form"]
    form = await asked.button("Open the form").click(by="ana")
    assert form.value("What happened?") == "pricing"
    form.fill({"What happened?": "pricing is a riddle to them"})
    assert not await form.submit()
    await asked.changed(containing="pricing is a riddle to them")
    assert [item.verbatim for item in await desk.items()] == ["pricing is a riddle to them"]


async def test_a_word_that_names_a_theme_shows_what_is_known_of_it(desk: Desk) -> None:
    await desk.voc('they said "way too dear & <!channel>" #pricing @Globex $40k', by="bo")
    asked = await desk.voc("pricing")
    assert asked.buttons == ["Log it", "Show #pricing", "Open the form"]
    shown = await asked.button("Show #pricing").click(by="ana")
    assert "way too dear & <!channel>" in shown.text


async def test_a_hashtag_alone_shows_what_is_known_of_the_theme(desk: Desk) -> None:
    await desk.voc('they said "way too dear & <!channel>" #pricing @Globex $40k', by="bo")
    desk.later(minutes=5)
    shown = await desk.voc("#Pricing")
    assert "1 item in 30 days, from 1 rep about 1 account  ·  $40k in deals" in shown.text
    assert "In 90 days: 1 item about 1 account" in shown.text
    assert "No approved answer yet." in shown.text
    assert "What customers said last" in shown.text
    assert "way too dear & <!channel>" in shown.text
    assert len(await desk.items()) == 1


async def test_an_unknown_theme_leads_to_what_is_near(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    shown = await desk.voc("#priceing")
    assert "Nothing is logged under #priceing." in shown.text
    assert shown.buttons == ["Show #pricing"]
    assert "What reps noted last" in (await shown.button("Show #pricing").click(by="ana")).text


async def test_a_slip_is_put_right_by_one_tap(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    desk.later(minutes=5)
    receipt = await desk.voc("far too dear #priceing")
    assert "Did you mean #pricing?" in receipt.text
    assert receipt.buttons == ["Use #pricing", "Keep #priceing", "Edit", "Undo", "Add quote"]
    await receipt.button("Use #pricing").click(by="ana")
    await receipt.changed(containing="#pricing: 2nd time in 30 days")
    assert "Did you mean" not in receipt.text
    await receipt.button("Undo").click(by="ana")
    await receipt.changed(containing="Undone")


async def test_a_kept_spelling_is_not_asked_about_again(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    receipt = await desk.voc("far too dear #priceing")
    await receipt.button("Keep #priceing").click(by="ana")
    await receipt.changed(containing="Objection logged")
    assert receipt.buttons == ["Edit", "Undo", "Add quote"]
    assert "Did you mean" not in (await desk.voc("dear again #priceing", by="bo")).text


async def test_a_slip_in_the_form_is_put_right_in_the_modal(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    form = await desk.slack.shortcut("Log what a customer said", by="ana")
    form.fill({"What happened?": "far too dear #priceing"})
    await form.submit()
    await desk.modal("ana").button("Use #pricing").click()
    assert "Objection updated" in desk.modal("ana").text
    assert "Did you mean" not in desk.modal("ana").text


async def test_a_competitor_alone_shows_its_card_and_nothing_is_logged(desk: Desk) -> None:
    await desk.voc('they say "it is half the price" !Rivalsoft #pricing @Globex $40k', by="bo")
    desk.later(minutes=5)
    for line in ("!rivalsoft", "@Rivalsoft"):
        card = await desk.voc(line)
        assert "1 item in 30 days, from 1 rep about 1 account" in card.text
        assert "1 open, 0 won, 0 lost. Too few to say how we do" in card.text
        assert "it is half the price" in card.text
    shown = await card.button("Show #pricing").click(by="ana")
    assert "No approved answer yet" in shown.text
    assert len(await desk.items()) == 1


async def test_an_unknown_competitor_offers_the_one_that_is_meant(desk: Desk) -> None:
    await desk.voc("too dear !Rivalsoft", by="bo")
    asked = await desk.voc("!Rivalsofd")
    assert "Nothing is logged that names Rivalsofd as a competitor. Did you mean one of these?" in asked.text
    shown = await asked.button("Show Rivalsoft").click(by="ana")
    assert "1 item in 30 days" in shown.text


async def test_a_competitor_after_an_exclamation_mark_is_in_the_receipt_and_a_second_one_is_told_of(desk: Desk) -> None:
    receipt = await desk.voc("we lost it to !Rivalsoft on price, !OmniHaul was second @Globex")
    assert receipt.text.splitlines()[:2] == [
        "Lost reason logged  ·  @Globex (new account)  ·  vs Rivalsoft",
        "we lost it to Rivalsoft on price, OmniHaul was second",
    ]
    assert "One competitor for each item: this item counts under Rivalsoft, not under OmniHaul." in receipt.text
