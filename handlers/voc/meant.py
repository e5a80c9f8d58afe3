"""What a rep answers under a receipt: another theme, kind, account or competitor was meant, or just what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from domain.errors import Changed
from domain.people import EVERYONE
from domain.voc.declining import decline_theme
from domain.voc.items import show_item, use_kind
from domain.voc.name_slips import keep_account, keep_competitor, keep_theme, use_account, use_competitor, use_theme
from domain.voc.receipt import VocReceipt
from handlers.answers import Answer, UpdateModal
from handlers.arrival import Arrival
from handlers.listeners import Handler, Listeners
from handlers.voc import slips, views

USE: Final = {
    "voc.use_theme": use_theme,
    "voc.kind": use_kind,
    "voc.use_account": use_account,
    "voc.use_competitor": use_competitor,
}
"""What was meant takes the place of what was typed."""
KEEP: Final = {
    "voc.keep_theme": keep_theme,
    "voc.keep_account": keep_account,
    "voc.keep_competitor": keep_competitor,
    "voc.no_theme": decline_theme,
}
"""What was typed is meant."""


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    for action_id, use_case in USE.items():
        listeners.action(action_id, roles=EVERYONE)(_use(use_case))
    for action_id, keep_case in KEEP.items():
        listeners.action(action_id, roles=EVERYONE)(_keep(keep_case))


def surface_of(arrival: Arrival) -> str:
    """Where the click came from: "modal", "home" or "message"."""
    return str((arrival.body.get("view") or {}).get("type") or "message")


def in_place(arrival: Arrival, did: str) -> Callable[[VocReceipt], Answer]:
    """The receipt takes the place of what was clicked."""

    def view(logged: VocReceipt) -> Answer:
        if surface_of(arrival) == "modal":
            return UpdateModal(views.confirmation(logged, did))
        return views.receipt(logged, did, replace=True)

    return view


def _use(use_case: Callable[..., VocReceipt]) -> Handler:
    async def use(arrival: Arrival) -> Answer:
        slip, view = slips.read_slip(arrival.value), in_place(arrival, "updated")
        try:
            return await arrival.answer(use_case, arrival.subject_id, slip.meant, version=slip.version, view=view)
        except Changed:
            return await _as_of_now(arrival)

    return use


def _keep(use_case: Callable[..., VocReceipt]) -> Handler:
    async def keep(arrival: Arrival) -> Answer:
        slip, view = slips.read_slip(arrival.value), in_place(arrival, "logged")
        try:
            return await arrival.answer(use_case, arrival.subject_id, version=slip.version, view=view)
        except Changed:
            return await _as_of_now(arrival)

    return keep


async def _as_of_now(arrival: Arrival) -> Answer:
    """The item was changed or merged since the receipt was shown: the receipt asks anew, where it still has to."""
    return in_place(arrival, "changed meanwhile")(await arrival.look(show_item, arrival.subject_id))
