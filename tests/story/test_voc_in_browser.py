"""From a ten-second capture to "you said it, here it is", by clicking: a rep and a marketer in a real chromium.

Pictures of each stage, as wide as a desk and as a phone, go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.running import Running, running
from tests.story.browser import Tab, opened_browser

pytestmark = pytest.mark.browser

PHONE = 390


@dataclass(frozen=True)
class Person:
    """Somebody at a desk, with the same page open on their phone."""

    desk: Tab
    phone: Tab

    async def shows(self, name: str, text: str) -> None:
        """Photograph the message with this text on both."""
        for tab, picture in ((self.desk, name), (self.phone, f"{name}-phone")):
            await tab.sees(tab.message(text), text)
            await tab.photograph(picture)


async def test_what_a_rep_heard_comes_back_as_an_answer(chromium_path: Path, sqlite_url: str, pictures: Path) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:

        async def somebody(name: str, channel: str) -> Person:
            desk = await chromium.open(tandem.slack, name)
            phone = await chromium.open(tandem.slack, name, width=PHONE)
            for tab in (desk, phone):
                await tab.go_to(channel)
            return Person(desk, phone)

        ana, bo, max_ = (
            await somebody("ana", "general"),
            await somebody("bo", "leads"),
            await somebody("max", "general"),
        )
        await _another_rep_heard_it_before(bo)
        await _a_line_without_a_hashtag_finds_its_theme(ana)
        await _a_typo_makes_no_theme_for_long(bo, max_)
        await _the_marketer_reads_answers_and_ships(max_)
        await _the_rep_is_told_and_says_that_it_helped(tandem, ana)
        await _the_next_receipt_says_so(bo)
        await _what_is_known_is_asked_for(ana)
        assert tandem.slack.refusals == []


async def _another_rep_heard_it_before(bo: Person) -> None:
    for line in (
        "takes them months to go live #rollout-time @Globex $30k",
        "too dear next to Rivalsoft #pricing @Acme $40k",
        "they want a discount #pricing @Globex",
        "their CFO asks where the data is hosted #security @Acme",
    ):
        await bo.desk.say(f"/voc {line}")
        await bo.desk.sees(bo.desk.message("logged"), line.partition(" #")[0])


async def _a_line_without_a_hashtag_finds_its_theme(ana: Person) -> None:
    await ana.desk.say("/voc need to train 40 people @Northwind")
    receipt = ana.desk.message("need to train 40 people")
    await ana.desk.sees(receipt, "Sounds like", "#rollout-time")
    await ana.shows("voc-1-sounds-like", "need to train 40 people")
    await receipt.get_by_role("button", name="Use it").click()
    await ana.desk.sees(ana.desk.message("need to train 40 people"), "1 other rep heard it too")
    await ana.shows("voc-2-used", "need to train 40 people")


async def _a_typo_makes_no_theme_for_long(bo: Person, max_: Person) -> None:
    await bo.desk.say("/voc they cannot pay that #priceing @Globex")
    receipt = bo.desk.message("they cannot pay that")
    await bo.desk.sees(receipt, "Did you mean #pricing?")
    await bo.shows("voc-3-typo", "they cannot pay that")
    await max_.desk.say("/voc #priceing")
    await max_.desk.message("#priceing").get_by_role("button", name="Merge into #pricing").click()
    form = max_.desk.page.get_by_role("dialog", name="Merge two themes")
    await max_.desk.sees(form, "#priceing becomes a part of #pricing")
    await max_.desk.photograph("voc-4-merge")
    await form.get_by_role("button", name="Merge").click()
    await max_.desk.sees(
        max_.desk.message("is a part of"), "#priceing is a part of #pricing now: 1 item moved.", "Undo"
    )
    await max_.shows("voc-5-merged", "is a part of")


async def _the_marketer_reads_answers_and_ships(max_: Person) -> None:
    desk = max_.desk
    await desk.say("/voc themes")
    board = desk.page.get_by_role("dialog", name="Themes")
    await desk.sees(board, "#rollout-time", "#pricing", "#security")
    await desk.photograph("voc-6-board")
    await max_.phone.sees(max_.phone.page.get_by_role("dialog", name="Themes"), "#rollout-time")
    await max_.phone.photograph("voc-6-board-phone")
    await board.get_by_role("button", name="Read all").nth(1).click()
    for tab, picture in ((desk, "voc-7-read-all"), (max_.phone, "voc-7-read-all-phone")):
        await tab.sees(tab.page.get_by_role("dialog"), "takes them months to go live", "need to train 40 people")
        await tab.photograph(picture)
    await desk.page.keyboard.press("Escape")
    await expect(board).to_be_hidden()
    await desk.say("/tandem answer #rollout-time")
    form = desk.page.get_by_role("dialog", name="Approved answer")
    await form.get_by_role("textbox", name="What should reps say?").fill("Most teams are live in three weeks.")
    await desk.photograph("voc-8-answer")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await desk.say("/voc themes")
    await board.get_by_role("button", name="Status").nth(1).click()
    status = desk.page.get_by_role("dialog", name="Status")
    await desk.sees(status, "#rollout-time")
    await desk.pick(status.get_by_role("combobox", name="Status"), "Shipped")
    await status.get_by_role("textbox", name="Note").fill("The guide for the first three weeks is out.")
    await desk.photograph("voc-9-status")
    await status.get_by_role("button", name="Save").click()
    await desk.sees(board, "Shipped")
    await desk.photograph("voc-10-board-shipped")
    await desk.page.keyboard.press("Escape")


async def _the_rep_is_told_and_says_that_it_helped(tandem: Running, ana: Person) -> None:
    await tandem.later(minutes=45)
    await tandem.slack.dm("ana").message(containing="You heard this at Northwind")
    for tab in (ana.desk, ana.phone):
        await tab.open_app("Messages")
    await ana.desk.sees(ana.desk.message("You heard this at Northwind"), "Most teams are live in three weeks", "Helped")
    await ana.shows("voc-11-you-said-it", "You heard this at Northwind")
    await ana.desk.message("You heard this at Northwind").get_by_role("button", name="Helped").click()
    await ana.desk.sees(ana.desk.message("You heard this at Northwind"), "You said that it helped")
    await ana.shows("voc-12-helped", "You said that it helped")


async def _the_next_receipt_says_so(bo: Person) -> None:
    await bo.desk.say("/voc six months to go live is too long for them #rollout-time @Acme")
    await bo.desk.sees(bo.desk.message("six months to go live"), "Most teams are live in three weeks", "helped 1 of 1")
    await bo.shows("voc-13-next-receipt", "six months to go live")


async def _what_is_known_is_asked_for(ana: Person) -> None:
    for tab in (ana.desk, ana.phone):
        await tab.go_to("general")
    for line, text, picture in (
        ("/voc #rollout-time", "Most teams are live", "voc-14-theme"),
        ("/voc !Rivalsoft", "Rivalsoft", "voc-15-competitor"),
        ("/tandem ask what do CFOs say about security?", "where the data is hosted", "voc-16-ask"),
        ("/voc search pricing", "discount", "voc-17-search"),
    ):
        await ana.desk.say(line)
        await ana.shows(picture, text)
