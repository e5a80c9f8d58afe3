"""A decline, its dispute and the ruling by clicking, in a real chromium: the rep and the manager on a phone.

Pictures of each stage go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from storage.models import Account, Member
from tests.running import Running, running
from tests.story.browser import Tab, opened_browser

pytestmark = pytest.mark.browser

PHONE = 390
CRITERIA = """
sql_means = "qualified"
criteria = ["company is given", "email is a work address"]
"""


async def test_a_decline_a_dispute_and_a_ruling_by_clicking(
    chromium_path: Path, sqlite_url: str, pictures: Path
) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:
        await _define(tandem)
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
        await _what_is_proposed_stands_beside_the_definition(max_)
        await _several_people_of_an_account_come(tandem, mia)
        assert tandem.slack.pings == []


async def _define(tandem: Running) -> None:
    assert tandem.program.workspace_id is not None
    config = parse_config(CRITERIA)
    await tandem.program.db.run(apply_config, tandem.program.workspace_id, config, by=None, at=tandem.clock.now())


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
    thread = max_.page.get_by_test_id("thread")
    await max_.sees(thread, "MQL, version 1 of the definition", "company is given", "not signed yet")
    await max_.sees(thread, "means:", "An agency", "It buys for Globex")
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
    await form.get_by_role("textbox", name="What should the definition say?").fill("An agency is a company, too.")
    await mia.photograph("decline-08-rule-phone")
    await form.get_by_role("button", name="Rule").click()
    await expect(form).to_be_hidden()
    await mia.sees(card, "You ruled: sales takes it back")


async def _what_is_proposed_stands_beside_the_definition(max_: Tab) -> None:
    await max_.go_to("marketing")
    await max_.say("/tandem definition")
    page = max_.page.get_by_role("dialog", name="Definition of a lead")
    await max_.sees(page, "MQL, version 1", "Proposed by rulings since then", "An agency is a company, too.")
    await max_.photograph("decline-12-definition")
    await page.get_by_role("button", name="Sign for marketing").click()
    await max_.sees(page, "Marketing: signed by Max Keller")
    await page.get_by_role("button", name="Close").last.click()


async def _several_people_of_an_account_come(tandem: Running, mia: Tab) -> None:
    """Mia looks after the account, so she is told of them, whoever has the leads."""

    def hers(session: Session) -> None:
        owner = session.scalars(select(Member.id).where(Member.name == "Mia Stone")).one()
        session.execute(update(Account).values(owner_id=owner))

    await tandem.program.db.run(hers)
    for first, asked in (("Kim Lau", "A demo for my team"), ("Pat Ortiz", "Prices for 200 seats")):
        email = f"{first.split()[0].casefold()}@northwind.example"
        await tandem.lead_arrives(name=first, email=email, asked=asked, job_title="Head of IT")
    message = mia.message("3 people of Northwind")
    await mia.sees(
        message, "came within 7 days", "Pat Ortiz, Head of IT", "Prices for 200 seats", "with you", "with Ana Ruiz"
    )
    await mia.photograph("decline-13-committee-phone")
    await message.get_by_role("button", name="Account").click()
    await mia.sees(mia.page.get_by_role("dialog", name="Account"), "Northwind", "Kim Lau")
