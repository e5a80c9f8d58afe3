"""Messages of watched channels: where one surely speaks of a theme, Tandem suggests to log it.

Slack tells of each message in the channels that Tandem is in. Nothing else of a channel is read, and nothing that came
before: https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import Deactivated, NotAllowed, NotForGuests, NotOurs
from domain.people import EVERYONE
from domain.voc.watching import Seen, hear, is_watched, suggest
from handlers.answers import NOTHING, Answer
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.voc.typed import words_of_message

LONGEST_ID: Final = 255
NEW: Final = (None, "file_share", "thread_broadcast")
"""Subtypes of messages that a person has just posted; edits, deletions, joins and what apps post have others."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that a person posted, as Slack tells of it; `text` in Slack's markup."""

    seen: Seen
    text: str


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.event("message.channels", roles=EVERYONE)(on_message)
    listeners.event("message.groups", roles=EVERYONE)(on_message)


async def on_message(arrival: Arrival) -> Answer:
    """Most channels are not watched, and most messages tell of no theme: they cost one look, or two."""
    message = read_message_event(arrival.body)
    if message is None:
        return NOTHING
    db, seen = arrival.tandem.db, message.seen
    if not await db.read(is_watched, arrival.team_id, seen.channel):
        return NOTHING
    words = words_of_message(message.text, {})
    theme = await db.read(hear, arrival.team_id, seen.channel, words, at=arrival.at)
    if theme is not None:
        try:
            await arrival.run(suggest, seen, theme)
        except (NotOurs, NotForGuests, NotAllowed, Deactivated):
            return NOTHING  # nobody asked for a suggestion, so nobody reads that there is none
    return NOTHING


def read_message_event(body: Mapping[str, Any]) -> NewMessage | None:
    """What a person has just said; None for edits and deletions, for what apps post, Tandem among them, and for
    channels that are shared with another company: there, its people would see the suggestions.
    """
    event = body.get("event") or {}
    seen_by = next(iter(body.get("authorizations") or ()), None) or {}
    user, text = _id(event.get("user")), event.get("text")
    if event.get("subtype") not in NEW or event.get("hidden") or event.get("bot_id") or event.get("app_id"):
        return None
    if body.get("is_ext_shared_channel") or not user or user == seen_by.get("user_id"):
        return None
    channel, ts, thread_ts = _id(event.get("channel")), _id(event.get("ts")), _id(event.get("thread_ts"))
    if not (channel and ts and isinstance(text, str) and text.strip()):
        return None
    return NewMessage(Seen(channel, ts, thread_ts if thread_ts != ts else ""), text)


def _id(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else ""
