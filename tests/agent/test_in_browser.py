"""The Messages tab in a real chromium, at a desk and on a phone: the first visit, an answer with thumbs, a refusal.

Pictures go to `TANDEM_SHOTS`, by default `tests/artifacts`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.llm.programs import running_with_model
from tests.llm.server import model_server
from tests.llm.test_prose import sentences
from tests.running import Running
from tests.story.browser import Chromium, Tab, opened_browser

pytestmark = pytest.mark.browser

PHONE = 390
QUESTION = "What do customers say about #security?"


async def test_somebody_asks_in_the_messages_tab(chromium_path: Path, sqlite_url: str, pictures: Path) -> None:
    async with (
        model_server() as server,
        running_with_model(sqlite_url, server) as tandem,
        opened_browser(chromium_path, pictures) as chromium,
    ):
        said = asyncio.Event()
        server.wait = said.wait
        server.answer = lambda _asked: sentences(
            ("Security is the first thing that finance asks about.", [1]), ("Audits and questionnaires drag.", [2, 3])
        )
        for name, width in (("", 1280), ("-phone", PHONE)):
            said.clear()
            await _asks(tandem, chromium, name, width, said)
        await _a_guest_is_refused(tandem, chromium)
        assert tandem.slack.refusals == []


async def _asks(tandem: Running, chromium: Chromium, name: str, width: int, said: asyncio.Event) -> None:
    tab = await chromium.open(tandem.slack, "bo" if name else "ana", width=width)
    await tab.open_app("Messages")
    prompts = tab.page.get_by_test_id("prompts")
    await expect(prompts.get_by_role("button")).to_have_count(4)
    await expect(prompts).to_contain_text("What customers say about #security")
    await tab.photograph(f"agent-1-first-visit{name}")
    await prompts.get_by_role("button", name="What customers say about #security").click()
    thread = tab.page.get_by_test_id("thread")
    await expect(thread).to_contain_text("3 items from")
    await tab.photograph(f"agent-2-being-written{name}")
    said.set()
    await expect(thread).to_contain_text("Audits and questionnaires drag.")
    helped = thread.get_by_role("button", name="This answer helped")
    await helped.click()
    await expect(helped).to_have_attribute("aria-pressed", "true")
    await expect(thread).to_contain_text("Noted: this answer helped")
    await tab.photograph(f"agent-3-answer{name}")
    await _is_greeted(tab, name)


async def _is_greeted(tab: Tab, name: str) -> None:
    await tab.page.get_by_role("button", name="Close thread").click()
    await tab.say("thanks!")
    await expect(tab.page.get_by_test_id("thread")).to_contain_text("Ask me what customers said")
    await tab.photograph(f"agent-4-hint{name}")


async def _a_guest_is_refused(tandem: Running, chromium: Chromium) -> None:
    tandem.slack.add_member("gina", real_name="Gina Guest", is_guest=True)
    tab = await chromium.open(tandem.slack, "gina", width=PHONE)
    await tab.open_app("Messages")
    await tab.say(QUESTION)
    await expect(tab.page.get_by_test_id("thread")).to_contain_text("You are a guest")
    await tab.photograph("agent-5-refusal-phone")
