"""Asks Slack every minute whether the token of each workspace still holds, or holds again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.courier.remedies import stop_workspace
from bot.installations.registry import Installations, Installed
from bot.slack.client import Meaning, Outcome, sort_error
from bot.slack.introduction import scopes_of
from domain.people import admins_of
from handlers.arrival import Tandem
from handlers.catalog import all_listeners
from handlers.scopes import required_scopes
from storage.database import wake
from storage.inbox import earlier_answer, remember_answer
from storage.models import Workspace

log = structlog.get_logger()

CHECKED = 60  # workspaces in a minute, besides those that are stopped
CHECKED_AT_ONCE = 8
SCOPE_ERROR = "missing_scope"
NOT_DISPROVED = ("ekm_access_denied", "not_allowed_token_type")
"""Refusals that a token can meet though Slack knows it: they last until an admin did something, then restarted us."""


class TokenChecks:
    """Asks Slack, for each workspace, whether its token holds: of stopped ones every time, of the others in turns."""

    def __init__(self, tandem: Tandem, installations: Installations) -> None:
        self.tandem = tandem
        self.installations = installations
        self._last = 0

    async def look(self) -> None:
        """Check what is due. The courier meets a refused token, too; the check is for workspaces where all is quiet."""
        stopped = await self.tandem.db.read(_find_stopped)
        served = {one.workspace_id: one for one in self.installations.all()}
        waiting = [served[one] for one in stopped if one in served]
        quiet = sorted(served.keys() - set(stopped))
        turn = ([one for one in quiet if one > self._last] + [one for one in quiet if one <= self._last])[:CHECKED]
        self._last = turn[-1] if turn else 0
        places = asyncio.Semaphore(CHECKED_AT_ONCE)

        async def check(one: Installed) -> None:
            async with places:
                await check_token(self.tandem, one.client, one.workspace_id, self.installations.speaks_anew)

        await asyncio.gather(*(check(one) for one in [*waiting, *(served[one] for one in turn)]))


def _find_stopped(session: Session) -> list[int]:
    return list(session.scalars(select(Workspace.id).where(Workspace.state == "stopped").order_by(Workspace.id)))


async def check_token(
    tandem: Tandem,
    client: AsyncWebClient,
    workspace_id: int,
    speaks_anew: Callable[[int], Awaitable[bool]] | None = None,
) -> None:
    """Stop the workspace when Slack refuses its token, and let it go on once that holds again.

    What was stopped for a missing scope goes on when Slack names that scope among those given; until then admins
    are told once a day, by a message past the outbox, which stands still. Anything else that fails is no news.
    """
    try:
        answer = await client.auth_test()
    except Exception as error:
        outcome = sort_error(error)
        replaced = outcome.meaning is Meaning.TOKEN and speaks_anew and await speaks_anew(workspace_id)
        if outcome.meaning is Meaning.TOKEN and not replaced:
            await tandem.db.run(_stop, workspace_id, outcome, tandem.clock.now())
        return
    if not await tandem.db.read(_is_stopped, workspace_id):
        return
    lacking = required_scopes(all_listeners()) - scopes_of(answer.headers)
    if await tandem.db.run(_go_on, workspace_id, lacking):
        log.info("the workspace goes on: its token holds again", workspace=workspace_id)
        return
    told = await tandem.db.run(_admins_to_tell, workspace_id, tandem.clock.now())
    if told is not None:
        reason, admins, by_oauth = told
        why = f"the app lacks {', '.join(sorted(lacking))}" if lacking else f"Slack says {reason}"
        await _tell(client, why, _remedy(tandem.public_url if by_oauth else None), admins)


def _is_stopped(session: Session, workspace_id: int) -> bool:
    return session.get_one(Workspace, workspace_id).state == "stopped"


def _stop(session: Session, workspace_id: int, outcome: Outcome, at: datetime) -> None:
    workspace = session.get_one(Workspace, workspace_id)
    if workspace.state == "active":
        stop_workspace(session, workspace_id, outcome, at)


def _go_on(session: Session, workspace_id: int, lacking: frozenset[str]) -> bool:
    """Whether the workspace was stopped and now goes on."""
    workspace = session.get_one(Workspace, workspace_id)
    if workspace.stopped_reason is None or not _is_over(workspace.stopped_reason, lacking):
        return False
    workspace.state, workspace.stopped_reason = "active", None
    wake(session, "courier")
    return True


def _is_over(reason: str, lacking: frozenset[str]) -> bool:
    """Whether what stopped us is disproved by an answer to a call that any token may make."""
    error = reason.partition(" ")[0]
    # Slack names all scopes of which one would do; ours is the one that our manifest asks for.
    return not lacking if error == SCOPE_ERROR else error not in NOT_DISPROVED


def _admins_to_tell(session: Session, workspace_id: int, at: datetime) -> tuple[str, list[str], bool] | None:
    """Why the workspace stands still, who should hear of it today, and whether it was installed by OAuth.

    None when that was said today, or the workspace does not stand still.
    """
    workspace = session.get_one(Workspace, workspace_id)
    if workspace.stopped_reason is None:
        return None
    key = f"stopped:{workspace_id}:{workspace.stopped_reason}:{at:%Y-%m-%d}"
    if earlier_answer(session, "program", key) is not None:
        return None
    remember_answer(session, "program", key, None, at)
    admins = [admin.slack_user_id for admin in admins_of(session, workspace_id)[:3]]
    return workspace.stopped_reason, admins, workspace.installation_id is not None


def _remedy(public_url: str | None) -> str:
    """How an admin lets Tandem go on. `public_url`: where the workspace installed Tandem by clicking."""
    if public_url is not None:
        return f"Install Tandem again at {public_url.rstrip('/')}/slack/install."
    return "Update the app at api.slack.com/apps with what `./tandem manifest` prints, and install it again."


async def _tell(client: AsyncWebClient, reason: str, remedy: str, admins: list[str]) -> None:
    words = f"Tandem has stopped sending messages: {reason}. {remedy} Nothing is lost: what waits is sent then."
    for admin in admins:
        try:
            await client.chat_postMessage(channel=admin, text=words)
        except Exception as error:
            log.warning("an admin could not be told why the workspace stopped", error=sort_error(error).name)
