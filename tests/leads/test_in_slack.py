"""Leads as people meet them in Slack: the cards' buttons, the decline form, and `/lead`."""

from collections.abc import AsyncIterator

import pytest

from playground import Fault
from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, Slack refused nothing and nobody was pinged by a mention."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def test_contacted_can_be_taken_back_by_who_clicked(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    receipt = await card.button("Contacted").click(by="ana")
    assert "Marked as contacted: Lee Wong, Northwind." in receipt.text
    await card.changed(containing="Contacted by Ana Ruiz")
    assert card.buttons == ["Outcome", "Brief"]
    await receipt.button("Undo").click(by="ana")
    await receipt.changed(containing="its clock runs on")
    await card.changed(containing="Due")
    assert {"Contacted", "Decline"} <= set(card.buttons)


async def test_a_decline_asks_why_and_marketing_reads_it_in_the_thread(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    form = await card.button("Decline").click(by="ana")
    await form.select("Why?", "Not a real project")
    form.fill({"What should the others know?": "wants a *free* plan <!channel>"})
    done = await form.submit()
    assert not done
    assert "Declined: Lee Wong" in done.answer.text
    await card.changed(containing="Declined by Ana Ruiz: not a real project")
    await tandem.idle()
    assert "wants a *free* plan <!channel>" in " ".join(message.text for message in await card.thread())


@pytest.mark.parametrize("fault", [Fault.hang(0.1), Fault.page()], ids=str)
async def test_a_form_that_slack_breaks_off_is_asked_for_again(tandem: Running, fault: Fault) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    tandem.slack.faults.next("views.open", fault)
    answer = await card.button("Decline").click(by="ana")
    assert "Slack did not open the form in time" in answer.text


async def test_a_form_that_opened_though_the_answer_was_cut_short_can_be_sent(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    tandem.slack.faults.next("views.open", Fault.cut_short())
    form = await card.button("Decline").click(by="ana")
    await form.select("Why?", "Too small")
    form.fill({"What should the others know?": "two people"})
    assert not await form.submit()


async def test_who_is_not_of_the_team_is_told_so(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    receipt = await card.button("Claim").click(by="max")
    assert "This lead belongs to Sales" in receipt.text
    assert "Claim" in card.buttons


async def test_a_snooze_beyond_the_deadline_warns_that_the_deadline_stays(tandem: Running) -> None:
    await tandem.lead_arrives(tier="warm")
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    assert not await card.select("Mute reminders…", "10 minutes", by="ana", answer_within=0.5)
    await card.changed(containing="no reminder until")
    receipt = await card.select("Mute reminders…", "Until the deadline", by="ana")
    assert "the deadline stays" in receipt.text
    await card.changed(containing="no reminder before the deadline")


async def test_the_manager_gives_more_time_or_takes_the_lead(tandem: Running) -> None:
    await tandem.lead_arrives()
    await tandem.later(minutes=5)
    breach = await tandem.slack.dm("mia").message(containing="No contact in time")
    await breach.select("Extend…", "15 minutes", by="mia")
    await breach.changed(containing="You extended the deadline to")
    assert breach.buttons == []
    await tandem.later(minutes=15)
    again = await tandem.slack.dm("mia").message(containing="No contact in time")
    await again.button("I’ll take it").click(by="mia")
    await again.changed(containing="You took the lead over")
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    await card.changed(containing="Claimed by Mia Stone")


async def test_a_lead_typed_into_the_form_is_given_to_a_rep(tandem: Running) -> None:
    general = tandem.slack.channel("#general")
    form = await general.command("/lead add", by="max")
    form.fill({"Name": "Kim Oh", "E-mail": "kim at oh", "Score": "lots"})
    refused = await form.submit()
    assert sorted(refused) == ["email", "score"]
    form.fill({"E-mail": "kim@oh.example", "Score": "70"})
    done = await form.submit()
    assert "Added: Kim Oh." in done.answer.text
    card = await tandem.slack.channel("#leads").message(containing="Kim Oh")
    assert "kim@oh.example" in card.text


async def test_a_claim_in_the_list_shows_the_list_again(tandem: Running) -> None:
    await tandem.lead_arrives()
    await tandem.slack.channel("#leads").message(containing="Northwind")
    listed = await tandem.slack.channel("#general").command("/lead list", by="ana")
    assert listed.buttons == ["Claim", "Contacted"]
    again = await listed.button("Claim").click(by="ana")
    assert again.buttons == ["Contacted"]
    assert tandem.slack.refusals == []


async def test_a_rep_reads_their_list_and_settles_a_lead_in_it(tandem: Running) -> None:
    await tandem.lead_arrives()
    general = tandem.slack.channel("#general")
    found = await general.command("/lead", by="ana")
    assert "Lee Wong · Northwind" in found.text
    assert "/lead add" in found.text
    receipt = await found.button("Contacted").click(by="ana")
    assert "Marked as contacted" in receipt.text
    assert "No open leads." in (await general.command("/lead list", by="ana")).text
    assert "I don’t know “dance”" in (await general.command("/lead dance", by="ana")).text
    assert "/lead away" in (await general.command("/lead help", by="ana")).text


async def test_away_and_back_are_answered(tandem: Running) -> None:
    general = tandem.slack.channel("#general")
    assert "You get no new leads until" in (await general.command("/lead away 2d", by="ana")).text
    assert "I don't know when that is" in (await general.command("/lead away whenever", by="ana")).text
    assert "Welcome back" in (await general.command("/lead back", by="ana")).text


async def test_what_a_card_cuts_can_be_read_in_full(tandem: Running) -> None:
    await tandem.lead_arrives(asked="word " * 900 + "the end")
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    assert "the end" not in card.text
    whole = await card.button("Brief").click(by="bo")
    assert "the end" in whole.text
