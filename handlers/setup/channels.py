"""Whether a channel can be written to, for the doctor."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.failed_calls import error_name
from handlers.setup.finding import Finding
from handlers.setup.remedies import remedy


async def channel_finding(
    client: AsyncWebClient, channel: str, purpose: str, prefix: str, *, may_join: bool = True
) -> Finding:
    """What Slack says of the channel. `purpose`: what it is for; `may_join`: Tandem may join public ones."""
    what = f"channel of {purpose}"
    try:
        info: dict[str, Any] = (await client.conversations_info(channel=channel))["channel"]
    except SlackApiError as error:
        return Finding(what, False, f"{channel}: {error_name(error)}", remedy(error_name(error), channel, prefix))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return Finding(what, False, f"{channel}: {error_name(error)}", "Slack did not answer: look again.")
    name = f"#{info.get('name')}"
    if info.get("is_archived"):
        return Finding(what, False, f"{name} is archived", remedy("is_archived", channel, prefix))
    if not info.get("is_member"):
        if info.get("is_private") or not may_join:
            return Finding(what, False, f"not a member of {name}", remedy("not_in_channel", channel, prefix))
        return Finding(what, True, f"{name}, which Tandem joins with its first message")
    return Finding(what, True, name)
