"""Who is in the workspace, as Slack tells it: read at start and a few times a day, besides the events."""

from __future__ import annotations

import asyncio

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack import CALL_SECONDS, Fault, sort_error
from domain.people import sync_members
from handlers.arrival import Tandem
from handlers.setup.profiles import profile_of

log = structlog.get_logger()

PAGE = 200  # members: the most that Slack recommends (docs.slack.dev/apis/web-api/pagination), and one transaction
FIRST_PAUSE = 1.0  # seconds after a page that did not come, twice as long each time
LONGEST_PAUSE = 60.0
PAGE_PATIENCE = 300.0  # seconds until a page is given up
EVERY_SECONDS = 6 * 3600.0
SOON_SECONDS = 600.0  # until the list is read anew, after a reading that was given up
PASSING = (Fault.LIMITED, Fault.TRANSIENT, Fault.UNSURE)


async def keep_members(tandem: Tandem, client: AsyncWebClient, workspace_id: int, read: asyncio.Event) -> None:
    """Read the list now and every six hours, sooner when it was not read to its end. Ends only when cancelled.

    `read` is set once the first reading has ended, well or not.
    """
    while True:
        pause = SOON_SECONDS
        try:
            await sync_from_slack(tandem, client, workspace_id)
            pause = EVERY_SECONDS
        except Exception as error:
            outcome = sort_error(error)
            log.warning(
                "members not all read from Slack; reading them anew later",
                error=outcome.name,
                exc_info=outcome.fault is Fault.STRANGE,
            )
        read.set()
        await asyncio.sleep(pause)


async def sync_from_slack(tandem: Tandem, client: AsyncWebClient, workspace_id: int) -> int:
    """Take over everybody's name, zone, e-mail and whether Slack calls them an admin. Returns how many.

    Each page is stored as it comes, so admins need not wait for the end of a list of thousands, and nothing of it is
    lost when it breaks off. Raises what Slack's client raises for a page that is refused, or does not come.
    """
    count = 0
    cursor: str | None = None
    while True:
        page = await _page(client, cursor)
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        profiles = [profile_of(user) for user in page["members"]]
        await tandem.db.run(sync_members, workspace_id, profiles, tandem.clock.now(), more=bool(cursor))
        count += len(profiles)
        if not cursor:
            return count


async def _page(client: AsyncWebClient, cursor: str | None) -> AsyncSlackResponse:
    """One page of the list. What passes is waited for, as long as Slack says, and the same page is asked for again."""
    time = asyncio.get_running_loop().time
    until, pause = time() + PAGE_PATIENCE, FIRST_PAUSE
    while True:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await client.users_list(limit=PAGE, cursor=cursor)
        except Exception as error:
            outcome = sort_error(error)
            wait = max(pause, outcome.retry_after)
            if outcome.fault not in PASSING or time() + wait > until:
                raise
        log.info("a page of members did not come; asking again", error=outcome.name, seconds=wait)
        await asyncio.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE)
