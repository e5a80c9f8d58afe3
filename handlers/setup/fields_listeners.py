"""What arrives about the fields of a source: the form is opened, grows with each pick, is saved, is put back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound
from domain.leads.mapping import FIELDS
from domain.people import ADMINS, Actor
from domain.source_fields import BY_ITSELF, SourceFields, load_fields, picked_mapping, put_back, save_fields
from handlers.answers import Answer, Options, UpdateModal
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup.fields_views import (
    FIELDS_FORM,
    FOUND_BY_ITSELF,
    PICK_FIELD,
    PUT_BACK,
    SHOW_FIELDS,
    field_options,
    fields_form,
)
from handlers.setup.growing import typed_lines
from handlers.setup.rule_listeners import remembered_of


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action(SHOW_FIELDS, roles=ADMINS)(on_show)
    listeners.action(PICK_FIELD, roles=ADMINS)(on_pick)
    listeners.options(PICK_FIELD, roles=ADMINS)(on_choices)
    listeners.submission(FIELDS_FORM, roles=ADMINS)(on_save)
    listeners.action(PUT_BACK, roles=ADMINS)(on_put_back)


async def on_show(arrival: Arrival) -> Answer:
    fields = await arrival.look(load_fields, arrival.value)
    return UpdateModal(fields_form(fields, remembered_of(arrival)))


async def on_pick(arrival: Arrival) -> Answer:
    """The form with how the last payload reads now; nothing is saved."""
    fields = await arrival.look(load_fields, arrival.remembered("source"))
    try:
        picked = picked_mapping(fields, _picks(arrival))
    except FieldProblems:  # what was picked is gone: the form shows what there is
        picked = fields.mapping
    return UpdateModal(fields_form(fields, remembered_of(arrival), picked))


async def on_choices(arrival: Arrival) -> Answer:
    """What can be picked. The menu's id names the source: `setup.field:website.…`."""
    named = str(arrival.body.get("action_id", "")).partition(":")[2].partition(".")[0]
    fields = await arrival.look(_fields_if_there, named or arrival.remembered("source"))
    return Options(field_options(fields, arrival.text) if fields else [(FOUND_BY_ITSELF, BY_ITSELF)])


async def on_save(arrival: Arrival) -> Answer:
    return await arrival.answer(
        save_fields,
        arrival.remembered("source"),
        _picks(arrival),
        typed_lines(arrival, "labels"),
        arrival.remembered("version"),
        view=lambda fields: _saved(arrival, fields),
    )


async def on_put_back(arrival: Arrival) -> Answer:
    return await arrival.answer(put_back, arrival.value, view=lambda fields: _saved(arrival, fields))


def _saved(arrival: Arrival, fields: SourceFields) -> Answer:
    return UpdateModal(fields_form(fields, remembered_of(arrival), saved=True))


def _picks(arrival: Arrival) -> dict[str, str]:
    return {name: picked for name in FIELDS if (picked := arrival.field(f"field.{name}"))}


def _fields_if_there(session: Session, name: str, *, by: Actor, at: datetime) -> SourceFields | None:
    """None for a source that is there no more: a menu has no place for a sentence."""
    try:
        return load_fields(session, name, by=by, at=at)
    except NotFound:
        return None
