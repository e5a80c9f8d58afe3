"""What arrives about the App Home: that somebody opened it."""

from __future__ import annotations

from domain.home import open_home
from domain.people import EVERYONE
from handlers.answers import NOTHING, Answer
from handlers.arrival import Arrival
from handlers.listeners import Listeners

listeners = Listeners()


@listeners.event("app_home_opened", roles=EVERYONE)
async def on_opened(arrival: Arrival) -> Answer:
    """Only queues the Home: the courier publishes it. The Messages tab sends this event too."""
    event = arrival.body.get("event") or {}
    if event.get("tab", "home") == "home" and arrival.user_id:
        await arrival.run(open_home)
    return NOTHING
