"""Somebody with an open lead asks for something else: its owner hears of it in a DM, once, and can read all of it."""

from collections.abc import AsyncIterator

import pytest

from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, nobody was pinged by a mention."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.pings == []


async def test_the_owner_hears_of_a_new_wish_and_reads_what_was_sent(tandem: Running) -> None:
    await tandem.lead_arrives(asked="E-book", tier="cool", email="lee_@northwind.example")
    card = await tandem.slack.channel("#leads").message(containing="E-book")
    answer = await tandem.lead_arrives(asked="Demo <!channel>", email="lee_@northwind.example", seats="200")
    assert answer.json()["status"] == "added"
    await card.changed(containing="Demo <!channel>")
    assert "asked: E-book" in card.text
    news = await tandem.slack.dm("ana").message(containing="Asked again: Lee Wong · Northwind")
    assert "The lead is hot now" in news.text
    whole = await news.button("Brief").click(by="ana")
    assert "seats" in whole.text
    await tandem.lead_arrives(asked="Demo <!channel>", email="lee_@northwind.example", seats="200")
    await tandem.idle()
    told = [one for one in tandem.slack.dm("ana").messages if "Asked again" in one.text]
    assert len(told) == 1


async def test_a_wish_after_the_lead_is_settled_is_a_card_for_the_same_rep(tandem: Running) -> None:
    await tandem.lead_arrives(asked="E-book", email="lee@northwind.example")
    card = await tandem.slack.channel("#leads").message(containing="E-book")
    await card.button("Contacted").click(by="ana")
    await tandem.lead_arrives(asked="Prices", email="lee@northwind.example")
    again = await tandem.slack.channel("#leads").message(containing="Prices")
    assert "For Ana Ruiz" in again.text
