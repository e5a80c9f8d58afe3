"""What arrives about personas: the command with its words, the buttons of a card, and the form."""

from __future__ import annotations

from domain.errors import Changed
from domain.marks import mark
from domain.people import EVERYONE, MARKETERS
from domain.personas import (
    FIELDS,
    Draft,
    PersonaCard,
    Unknown,
    add_persona,
    edit_persona,
    find_persona,
    list_personas,
    load_persona,
    merge_draft,
    suggest_personas,
)
from handlers.answers import Answer, OpenModal, Options, Receipt, UpdateModal
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.personas import views

listeners = Listeners()


@listeners.command(
    "persona",
    roles=EVERYONE,
    usage="[NAME]",
    help="Who buys, and what to say to them. Without a name: all personas",
    about="Who buys from us",
)
async def on_persona(arrival: Arrival) -> Answer:
    return await _show(arrival) if arrival.text else await _list(arrival)


@listeners.command("persona", "list", roles=EVERYONE, alone=True, usage="list")
async def on_list(arrival: Arrival) -> Answer:
    return await _list(arrival)


@listeners.command("persona", "show", roles=EVERYONE, usage="show NAME")
async def on_show(arrival: Arrival) -> Answer:
    return await _show(arrival) if arrival.text else await _list(arrival)


@listeners.command("persona", "add", roles=MARKETERS, usage="add NAME", help="Describe a new persona")
async def on_add(arrival: Arrival) -> Answer:
    found = await arrival.look(find_persona, arrival.text) if arrival.text else None
    if isinstance(found, PersonaCard):
        return views.taken(found)
    draft = Draft(arrival.text, {})
    return OpenModal(views.form(draft, {"response_url": arrival.body.get("response_url")}))


@listeners.command("persona", "edit", roles=MARKETERS, usage="edit NAME", help="Change a persona")
async def on_edit(arrival: Arrival) -> Answer:
    if not arrival.text:
        return await _list(arrival)
    found = await arrival.look(find_persona, arrival.text)
    return _open_form(arrival, found) if isinstance(found, PersonaCard) else views.unknown(found)


@listeners.command("persona", "help", roles=EVERYONE, alone=True, usage="help", help="How to use this command")
async def on_help(arrival: Arrival) -> Answer:
    return views.help_text(arrival.tandem.command_name("persona"))


@listeners.action("persona.pick", roles=EVERYONE)
async def on_pick(arrival: Arrival) -> Answer:
    card = await arrival.look(load_persona, arrival.subject_id)
    return views.shown(card, replace=True)


@listeners.options("persona.pick", roles=EVERYONE)
async def on_options(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_personas, arrival.text)
    return Options(found)


@listeners.action("persona.list", roles=EVERYONE)
async def on_back(arrival: Arrival) -> Answer:
    return await _list(arrival, replace=True)


@listeners.action("persona.edit", roles=MARKETERS)
async def on_edit_click(arrival: Arrival) -> Answer:
    return _open_form(arrival, await arrival.look(load_persona, arrival.subject_id))


@listeners.submission("persona.save", roles=MARKETERS)
async def on_save(arrival: Arrival) -> Answer:
    draft = Draft(
        arrival.field("name") or "",
        {field: arrival.field(field) or "" for field in FIELDS},
        arrival.field("why") or "",
    )
    remembered = arrival.context
    persona_id, version = arrival.remembered_id("persona"), arrival.remembered_id("version")
    if "persona" not in remembered:
        return await arrival.answer(add_persona, draft, view=views.saved(remembered))
    try:
        return await arrival.answer(edit_persona, persona_id, draft, version=version, view=views.saved(remembered))
    except Changed:
        clash = await arrival.look(merge_draft, persona_id, draft, version=version)
        return UpdateModal(views.clash_form(clash, remembered))


async def _list(arrival: Arrival, *, replace: bool = False) -> Receipt:
    personas = await arrival.look(list_personas)
    return views.listed(personas, arrival.tandem.command_name("persona"), replace=replace)


async def _show(arrival: Arrival) -> Receipt:
    found = await arrival.look(find_persona, arrival.text)
    if isinstance(found, Unknown) and found.is_part_of_one:
        found = await arrival.look(find_persona, found.nearest[0])
    return views.shown(found) if isinstance(found, PersonaCard) else views.unknown(found)


def _open_form(arrival: Arrival, card: PersonaCard) -> OpenModal:
    remembered = {
        "persona": mark(card.id, card.created_at),
        "version": card.version,
        "response_url": arrival.body.get("response_url"),
    }
    return OpenModal(views.form(Draft(card.name, card.fields), remembered))
