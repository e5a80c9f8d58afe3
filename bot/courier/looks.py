"""Looks into Slack's history for a post whose outcome is in doubt, by the token that each post carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import Meaning, Unsaid, sort_error
from handlers.post_tokens import posted_token
from storage.held import Held

CLOCKS_APART: Final = timedelta(hours=1)
"""The time of a try is by our clock, the times of messages are by Slack's: so much further back is looked."""
CLOCKS_APART_AT_MOST: Final = timedelta(minutes=5)
"""The same where looks are few. A host whose clock is further off believes no request of Slack's."""
PAGE: Final = 999  # as many as Slack gives at once, so that one call is enough


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look saw: the message's `ts`, or None. `began`: when it did (aware UTC).

    `is_over`: nothing is left to see; else the next look goes on where this one ended.
    """

    ts: str | None
    began: datetime
    is_over: bool = True


class Looks:
    """The looks of one courier. A distributed app sees 15 messages a minute, so there a look is one call.

    Where a look of several calls ended is only in memory: after a restart it begins anew.
    """

    def __init__(self) -> None:
        self._left_off: dict[int, tuple[str, datetime]] = {}

    async def look(self, client: AsyncWebClient, held: Held, channel: str, at: datetime) -> Looked:
        """Look for the post of this delivery, at `at`. Raises what the Web API client raises.

        Nothing is found, too, where the workspace did not grant Tandem to look: a message that may come twice is
        better than one that never comes.
        """
        cursor, began = self._left_off.pop(held.id, (None, at))
        while True:
            try:
                page = await _page(client, held, channel, cursor)
            except SlackApiError as error:
                outcome = sort_error(error)
                if outcome.meaning is Meaning.OPTIONAL:
                    return Looked(None, began)
                if cursor is not None and outcome.name == "invalid_cursor":
                    return Looked(None, at, is_over=False)
                if cursor is not None and held.distributed:
                    self._left_off[held.id] = cursor, began
                raise
            messages = page.get("messages")
            if not isinstance(messages, list):
                raise Unsaid("messages")  # an answer that shows nothing is no proof that nothing stands
            for message in messages:
                if posted_token(message.get("metadata")) == held.token:
                    return Looked(str(message["ts"]), began)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return Looked(None, began)
            if held.distributed:
                self._left_off[held.id] = cursor, began
                return Looked(None, began, is_over=False)


async def _page(client: AsyncWebClient, held: Held, channel: str, cursor: str | None) -> Any:
    apart = CLOCKS_APART_AT_MOST if held.distributed else CLOCKS_APART
    arguments: dict[str, Any] = {
        "channel": channel,
        "oldest": str((held.first_tried_at - apart).timestamp()),
        "limit": PAGE,
        "include_all_metadata": True,
        "cursor": cursor,
    }
    if held.thread is not None and held.thread.ts is not None:
        return await client.conversations_replies(ts=held.thread.ts, **arguments)
    return await client.conversations_history(**arguments)
