"""What arrives about accounts: `/tandem account NAME`, and the buttons that show one or turn its pages."""

from __future__ import annotations

from domain.account_history import UnknownAccount, show_account
from domain.people import EVERYONE
from handlers.accounts import views
from handlers.answers import Answer, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.listeners import Listeners

listeners = Listeners()


@listeners.command(
    "tandem",
    "account",
    roles=EVERYONE,
    usage="account NAME",
    help="All of an account, in the order of time",
)
async def on_account(arrival: Arrival) -> Answer:
    return await _show(arrival, arrival.text, 0)


@listeners.action("account.show", roles=EVERYONE)
async def on_show(arrival: Arrival) -> Answer:
    """From a message or above a modal: the account that the button names."""
    return await _show(arrival, *views.read_place(arrival.value))


@listeners.action("account.turn", roles=EVERYONE)
async def on_turn(arrival: Arrival) -> Answer:
    """Another page in place of this one."""
    answer = await _show(arrival, *views.read_place(arrival.value))
    return UpdateModal(answer.view) if isinstance(answer, OpenModal) else answer


async def _show(arrival: Arrival, name: str, start: int) -> Answer:
    found = await arrival.look(show_account, name, start=start)
    if isinstance(found, UnknownAccount):
        commands = arrival.tandem.command_name
        return views.unknown_view(found, commands("tandem"), commands("voc"))
    return OpenModal(views.account_view(found), push=bool(arrival.body.get("view")))
