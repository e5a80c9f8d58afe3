"""Who is in the workspace, as Slack tells it: read at start and a few times a day, besides the events."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.installations.registry import Installations
from bot.slack.client import CALL_SECONDS, Meaning, sort_error
from domain.leads.leaving import update_people, update_unknown
from domain.people import slack_team_of
from domain.undescribed import find_undescribed, members_topic
from handlers.arrival import Tandem
from handlers.failed_calls import error_name
from handlers.setup.profiles import profile_of

log = structlog.get_logger()

PAGE = 200  # members: the most that Slack recommends (docs.slack.dev/apis/web-api/pagination), and one transaction
FIRST_PAUSE = 1.0  # seconds after a page that did not come, twice as long each time
LONGEST_PAUSE = 60.0
PAGE_PATIENCE = 300.0  # seconds until a page is given up
LISTS_AT_ONCE = 4  # workspaces whose lists are read at the same time: a thousand start together
EVERY_SECONDS = 6 * 3600.0
SOON_SECONDS = 600.0  # until the list is read anew, after a reading that was given up
ASKED = 100  # people whom the list does not name, each time: a call each, and Slack allows as many a minute
UNKNOWN = ("user_not_found", "user_not_visible", "users_not_found")
PASSING = (Meaning.LIMITED, Meaning.TRANSIENT, Meaning.UNSURE)


class MembersKeeper:
    """Keeps the members of every workspace that is served: begins with one that comes, ends with one that goes."""

    def __init__(self, tandem: Tandem, installations: Installations) -> None:
        self.tandem = tandem
        self.installations = installations
        self._keeping: dict[int, tuple[AsyncWebClient, asyncio.Event, asyncio.Task[None]]] = {}
        self._turn = asyncio.Semaphore(LISTS_AT_ONCE)
        self._stopping = False
        installations.watch(self.follow)

    def follow(self) -> None:
        """Begin and end what the registry says now."""
        if self._stopping:
            return
        served = {one.workspace_id: one.client for one in self.installations.all()}
        for workspace_id, (client, _, task) in list(self._keeping.items()):
            if served.get(workspace_id) is not client:
                task.cancel()
                del self._keeping[workspace_id]
        for workspace_id, client in served.items():
            if workspace_id not in self._keeping:
                read = asyncio.Event()
                work = keep_members(self.tandem, client, workspace_id, read, self._turn)
                self._keeping[workspace_id] = client, read, asyncio.create_task(work)

    async def first_read(self, workspace_id: int) -> None:
        """Wait until the list of a workspace was read once, well or not."""
        await self._keeping[workspace_id][1].wait()

    async def stop(self) -> None:
        """End them all."""
        self._stopping = True
        tasks = [task for _, _, task in self._keeping.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def keep_members(
    tandem: Tandem,
    client: AsyncWebClient,
    workspace_id: int,
    read: asyncio.Event,
    turn: asyncio.Semaphore | None = None,
) -> None:
    """Read the list now and every six hours, sooner when it was not read to its end. Ends only when cancelled.

    Whoever was met meanwhile is asked about at once. `read` is set once the first reading has ended, well or not.
    `turn`: held while a list is read.
    """
    met = asyncio.Event()
    topic = members_topic(workspace_id)
    tandem.db.on_wake(topic, met.set)
    try:
        await _keep(tandem, client, workspace_id, read, met, turn or asyncio.Semaphore())
    finally:
        tandem.db.off_wake(topic, met.set)


async def _keep(
    tandem: Tandem,
    client: AsyncWebClient,
    workspace_id: int,
    read: asyncio.Event,
    met: asyncio.Event,
    turn: asyncio.Semaphore,
) -> None:
    while True:
        pause = SOON_SECONDS
        try:
            async with turn:
                await sync_from_slack(tandem, client, workspace_id)
            pause = EVERY_SECONDS
        except Exception as error:
            outcome = sort_error(error)
            log.warning(
                "members not all read from Slack; reading them anew later",
                error=outcome.name,
                exc_info=outcome.meaning is Meaning.STRANGE,
            )
        read.set()
        await _ask_meanwhile(tandem, client, workspace_id, met, pause)


async def _ask_meanwhile(
    tandem: Tandem, client: AsyncWebClient, workspace_id: int, met: asyncio.Event, seconds: float
) -> None:
    """For so long, ask Slack about everybody whom we meet for the first time."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            async with asyncio.timeout_at(until):
                await met.wait()
        except TimeoutError:
            return
        met.clear()
        try:
            await ask_about_unlisted(tandem, client, workspace_id)
        except Exception as error:
            log.warning("Slack was not asked who somebody is; the list tells later", error=sort_error(error).name)


async def sync_from_slack(tandem: Tandem, client: AsyncWebClient, workspace_id: int) -> int:
    """Take over everybody's name, zone, e-mail and whether Slack calls them an admin. Returns how many.

    Each page is stored as it comes, so admins need not wait for the end of a list of thousands, and nothing of it is
    lost when it breaks off. Whom the whole list does not name is asked about. Raises what Slack's client raises for a
    page that is refused, or does not come.
    """
    began = tandem.clock.now()
    team_id = await tandem.db.run(slack_team_of, workspace_id)
    count = 0
    cursor: str | None = None
    while True:
        page = await _page(client, cursor)
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        profiles = [profile_of(user, team_id) for user in page["members"]]
        await tandem.db.run(update_people, workspace_id, profiles, tandem.clock.now(), more=bool(cursor))
        count += len(profiles)
        if not cursor:
            await ask_about_unlisted(tandem, client, workspace_id, since=began)
            return count


async def ask_about_unlisted(
    tandem: Tandem, client: AsyncWebClient, workspace_id: int, *, since: datetime | None = None
) -> None:
    """Ask Slack, one by one, about active people whom it never described, or not `since` then (aware UTC).

    Slack's list has everybody of the workspace, so these may be of another one, met in a channel that is shared.
    """
    team_id = await tandem.db.run(slack_team_of, workspace_id)
    for user_id in await tandem.db.run(find_undescribed, workspace_id, since=since, limit=ASKED):
        try:
            user = (await client.users_info(user=user_id))["user"]
        except SlackApiError as error:
            if error_name(error) not in UNKNOWN:
                raise
            await tandem.db.run(update_unknown, workspace_id, user_id, tandem.clock.now())
            continue
        await tandem.db.run(update_people, workspace_id, [profile_of(user, team_id)], tandem.clock.now(), more=True)


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
            if outcome.meaning not in PASSING or time() + wait > until:
                raise
        log.info("a page of members did not come; asking again", error=outcome.name, seconds=wait)
        await asyncio.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE)
