"""A decline, its dispute and the ruling by clicking, in a real chromium: the rep and the manager on a phone.

Pictures of each stage go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.running import running
from tests.story.browser import Tab, opened_browser

pytestmark = pytest.mark.browser

PHONE = 390


async def test_a_decline_a_dispute_and_a_ruling_by_clicking(
    chromium_path: Path, sqlite_url: str, pictures: Path
) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:
        await tandem.lead_arrives(
            email="lee.wong@northwind.example",
            phone="+1 212 555 0142",
            touches=[{"what": "pricing page"}, {"what": "webinar: onboarding"}],
        )
        ana = await chromium.open(tandem.slack, "ana", width=PHONE)
        max_ = await chromium.open(tandem.slack, "max")
        mia = await chromium.open(tandem.slack, "mia", width=PHONE)
        await _a_rep_declines(ana)
        await _marketing_disputes(max_)
        await _a_manager_rules(mia)
        await ana.go_to("leads")
        card = ana.message("Back by ruling.")
        await ana.sees(card, "Back by ruling.", "Mia Stone ruled: sales takes it back", "Agencies are customers, too.")
        await ana.photograph("decline-09-back-phone")
        await max_.sees(max_.message("Declined: Lee Wong"), "Mia Stone ruled: sales takes it back")
        await max_.photograph("decline-10-ruled")
        await max_.open_app("Messages")
        await max_.sees(max_.message("ruled"), "Agencies are customers, too.")
        await max_.photograph("decline-11-told")
        assert tandem.slack.pings == []


async def _a_rep_declines(ana: Tab) -> None:
    await ana.go_to("leads")
    await ana.message("Lee Wong").get_by_role("button", name="Decline").click()
    form = ana.page.get_by_role("dialog", name="Decline lead")
    await form.get_by_role("textbox", name="What should the others know?").fill("An agency, no end customer.")
    await ana.pick(form.get_by_role("combobox", name="Why?"), "No budget")
    await ana.sees(form, "They want it and say that they cannot pay for it now.", "Until")
    await ana.photograph("decline-01-nurture-phone")
    await ana.pick(form.get_by_role("combobox", name="Why?"), "Not our profile")
    await ana.sees(form, "Marketing reads why")
    await expect(form.get_by_role("textbox", name="What should the others know?")).to_have_value(
        "An agency, no end customer."
    )
    await ana.photograph("decline-02-form-phone")
    await form.get_by_role("button", name="Decline").click()
    await expect(form).to_be_hidden()
    await ana.sees(ana.message("Declined: Lee Wong"), "Marketing reads why", "Undo")
    await ana.photograph("decline-03-declined-phone")


async def _marketing_disputes(max_: Tab) -> None:
    await max_.go_to("marketing")
    card = max_.message("Declined: Lee Wong")
    await max_.sees(card, "Ana Ruiz of Sales declined it: not our profile", "An agency", "Accept", "pricing page")
    await max_.photograph("decline-04-card")
    await card.get_by_role("button", name="Dispute").click()
    form = max_.page.get_by_role("dialog", name="Dispute")
    await form.get_by_role("textbox", name="Why should sales follow it up?").fill("It buys for Globex, 900 people.")
    await max_.photograph("decline-05-dispute")
    await form.get_by_role("button", name="Dispute").click()
    await expect(form).to_be_hidden()
    await max_.sees(card, "Disputed by Max Keller", "waits for Mia Stone’s ruling", "1 reply")
    await card.get_by_text("1 reply").click()
    await max_.sees(max_.page.get_by_test_id("thread"), "means:", "An agency", "It buys for Globex")
    await max_.photograph("decline-06-thread")


async def _a_manager_rules(mia: Tab) -> None:
    await mia.open_app("Messages")
    card = mia.message("Disputed: Lee Wong")
    await mia.sees(card, "Ana Ruiz declined it", "It buys for Globex")
    await mia.photograph("decline-07-asked-phone")
    await card.get_by_role("button", name="Rule").click()
    form = mia.page.get_by_role("dialog", name="Rule")
    await mia.pick(form.get_by_role("combobox", name="How do you rule?"), "Sales takes it back")
    await mia.sees(form, "with a fresh clock")
    await form.get_by_role("textbox", name="Why?").fill("Agencies are customers, too.")
    await mia.photograph("decline-08-rule-phone")
    await form.get_by_role("button", name="Rule").click()
    await expect(form).to_be_hidden()
    await mia.sees(card, "You ruled: sales takes it back")
