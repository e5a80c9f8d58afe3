"""Asking Slack who somebody is, before something is logged or suggested in their name, or shown to them."""

from __future__ import annotations

from typing import Final

from slack_sdk.errors import SlackApiError

from domain.leads.leaving import update_people, update_unknown
from domain.undescribed import is_described
from handlers.failed_calls import error_name
from handlers.jobs import Tools
from handlers.setup.profiles import profile_of
from storage.models import Workspace

UNKNOWN_PEOPLE: Final = ("user_not_found", "user_not_visible", "users_not_found")


async def describe_person(user_id: str, team_id: str, workspace_id: int, tools: Tools) -> None:
    """Remember what Slack says: a guest, or somebody of another workspace in a channel that is shared, may not log."""
    tandem = tools.tandem
    try:
        user = (await tools.client.users_info(user=user_id))["user"]
    except SlackApiError as error:
        if error_name(error) not in UNKNOWN_PEOPLE:
            raise
        await tandem.db.run(update_unknown, workspace_id, user_id, tandem.clock.now())
        return
    await tandem.db.run(update_people, workspace_id, [profile_of(user, team_id)], tandem.clock.now(), more=True)


async def look_at(user_id: str, workspace_id: int, tools: Tools) -> None:
    """Have Slack say who it is, unless it did before."""
    db = tools.tandem.db
    if not user_id or await db.read(is_described, workspace_id, user_id):
        return
    team_id = await db.read(lambda session: session.get_one(Workspace, workspace_id).slack_team_id)
    await describe_person(user_id, team_id, workspace_id, tools)
