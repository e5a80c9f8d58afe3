"""Where a delivery goes: a channel is its own address, a member's DM has a channel that must be opened once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.slack.client import Meaning, Outcome, sort_error, text_in
from storage.database import Database
from storage.held import Held
from storage.models import Member

JOINED: Final = "joined"
"""The bot was let into the channel, so the next try is another one."""
JOINED_FOR: Final = timedelta(minutes=1)
"""Whoever is out again later was taken out anew, as by an uninstallation."""


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


async def let_in(client_of: Callable[[], AsyncWebClient], held: Held, outcome: Outcome, at: datetime) -> Outcome:
    """Where the bot is not in the channel, let it in: public ones need no invitation. What comes of that."""
    just_now = at - held.due_at < JOINED_FOR
    if outcome.name != "not_in_channel" or (held.error == JOINED and just_now and not held.unsure):
        return outcome
    try:
        await client_of().conversations_join(channel=held.place)
    except Exception as error:
        met = sort_error(error)
        if met.meaning is Meaning.TOKEN:
            return met  # the app was removed meanwhile, say
        passing = met.meaning in (Meaning.LIMITED, Meaning.UNSURE, Meaning.TRANSIENT, Meaning.STRANGE)
        return Outcome(Meaning.TRANSIENT, f"join: {met.name}") if passing else outcome
    return Outcome(Meaning.TRANSIENT, JOINED)


def forget_dm(session: Session, workspace_id: int, place: str) -> None:
    """The channel that is remembered is not (any more) our DM with the member: before the next post it is opened."""
    session.execute(
        update(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id == place).values(dm_channel=None)
    )
