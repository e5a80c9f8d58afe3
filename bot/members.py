"""Who is in the workspace, as Slack tells it: read at start and a few times a day, besides the events."""

from __future__ import annotations

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from domain.people import Profile, sync_members
from handlers.arrival import Tandem
from handlers.setup.profiles import profile_of

log = structlog.get_logger()


async def sync_from_slack(tandem: Tandem, client: AsyncWebClient, workspace_id: int) -> int:
    """Take over everybody's name, zone, e-mail and whether Slack calls them an admin. Returns how many."""
    profiles: list[Profile] = []
    cursor: str | None = None
    while True:
        page = await client.users_list(limit=200, cursor=cursor)
        profiles.extend(profile_of(user) for user in page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    await tandem.db.run(sync_members, workspace_id, profiles, tandem.clock.now())
    return len(profiles)
