"""What arrives about proposed themes: `/voc proposals`, the buttons of its list, and those of the day's message."""

from __future__ import annotations

from collections.abc import Callable

from domain.people import MARKETERS
from domain.proposals.deciding import (
    Decision,
    accept_proposals,
    refuse_proposals,
    reopen_proposals,
    show_proposals,
)
from handlers.answers import Answer, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.proposals.views import ALL, decided_receipt, proposals_modal, read_marks

listeners = Listeners()


@listeners.command(
    "voc",
    "proposals",
    roles=MARKETERS,
    usage="proposals",
    help="Items that may belong to a theme, to accept or refuse (marketers)",
    alone=True,
)
async def on_command(arrival: Arrival) -> Answer:
    return OpenModal(proposals_modal(await arrival.look(show_proposals)))


@listeners.action("proposals.open", roles=MARKETERS)
async def on_open(arrival: Arrival) -> Answer:
    return OpenModal(proposals_modal(await arrival.look(show_proposals)))


@listeners.action("proposals.look", roles=MARKETERS)
async def on_look(arrival: Arrival) -> Answer:
    """The proposals of one theme alone."""
    return OpenModal(proposals_modal(await arrival.look(show_proposals, 0, arrival.subject_id)))


@listeners.action("proposals.page", roles=MARKETERS)
async def on_page(arrival: Arrival) -> Answer:
    of_theme = None if arrival.value == ALL else _of_theme(arrival)
    return UpdateModal(proposals_modal(await arrival.look(show_proposals, _number(arrival.value), of_theme)))


@listeners.action("proposal.accept", roles=MARKETERS)
async def on_accept(arrival: Arrival) -> Answer:
    return await _decide(arrival, accept_proposals, read_marks(arrival.value))


@listeners.action("proposal.refuse", roles=MARKETERS)
async def on_refuse(arrival: Arrival) -> Answer:
    return await _decide(arrival, refuse_proposals, read_marks(arrival.value))


@listeners.action("proposals.accept_shown", roles=MARKETERS)
async def on_accept_shown(arrival: Arrival) -> Answer:
    return await _decide(arrival, accept_proposals, read_marks(arrival.value))


@listeners.action("proposals.undo", roles=MARKETERS)
async def on_undo(arrival: Arrival) -> Answer:
    return await _decide(arrival, reopen_proposals, read_marks(arrival.value))


async def _decide(arrival: Arrival, use_case: Callable[..., Decision], marks: tuple[str, ...]) -> Answer:
    """The list again, as it is then, with what was decided on top; a receipt where a message was clicked."""
    start = _number(str(arrival.context.get("start", "")))
    is_modal = (arrival.body.get("view") or {}).get("type") == "modal"
    is_receipt = use_case is reopen_proposals

    def view(decision: Decision) -> Answer:
        if is_modal:
            return UpdateModal(proposals_modal(decision.page, decision))
        return decided_receipt(decision, replace=is_receipt)

    return await arrival.answer(use_case, marks, start, _of_theme(arrival), view=view)


def _of_theme(arrival: Arrival) -> int | None:
    """The theme whose proposals alone the list shows."""
    return arrival.remembered_id("theme") or None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
