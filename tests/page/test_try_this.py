"""The strip that offers a newcomer a first thing to do."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_task_makes_the_page_that_person_at_that_place_with_the_line_typed(open_page: OpenPage) -> None:
    page = await open_page("ben", "#wins")
    strip = page.get_by_test_id("try-this")
    await strip.get_by_role("button", name="Rep").click()
    await expect(page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
    await expect(page.get_by_role("textbox", name="Message #leads")).to_have_value("/echo too dear")
    await page.get_by_role("textbox", name="Message #leads").press("Enter")
    await expect(page.get_by_test_id("message-list")).to_contain_text("You said: too dear")
    await expect(strip.get_by_role("button", name="Rep")).to_contain_class("is-seen")


async def test_a_line_that_was_begun_stays(open_page: OpenPage) -> None:
    page = await open_page("ana")
    field = page.get_by_role("textbox", name="Message #leads")
    await field.fill("half a thought")
    await page.get_by_test_id("try-this").get_by_role("button", name="Rep").click()
    await expect(field).to_have_value("half a thought")
    await field.fill("")


async def test_it_leads_to_the_conversation_with_the_app(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await page.get_by_test_id("try-this").get_by_role("button", name="Marketer").click()
    await expect(page.get_by_test_id("act-as")).to_contain_text("Ben Cole")
    await expect(page.locator(".app-head")).to_be_visible()


async def test_it_stays_closed_until_it_is_asked_for(open_page: OpenPage) -> None:
    page = await open_page("ana")
    strip = page.get_by_test_id("try-this")
    await strip.get_by_role("button", name="Close").click()
    await expect(strip).to_be_hidden()
    await page.reload()
    await expect(page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
    await expect(strip).to_be_hidden()
    await page.get_by_test_id("controls").get_by_role("button", name="Try this").click()
    await expect(strip).to_be_visible()
