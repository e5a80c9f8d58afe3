"""What arrives about outgoing webhooks: endpoints added, changed, tested, paused and removed, and events sent again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.people import ADMINS, Actor
from domain.webhooks import endpoints as saving
from domain.webhooks.addresses import Network
from domain.webhooks.endpoints import Endpoint
from domain.webhooks.replaying import replay_dead
from handlers.answers import Answer, Receipt, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup.rule_listeners import remembered_of
from handlers.setup.webhook_views import NEW, webhook_form, webhook_secret, webhooks_list
from handlers.words import counted

Seal = Callable[[str], str]


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.submission("setup.webhook", roles=ADMINS)(on_add)
    listeners.submission("setup.change_webhook", roles=ADMINS)(on_change)
    listeners.action("setup.renew_webhook", roles=ADMINS)(on_renew)
    listeners.action("setup.pause_webhook", roles=ADMINS)(on_pause)
    listeners.action("setup.resume_webhook", roles=ADMINS)(on_resume)
    listeners.action("setup.test_webhook", roles=ADMINS)(on_test)
    listeners.action("setup.remove_webhook", roles=ADMINS)(on_remove)
    listeners.action("setup.replay_webhook", roles=ADMINS)(on_replay)


def is_named(value: str) -> bool:
    """Whether a button's value names the list of endpoints, one of them, or one to be added."""
    return value in ("webhooks", NEW) or value.partition(":")[0] == "webhook"


async def form_named(arrival: Arrival) -> View:
    """The list or the form that the button names; the list where the endpoint is gone."""
    if arrival.value == NEW:
        return webhook_form(None, arrival.at, remembered_of(arrival))
    which = arrival.value.partition(":")[2]
    found = await arrival.look(_load)
    one = next((each for each in found if which == str(each.id)), None)
    if one is not None:
        return webhook_form(one, arrival.at, remembered_of(arrival))
    return webhooks_list(found, arrival.at, remembered_of(arrival))


async def on_add(arrival: Arrival) -> Answer:
    tandem, remembered = arrival.tandem, remembered_of(arrival)

    def show(done: tuple[Endpoint, str]) -> Answer:
        return UpdateModal(webhook_secret(*done, remembered, renewed=False))

    return await arrival.answer(
        _add,
        arrival.field("url") or "",
        _events(arrival),
        seal=tandem.seal,
        networks=tandem.webhook_networks,
        view=show,
    )


async def on_change(arrival: Arrival) -> Answer:
    return await arrival.answer(
        _change,
        arrival.remembered_id("webhook"),
        arrival.field("url") or "",
        _events(arrival),
        version=arrival.remembered("version"),
        networks=arrival.tandem.webhook_networks,
        view=_form(arrival, "Saved."),
    )


async def on_renew(arrival: Arrival) -> Answer:
    remembered = remembered_of(arrival)

    def show(done: tuple[Endpoint, str]) -> Answer:
        return UpdateModal(webhook_secret(*done, remembered, renewed=True))

    return await arrival.answer(_rotate, _number(arrival), seal=arrival.tandem.seal, view=show)


async def on_pause(arrival: Arrival) -> Answer:
    return await arrival.answer(_pause, _number(arrival), paused=True, view=_form(arrival, "Paused."))


async def on_resume(arrival: Arrival) -> Answer:
    return await arrival.answer(_pause, _number(arrival), paused=False, view=_form(arrival, "Active again."))


async def on_test(arrival: Arrival) -> Answer:
    note = "A test event is on its way. Open this endpoint again to see what came of it."
    return await arrival.answer(_test, _number(arrival), view=_form(arrival, note))


async def on_remove(arrival: Arrival) -> Answer:
    remembered = remembered_of(arrival)

    def show(left: Sequence[Endpoint]) -> Answer:
        return UpdateModal(webhooks_list(left, arrival.at, remembered, "Removed: nothing is sent there any more."))

    return await arrival.answer(_remove, _number(arrival), view=show)


async def on_replay(arrival: Arrival) -> Answer:
    """From the endpoint's form, or from the message that tells of what was given up."""
    in_form = (arrival.body.get("view") or {}).get("type") == "modal"

    def show(done: tuple[int, bool, Endpoint]) -> Answer:
        count, more, endpoint = done
        note = f"{counted(count, 'event')} to be sent again.{' More are left: press once more.' if more else ''}"
        if not count:
            note = "Nothing is given up any more."
        if in_form:
            return UpdateModal(webhook_form(endpoint, arrival.at, remembered_of(arrival), note))
        return Receipt(note)

    return await arrival.answer(_replay, _number(arrival), view=show)


def _form(arrival: Arrival, note: str) -> Callable[[Endpoint], Answer]:
    remembered = remembered_of(arrival)
    return lambda endpoint: UpdateModal(webhook_form(endpoint, arrival.at, remembered, note))


def _number(arrival: Arrival) -> int:
    """The endpoint that a button names; 0, which is none, for anything else."""
    value = arrival.value
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def _events(arrival: Arrival) -> list[str]:
    """The kinds that were ticked, and the single types that were typed."""
    typed = (arrival.field("types") or "").replace(",", " ").lower().split()
    return list(dict.fromkeys([*arrival.fields("groups"), *typed]))


def _load(session: Session, *, by: Actor, at: datetime) -> tuple[Endpoint, ...]:
    return saving.load_endpoints(session, by.workspace_id, at=at)


def _add(
    session: Session,
    url: str,
    events: Sequence[str],
    *,
    seal: Seal | None,
    networks: Sequence[Network],
    by: Actor,
    at: datetime,
) -> tuple[Endpoint, str]:
    return saving.add_endpoint(session, by.workspace_id, url, events, seal=seal, networks=networks, by=by, at=at)


def _change(
    session: Session, number: int, url: str, events: Sequence[str], *, by: Actor, at: datetime, **more: Any
) -> Endpoint:
    return saving.change_endpoint(session, by.workspace_id, number, url, events, by=by, at=at, **more)


def _rotate(session: Session, number: int, *, seal: Seal | None, by: Actor, at: datetime) -> tuple[Endpoint, str]:
    return saving.rotate_secret(session, by.workspace_id, number, seal=seal, by=by, at=at)


def _pause(session: Session, number: int, *, paused: bool, by: Actor, at: datetime) -> Endpoint:
    return saving.pause_endpoint(session, by.workspace_id, number, paused=paused, by=by, at=at)


def _test(session: Session, number: int, *, by: Actor, at: datetime) -> Endpoint:
    return saving.send_test(session, by.workspace_id, number, by=by, at=at)


def _remove(session: Session, number: int, *, by: Actor, at: datetime) -> tuple[Endpoint, ...]:
    saving.remove_endpoint(session, by.workspace_id, number, by=by, at=at)
    return saving.load_endpoints(session, by.workspace_id, at=at)


def _replay(session: Session, number: int, *, by: Actor, at: datetime) -> tuple[int, bool, Endpoint]:
    count, more = replay_dead(session, number, by=by, at=at)
    return count, more, saving.load_endpoint(session, by.workspace_id, number, at=at)
