"""Makes the pictures of the README and the docs anew from the demo: `.venv/bin/python -m tests.story.pictures`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import expect

from bot.demo.cast import VIEWER
from bot.demo.opening import open_demo
from bot.demo.tasks import TASKS
from tests.chromium import find_chromium
from tests.story.browser import opened_browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"


async def make_pictures(images: Path) -> None:
    """Lead cards, a rep's Home and receipt, marketing's digest and form for an answer, as the demo shows them."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_demo(Path(folder), 0) as demo, opened_browser(find_chromium(), images) as chromium:
            tab = await chromium.open(demo.stage.slack, VIEWER)
            await tab.page.get_by_test_id("try-this").get_by_role("button", name="Close").click()
            await tab.go_to("leads-emea")
            await tab.sees(tab.message("Due"), "score")
            await tab.photograph("lead-card")
            await tab.open_app("Home")
            await tab.sees(tab.home, "Your open leads")
            await tab.photograph("home")
            await tab.go_to("sales")
            await tab.say(TASKS[0].draft)
            await tab.sees(tab.message("Approved answer"), "#rollout-time")
            await tab.photograph("receipt", tab.message("Approved answer"))
            await tab.act_as("Sofia Marchetti")
            await tab.go_to("marketing")
            digest = tab.message("Marketing digest")
            await digest.evaluate("node => node.scrollIntoView({block: 'start'})")
            await expect(digest).to_be_in_viewport()
            await tab.photograph("digest")
            await tab.say("/tandem answer #pricing")
            form = tab.page.get_by_role("dialog", name="Approved answer")
            await tab.sees(form, "What should reps say?")
            await tab.photograph("answer", form)


if __name__ == "__main__":
    asyncio.run(make_pictures(IMAGES))
