"""Several workspaces on the page: the rail, and installing and removing the app by clicking."""

import copy
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import BrowserContext, Page, expect

from playground import Playground
from tests.page.bot_of_the_page import MANIFEST
from tests.page.conftest import OpenPage
from tests.playground.conftest import people_and_places
from tests.playground.recorder import recording_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def manifest() -> dict[str, Any]:
    """The page's bot, one scope of which is optional."""
    made = copy.deepcopy(MANIFEST)
    made["oauth_config"]["scopes"]["bot_optional"] = ["channels:join"]
    return made


async def test_with_one_workspace_there_is_no_rail(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await expect(page.get_by_test_id("rail")).to_have_count(0)
    assert "team=" not in page.url


async def test_the_rail_leads_to_the_other_workspace_and_back(context: BrowserContext) -> None:
    async with Playground(manifest(), team_name="Brightside", members=["ann"]) as slack:
        slack.add_channel("#home")
        people_and_places(slack.add_workspace("Globex"))
        page = await context.new_page()
        await page.goto(slack.page_url)
        rail = page.get_by_test_id("rail")
        await rail.get_by_role("button", name="Globex").click()
        await expect(page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
        await expect(page.get_by_test_id("sidebar")).to_contain_text("leads")
        await page.reload()
        await expect(page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
        await rail.get_by_role("button", name="Brightside").click()
        await expect(page.get_by_test_id("act-as")).to_contain_text("Ann")
        await page.close()


async def test_the_app_is_installed_and_removed_by_a_click(context: BrowserContext) -> None:
    async with Playground(manifest(), installed=False, members=["ann"]) as slack:
        slack.add_channel("#home")
        page = await context.new_page()
        await page.goto(slack.page_url)
        await install(page).click()
        await expect(page.get_by_test_id("toasts").or_(page.locator("#toasts"))).to_contain_text("is installed")
        assert slack.installation.app.installed
        slack.add_workspace("Globex")
        await page.reload()
        await page.get_by_role("button", name="Uninstall").click()
        await expect(install(page)).to_be_visible()
        assert not slack.installation.app.installed
        await page.close()


async def test_the_consent_page_sends_the_browser_back_with_a_code(context: BrowserContext) -> None:
    async with Playground(manifest(), members=["ann"]) as slack, recording_app() as app:
        east, _west = slack.add_organization("Acme", ["Acme East", "Acme West"])
        people_and_places(east)
        client_id = slack.installation.app.client_id
        scopes = "chat:write,channels:join"
        query = {"client_id": client_id, "scope": scopes, "state": "s1", "redirect_uri": app.url}
        page = await context.new_page()
        await page.goto(f"{slack.page_url}oauth/v2/authorize?{urlencode(query)}")
        await page.get_by_label("Acme the whole organization").check()
        await page.get_by_label("channels:join").uncheck()
        await page.get_by_role("button", name="Allow").click()
        # Until the navigation is over, chromium may never close the page.
        await page.wait_for_url(f"{app.url}?*")
        assert "state=s1" in page.url
        code = parse_qs(urlsplit(page.url).query)["code"][0]
        await page.close()
        args = {"client_id": client_id, "client_secret": slack.installation.app.client_secret, "code": code}
        granted = slack._oauth.access(args | {"redirect_uri": app.url})
    assert (granted["scope"], granted["is_enterprise_install"]) == ("chat:write", True)


def install(page: Page) -> Any:
    return page.get_by_role("button", name="Install", exact=False).filter(has_text="Install ")
