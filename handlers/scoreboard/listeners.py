"""What arrives about the scoreboard: the command, the two selects that choose what is looked at, and its file."""

from __future__ import annotations

from domain.people import EVERYONE
from domain.scoreboard import PERIODS, load_scoreboard
from handlers.answers import Answer, OpenModal, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.scoreboard import views
from handlers.scoreboard.jobs import ask_for_file

listeners = Listeners()


@listeners.command(
    "tandem",
    "scoreboard",
    roles=EVERYONE,
    alone=True,
    usage="scoreboard",
    help="What sales and marketing owe each other",
)
async def on_scoreboard(arrival: Arrival) -> Answer:
    return OpenModal(await _view(arrival, PERIODS[0], ""))


@listeners.action("scoreboard.open", roles=EVERYONE)
async def on_open(arrival: Arrival) -> Answer:
    """From a manager's Home."""
    return OpenModal(await _view(arrival, PERIODS[0], ""))


@listeners.action("scoreboard.look", roles=EVERYONE)
async def on_look(arrival: Arrival) -> Answer:
    """Other weeks, or another team: the option's value says both."""
    return UpdateModal(await _view(arrival, *views.read_place(arrival.value)))


@listeners.action("scoreboard.export", roles=EVERYONE)
async def on_export(arrival: Arrival) -> Answer:
    """The figures that are looked at, in a file; those of persons as far as the reader sees them."""
    weeks, team = views.read_place(arrival.value)
    await arrival.run(ask_for_file, weeks=weeks, team=team)
    return UpdateModal(await _view(arrival, weeks, team, exported=True))


async def _view(arrival: Arrival, weeks: int, team: str, *, exported: bool = False) -> View:
    return views.scoreboard_view(await arrival.look(load_scoreboard, weeks=weeks, team=team), exported=exported)
