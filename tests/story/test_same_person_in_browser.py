"""Two leads that may be one person's, by clicking in a real chromium: marketing makes two one, and keeps two apart.

Pictures of each stage go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.leads.doubts import look_for_doubts
from tests.running import Running, running
from tests.story.browser import opened_browser

pytestmark = pytest.mark.browser

PHONE = 390


async def test_marketing_says_who_is_one_person_and_the_reps_see_one_lead(
    chromium_path: Path, sqlite_url: str, pictures: Path
) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:
        await tandem.lead_arrives(email="lee@northwind.example", asked="A demo")
        await tandem.lead_arrives(email="lee.wong@mail.example", asked="A price list", id="two")
        await tandem.lead_arrives(name="Kim Park", email="kim@globex.example", company="Globex", id="three")
        await tandem.lead_arrives(name="Kim Park", email="k.park@globex.example", company="Globex", id="four")
        await _look(tandem)
        phone = await chromium.open(tandem.slack, "max", width=PHONE)
        await phone.go_to("marketing")
        card = phone.message("Same person? 2 pairs")
        await phone.sees(card, "They have the same name and account", "Decide by")
        await phone.photograph("same-person-01-asked-phone")
        await card.get_by_role("button", name="Same person: make them one").first.click()
        await phone.sees(phone.message("Same person? 1 pair"), "made them one lead", "has it")
        card = phone.message("Same person? 1 pair")
        await card.get_by_role("button", name="Two people").first.click()
        await phone.sees(phone.message("All are answered"), "said: two people. Nobody is asked again")
        await phone.photograph("same-person-02-answered-phone")
        desk = await chromium.open(tandem.slack, "max")
        await desk.go_to("marketing")
        await desk.photograph("same-person-03-answered")
        ana = await chromium.open(tandem.slack, "ana")
        await ana.go_to("leads")
        await ana.sees(ana.message("One with another lead"), "Max Keller says that this is the same person as Lee Wong")
        await ana.photograph("same-person-04-sales")
        small = await chromium.open(tandem.slack, "ana", width=PHONE)
        await small.go_to("leads")
        await small.photograph("same-person-05-sales-phone")


async def _look(tandem: Running) -> None:
    assert tandem.program.workspace_id is not None
    await tandem.program.db.run(look_for_doubts, tandem.program.workspace_id, at=tandem.clock.now())
