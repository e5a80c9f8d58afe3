"""What arrives about the App Home: that somebody opened it, its Messages tab among it."""

from __future__ import annotations

from typing import Final

from domain.home import open_home
from domain.people import EVERYONE
from domain.voc.dm_questions import ask_for_prompts
from handlers.answers import NOTHING, Answer
from handlers.arrival import Arrival
from handlers.listeners import Listeners

LONGEST_ID: Final = 255

listeners = Listeners()


@listeners.event("app_home_opened", roles=EVERYONE)
async def on_opened(arrival: Arrival) -> Answer:
    """Only queues the Home: the courier publishes it. In the Messages tab a job suggests what to ask."""
    event = arrival.body.get("event") or {}
    tab, channel = event.get("tab", "home"), event.get("channel")
    if tab == "home" and arrival.user_id:
        await arrival.run(open_home)
    elif tab == "messages" and arrival.user_id and isinstance(channel, str) and len(channel) <= LONGEST_ID:
        await arrival.run(ask_for_prompts, channel)
    return NOTHING
