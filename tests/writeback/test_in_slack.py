"""An admin turns write-back on in Slack; a rep's click reaches HubSpot; what stands in the way is said there.

`test_it_looks_as_it_should` takes pictures in a real chromium: `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.seal import Sealer
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from domain.sources import add_source
from handlers.setup import write_back_hubspot
from playground import Modal
from storage.models import AuditEvent, Source
from tests.config.test_lists_in_slack import modal, opened
from tests.progress import until
from tests.running import KEY, Running, running
from tests.story.browser import opened_browser
from tests.writeback.crm import TOKEN, FakeHubSpot, serving

PHONE = 390


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeHubSpot]:
    async with serving(FakeHubSpot()) as hub:
        monkeypatch.setattr(write_back_hubspot, "API", hub.url)
        yield hub


async def add_sources(tandem: Running) -> None:
    def work(session: Any) -> None:
        assert tandem.program.workspace_id is not None
        seal, at = Sealer(KEY).seal, tandem.clock.now()
        add_source(session, tandem.program.workspace_id, "hub", auth="hubspot", seal=seal, at=at)
        add_source(session, tandem.program.workspace_id, "force", auth="salesforce", seal=seal, at=at)

    await tandem.program.db.run(work)


async def lead(tandem: Running, record: str, name: str) -> None:
    def work(session: Any) -> None:
        assert tandem.program.workspace_id is not None
        new = NewLead(name, "hub", company="Northwind", asked="a demo", tier="hot", external_id=f"record:{record}")
        receive_lead(session, tandem.program.workspace_id, new, at=tandem.clock.now(), by=None)

    await tandem.program.db.run(work)


async def form(tandem: Running, source: str) -> Modal:
    sources = await opened(tandem, "Sources")
    await sources.button("Change", near=source).click(by="mia")
    await modal(tandem).button("Write back").click(by="mia")
    return modal(tandem)


async def written(tandem: Running, hub: FakeHubSpot, count: int) -> None:
    await tandem.later(seconds=15)
    await until(lambda: len(hub.writes) >= count, lambda: len(hub.asked), what=f"{count} writes")


async def test_it_is_turned_on_a_claim_reaches_hubspot_and_a_token_that_ends_is_told_once(
    migrated_url: str, hub: FakeHubSpot
) -> None:
    async with running(migrated_url) as tandem:
        await add_sources(tandem)
        shown = await form(tandem, "hub")
        assert "Write-back is off" in shown.text
        shown.fill({"on": ["on"], "statuses": "claimed IN_PROGRESS"})
        problems = await shown.submit()
        assert set(problems) == {"statuses", "key"}
        shown.fill({"on": ["on"], "statuses": "new = NEW\nclaimed = IN_PROGRESS", "key": TOKEN})
        assert not await shown.submit()
        assert "Saved" in modal(tandem).text
        assert TOKEN not in str(modal(tandem).blocks)
        await lead(tandem, "1042", "Lee Wong")
        await written(tandem, hub, 1)
        card = await tandem.slack.channel("#leads").message(containing="Lee Wong")
        await card.button("Claim").click(by="ana")
        await written(tandem, hub, 2)
        assert hub.contacts["1042"]["hs_lead_status"] == "IN_PROGRESS"
        hub.token = "another"
        for number in range(3):
            await lead(tandem, f"900{number}", f"Person {number}")
        await tandem.later(seconds=15)
        told = await tandem.slack.dm("mia").message(containing="writes nothing any more")
        assert "(401)" in told.text
        await told.button("Open the source").click(by="mia")
        assert "stands still" in modal(tandem).text
        stored = await tandem.program.db.read(lambda session: session.scalars(select(Source)).all())
        kept = await tandem.program.db.read(lambda session: session.scalars(select(AuditEvent.data)).all())
        assert TOKEN not in str([vars(one) for one in stored]) + str(kept)


async def test_salesforce_asks_for_its_address_and_refuses_one_inside(migrated_url: str, hub: FakeHubSpot) -> None:
    async with running(migrated_url) as tandem:
        await add_sources(tandem)
        shown = await form(tandem, "force")
        shown.fill({"on": ["on"], "address": "https://169.254.169.254", "client_id": "3MVG9.tests", "key": TOKEN})
        assert "private network" in (await shown.submit())["address"]
        shown.fill({"on": ["on"], "address": "https://example.my.salesforce.com", "client_id": "3MVG9.tests"})
        assert not await shown.submit()
        assert "nothing was written yet" in modal(tandem).text
    assert hub.asked == []


@pytest.mark.browser
async def test_it_looks_as_it_should(chromium_path: Path, sqlite_url: str, pictures: Path, hub: FakeHubSpot) -> None:
    async with running(sqlite_url) as tandem, opened_browser(chromium_path, pictures) as chromium:
        await add_sources(tandem)
        for who, width in (("mia", 0), ("mia", PHONE)):
            tab = await chromium.open(tandem.slack, who, **({"width": width} if width else {}))
            for source in ("hub", "force"):
                await form(tandem, source)
                await tab.page.wait_for_timeout(300)
                await tab.photograph(f"write-back-{source}-{width or 'desktop'}")
