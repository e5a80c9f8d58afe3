"""Installing by clicking, on the page, in a real chromium: from the rail to the first words, and out again.

Pictures of each page go to `TANDEM_SHOTS`, by default `tests/artifacts`: wide, and as a phone shows it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.offering import Offer, offered
from tests.story.browser import Tab, opened_browser

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Visit:
    """Ana at the page of Globex, which has not installed Tandem."""

    offer: Offer
    tab: Tab
    pictures: Path

    @property
    def page(self) -> Page:
        return self.tab.page

    async def photograph(self, name: str) -> None:
        """Both pictures of what is shown; nothing may stand beyond the edge of a phone."""
        for kind, size in (("phone", PHONE), ("wide", WIDE)):
            await self.page.set_viewport_size(size)
            too_wide = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not too_wide, f"{name} is wider than a {kind}"
            await self.page.screenshot(path=self.pictures / f"{name}-{kind}.png", full_page=True)

    async def go_to_slack(self) -> None:
        """From the rail's button over our page to Slack's."""
        await self.page.get_by_role("button", name="Install Tandem").click()
        await expect(self.page.get_by_role("heading", name="Install Tandem in your Slack")).to_be_visible()
        await self.page.get_by_role("link", name="Continue to Slack").click()
        await expect(self.page.get_by_role("heading", name="Tandem asks to be installed")).to_be_visible()

    async def reads(self, title: str, sentence: str) -> None:
        await expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()
        await expect(self.page.get_by_text(sentence)).to_be_visible()


@pytest.fixture
async def visit(chromium_path: Path, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Visit]:
    pictures = Path(os.environ.get("TANDEM_SHOTS") or Path(__file__).parents[1] / "artifacts")
    shutil.copy(sqlite_template, tmp_path / "tandem.db")
    async with (
        offered(f"sqlite:///{tmp_path / 'tandem.db'}") as offer,
        opened_browser(chromium_path, pictures) as chromium,
    ):
        offer.slack.add_member("mia", real_name="Mia Stone", is_admin=True, is_primary_owner=True)
        offer.globex.add_channel("#sales")
        offer.slack.offer_install(str(offer.browser.base_url.join("/slack/install")))
        tab = await chromium.open(offer.slack, "mia")
        await tab.page.get_by_test_id("rail").get_by_role("button", name="Globex").click()
        await expect(tab.page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
        yield Visit(offer, tab, pictures)


async def test_a_workspace_is_installed_and_uninstalled_by_clicking(visit: Visit) -> None:
    page = visit.page
    await page.get_by_role("button", name="Install Tandem").click()
    await expect(page.get_by_role("link", name="Continue to Slack")).to_be_visible()
    await visit.photograph("install")
    await page.get_by_role("link", name="Continue to Slack").click()
    await expect(page.get_by_label("Globex")).to_be_checked()
    await page.get_by_label("channels:join").uncheck()
    await visit.photograph("consent")
    await page.get_by_role("button", name="Allow").click()
    await visit.reads("Tandem is installed in Globex", "To choose teams and channels, type /tandem setup.")
    await visit.photograph("done")
    assert "channels:join" not in visit.offer.globex.installation.app.scopes

    await page.get_by_role("link", name="Open Slack").click()
    await expect(page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
    await visit.tab.open_app("Messages")
    await visit.tab.sees(visit.tab.message("Tandem is installed"), "/tandem setup", "Open setup")
    await visit.photograph("first-words")
    await visit.tab.open_app("Home")
    await visit.tab.sees(visit.tab.home, "To set next", "Add a source")
    await visit.photograph("first-home")

    visit.offer.clock.advance(timedelta(hours=1))
    await page.get_by_role("button", name="Uninstall Tandem").click()
    await expect(page.get_by_role("button", name="Install Tandem")).to_be_visible()
    await visit.offer.becomes("stopped", "removed")


async def test_whoever_cancels_or_comes_late_reads_so_and_can_begin_again(visit: Visit) -> None:
    page = visit.page
    await visit.go_to_slack()
    await page.get_by_role("button", name="Cancel").click()
    await visit.reads("Tandem was not installed", "Nothing was changed.")
    await visit.photograph("denied")
    await page.get_by_role("link", name="Begin again").click()
    await page.get_by_role("link", name="Continue to Slack").click()
    visit.offer.clock.advance(timedelta(minutes=11))
    await page.get_by_role("button", name="Allow").click()
    await expect(page.get_by_role("link", name="Begin again")).to_be_visible()
    await visit.photograph("expired")
    used = page.url
    await page.goto(used.partition("?")[0])
    await expect(page.get_by_role("link", name="Begin again")).to_be_visible()
    await visit.photograph("no-state")
