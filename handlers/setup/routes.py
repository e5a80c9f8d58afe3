"""Which lead goes to whom: the rules in their order, and the form of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.config import forms_routes as saving
from domain.config.forms_routes import RouteForm, route_named
from domain.config.overview import Overview
from domain.config.route_sets import RouteSet
from domain.config.saving import Saved
from domain.people import ADMINS
from domain.text import shorten
from domain.versions import version_of
from handlers import blocks as b
from handlers.answers import Answer, Block, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup.fields import user
from handlers.setup.growing import lines_input, picked, picked_value, rows, typed_lines
from handlers.setup.lists import PICK_TEAM, default_team, remove_button
from handlers.setup.rule_listeners import remembered_of
from handlers.setup.views import FIND, Context, back, saved_blocks, team_name

LONGEST_NAME: Final = 80
MOST_PLACES: Final = 100
TURNS: Final = {"turns": "one each", "weighted": "by weight", "longest": "who has had none for the longest"}


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.submission("setup.route", roles=ADMINS)(on_route)
    listeners.action("setup.remove_route", roles=ADMINS)(on_remove_route)


async def on_route(arrival: Arrival) -> Answer:
    place = arrival.field("place") or ""
    form = RouteForm(
        was=arrival.remembered("route"),
        version=arrival.remembered("version"),
        name=arrival.field("name") or "",
        when=typed_lines(arrival, "when"),
        team=picked_value(arrival, "team"),
        person=arrival.field("person"),
        place=int(place) if place.isascii() and place.isdecimal() else None,
    )
    return await arrival.answer(saving.save_route, form, view=lambda saved: _list(arrival, saved))


async def on_remove_route(arrival: Arrival) -> Answer:
    return await arrival.answer(saving.remove_route, arrival.value, view=lambda saved: _list(arrival, saved))


def _list(arrival: Arrival, saved: Saved) -> Answer:
    return UpdateModal(routes_list(saved.overview, remembered_of(arrival), saved))


def routes_list(overview: Overview, remembered: Context, saved: Saved | None = None) -> View:
    """The rules in their order."""
    entries = [
        (_route(number, route, overview), f"route:{route.name}", f"setup.route.{number}")
        for number, route in enumerate(overview.routes, 1)
    ]
    intro = (
        "The first rule that holds decides. A lead for which none holds goes to the team that it names, else to "
        f"{team_name(overview)}. In its team it goes to whose account it is, else by turns."
    )
    add = b.button("Add a rule", "setup.go:newroute", "route:", style=None if entries else "primary")
    blocks = [
        *saved_blocks(saved),
        back(),
        b.section(intro),
        *rows(entries, f"{FIND}:route", "Find a rule"),
        b.actions(add, block_id="setup.add"),
        b.context(
            "`/lead why` and a name tells which rule decided. Whose accounts are whose, and limits of a rep, stand in "
            "the settings file."
        ),
    ]
    return b.modal("setup.routes", "Which lead goes to whom", blocks, submit=None, close="Close", context=remembered)


def _route(number: int, route: RouteSet, overview: Overview) -> str:
    to = team_name(overview, route.team)
    if route.person:
        to += f", first {b.mention(route.person)}"
    if route.distribution:
        to += f", {TURNS[route.distribution]}"
    asks = b.escape(shorten(route.words, 1000)) or "any lead"
    return f"*{number}. {b.escape(route.name)}*\nIf {asks}\n→ {to}"


def route_form(name: str, overview: Overview, remembered: Context) -> View:
    """A rule; "" is a new one."""
    route = route_named(overview, name)
    number = overview.routes.index(route) + 1 if route else 0
    mine = f"of:{number}:{version_of(overview.routes)}"  # what was typed about another rule stays with that one
    team = next(((one.name, one.key) for one in overview.teams if route and one.key == route.team), None)
    blocks: list[Block] = [
        back("All rules", "routes"),
        b.input_block(
            "name",
            "Name",
            b.text_input(
                mine, initial=route.name if route else "", placeholder="Large in Europe", max_length=LONGEST_NAME
            ),
            hint="People read it where they ask why a lead is theirs.",
        ),
        b.context(
            "For example `country = DE, AT, CH` · `territory = EMEA` · `employees >= 500` · `tier = hot` · "
            "`source = website` · `accounts = Globex, initech.com` · or any other field that leads are sent with"
        ),
        *lines_input(
            "when",
            "For leads with",
            route.when if route else (),
            hint="One on each line. All must hold. Empty: for every lead.",
            placeholder="country = DE, AT, CH",
            action_id=mine,
        ),
        b.input_block("team", "Team", picked(f"{PICK_TEAM}:{mine}", "Pick a team", team or default_team(overview))),
        b.input_block(
            "person",
            "Person",
            user(mine, route.person if route else None),
            optional=True,
            hint="Of the team. Gets them while they are here and below the team’s limits, else it goes by turns.",
        ),
        *_place(route, overview.routes, mine),
    ]
    context = {**remembered, "version": version_of(overview.routes), "route": route.name if route else ""}
    if route is not None:
        follows = "New leads are asked the other rules. Leads that somebody has stay with them."
        blocks.append(remove_button("setup.remove_route", route.name, "Remove this rule", follows))
    return b.modal("setup.route", "Rule" if route else "New rule", blocks, context=context)


def _place(route: RouteSet | None, routes: Sequence[RouteSet], mine: str) -> list[Block]:
    """Where it stands among the others; nothing where there is none, or are too many for a menu."""
    others = [one for one in routes if one != route]
    if not others or len(others) >= MOST_PLACES:
        return []
    places = [b.option("First", "0")]
    places += [b.option(shorten(f"After {one.name}", 75), str(number)) for number, one in enumerate(others, 1)]
    now = routes.index(route) if route is not None else None
    menu = b.select(mine, "Last", places, initial=places[now] if now is not None else None)
    return [b.input_block("place", "It is asked", menu, optional=True, hint="The first rule that holds decides.")]
