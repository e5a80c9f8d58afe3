"""A decline as people meet it in Slack: the form that grows, marketing's card, the dispute and the ruling."""

from collections.abc import AsyncIterator

import pytest

from playground import Message, Modal
from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, Slack refused nothing and nobody was pinged by a mention."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def decline_form(tandem: Running, **fields: str) -> tuple[Message, Modal]:
    """A lead arrives, and Ana opens the form."""
    await tandem.lead_arrives(**fields)
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    form = await card.button("Decline").click(by="ana")
    assert isinstance(form, Modal)
    return card, form


async def declined(tandem: Running, why: str = "Not our profile", note: str = "They sell SEO.") -> Message:
    """Ana declined a lead; its card in the team's channel."""
    card, form = await decline_form(tandem)
    await form.select("Why?", why)
    form.fill({"What should the others know?": note})
    done = await form.submit()
    assert not done
    return card


async def test_a_reason_proposes_what_follows_and_what_was_typed_stays(tandem: Running) -> None:
    card, form = await decline_form(tandem)
    assert form.fields == ["Why?", "What should the others know?"]
    form.fill({"What should the others know?": "Their year begins in February."})
    await form.select("Why?", "No budget")
    assert form.value("What happens then?") == "Nurture until a day"
    assert form.value("Until") == "2027-05-16"
    assert form.value("What should the others know?") == "Their year begins in February."
    await form.select("What happens then?", "Back to marketing")
    assert "Until" not in form.fields
    await form.select("Why?", "Bad timing")
    assert form.value("Until") == "2027-02-15"
    form.fill({"Until": "2026-11-10"})
    refused = await form.submit()
    assert "has come already" in refused["until"]
    form.fill({"Until": "2027-03-01"})
    done = await form.submit()
    assert "It comes back by itself" in done.answer.text
    await card.changed(containing="Moved to nurture by Ana Ruiz: bad timing")
    assert "Comes back by itself" in card.text
    assert "Their year begins in February." in card.text
    assert not {"Claim", "Contacted", "Decline"} & set(card.buttons)


async def test_a_lead_comes_back_from_nurture_with_its_history(tandem: Running) -> None:
    card = await declined(tandem, "No response after several tries", "Four calls.")
    await card.changed(containing="Moved to nurture")
    await tandem.later(days=29)
    await return_leads(tandem)
    await tandem.idle()
    assert "Moved to nurture" in card.text
    await tandem.later(days=2)
    await return_leads(tandem)
    dm = await tandem.slack.dm("ana").message(containing="Back from nurture")
    assert "You declined it: no response after several tries" in dm.text
    assert "Four calls." in dm.text
    assert "Claim" in dm.buttons
    await card.changed(containing="Back from nurture")


async def test_marketing_accepts_a_decline_on_its_card(tandem: Running) -> None:
    await declined(tandem)
    card = await tandem.slack.channel("#marketing").message(containing="not our profile")
    assert "Ana Ruiz of Sales declined it: not our profile" in card.text
    assert "They sell SEO." in card.text
    assert card.buttons == ["Accept", "Dispute"]
    assert not await card.button("Accept").click(by="max", answer_within=0.5)
    await card.changed(containing="Accepted by Max Keller")
    assert card.buttons == []
    lead = await tandem.slack.channel("#leads").message(containing="Northwind")
    await lead.changed(containing="Accepted by Max Keller")


async def test_a_rep_cannot_accept_their_own_decline(tandem: Running) -> None:
    await declined(tandem)
    card = await tandem.slack.channel("#marketing").message(containing="not our profile")
    refused = await card.button("Accept").click(by="ana")
    assert "Marketers, managers and admins can do this." in refused.text
    assert card.buttons == ["Accept", "Dispute"]


async def return_leads(tandem: Running) -> None:
    """What the schedule does every few seconds."""
    assert tandem.program.worker is not None
    await tandem.program.worker.schedule.return_leads()


async def dispute(tandem: Running) -> Message:
    """Ana declined, Max disputes; marketing's card."""
    await declined(tandem)
    card = await tandem.slack.channel("#marketing").message(containing="not our profile")
    form = await card.button("Dispute").click(by="max")
    assert isinstance(form, Modal)
    assert "The company is not of the kind that we sell to." in form.text
    form.fill({"Why should sales follow it up?": "It is the agency of Globex <!here>."})
    assert not await form.submit()
    await card.changed(containing="waits for Mia Stone’s ruling")
    return card


async def test_a_dispute_opens_a_thread_and_asks_the_manager_once(tandem: Running) -> None:
    card = await dispute(tandem)
    lead = await tandem.slack.channel("#leads").message(containing="Northwind")
    await lead.changed(containing="Disputed by Max Keller · waits for Mia Stone’s ruling")
    await tandem.idle()
    thread = await card.thread()
    assert len(thread) == 1
    assert "“Not our profile” means: The company is not of the kind that we sell to." in thread[0].text
    assert "They sell SEO." in thread[0].text
    assert "It is the agency of Globex <!here>." in thread[0].text
    asked = [one for one in tandem.slack.dm("mia").messages if "Disputed" in one.text]
    assert len(asked) == 1
    assert asked[0].buttons == ["Rule"]


async def test_a_manager_rules_that_sales_takes_it_back(tandem: Running) -> None:
    card = await dispute(tandem)
    asked = await tandem.slack.dm("mia").message(containing="Disputed")
    form = await asked.button("Rule").click(by="mia")
    assert isinstance(form, Modal)
    form.fill({"Why?": "Agencies are fine."})
    await form.select("How do you rule?", "Sales takes it back")
    assert form.value("Why?") == "Agencies are fine."
    assert not await form.submit()
    await card.changed(containing="Mia Stone ruled: sales takes it back")
    await asked.changed(containing="You ruled: sales takes it back")
    assert asked.buttons == card.buttons == []
    again = await tandem.slack.dm("ana").message(containing="Back by ruling.")
    assert "Agencies are fine." in again.text
    assert "Claim" in again.buttons
    told = await tandem.slack.dm("max").message(containing="sales takes it back")
    assert "Agencies are fine." in told.text
    await tandem.idle()
    assert sum("ruled" in one.text for one in tandem.slack.dm("ana").messages) == 1, "she hears it once"
    assert sum("ruled" in one.text for one in tandem.slack.dm("max").messages) == 1
    assert sum("ruled" in one.text for one in tandem.slack.dm("mia").messages) == 1, "her own card, edited"


async def test_a_ruling_for_nurture_asks_for_the_day(tandem: Running) -> None:
    card = await dispute(tandem)
    form = await card.button("Rule").click(by="mia")
    assert isinstance(form, Modal)
    await form.select("How do you rule?", "Back to marketing, for nurture")
    form.fill({"Why?": "Ask again in spring.", "Until": "2027-04-01"})
    assert not await form.submit()
    await card.changed(containing="back to marketing, for nurture")
    lead = await tandem.slack.channel("#leads").message(containing="Northwind")
    await lead.changed(containing="Comes back by itself")
    for side in ("ana", "max"):
        told = await tandem.slack.dm(side).message(containing="Mia Stone ruled: back to marketing")
        assert "Ask again in spring." in told.text
    asked = await tandem.slack.dm("mia").message(containing="Disputed")
    assert "Comes back by itself" in card.text
    assert "Comes back by itself" in asked.text
    await tandem.later(days=140)
    await return_leads(tandem)
    await tandem.idle()
    assert "Comes back by itself" not in card.text
    assert "Comes back by itself" not in asked.text


async def test_a_decline_that_is_undone_is_edited_out_everywhere(tandem: Running) -> None:
    card, form = await decline_form(tandem)
    await form.select("Why?", "Duplicate")
    receipt = (await form.submit()).answer
    told = await tandem.slack.channel("#marketing").message(containing="duplicate")
    await tandem.idle()
    thread = await card.thread()
    assert [one.text for one in thread] == ["Ana Ruiz declined this lead: duplicate."]
    await receipt.button("Undo").click(by="ana")
    await told.changed(containing="Ana Ruiz took this decline back")
    assert told.buttons == []
    await thread[0].changed(containing="took that back")
    assert len(await card.thread()) == 1
    await card.changed(containing="Due")
    late = await tandem.slack.channel("#marketing").message(containing="took this decline back")
    assert late.buttons == []


async def test_undo_after_a_dispute_is_refused_with_words(tandem: Running) -> None:
    _, form = await decline_form(tandem)
    await form.select("Why?", "Too small")
    receipt = (await form.submit()).answer
    card = await tandem.slack.channel("#marketing").message(containing="too small")
    dispute = await card.button("Dispute").click(by="max")
    assert isinstance(dispute, Modal)
    dispute.fill({"Why should sales follow it up?": "They grow."})
    await dispute.submit()
    refused = await receipt.button("Undo").click(by="ana")
    assert "Max Keller disputed this decline" in refused.text
    assert "A manager rules now" in refused.text


async def test_a_wrong_territory_goes_to_the_next_rep_at_once(tandem: Running) -> None:
    card, form = await decline_form(tandem)
    await form.select("Why?", "Wrong territory")
    assert form.value("What happens then?") == "The next rep of Sales gets it"
    form.fill({"What should the others know?": "Based in Ohio."})
    done = await form.submit()
    assert "It went on with a fresh clock" in done.answer.text
    assert done.answer.buttons == []
    dm = await tandem.slack.dm("bo").message(containing="Northwind")
    assert "Ana Ruiz declined it: wrong territory" in dm.text
    assert "Based in Ohio." in dm.text
    await card.changed(containing="For Bo Larsen")
    await tandem.idle()
    assert any(
        "Ana Ruiz declined it: wrong territory. Bo Larsen has this lead now." in one.text for one in await card.thread()
    )
