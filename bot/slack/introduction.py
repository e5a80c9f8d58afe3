"""Who we are to Slack, asked at the start, and which scopes it says that a token has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.settings import HOW_TO_GET, SettingsProblem
from bot.slack.client import Meaning, sort_error

log = structlog.get_logger()

HICCUP_SECONDS = 30.0


class TokenRefused(SettingsProblem):
    """Slack does not take SLACK_BOT_TOKEN, so another start would change nothing."""


async def introduce(client: AsyncWebClient, api_url: str) -> AsyncSlackResponse:
    """Slack's answer to who we are. A hiccup of Slack's must not end a program that has just been restarted.

    Raises TokenRefused, and SettingsProblem when Slack stays away.
    """
    patience = asyncio.get_running_loop().time() + HICCUP_SECONDS
    while True:
        try:
            return await client.auth_test()
        except Exception as error:
            outcome = sort_error(error)
        if outcome.meaning is Meaning.TOKEN:
            raise TokenRefused(
                [f"Slack refuses SLACK_BOT_TOKEN ({outcome.name}). It should be {HOW_TO_GET['slack_bot_token']}."]
            )
        pause = max(0.5, outcome.retry_after)
        if outcome.name == "unreachable" or asyncio.get_running_loop().time() + pause > patience:
            raise SettingsProblem([f"Slack cannot be reached at {api_url} ({outcome.name}). Try again later."])
        log.warning("Slack did not answer who we are; asking again", error=outcome.name)
        await asyncio.sleep(pause)


def scopes_of(headers: Mapping[str, str]) -> frozenset[str]:
    """The scopes that the token has, as each answer of Slack's names them."""
    named = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    return frozenset(one.strip() for one in str(named).split(",") if one.strip())
