"""The whole story by clicking: what a team lives through in a week, on the page, in a real chromium.

Pictures of each stage go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.demo.controls import Controls
from bot.demo.stage import Stage
from playground import Fault
from playground.page_api import Control
from tests.running import Running, running
from tests.story.browser import Tab, opened_browser

pytestmark = pytest.mark.browser

LINE = "too expensive next to Rivalsoft #pricing @Globex $40k"


async def test_a_week_of_sales_and_marketing_by_clicking(chromium_path: Path, sqlite_url: str, pictures: Path) -> None:
    demo = Controls()
    arrival = Arrivals()
    controls = [arrival.control(), *(each for each in demo.all() if each.id != "lead")]
    async with running(sqlite_url, controls=controls) as tandem, opened_browser(chromium_path, pictures) as chromium:
        arrival.tandem = tandem
        demo.stage = Stage(tandem.slack, tandem.program, tandem.clock, {})
        ana = await chromium.open(tandem.slack, "ana")
        other = await chromium.open(tandem.slack, "bo")
        await _a_rep_logs_in_one_line(ana)
        await _a_rep_logs_in_the_form(ana)
        await _a_lead_arrives(ana, other)
        await _two_reps_want_it_and_one_is_told_who_has_it(tandem, ana, other)
        await _the_clock_runs_out(tandem, ana, other)
        await _the_manager_hands_it_on_and_it_is_contacted(ana, other)
        await _monday_brings_both_digests(ana, other)
        assert tandem.slack.refusals == []
        assert tandem.slack.pings == []


class Arrivals:
    """The page's button that lets a lead arrive, as in the demo."""

    tandem: Running | None = None

    def control(self) -> Control:
        return Control("lead", "New lead arrives", self._arrive)

    async def _arrive(self, _member: str) -> str:
        assert self.tandem is not None
        answer = await self.tandem.lead_arrives(
            email="lee.wong@northwind.example",
            phone="+1 212 555 0142",
            touches=[{"what": "pricing page"}, {"what": "webinar: onboarding"}],
        )
        answer.raise_for_status()
        return "Lee Wong of Northwind: a hot lead."


async def _a_rep_logs_in_one_line(ana: Tab) -> None:
    await ana.go_to("general")
    await ana.composer.press_sequentially("/vo")
    suggestion = ana.page.get_by_role("option", name="/voc")
    await ana.sees(suggestion, "Log what a customer said", "#pricing")
    await ana.photograph("01-voc-suggested")
    await ana.composer.press("Tab")
    await ana.composer.press_sequentially(LINE)
    await ana.composer.press("Enter")
    receipt = ana.message("Objection logged")
    await ana.sees(
        receipt, "Only visible to you", "#pricing", "Globex", "Rivalsoft", "$40,000", "too expensive next to"
    )
    await ana.photograph("02-voc-receipt")
    await receipt.get_by_role("button", name="Edit").click()
    form = ana.page.get_by_role("dialog", name="Edit what you logged")
    await form.get_by_role("textbox", name="What happened?").fill("too expensive next to Rivalsoft, by a third")
    await ana.photograph("03-voc-edit")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await ana.sees(ana.message("Objection updated"), "by a third", "#pricing")
    await ana.message("Objection updated").get_by_role("button", name="Undo").click()
    await ana.message("Undone").get_by_role("button", name="Restore").click()
    await ana.sees(ana.message("Objection restored"), "by a third")
    await ana.photograph("04-voc-restored")


async def _a_rep_logs_in_the_form(ana: Tab) -> None:
    await ana.say("/voc")
    form = ana.page.get_by_role("dialog", name="Log what a customer said")
    await form.get_by_role("textbox", name="What happened?").fill("Nobody told us that the rollout takes a quarter")
    await form.get_by_role("combobox", name="Theme").click()
    await ana.page.keyboard.type("rollout")
    await ana.page.get_by_role("option", name="Add #rollout").click()
    await form.get_by_role("textbox", name="Deal size").fill("a lot")
    await form.get_by_role("button", name="Save").click()
    await ana.sees(form.get_by_role("alert"), "Write one amount, like $40k")
    await ana.photograph("05-voc-form-error")
    await form.get_by_role("textbox", name="Deal size").fill("25k EUR")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await ana.sees(ana.message("the rollout takes a quarter"), "#rollout", "€25,000")


async def _a_lead_arrives(ana: Tab, bo: Tab) -> None:
    await bo.go_to("leads")
    await ana.go_to("leads")
    await ana.press_control("New lead arrives")
    for tab in (ana, bo):
        card = tab.message("Northwind")
        await tab.sees(card, "Lee Wong", "Demo request", "score 82", "Due", "For")
        for name in ("Claim", "Contacted", "Decline"):
            await expect(card.get_by_role("button", name=name)).to_be_visible()
    await ana.photograph("06-lead-card")
    await ana.open_app("Messages")
    await ana.sees(ana.message("Northwind"), "Lee Wong", "For you")
    await expect(ana.composer).to_be_enabled()  # questions are answered there
    await ana.photograph("07-lead-dm")
    await ana.open_app("Home")
    await ana.sees(ana.home, "Your open leads", "Lee Wong", "Due")
    await ana.photograph("08-home-of-a-rep")
    await ana.go_to("leads")


def _updates(tandem: Running) -> int:
    return sum(one.method == "chat.update" for one in tandem.slack.calls)


async def _two_reps_want_it_and_one_is_told_who_has_it(tandem: Running, ana: Tab, bo: Tab) -> None:
    # Slack is too busy to change the card, so both still see Claim.
    before = _updates(tandem)
    tandem.slack.faults.next("chat.update", Fault.rate_limited(20), Fault.rate_limited(20))
    async with bo.page.expect_response("**/page/action"):
        await bo.message("Northwind").get_by_role("button", name="Claim").click()
    await bo.sees(bo.page.get_by_role("dialog"), "It was given to", "Take over?")
    await bo.page.get_by_role("dialog").get_by_role("button", name="Take over").click()
    await ana.message("Northwind").get_by_role("button", name="Claim").click()
    await ana.sees(ana.page.get_by_role("dialog"), "Bo Larsen", "claimed this")
    await ana.photograph("09-claimed-by-another")
    await ana.page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    for refused in (1, 2):
        async with asyncio.timeout(60):
            while _updates(tandem) < before + refused:  # noqa: ASYNC110  # nothing tells
                await asyncio.sleep(0.02)
        await tandem.later(seconds=21)
    for tab in (ana, bo):
        await tab.sees(tab.message("Northwind"), "Claimed by Bo Larsen")
        await expect(tab.message("Northwind").get_by_role("button", name="Claim")).to_have_count(0)


async def _the_clock_runs_out(tandem: Running, ana: Tab, bo: Tab) -> None:
    await tandem.later(seconds=109)
    await ana.sees(ana.message("Northwind"), "Half the time is gone")
    await ana.photograph("10-half-time")
    await tandem.later(seconds=90)
    await bo.open_app("Messages")
    await bo.sees(bo.message("Reminder"), "Almost due", "Lee Wong")
    await expect(bo.message("Reminder").get_by_role("button", name="Contacted")).to_be_visible()
    await bo.photograph("11-reminder")
    await ana.press_control("Skip ahead 5 minutes")
    await ana.sees(ana.message("Northwind"), "Overdue since")
    await ana.photograph("12-overdue")


async def _the_manager_hands_it_on_and_it_is_contacted(ana: Tab, other: Tab) -> None:
    await other.act_as("Mia Stone")
    await other.open_app("Messages")
    breach = other.message("No contact in time")
    await other.sees(breach, "Lee Wong", "Bo Larsen claimed it, but has not made contact")
    await other.photograph("13-breach")
    await other.pick(breach.get_by_role("combobox", name="Reassign to…"), "Ana Ruiz")
    await other.sees(other.message("You handed the lead to Ana Ruiz"), "Northwind")
    await other.photograph("14-handed-on")
    await ana.sees(ana.message("Northwind").get_by_test_id("replies"), "1 reply")
    await ana.message("Northwind").get_by_test_id("replies").click()
    await ana.sees(ana.page.get_by_test_id("thread"), "Mia Stone handed this lead from Bo Larsen to Ana Ruiz")
    await ana.photograph("15-thread")
    await ana.page.get_by_test_id("thread").get_by_role("button", name="Close").click()
    await ana.open_app("Messages")
    await ana.message("Northwind").get_by_role("button", name="Contacted").click()
    await ana.sees(ana.message("Contacted by you"), "Lee Wong")
    await ana.photograph("16-contacted-in-the-dm")
    await ana.go_to("leads")
    card = ana.message("Contacted by Ana Ruiz")
    await ana.sees(card, "Lee Wong", "Late: ")
    await expect(card.get_by_role("button", name="Contacted")).to_have_count(0)
    await ana.photograph("17-contacted")


async def _monday_brings_both_digests(ana: Tab, other: Tab) -> None:
    await other.open_app("Home")
    await other.sees(other.home, "Sales", "1 late", "/tandem help")
    await other.photograph("18-home-of-a-manager")
    await ana.press_control("Skip to Monday’s digests")
    await ana.sees(ana.message("Sales digest"), "APP")
    await ana.photograph("19-sales-digest")
    await other.act_as("Max Keller")
    await other.go_to("marketing")
    digest = other.message("Marketing digest")
    await other.sees(digest, "pricing", "by a third", "Globex", "rollout")
    await other.photograph("20-marketing-digest")
    await other.open_app("Home")
    await expect(other.home).to_contain_text("rollout", ignore_case=True)
    await other.photograph("21-home-of-a-marketer")
