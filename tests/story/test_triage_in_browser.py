"""A lead that fails the definition, by clicking in a real chromium: marketing fixes one on a phone and drops another.

Pictures of each stage go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from tests.running import Running, running
from tests.story.browser import Tab, opened_browser

pytestmark = pytest.mark.browser

PHONE = 390
CRITERIA = """
sql_means = "qualified"
criteria = ["company is given", "email is a work address", "employees >= 50"]
triage = "4h"
"""


async def test_a_held_lead_is_fixed_and_another_one_dropped_by_clicking(
    chromium_path: Path, sqlite_url: str, pictures: Path
) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:
        await _define(tandem)
        await tandem.lead_arrives(email="lee.wong@gmail.com", employees="1-10", touches=[{"what": "pricing page"}])
        await tandem.lead_arrives(name="Kim Park", email="kim@web.de", company="", asked="A thesis")
        phone = await chromium.open(tandem.slack, "max", width=PHONE)
        desk = await chromium.open(tandem.slack, "max")
        await _fixes(phone)
        await _drops(desk)
        ana = await chromium.open(tandem.slack, "ana", width=PHONE)
        await ana.go_to("leads")
        await ana.sees(ana.message("Lee Wong"), "MQL v1: 3 of 3 criteria", "lee.wong@northwind.example")
        await ana.photograph("triage-07-sales-phone")


async def _define(tandem: Running) -> None:
    assert tandem.program.workspace_id is not None
    config = parse_config(CRITERIA)
    await tandem.program.db.run(apply_config, tandem.program.workspace_id, config, by=None, at=tandem.clock.now())


async def _fixes(max_: Tab) -> None:
    await max_.go_to("marketing")
    card = max_.message("Held: Lee Wong")
    await max_.sees(card, "Not an MQL yet", "2 of 3 criteria are not met", "it says “1-10”", "Look at it by")
    await max_.photograph("triage-01-card-phone")
    await card.get_by_role("button", name="Fix").click()
    form = max_.page.get_by_role("dialog", name="Fix lead")
    await max_.photograph("triage-02-form-phone")
    await form.get_by_role("textbox", name="Email").fill("lee.wong@northwind.example")
    await form.get_by_role("button", name="Fix").click()
    await max_.sees(form, "This does not meet the definition yet: employees is at least 50.")
    await max_.photograph("triage-03-refused-phone")
    await form.get_by_role("textbox", name="Employees").fill("120")
    await form.get_by_role("button", name="Fix").click()
    await expect(form).to_be_hidden()
    await max_.sees(max_.message("Lee Wong"), "fixed it, and it meets the definition", "Sales has it: Ana Ruiz")
    await max_.photograph("triage-04-fixed-phone")


async def _drops(max_: Tab) -> None:
    await max_.go_to("marketing")
    card = max_.message("Held: Kim Park")
    await max_.photograph("triage-05-card")
    await card.get_by_role("button", name="Drop").click()
    form = max_.page.get_by_role("dialog", name="Drop lead")
    await form.get_by_role("textbox", name="Why is it dropped?").fill("A student who writes a thesis.")
    await form.get_by_role("button", name="Drop").click()
    await expect(form).to_be_hidden()
    await max_.sees(max_.message("Kim Park"), "dropped it", "Take it up again")
    await max_.photograph("triage-06-dropped")
