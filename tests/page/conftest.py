"""A playground with two people and a small bot, and a chromium that opens its page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from playground.page_api import Control, Task
from tests.chromium import LAUNCH_ARGS
from tests.page.bot_of_the_page import MANIFEST, BotOfThePage

THURSDAY = 1_795_098_060.0
"""Thursday 19 November 2026, 14:21 UTC: 15:21 in Madrid, 9:21 AM in New York."""


class WorkspaceClock:
    """The workspace's time, which tests move by hand."""

    def __init__(self) -> None:
        self.at = THURSDAY

    def now(self) -> float:
        return self.at


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(chromium_path: Path) -> AsyncIterator[Browser]:
    """One chromium for all tests of a module. Without one, `chromium_path` fails and says how to get it."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium_path, args=list(LAUNCH_ARGS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def clock() -> WorkspaceClock:
    """The workspace's clock."""
    return WorkspaceClock()


@pytest_asyncio.fixture(loop_scope="module")
async def slack(clock: WorkspaceClock) -> AsyncIterator[Playground]:
    """A workspace of Ana in Madrid and Ben in New York; one control skips an hour."""

    async def skip_an_hour(_member: str) -> str:
        clock.at += 3600
        playground.tick()
        return "One hour later."

    playground = Playground(
        MANIFEST,
        now=clock.now,
        team_name="Brightside",
        controls=[Control("hour", "Skip ahead 1 hour", skip_an_hour)],
        tasks=[
            Task("Rep", "ana", "#leads", "Say something", "/echo too dear"),
            Task("Marketer", "ben", "app", "Read what the app wrote"),
        ],
    )
    async with playground as slack:
        slack.add_member("ana", real_name="Ana Ruiz", tz="Europe/Madrid", title="Account executive", is_admin=True)
        slack.add_member("ben", real_name="Ben Cole", tz="America/New_York", title="Product marketing")
        slack.add_channel("#leads", app=True, topic="New leads")
        slack.add_channel("#wins", app=True)
        yield slack


@pytest_asyncio.fixture(loop_scope="module")
async def bot(slack: Playground) -> AsyncIterator[BotOfThePage]:
    """The bot, connected by Socket Mode."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        app = BotOfThePage(client, slack.signing_secret)
        handler = AsyncSocketModeHandler(
            app.bolt, slack.app_token, web_client=AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
        )
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await slack.app_connected()
        yield app
        await handler.close_async()  # type: ignore[no-untyped-call]


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser without history. Any error in the page fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(20_000)  # a busy machine is no failure
    expect.set_options(timeout=20_000)
    troubles: list[str] = []
    context.on("weberror", lambda trouble: troubles.append(str(trouble.error)))
    yield context
    await context.close()
    assert troubles == []


OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(slack: Playground, context: BrowserContext, bot: BotOfThePage) -> OpenPage:
    """Opens a tab as a member in a channel: `await open_page("ana", "#leads")`."""

    async def open_as(name: str, channel: str = "#leads", *, live: bool = True) -> Page:
        page = await context.new_page()
        member, place = slack.workspace.member(name), slack.workspace.channel(channel)
        async with page.expect_websocket(lambda socket: "/page/live" in socket.url):
            await page.goto(f"{slack.page_url}#as={member.id}&in={place.id}")
        await expect(page.get_by_role("heading", level=1, name=place.name)).to_be_visible()
        return page

    return open_as
