"""A lead that fails the definition as people meet it in Slack: the form of the criteria, the card, Fix, Pass, Drop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from playground import Message
from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground with a definition; at the end, Slack refused nothing and nobody was pinged."""
    async with running(migrated_url) as program:
        await set_definition(program)
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def set_definition(tandem: Running) -> None:
    """Mia sets the criteria; what SQL means must be chosen first."""
    hub = await tandem.slack.channel("#general").command("/tandem setup", by="mia")
    form = await hub.button("Set", near="Definition of a lead").click()
    form.fill({"Sales gets a lead when": "email is a work address\nemployees >= many"})
    refused = await form.submit()
    assert "“many”" in str(refused)
    form.fill({"Sales gets a lead when": "email is a work address\nemployees >= 50"})
    refused = await form.submit()
    assert "Say first what SQL means here" in str(refused)
    form.select("What does SQL mean here?", "What a rep found worth pursuing")
    form.fill({"Marketing looks at a held lead within": "4h"})
    assert not await form.submit()
    saved = tandem.slack.modal("mia")
    assert saved is not None
    assert "definition of a lead, version 1: asked for: email is a work address and employees" in saved.text
    await saved.close()


async def held(tandem: Running) -> Message:
    """A lead is posted; its triage card in #marketing."""
    await tandem.lead_arrives(email="lee@gmail.com", employees="1-10")
    return await tandem.slack.channel("#marketing").message(containing="Held:")


async def test_a_held_lead_is_fixed_and_sales_gets_it(tandem: Running) -> None:
    card = await held(tandem)
    assert "Not an MQL yet: 2 of 2 criteria are not met" in card.text
    assert "employees is at least 50: it says “1-10”" in card.text
    await tandem.idle()
    assert tandem.slack.channel("#leads").messages == []
    assert "Nothing" not in (await card.button("Fix").click(by="ana")).text  # a rep may not
    form = await card.button("Fix").click(by="max")
    assert form.value("Email") == "lee@gmail.com"
    form.fill({"Email": "lee@northwind.example", "Employees": "20"})
    refused = await form.submit()
    assert "does not meet the definition yet: employees is at least 50" in str(refused)
    form.fill({"Employees": "about 120"})
    done = await form.submit()
    assert not done
    sales = await tandem.slack.channel("#leads").message(containing="Northwind")
    assert "lee@northwind.example" in sales.text
    assert "MQL v1: 2 of 2 criteria" in sales.text
    await card.changed(containing="fixed it, and it meets the definition")
    brief = await sales.button("Brief").click(by="ana")
    assert "MQL, definition version 1: email is a work address, employees is at least 50" in brief.text


async def test_a_held_lead_is_dropped_taken_up_listed_and_passed_anyway(tandem: Running) -> None:
    card = await held(tandem)
    form = await card.button("Drop").click(by="max")
    form.fill({"Why is it dropped?": "A student."})
    await form.submit()
    await card.changed(containing="Max Keller dropped it: “A student.”")
    assert card.buttons == ["Take it up again"]
    nothing = await tandem.slack.channel("#general").command("/tandem held", by="max")
    assert "No lead is held" in nothing.text
    await card.button("Take it up again").click(by="max")
    await card.changed(containing="Held:")
    listed = await tandem.slack.channel("#general").command("/tandem held", by="max")
    assert "Held leads (1)" in listed.text
    form = await listed.button("Pass anyway").click(by="max")
    form.fill({"Why should sales get it all the same?": "Met at the fair."})
    await form.submit()
    sales = await tandem.slack.channel("#leads").message(containing="Northwind")
    assert "Max Keller passed it on, though not: email is a work address, employees is at least 50." in sales.text
    await card.changed(containing="Sales has it: Ana Ruiz")
    late = await listed.button("Drop").click(by="max")
    assert "This lead was passed on to sales by Max Keller" in late.text


async def test_both_sides_read_and_sign_the_definition(tandem: Running) -> None:
    page = await tandem.slack.channel("#general").command("/tandem definition", by="ana")
    assert "Marketing: not signed yet" in page.text
    assert "Sign for marketing" not in page.buttons
    page = await tandem.slack.channel("#general").command("/tandem definition", by="max")
    assert page.buttons == ["Sign for marketing"]
    signed = await page.button("Sign for marketing").click()
    assert "Marketing: signed by Max Keller" in signed.text
    home = await tandem.slack.home("max").open()
    assert "Held leads" not in home.text
    await held(tandem)
    await tandem.later(seconds=5)
    await tandem.idle()
    home = await tandem.slack.home("max").open()
    assert "Held leads · 1" in home.text
