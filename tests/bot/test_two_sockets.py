"""Socket Mode over two connections: what comes over both counts once, and one that breaks loses nothing."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select

from storage.models import LeadEvent, VocItem
from tests.running import Running, running


async def test_what_comes_over_both_connections_counts_once(migrated_url: str) -> None:
    async with running(migrated_url, sockets=2) as tandem:
        tandem.slack.sockets.doubled = True
        assert "logged" in (await tandem.slack.channel("#general").command("/voc too dear #pricing", by="ana")).text
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        await card.button("Claim").click(by="ana")
        await card.changed(containing="Claimed by Ana Ruiz")
        claims = select(func.count()).select_from(LeadEvent).where(LeadEvent.kind == "claimed")
        assert await tandem.program.db.read(lambda session: session.scalar(claims)) == 1
        items = select(func.count()).select_from(VocItem)
        assert await tandem.program.db.read(lambda session: session.scalar(items)) == 1


async def test_a_connection_that_breaks_loses_nothing(migrated_url: str) -> None:
    async with running(migrated_url, sockets=2) as tandem:
        general = tandem.slack.channel("#general")
        for number in range(6):
            if number % 2:
                await both_open(tandem)
                await tandem.slack.sockets.drop(1)
            receipt = await general.command(f"/voc too dear since {number} #pricing", by="ana")
            assert "logged" in receipt.text
        await both_open(tandem)


async def both_open(tandem: Running) -> None:
    """Wait until what was broken is connected again."""
    async with asyncio.timeout(60):
        while tandem.slack.sockets.count < 2:  # noqa: ASYNC110  # the playground tells of the first one only
            await asyncio.sleep(0.02)
