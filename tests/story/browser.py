"""A person at the playground's page, in a real chromium: what they click, type, read, and photograph."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from playground import Playground
from tests.chromium import LAUNCH_ARGS

PATIENCE = 20_000.0
"""Milliseconds that a person waits for anything: a busy machine is no bug."""
NARROW = 600
"""Pixels: a page that is less wide is a phone's."""


class Chromium:
    """A browser in which each person has a window of 1280 by 800. Pictures go to the folder `pictures`."""

    def __init__(self, browser: Browser, pictures: Path) -> None:
        self._browser = browser
        self._pictures = pictures
        self.troubles: list[str] = []

    async def open(self, slack: Playground, name: str, *, width: int = 1280) -> Tab:
        """The page as the member `name` sees it. A window of its own: what is hidden is drawn once a second only."""
        context = await self._browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda trouble: self.troubles.append(str(trouble.error)))
        page = await context.new_page()
        member = slack.workspace.member(name)
        async with page.expect_websocket(lambda socket: "/page/live" in socket.url):
            await page.goto(f"{slack.page_url}#as={member.id}")
        await expect(page.get_by_test_id("act-as")).to_contain_text(member.real_name)
        return Tab(page, self._pictures)


@asynccontextmanager
async def opened_browser(program: Path, pictures: Path) -> AsyncIterator[Chromium]:
    """Start that chromium, and close it at the end. Any error in a page fails whoever used it."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(LAUNCH_ARGS))
        chromium = Chromium(browser, pictures)
        try:
            yield chromium
        finally:
            await browser.close()
    assert chromium.troubles == []


class Tab:
    """One page and whoever acts in it."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page = page
        self._pictures = pictures

    # Going about

    async def act_as(self, real_name: str) -> None:
        """Become somebody else, by the list at the bottom left."""
        await self.page.get_by_role("combobox", name="Act as").click()
        await self.page.get_by_role("option", name=real_name).click()
        await expect(self.page.get_by_test_id("act-as")).to_contain_text(real_name)

    async def go_to(self, channel: str) -> None:
        """Open a channel by the sidebar."""
        sidebar = await self._sidebar()
        await sidebar.get_by_role("button", name=re.compile(rf"^{channel}\b")).click()
        await expect(self.page.get_by_role("heading", level=1, name=channel, exact=True)).to_be_visible()

    async def open_app(self, tab: str) -> None:
        """Open the app's `Home` or `Messages`."""
        await self._sidebar()
        await self.page.get_by_test_id("app").click()
        shown = self.page.get_by_role("tab", name=tab)
        await shown.click()
        await expect(shown).to_have_attribute("aria-selected", "true")

    async def press_control(self, label: str) -> None:
        """Press one of the demo's buttons at the top and wait until it has done its work."""
        button = self.page.get_by_test_id("controls").get_by_role("button", name=label)
        async with self.page.expect_response("**/page/control/*"):
            await button.click()

    async def pick(self, select: Locator, option: str) -> None:
        """Choose one entry of a select."""
        await select.click()
        await self.page.get_by_role("option", name=option).click()

    async def say(self, words: str) -> None:
        """Type into the composer and send."""
        await self.composer.fill(words)
        await self.composer.press("Enter")

    async def _sidebar(self) -> Locator:
        """Where places are chosen, which a phone hides."""
        if (self.page.viewport_size or {"width": 0})["width"] < NARROW:
            await self.page.get_by_role("button", name="Open sidebar").click()
        return self.page.get_by_test_id("sidebar")

    # What is there to see

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("composer").get_by_role("textbox")

    @property
    def home(self) -> Locator:
        return self.page.get_by_test_id("home")

    def message(self, text: str) -> Locator:
        """The latest message of the open conversation that contains this text."""
        shown = self.page.get_by_test_id("message-list").get_by_test_id("message")
        return shown.filter(has_text=text).last

    async def sees(self, where: Locator, *texts: str) -> None:
        """Wait until all of these texts stand there."""
        for text in texts:
            await expect(where).to_contain_text(text)

    async def photograph(self, name: str, part: Locator | None = None) -> None:
        """A picture of the whole window, or of a part of it."""
        await self.page.mouse.move(640, 0)
        await (part or self.page).screenshot(path=self._pictures / f"{name}.png")
