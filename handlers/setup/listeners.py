"""What arrives about settings: `/tandem setup`, its forms, `/tandem help`, and what Slack says of members and tokens.

One modal: its buttons show the forms in its place, and a form that is saved shows the hub again with what changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from digests.audiences import blank_audience
from domain.config import forms as saving
from domain.config.forms import TeamForm
from domain.config.forms_routes import route_named
from domain.config.overview import Overview, load_overview
from domain.config.rules import NUMBERS
from domain.config.saving import Saved
from domain.llm.budget import switch_llm
from domain.people import ADMINS, EVERYONE, Actor, admins_of
from domain.places import find_zones
from domain.voc.example import Example, show_example
from handlers.answers import Answer, OpenModal, Options, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup import (
    dead_jobs,
    definition,
    digests,
    doctor,
    fields_listeners,
    forms,
    installation,
    lists,
    remedies,
    routes,
    rule_listeners,
    starters,
    views,
    watching,
    webhooks,
    write_back,
)
from handlers.setup.growing import matching, typed_lines
from handlers.setup.rule_listeners import remembered_of

listeners = Listeners()
installation.declare(listeners)
doctor.declare(listeners)
remedies.declare(listeners)
dead_jobs.declare(listeners)
rule_listeners.declare(listeners)
routes.declare(listeners)
fields_listeners.declare(listeners)
starters.declare(listeners)
watching.declare(listeners)
webhooks.declare(listeners)
write_back.declare(listeners)


@listeners.command("tandem", roles=EVERYONE, about="Both teams: digests, figures, settings")
async def on_tandem(arrival: Arrival) -> Answer:
    """Bare, or with a word that is no subcommand."""
    return await _help(arrival, unknown=arrival.text)


@listeners.command("tandem", "help", roles=EVERYONE, usage="help", help="All that you can type")
async def on_help(arrival: Arrival) -> Answer:
    """What the reader's role works with; with `all`, what others do, too."""
    return await _help(arrival, everything=arrival.text.strip().casefold() == "all")


async def _help(arrival: Arrival, *, unknown: str = "", everything: bool = False) -> Answer:
    example, role = await arrival.look(_reader)
    tandem = arrival.tandem
    return views.help_text(tandem.listeners, tandem.prefix, example, role=None if everything else role, unknown=unknown)


def _reader(session: Session, *, by: Actor, at: datetime) -> tuple[Example, str]:
    return show_example(session, by=by, at=at), by.role


@listeners.command(
    "tandem", "setup", roles=EVERYONE, listed_for=ADMINS, usage="setup", help="Teams, hours, people, sources (admins)"
)
async def on_setup(arrival: Arrival) -> Answer:
    """Open to everyone, so that those who may not can be told who may."""
    found = await arrival.look(_overview_or_admins)
    if isinstance(found, Overview):
        return OpenModal(_hub(arrival, found))
    return views.not_an_admin(found, arrival.tandem.prefix)


@listeners.action("setup.open", roles=ADMINS)
async def on_open(arrival: Arrival) -> Answer:
    """From Home or a message: the form that the button names, in a new modal."""
    if webhooks.is_named(arrival.value):
        return OpenModal(await webhooks.form_named(arrival))
    return OpenModal(_form(arrival, await arrival.look(_overview)))


@listeners.action("setup.go", roles=ADMINS)
async def on_go(arrival: Arrival) -> Answer:
    if arrival.value == "watch":
        remembered = {**remembered_of(arrival), "from": digests.SETUP}
        return UpdateModal(watching.watch_form(await arrival.look(watching.load_watching), remembered))
    if webhooks.is_named(arrival.value):
        return UpdateModal(await webhooks.form_named(arrival))
    return UpdateModal(_form(arrival, await arrival.look(_overview)))


@listeners.submission("setup.team", roles=ADMINS)
async def on_team(arrival: Arrival) -> Answer:
    marks = arrival.fields("marks")
    form = TeamForm(
        id=arrival.remembered_id("team"),
        version=arrival.remembered("version"),
        name=arrival.field("name") or "",
        channel=arrival.field("channel"),
        manager=arrival.field("manager"),
        members=arrival.fields("members"),
        zone=arrival.field("zone"),
        hours=arrival.field("hours"),
        holidays=arrival.field("holidays"),
        closed=typed_lines(arrival, "closed"),
        default="default" in marks,
        archived="archived" in marks,
        delegate=arrival.field("delegate"),
    )
    return await arrival.answer(saving.save_team, form, view=_saved(arrival))


@listeners.submission("setup.people", roles=ADMINS)
async def on_people(arrival: Arrival) -> Answer:
    given = {role: arrival.fields(role) for role in saving.ROLE_FIELDS}
    return await arrival.answer(saving.save_people, given, arrival.remembered("version"), view=_saved(arrival))


@listeners.submission("setup.company", roles=ADMINS)
async def on_company(arrival: Arrival) -> Answer:
    return await arrival.answer(
        saving.save_company,
        channel=arrival.field("marketing_channel"),
        wins_channel=arrival.field("wins_channel"),
        competitors=typed_lines(arrival, "competitors"),
        currency=arrival.field("currency"),
        emoji=arrival.field("capture_emoji"),
        numbers={setting: arrival.field(setting) for setting in NUMBERS},
        version=arrival.remembered("version"),
        view=_saved(arrival),
    )


@listeners.submission(definition.FORM, roles=ADMINS)
async def on_definition(arrival: Arrival) -> Answer:
    return await arrival.answer(
        saving.save_definition,
        criteria=typed_lines(arrival, "criteria"),
        triage=arrival.field("triage"),
        sql_means=arrival.field("sql_means"),
        version=arrival.remembered("version"),
        view=_saved(arrival),
    )


@listeners.action("setup.model", roles=ADMINS)
async def on_model(arrival: Arrival) -> Answer:
    """Turn the language model on or off for this workspace."""

    def view(overview: Overview) -> Answer:
        return UpdateModal(_hub(arrival, overview))

    return await arrival.answer(_switch_model, on=arrival.value == "on", view=view)


@listeners.options("setup.zone", roles=ADMINS)
async def on_zone(arrival: Arrival) -> Answer:
    """Zones by city, part of a name or abbreviation; nothing is looked up in the database."""
    return Options([(zone, zone) for zone in find_zones(arrival.text)])


@listeners.options("setup.find", roles=ADMINS)
async def on_find(arrival: Arrival) -> Answer:
    """Any entry of a list that is too long to be shown."""
    overview = await arrival.look(_overview)
    active, archived = ([team for team in overview.teams if team.archived == put_away] for put_away in (False, True))
    entries = {
        "team": [(team.name, f"team:{team.id}") for team in active],
        "archived": [(team.name, f"team:{team.id}") for team in archived],
        "tier": [(policy.tier, f"tier:{policy.tier}") for policy in overview.policies],
        "source": [(source.name, f"source:{source.name}") for source in overview.sources],
        "route": [(route.name, f"route:{route.name}") for route in overview.routes],
        "digest": [(digests.name_of(audience), f"digest:{audience.id}") for audience in overview.audiences],
    }
    found = str(arrival.body.get("action_id", "")).partition(":")[2]
    return Options(matching(entries.get(found, []), arrival.text))


@listeners.action("setup.find", roles=ADMINS)
async def on_found(arrival: Arrival) -> Answer:
    return UpdateModal(_form(arrival, await arrival.look(_overview)))


def _form(arrival: Arrival, overview: Overview) -> View:
    """The form or list that a button's value names; the hub for anything else."""
    remembered = remembered_of(arrival)
    name, _, which = arrival.value.partition(":")
    number = int(which) if which.isascii() and which.isdecimal() and len(which) < 19 else -1
    in_setup = {**remembered, "from": digests.SETUP}
    match name:
        case "team" if number == 0 or overview.team(number) is not None:
            return forms.team_form(overview.team(number) or saving.blank_team(overview), remembered)
        case "people":
            return forms.people_form(overview, remembered)
        case "company":
            return forms.company_form(overview, remembered)
        case "definition":
            return definition.definition_form(overview, remembered)
        case "tiers":
            return lists.tiers_list(overview, remembered)
        case "tier" if not which or overview.policy(which) is not None:
            return lists.tier_form(overview.policy(which), overview, remembered)
        case "sources":
            return lists.sources_list(overview, remembered)
        case "source" if not which or overview.source(which) is not None:
            return lists.source_form(overview.source(which), overview, remembered, arrival.tandem.public_url)
        case "routes":
            return routes.routes_list(overview, remembered)
        case "route" if not which or route_named(overview, which) is not None:
            return routes.route_form(which, overview, remembered)
        case "digests":
            return digests.digests_list(overview, remembered)
        case "digest" if number == 0 or overview.audience(number) is not None:
            return digests.digest_form(overview.audience(number) or blank_audience(overview), overview, in_setup)
    return _hub(arrival, overview)


def _saved(arrival: Arrival) -> Callable[[Saved], Answer]:
    """The hub again, with what was changed on top."""
    return lambda saved: UpdateModal(_hub(arrival, saved.overview, saved))


def _hub(arrival: Arrival, overview: Overview, saved: Saved | None = None) -> View:
    return views.hub(overview, arrival.tandem.prefix, remembered_of(arrival), saved, llm=arrival.tandem.llm)


def _overview(session: Session, *, by: Actor, at: datetime) -> Overview:
    return load_overview(session, by.workspace_id, at)


def _switch_model(session: Session, *, on: bool, by: Actor, at: datetime) -> Overview:
    switch_llm(session, on=on, by=by, at=at)
    return load_overview(session, by.workspace_id)


def _overview_or_admins(session: Session, *, by: Actor, at: datetime) -> Overview | list[str]:
    if by.role in ADMINS:
        return _overview(session, by=by, at=at)
    return [admin.slack_user_id for admin in admins_of(session, by.workspace_id)]
