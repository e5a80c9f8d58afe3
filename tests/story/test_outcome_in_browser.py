"""What came of a lead, by clicking in a real chromium: the rep says it on a phone, and all read of the win.

Pictures of each stage go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.running import running
from tests.story.browser import opened_browser

pytestmark = pytest.mark.browser

PHONE = 390


async def test_a_win_is_told_on_a_phone_posted_and_taken_back_by_clicking(
    chromium_path: Path, sqlite_url: str, pictures: Path
) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:
        touches = [{"what": "webinar: onboarding"}, {"what": "pricing page"}]
        await tandem.lead_arrives(email="lee.wong@northwind.example", touches=touches)
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        await card.button("Contacted").click(by="ana")
        ana = await chromium.open(tandem.slack, "ana", width=PHONE)
        mia = await chromium.open(tandem.slack, "mia")
        await ana.go_to("leads")
        await ana.message("Demo request").get_by_role("button", name="Outcome").click()
        form = ana.page.get_by_role("dialog", name="Outcome")
        await ana.pick(form.get_by_role("combobox", name="What came of it?"), "Lost")
        await ana.sees(form, "Why?", "To which competitor?")
        await ana.photograph("outcome-01-lost-phone")
        await ana.pick(form.get_by_role("combobox", name="What came of it?"), "Won")
        await form.get_by_role("textbox", name="Amount").fill("48k")
        await ana.photograph("outcome-02-won-phone")
        await form.get_by_role("button", name="Save").click()
        await expect(form).to_be_hidden()
        await ana.sees(ana.message("Won: Lee Wong"), "Undo")
        await mia.go_to("leads")
        await mia.sees(mia.message("We won Northwind"), "Ana Ruiz of Sales brought it home", "pricing page")
        await mia.photograph("outcome-03-win")
        await ana.photograph("outcome-04-win-phone")
        await ana.message("Won: Lee Wong").get_by_role("button", name="Undo").click()
        await mia.sees(mia.message("Not won after all"), "taken back by Ana Ruiz")
        await mia.photograph("outcome-05-undone")
