"""What arrives about settings: `/tandem setup`, its forms, `/tandem help`, and what Slack says of members and tokens.

One modal: its buttons show the forms in its place, and a form that is saved shows the hub again with what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.config import forms as saving
from domain.config.forms import Saved, TeamForm
from domain.config.overview import Overview, load_overview
from domain.config.places import find_zones
from domain.people import ADMINS, EVERYONE, Actor, admins_of
from handlers.answers import Answer, OpenModal, Options, UpdateModal, View
from handlers.arrival import Arrival
from handlers.catalog import all_listeners
from handlers.listeners import Listeners
from handlers.setup import doctor, forms, installation, remedies, views

listeners = Listeners()
installation.declare(listeners)
doctor.declare(listeners)
remedies.declare(listeners)


@listeners.command("tandem", roles=EVERYONE)
async def on_tandem(arrival: Arrival) -> Answer:
    """Bare, or with a word that is no subcommand."""
    return views.help_text(all_listeners(), arrival.tandem.prefix, unknown=arrival.text)


@listeners.command("tandem", "help", roles=EVERYONE, usage="help", help="All that you can type", alone=True)
async def on_help(arrival: Arrival) -> Answer:
    return views.help_text(all_listeners(), arrival.tandem.prefix)


@listeners.command("tandem", "setup", roles=EVERYONE, usage="setup", help="Teams, hours, people, sources (admins)")
async def on_setup(arrival: Arrival) -> Answer:
    """Open to everyone, so that those who may not can be told who may."""
    found = await arrival.look(_overview_or_admins)
    if isinstance(found, Overview):
        return OpenModal(views.hub(found, arrival.tandem.prefix, _remembered(arrival)))
    return views.not_an_admin(found, arrival.tandem.prefix)


@listeners.action("setup.open", roles=ADMINS)
async def on_open(arrival: Arrival) -> Answer:
    """From Home: the form that the button names, in a new modal."""
    return OpenModal(_form(arrival, await arrival.look(_overview)))


@listeners.action("setup.go", roles=ADMINS)
async def on_go(arrival: Arrival) -> Answer:
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
        closed=arrival.field("closed"),
        default="default" in marks,
        archived="archived" in marks,
    )
    return await arrival.answer(saving.save_team, form, view=_saved(arrival))


@listeners.submission("setup.policies", roles=ADMINS)
async def on_policies(arrival: Arrival) -> Answer:
    tiers = arrival.context.get("tiers")
    given = {
        str(tier): (arrival.field(f"contact.{tier}") or "", arrival.field(f"reassign_after.{tier}") or "")
        for tier in (tiers if isinstance(tiers, list) else ())
    }
    return await arrival.answer(saving.save_policies, given, view=_saved(arrival))


@listeners.submission("setup.people", roles=ADMINS)
async def on_people(arrival: Arrival) -> Answer:
    given = {role: arrival.fields(role) for role in saving.ROLE_FIELDS}
    return await arrival.answer(saving.save_people, given, view=_saved(arrival))


@listeners.submission("setup.company", roles=ADMINS)
async def on_company(arrival: Arrival) -> Answer:
    return await arrival.answer(
        saving.save_company,
        channel=arrival.field("marketing_channel"),
        competitors=arrival.field("competitors"),
        currency=arrival.field("currency"),
        view=_saved(arrival),
    )


@listeners.submission("setup.source", roles=ADMINS)
async def on_source(arrival: Arrival) -> Answer:
    given = {name: arrival.field(name) for name in ("name", "auth", "team", "tier")}

    def show(saved: Saved) -> Answer:
        return _secret(arrival, given["name"] or "", given["auth"] or "", saved.secret or "")

    return await arrival.answer(saving.save_source, given, arrival.tandem.seal, view=show)


@listeners.action("setup.renew", roles=ADMINS)
async def on_renew(arrival: Arrival) -> Answer:
    name = arrival.value
    overview = await arrival.look(_overview)
    auth = next((source.auth for source in overview.sources if source.name == name), "")
    return await arrival.answer(
        saving.renew_secret,
        name,
        arrival.tandem.seal,
        view=lambda secret: _secret(arrival, name, auth, secret),
    )


@listeners.action("setup.pause", roles=ADMINS)
async def on_pause(arrival: Arrival) -> Answer:
    return await _switch(arrival, paused=True)


@listeners.action("setup.resume", roles=ADMINS)
async def on_resume(arrival: Arrival) -> Answer:
    return await _switch(arrival, paused=False)


@listeners.options("setup.zone", roles=ADMINS)
async def on_zone(arrival: Arrival) -> Answer:
    """Zones by city, part of a name or abbreviation; nothing is looked up in the database."""
    return Options([(zone, zone) for zone in find_zones(arrival.text)])


async def _switch(arrival: Arrival, *, paused: bool) -> Answer:
    remembered = _remembered(arrival)
    return await arrival.answer(
        saving.switch_source,
        arrival.value,
        paused=paused,
        view=lambda overview: UpdateModal(forms.sources_list(overview, remembered)),
    )


def _form(arrival: Arrival, overview: Overview) -> View:
    """The form or list that a button's value names; the hub for anything else."""
    remembered = _remembered(arrival)
    name, _, number = arrival.value.partition(":")
    if name == "team":
        team = overview.team(int(number)) if number.isascii() and number.isdecimal() else None
        if team is not None or number == "0":
            return forms.team_form(team or saving.blank_team(overview), remembered)
    shown: dict[str, Callable[[Overview, Mapping[str, Any]], View]] = {
        "policies": forms.policies_form,
        "people": forms.people_form,
        "company": forms.company_form,
        "sources": forms.sources_list,
        "source": forms.source_form,
    }
    if name in shown:
        return shown[name](overview, remembered)
    return views.hub(overview, arrival.tandem.prefix, remembered)


def _saved(arrival: Arrival) -> Callable[[Saved], Answer]:
    """The hub again, with what was changed on top."""
    return lambda saved: UpdateModal(views.hub(saved.overview, arrival.tandem.prefix, _remembered(arrival), saved))


def _secret(arrival: Arrival, name: str, auth: str, secret: str) -> Answer:
    return UpdateModal(views.secret_shown(name, auth, secret, arrival.tandem.public_url, _remembered(arrival)))


def _remembered(arrival: Arrival) -> dict[str, Any]:
    """Where receipts can go, from the command on through every form."""
    url = arrival.body.get("response_url") or arrival.remembered("response_url")
    return {"response_url": url} if url else {}


def _overview(session: Session, *, by: Actor, at: datetime) -> Overview:  # noqa: ARG001  # a query like all
    return load_overview(session, by.workspace_id)


def _overview_or_admins(session: Session, *, by: Actor, at: datetime) -> Overview | list[str]:
    if by.role in ADMINS:
        return _overview(session, by=by, at=at)
    return [admin.slack_user_id for admin in admins_of(session, by.workspace_id)]
