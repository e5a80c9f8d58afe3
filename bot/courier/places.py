"""Where a delivery goes: a channel is its own address, a member's DM has a channel that must be opened once."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.slack.client import text_in
from storage.database import Database
from storage.models import Member


async def open_place(db: Database, client: AsyncWebClient, workspace_id: int, place: str) -> str:
    """Open the DM with a member and remember its channel id, before the first post there."""
    answer = await client.conversations_open(users=place)
    channel = text_in(answer, "channel", "id")

    def remember(session: Session) -> None:
        session.execute(
            update(Member)
            .where(Member.workspace_id == workspace_id, Member.slack_user_id == place)
            .values(dm_channel=channel)
        )

    await db.run(remember)
    return channel


def forget_dm(session: Session, workspace_id: int, place: str) -> None:
    """The channel that is remembered is not (any more) our DM with the member: before the next post it is opened."""
    session.execute(
        update(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id == place).values(dm_channel=None)
    )
