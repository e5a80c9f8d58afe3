"""What arrives about the Messages tab: that somebody opened it or wrote there, and what they think of an answer.

A new app has the tab by `features.agent_view`: https://docs.slack.dev/ai/migrating-to-agent-messaging
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.people import EVERYONE
from domain.voc.dm_questions import Said, judge_answer, note_message, take_message_back
from handlers.agent import views
from handlers.answers import NOTHING, Answer
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.voc.typed import words_of_message
from handlers.voc.watching import read_message_event

LONGEST_ID: Final = 255

listeners = Listeners()


@listeners.event("message.im", roles=EVERYONE)
async def on_message(arrival: Arrival) -> Answer:
    """What people write to Tandem is stored here, and answered by a job. Nobody else's DMs are told of."""
    if (gone := read_deletion(arrival.body)) is not None:
        # Slack does not say who deleted it: only its author can, or an admin.
        await arrival.tandem.db.run(take_message_back, arrival.team_id, *gone)
    elif (said := read_said(arrival.body)) is not None:
        await arrival.run(note_message, said)
    return NOTHING


@listeners.action("agent.judge", roles=EVERYONE)
async def on_judged(arrival: Arrival) -> Answer:
    """A thumb: kept once for each answer, and shown to nobody by name."""
    verdict = arrival.value.partition(":")[2]
    if verdict not in views.VERDICTS:
        return NOTHING
    helped = verdict == views.HELPED
    return await arrival.answer(
        judge_answer, arrival.subject_id, helped=helped, view=lambda is_new: views.judged(helped=helped, is_new=is_new)
    )


def read_said(body: Mapping[str, Any]) -> Said | None:
    """What a person wrote; None for edits, for files without a word, and for what apps post, Tandem among them."""
    message = read_message_event(body)
    if message is None:
        return None
    seen = message.seen
    return Said(seen.channel, seen.ts, seen.thread_ts, words_of_message(message.text, {}))


def read_deletion(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Channel and ts of a message that its author deleted."""
    event = body.get("event") or {}
    channel, ts = event.get("channel"), event.get("deleted_ts")
    if event.get("subtype") != "message_deleted" or not (isinstance(channel, str) and isinstance(ts, str)):
        return None
    return (channel, ts) if len(channel) <= LONGEST_ID and len(ts) <= LONGEST_ID else None
