"""What arrives about content: `/content`, alone or with words to find."""

from __future__ import annotations

from domain.people import EVERYONE
from domain.performance import find_content, show_content
from handlers.answers import Answer
from handlers.arrival import Arrival
from handlers.content import views
from handlers.listeners import Listeners

listeners = Listeners()


@listeners.command(
    "content", roles=EVERYONE, usage="[WORDS]", help="Which content performed last week", about="Which content works"
)
async def on_content(arrival: Arrival) -> Answer:
    return await _find(arrival) if arrival.text else await _show(arrival)


@listeners.command("content", "find", roles=EVERYONE, usage="find WORDS", help="Find content by title or theme")
async def on_find(arrival: Arrival) -> Answer:
    return await _find(arrival) if arrival.text else views.help_text(arrival.tandem.command_name("content"))


@listeners.command("content", "help", roles=EVERYONE, alone=True, usage="help", help="How to use this command")
async def on_help(arrival: Arrival) -> Answer:
    return views.help_text(arrival.tandem.command_name("content"))


async def _show(arrival: Arrival) -> Answer:
    week = await arrival.look(show_content)
    return views.performed(week, arrival.tandem.command_name("content"))


async def _find(arrival: Arrival) -> Answer:
    return views.found(await arrival.look(find_content, arrival.text), arrival.text)
