"""What arrives about files of leads: `/tandem import leads`, the form, and the two buttons of the message."""

from __future__ import annotations

from domain.leads.file_imports import begin_import, drop_file, store_file
from domain.people import ADMINS
from handlers.answers import NOTHING, Answer, OpenModal, Receipt, UpdateModal
from handlers.arrival import Arrival
from handlers.imports import views
from handlers.listeners import Listeners

listeners = Listeners(guests=False)


@listeners.command("tandem", "import", roles=ADMINS, usage="import leads", help="Take leads from a CSV file (admins)")
async def on_import(arrival: Arrival) -> Answer:
    if arrival.text.casefold() not in ("", "leads"):
        command = arrival.tandem.command_name("tandem")
        return Receipt(f"Only leads can be imported in Slack: `{command} import leads` takes a CSV of them.")
    return OpenModal(views.import_form({}), otherwise=NOT_OPENED)


@listeners.action(views.OPEN, roles=ADMINS)
async def on_open(arrival: Arrival) -> Answer:
    """From the list of sources, on top of it; or from the message about another file."""
    on_top = (arrival.body.get("view") or {}).get("type") == "modal"
    return OpenModal(views.import_form({}), otherwise=NOT_OPENED, push=on_top)


@listeners.submission(views.FORM, roles=ADMINS)
async def on_form(arrival: Arrival) -> Answer:
    file, name = next(iter(arrival.files("file")), ("", ""))
    file_name = " ".join(name.split()) or "The file"

    def view(source: str) -> Answer:
        return UpdateModal(views.given_view(source, file_name))

    return await arrival.answer(begin_import, arrival.field("name") or "", file, file_name, view=view)


@listeners.action(views.STORE, roles=ADMINS)
async def on_store(arrival: Arrival) -> Answer:
    return await arrival.answer(store_file, arrival.subject_id, view=lambda _: NOTHING)


@listeners.action(views.DROP, roles=ADMINS)
async def on_drop(arrival: Arrival) -> Answer:
    return await arrival.answer(drop_file, arrival.subject_id, view=lambda _: NOTHING)


NOT_OPENED = (
    "Slack did not open the form. Nothing is lost: please try again. If it happens again, Tandem may lack the scope "
    "`files:read`: install it again with that scope, or use `./tandem import leads` on the server."
)
