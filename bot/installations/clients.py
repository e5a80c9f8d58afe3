"""The client of a workspace for a command that ends: the same registry, read once."""

from __future__ import annotations

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.installations.registry import Installations
from bot.seal import Sealer
from bot.settings import Settings
from bot.slack.client import make_client
from domain.wall import WallClock
from storage.database import Database


async def client_of(
    db: Database, settings: Settings, workspace_id: int, session: aiohttp.ClientSession
) -> AsyncWebClient | None:
    """Who speaks for the workspace: its installation, else SLACK_BOT_TOKEN; None without either."""
    sealer = Sealer.from_settings(settings.tandem_secret_key)
    registry = Installations(db, WallClock(), sealer, api_url=settings.slack_api_url, session=session)
    await registry.refresh()
    token = settings.slack_bot_token
    found = registry.client_of(workspace_id)
    if found is None and token is not None:
        return make_client(token.get_secret_value(), settings.slack_api_url, session)
    return found
