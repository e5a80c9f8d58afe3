"""What arrives about tiers and about the systems that send leads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.config import forms_rules as saving
from domain.config.forms_rules import TierForm
from domain.config.overview import Overview, load_overview
from domain.config.saving import Saved
from domain.people import ADMINS, Actor
from handlers.answers import Answer, Options, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup import lists, views
from handlers.setup.growing import NOBODY, matching, picked_value


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.submission("setup.tier", roles=ADMINS)(on_tier)
    listeners.action("setup.remove_tier", roles=ADMINS)(on_remove_tier)
    listeners.submission("setup.source", roles=ADMINS)(on_source)
    listeners.submission("setup.change_source", roles=ADMINS)(on_change_source)
    listeners.action("setup.remove_source", roles=ADMINS)(on_remove_source)
    listeners.action("setup.renew", roles=ADMINS)(on_renew)
    listeners.action(lists.END_OLD, roles=ADMINS)(on_end_old)
    listeners.action("setup.pause", roles=ADMINS)(on_pause)
    listeners.action("setup.resume", roles=ADMINS)(on_resume)
    listeners.options(lists.PICK_TEAM, roles=ADMINS)(on_teams)
    listeners.options(lists.PICK_TIER, roles=ADMINS)(on_tiers)


async def on_tier(arrival: Arrival) -> Answer:
    known = arrival.remembered("tier")
    form = TierForm(
        tier=known or arrival.field("tier") or "",
        new=not known,
        version=arrival.remembered("version"),
        contact=arrival.field("contact") or "",
        reassign_after=arrival.field("reassign_after"),
        default="default" in arrival.fields("default"),
        claim=arrival.field("claim"),
        tries=arrival.field("tries"),
        tries_days=arrival.field("tries_days"),
        meeting_days=arrival.field("meeting_days"),
        bench_after=arrival.field("bench_after"),
    )
    return await arrival.answer(saving.save_tier, form, view=lambda saved: _tiers(arrival, saved))


async def on_remove_tier(arrival: Arrival) -> Answer:
    return await arrival.answer(saving.remove_tier, arrival.value, view=lambda saved: _tiers(arrival, saved))


def _tiers(arrival: Arrival, saved: Saved) -> Answer:
    return UpdateModal(lists.tiers_list(saved.overview, remembered_of(arrival), saved))


async def on_source(arrival: Arrival) -> Answer:
    given = {
        "name": arrival.field("name"),
        "auth": arrival.field("auth"),
        "team": picked_value(arrival, "team"),
        "tier": picked_value(arrival, "tier"),
    }

    def show(saved: Saved) -> Answer:
        return _secret(arrival, given["name"] or "", given["auth"] or "", saved.secret or "")

    return await arrival.answer(saving.save_source, given, arrival.tandem.seal, view=show)


async def on_change_source(arrival: Arrival) -> Answer:
    return await arrival.answer(
        saving.change_source,
        arrival.remembered("source"),
        arrival.remembered("version"),
        team=picked_value(arrival, "team"),
        tier=picked_value(arrival, "tier"),
        key=arrival.field("key"),
        secret=arrival.field("secret"),
        seal=arrival.tandem.seal,
        view=lambda saved: _sources(arrival, saved),
    )


async def on_remove_source(arrival: Arrival) -> Answer:
    return await arrival.answer(saving.remove_source, arrival.value, view=lambda saved: _sources(arrival, saved))


def _sources(arrival: Arrival, saved: Saved) -> Answer:
    return UpdateModal(lists.sources_list(saved.overview, remembered_of(arrival), saved))


async def on_renew(arrival: Arrival) -> Answer:
    name = arrival.value
    source = (await arrival.look(_overview)).source(name)
    return await arrival.answer(
        saving.renew_secret,
        name,
        arrival.tandem.seal,
        view=lambda secret: _secret(arrival, name, source.auth if source else "", secret, renewed=True),
    )


async def on_end_old(arrival: Arrival) -> Answer:
    name = arrival.value
    return await arrival.answer(
        saving.end_old,
        name,
        view=lambda overview: UpdateModal(_source(arrival, overview, name)),
    )


def _source(arrival: Arrival, overview: Overview, name: str) -> View:
    return lists.source_form(overview.source(name), overview, remembered_of(arrival), arrival.tandem.public_url)


async def on_pause(arrival: Arrival) -> Answer:
    return await _switch(arrival, paused=True)


async def on_resume(arrival: Arrival) -> Answer:
    return await _switch(arrival, paused=False)


async def _switch(arrival: Arrival, *, paused: bool) -> Answer:
    name = arrival.value
    return await arrival.answer(
        saving.switch_source,
        name,
        paused=paused,
        view=lambda overview: UpdateModal(_source(arrival, overview, name)),
    )


async def on_teams(arrival: Arrival) -> Answer:
    """Teams that take leads, and the entry that stands for none in particular."""
    overview = await arrival.look(_overview)
    of_digest = str((arrival.body.get("view") or {}).get("callback_id")) == "digest.save"
    none = ("All teams", NOBODY) if of_digest else lists.default_team(overview)
    named = [(team.name, team.key) for team in overview.teams if not team.archived]
    return Options(matching([none, *named], arrival.text))


async def on_tiers(arrival: Arrival) -> Answer:
    overview = await arrival.look(_overview)
    named = [(policy.tier, policy.tier) for policy in overview.policies]
    return Options(matching([lists.default_tier(overview), *named], arrival.text))


def _secret(arrival: Arrival, name: str, auth: str, secret: str, *, renewed: bool = False) -> Answer:
    url, remembered = arrival.tandem.public_url, remembered_of(arrival)
    return UpdateModal(views.secret_shown(name, auth, secret, url, remembered, renewed=renewed))


def remembered_of(arrival: Arrival) -> dict[str, Any]:
    """Where receipts can go, from the command on through every form."""
    url = arrival.body.get("response_url") or arrival.remembered("response_url")
    return {"response_url": url} if url else {}


def _overview(session: Session, *, by: Actor, at: datetime) -> Overview:  # noqa: ARG001  # a query like all
    return load_overview(session, by.workspace_id)
