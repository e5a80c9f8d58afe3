"""`/content` as a rep meets it in Slack."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from domain.content import import_content
from domain.content_csv import parse_content_csv
from tests.running import Running, running

FILE = b"""title,url,week,views,leads,wins,theme
Pricing <!channel> guide,https://example.com/guide,2026-11-09,142,6,1,pricing
Pricing <!channel> guide,https://example.com/guide,2026-11-02,130,4,0,pricing
Security paper,,2026-11-09,20,1,,
"""


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground, with two weeks of figures; Slack refuses nothing and nobody is pinged."""
    async with running(migrated_url) as program:
        assert program.program.workspace_id is not None
        await program.program.db.run(
            import_content,
            program.program.workspace_id,
            parse_content_csv(FILE),
            filename="figures.csv",
            sha256=hashlib.sha256(FILE).hexdigest(),
            skip_bad_rows=False,
            by=None,
            at=program.clock.now(),
        )
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def test_a_rep_reads_what_performed_last_week(tandem: Running) -> None:
    receipt = await tandem.slack.channel("#general").command("/content", by="ana")
    assert "week of 9 Nov" in receipt.text
    assert "1. Pricing <!channel> guide: 142 views (+12), 6 leads (+2), 1 win (+1)" in receipt.text


async def test_a_rep_finds_something_to_send(tandem: Running) -> None:
    found = await tandem.slack.channel("#general").command("/content find #pricing", by="ana")
    assert "Pricing <!channel> guide\nPricing · 272 views · 10 leads" in found.text
    nothing = await tandem.slack.channel("#general").command("/content zebra <@U1>", by="ana")
    assert "Nothing with “zebra <@U1>”" in nothing.text
