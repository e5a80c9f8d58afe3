"""The fixed entry of the registry: the one workspace whose token stands in the environment."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.installations.registry import Installations, Installed
from bot.settings import Settings
from bot.slack.client import make_client
from bot.slack.introduction import TokenRefused, introduce, scopes_of
from domain.people import ensure_workspace
from handlers.arrival import Tandem
from storage.models import Member, Workspace

log = structlog.get_logger()


async def meet_fixed(tandem: Tandem, installations: Installations, settings: Settings) -> int | None:
    """Ask Slack whose SLACK_BOT_TOKEN is, and enter it; the workspace's id when nobody of it is known yet.

    This warms the connection, too, so that Slack's API is not in the way of the first ack. Without a token nothing is
    entered. Raises SettingsProblem when Slack refuses the token, or stays away; where workspaces are installed by
    OAuth, too, one refused token does not keep them waiting, and its workspace is stopped.
    """
    token = settings.slack_bot_token
    if token is None:
        return None
    client = make_client(token.get_secret_value(), settings.slack_api_url, installations.session)
    try:
        me = await introduce(client, settings.slack_api_url)
    except TokenRefused as problem:
        if not installations.all():
            raise
        log.error("the others go on without the workspace of SLACK_BOT_TOKEN", reason=problem.lines[0])
        return None
    said = {name: str(me.get(name) or "") for name in ("team_id", "user_id", "bot_id", "team", "url", "enterprise_id")}
    workspace_id, is_new = await tandem.db.run(lambda session: _arrive(session, tandem, said))
    installations.fixed = Installed(
        workspace_id,
        said["team_id"],
        said["enterprise_id"] or None,
        said["user_id"],
        said["bot_id"],
        scopes_of(me.headers),
        client,
    )
    return workspace_id if is_new else None


def _arrive(session: Session, tandem: Tandem, said: Mapping[str, str]) -> tuple[int, bool]:
    """The workspace, which goes on when it had stopped, and whether nobody of it is known yet."""
    workspace_id = ensure_workspace(
        session,
        said["team_id"],
        name=said["team"],
        domain=said["url"].removeprefix("https://").partition(".")[0],
        bot_user_id=said["user_id"],
        at=tandem.clock.now(),
    )
    workspace = session.get_one(Workspace, workspace_id)
    workspace.state, workspace.stopped_reason = "active", None
    workspace.enterprise_id = said["enterprise_id"] or workspace.enterprise_id
    known = session.scalar(select(Member.id).where(Member.workspace_id == workspace_id).limit(1))
    return workspace_id, known is None
