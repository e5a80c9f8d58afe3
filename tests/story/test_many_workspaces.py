"""Two workspaces and an organization install Tandem by clicking: the whole story in each of them, at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.offering import Offer, offered
from tests.story.company import Company, nothing_of_the_others


@dataclass
class Many:
    """Northwind and Globex, each of its own, and Acme East and Acme West, which the organization Acme installs."""

    offer: Offer
    companies: list[Company]

    @property
    def organization(self) -> str:
        organization = self.companies[2].slack.workspace.organization
        assert organization is not None
        return organization.id

    async def everybody(self, step: str) -> None:
        """Each company does that, all at once."""
        await asyncio.gather(*(getattr(Story(self.offer, one), step)() for one in self.companies))


@pytest.fixture
async def many(migrated_url: str) -> AsyncIterator[Many]:
    async with offered(migrated_url) as offer:
        east, west = offer.slack.add_organization("Acme", ["Acme East", "Acme West"])
        places = zip((offer.slack, offer.globex, east, west), ("Zebra", "Ocelot", "Puffin", "Walrus"), strict=True)
        companies = [Company.in_workspace(slack, word) for slack, word in places]
        for one in companies:
            one.slack.answer_within, one.slack.settle, one.slack.patience = 5.0, 0.8, 20.0
        yield Many(offer, companies)
        refused = {one.error for company in companies for one in company.slack.refusals}
        assert refused <= {"not_in_channel"}  # Tandem joins then


@dataclass
class Story:
    """What happens in one company."""

    offer: Offer
    company: Company

    async def a_rep_logs_what_a_customer_said(self) -> None:
        here, word = self.company, self.company.word
        receipt = await here.slack.channel("#talk").command(
            f"/voc too expensive for {word} next to Rival{word} #pricing @Client{word} $40k", by=here.who("rep")
        )
        for understood in ("Objection", "pricing", f"Client{word}", f"Rival{word}", "$40,000"):
            assert understood in receipt.text, receipt.text

    async def a_lead_arrives_and_is_claimed(self) -> None:
        here = self.company
        await here.lead_arrives(self.offer.clock.outside())
        card = await here.slack.channel("#leads").message(containing=f"Lee {here.word}")
        asked = await card.button("Claim").click(by=here.who("second"))
        await asked.submit()  # it was given to the other
        await card.changed(containing=here.real_name("second"))

    async def the_manager_hears_of_the_breach_and_the_rep_makes_contact(self) -> None:
        here = self.company
        breach = await here.slack.dm(here.who("boss")).message(containing=f"Lee {here.word}")
        card = await here.slack.channel("#leads").message(containing=f"Lee {here.word}")
        await card.changed(containing="Overdue")
        await card.button("Contacted").click(by=here.who("second"))
        await card.changed(containing="Contacted by")
        await breach.changed(containing="Contacted by")

    async def home_opens(self) -> None:
        here = self.company
        home = await here.slack.home(here.who("marketer")).open()
        assert "pricing" in home.text, home.text

    async def monday_brings_both_digests(self) -> None:
        here = self.company
        marketing = await here.slack.channel("#marketing").message(containing="pricing")
        assert f"too expensive for {here.word}" in marketing.text
        await here.slack.channel("#leads").message(containing="week")

    async def the_doctor_is_well(self) -> None:
        here = self.company
        talk = here.slack.channel("#talk")
        await talk.command("/tandem doctor", by=here.who("boss"))
        found = await talk.ephemeral(here.who("boss"), "is well")
        assert "All is well" in found.text, found.text


async def test_the_whole_story_in_two_workspaces_and_an_organization_at_once(many: Many) -> None:
    offer = many.offer
    northwind, globex, east, _west = many.companies
    for company in (northwind, globex):
        page = await offer.install(company.slack.team_id, by=company.boss)
        assert "Tandem is installed in" in page.text
    page = await offer.install(many.organization, by=east.boss)
    assert "Tandem is installed in Acme" in page.text
    for one in (northwind, globex, east):
        await one.slack.dm(one.who("boss")).message(containing="Tandem is installed")
    for one in many.companies:
        await one.set_up()

    await many.everybody("a_rep_logs_what_a_customer_said")
    await many.everybody("a_lead_arrives_and_is_claimed")
    await offer.later(minutes=6)
    await many.everybody("the_manager_hears_of_the_breach_and_the_rep_makes_contact")
    await many.everybody("home_opens")
    await many.everybody("the_doctor_is_well")
    await offer.idle()
    await offer.later(days=6)
    await many.everybody("monday_brings_both_digests")
    await offer.idle()
    nothing_of_the_others(many.companies)


async def test_who_is_in_two_workspaces_of_an_organization_is_somebody_in_each(many: Many) -> None:
    """One Slack id: each form, click and Home is of the workspace in which it was opened."""
    east, west = many.companies[2:]
    zoe = east.slack.add_member("zoe", real_name="Zoe Both")
    west.slack.admit(zoe)
    await many.offer.install(many.organization, by=east.boss)
    for here, said in ((east, "slow in the east"), (west, "dear in the west")):
        await here.slack.home(here.who("boss")).open()
        form = await here.slack.channel("#talk").command("/voc", by="zoe")
        form.fill({"What happened?": said})
        assert not await form.submit()
        home = await here.slack.home("zoe").open()
        assert said in home.text, home.text
    assert "slow in the east" not in (await west.slack.home("zoe").open()).text
    await (await east.slack.home("zoe").open()).button("Log what a customer said").click()
    again = east.slack.modal("zoe")
    assert again is not None
    again.fill({"What happened?": "once more in the east"})
    assert not await again.submit()
    await (await east.slack.home("zoe").open()).changed(containing="once more in the east")
    assert "once more" not in (await west.slack.home("zoe").open()).text
