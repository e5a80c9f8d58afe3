"""The whole story through Slack, over Socket Mode and again over HTTP: what a team lives through in a week."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from playground import Fault
from tests.running import Running, Transport, running


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_week_of_sales_and_marketing(migrated_url: str, transport: Transport) -> None:
    async with running(migrated_url, transport) as tandem:
        await _a_rep_logs_what_a_customer_said(tandem)
        await _a_lead_arrives_and_two_reps_want_it(tandem)
        await _the_clock_runs_out_and_the_manager_saves_the_lead(tandem)
        await _monday_brings_both_digests(tandem)
        assert tandem.slack.refusals == []
        assert tandem.slack.pings == []


async def _a_rep_logs_what_a_customer_said(tandem: Running) -> None:
    receipt = await tandem.slack.channel("#general").command(
        "/voc too expensive next to Rivalsoft #pricing @Globex $40k", by="ana"
    )
    assert "Objection" in receipt.text
    for understood in ("pricing", "Globex", "Rivalsoft", "$40,000", "too expensive next to Rivalsoft"):
        assert understood in receipt.text, receipt.text
    assert {"Edit", "Undo", "Add quote"} <= set(receipt.buttons)


async def _a_lead_arrives_and_two_reps_want_it(tandem: Running) -> None:
    answer = await tandem.lead_arrives()
    assert answer.status_code in (200, 202), answer.text
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    dm = await tandem.slack.dm("ana").message(containing="Northwind")
    for fact in ("Lee Wong", "Demo request", "82"):
        assert fact in card.text
    assert {"Claim", "Contacted", "Decline"} <= set(card.buttons)
    outsider = await card.button("Contacted").click(by="max")
    assert "belongs to Sales" in outsider.text
    asked = await card.button("Claim").click(by="bo")
    assert "It was given to Ana Ruiz" in asked.text
    await asked.submit()
    await card.changed(containing="Bo Larsen")
    await dm.changed(containing="Bo Larsen")


async def _the_clock_runs_out_and_the_manager_saves_the_lead(tandem: Running) -> None:
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    before = card.text
    await tandem.later(seconds=151)
    await card.changed(containing="Half")
    assert card.text != before
    await tandem.later(seconds=90)
    reminder = await tandem.slack.dm("bo").message(containing="Almost")
    await tandem.later(seconds=60)
    breach = await tandem.slack.dm("mia").message(containing="Northwind")
    await card.changed(containing="Overdue")
    await breach.select("Reassign to…", "Ana Ruiz · 0 open · here", by="mia")
    await breach.changed(containing="Ana Ruiz")
    dm = await tandem.slack.dm("ana").message(containing="Northwind")
    await tandem.idle()
    assert "Ana Ruiz" in " ".join(message.text for message in await card.thread())
    await dm.button("Contacted").click(by="ana")
    await card.changed(containing="Contacted by")
    await reminder.changed()


async def _monday_brings_both_digests(tandem: Running) -> None:
    await tandem.later(days=5, hours=23)
    sales = await tandem.slack.channel("#leads").message(containing="week")
    marketing = await tandem.slack.channel("#marketing").message(containing="pricing")
    assert "too expensive next to Rivalsoft" in marketing.text
    assert "Globex" in marketing.text
    assert sales
    await tandem.later(hours=1)
    await tandem.idle()
    assert sum("pricing" in message.text for message in tandem.slack.channel("#marketing").messages) == 1


async def test_the_second_of_two_claims_reads_who_was_first(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        tandem.slack.faults.next("chat.update", *[Fault.rate_limited(30)] * 2)
        await card.button("Claim").click(by="ana")
        tandem.clock.advance(timedelta(seconds=4))
        asked = await card.button("Claim").click(by="bo")
        assert "Ana Ruiz claimed this 4 s ago. Take over?" in asked.text


async def test_of_two_clicks_at_the_same_moment_one_wins(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        claim = card.button("Claim")
        mine, theirs = await asyncio.gather(claim.click(by="ana"), claim.click(by="bo"))
        assert not mine
        assert "Ana Ruiz" in theirs.text
        await card.changed(containing="Claimed by Ana Ruiz")
