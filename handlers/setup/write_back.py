"""What arrives about write-back: its form is opened and saved. Only admins may."""

from __future__ import annotations

from domain.people import ADMINS
from domain.writeback.settings import WriteBackForm, WriteBackSet, load_write_back, save_write_back
from handlers.answers import Answer, UpdateModal
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup.growing import typed_lines
from handlers.setup.rule_listeners import remembered_of
from handlers.setup.write_back_views import FORM, SHOW, write_back_form


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action(SHOW, roles=ADMINS)(on_show)
    listeners.submission(FORM, roles=ADMINS)(on_save)


async def on_show(arrival: Arrival) -> Answer:
    found = await arrival.look(load_write_back, arrival.value)
    return UpdateModal(write_back_form(found, remembered_of(arrival)))


async def on_save(arrival: Arrival) -> Answer:
    form = WriteBackForm(
        on="on" in arrival.fields("on"),
        statuses=typed_lines(arrival, "statuses"),
        key=arrival.field("key") or "",
        address=arrival.field("address") or "",
        client_id=arrival.field("client_id") or "",
    )

    def saved(found: WriteBackSet) -> Answer:
        return UpdateModal(write_back_form(found, remembered_of(arrival), saved=True))

    return await arrival.answer(
        save_write_back,
        arrival.remembered("source"),
        form,
        arrival.remembered("version"),
        seal=arrival.tandem.seal,
        networks=arrival.tandem.webhook_networks,
        view=saved,
    )
