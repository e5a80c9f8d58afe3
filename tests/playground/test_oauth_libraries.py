"""Slack's own libraries install and refresh against the playground: their reading of the answers is the measure."""

import asyncio
from typing import Any

import pytest
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from playground.oauth import read_address
from tests.playground.test_oauth import BACK, Desk, manifest
from tests.playground.test_organization import Grid


async def install_with_bolt(desk: Desk, place: str) -> Installation:
    """What Bolt makes of an installation."""
    code = read_address(desk.slack.allow(desk.link(), place))["code"]
    settings = OAuthSettings(**desk.client_pair, redirect_uri=BACK)
    client = WebClient(base_url=desk.slack.api_url)
    flow = OAuthFlow(client=client, settings=settings)
    found = await asyncio.to_thread(flow.run_installation, code)
    assert found is not None
    return found


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_bolt_reads_a_workspaces_installation() -> None:
    async with Playground(manifest()) as slack:
        desk = Desk(slack)
        found = await install_with_bolt(desk, desk.globex.team_id)
    assert (found.team_id, found.team_name) == (desk.globex.team_id, "Globex")
    assert (found.enterprise_id, found.is_enterprise_install) == (None, False)
    assert found.bot_user_id == desk.globex.workspace.bot.id
    assert found.bot_id == desk.globex.installation.app.bot_id


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_bolt_reads_an_org_wide_installation() -> None:
    async with Playground(manifest()) as slack:
        grid = Grid(slack)
        found = await install_with_bolt(grid, grid.id)
    assert (found.team_id, found.enterprise_id, found.is_enterprise_install) == (None, grid.id, True)
    assert found.enterprise_url == "https://acme-corp.enterprise.slack.com/"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_slacks_rotator_refreshes_a_token() -> None:
    made: dict[str, Any] = manifest(token_rotation_enabled=True)
    async with Playground(made) as slack:
        desk = Desk(slack)
        found = await install_with_bolt(desk, desk.globex.team_id)
        rotator = AsyncTokenRotator(**desk.client_pair, client=AsyncWebClient(base_url=slack.api_url))
        fresh = await rotator.perform_token_rotation(installation=found, minutes_before_expiration=13 * 60)
    assert fresh is not None
    assert fresh.bot_token == desk.globex.bot_token != found.bot_token
    assert fresh.bot_refresh_token != found.bot_refresh_token
