"""What arrives about erasing a person: `/tandem erase person ana@example.com`, and its form."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from domain.leads.addresses import read_address
from domain.people import ADMINS, Actor
from domain.persons.asking import Close, ask_erasure, preview_erasure
from domain.persons.traces import Traces
from handlers.answers import Answer, FieldErrors, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.erasing.views import FORM, WORD, begun, erase_form, how_to
from handlers.jobs import close_secret
from handlers.listeners import Listeners

listeners = Listeners()


@listeners.command(
    "tandem",
    "erase",
    roles=ADMINS,
    usage="erase person ana@example.com",
    help="Erase a person on their request (admins)",
)
async def on_erase(arrival: Arrival) -> Answer:
    """Shows what would go; nothing goes before the form is confirmed."""
    word, _, rest = arrival.text.strip().partition(" ")
    found = read_address(rest) if word.casefold() == "person" else None
    if found is None:
        return how_to(arrival.tandem.prefix)
    by = await arrival.look(_who)
    return OpenModal(erase_form(found.email, await arrival.look_beside(by, preview_erasure, found.email)))


@listeners.submission(FORM, roles=ADMINS)
async def on_confirmed(arrival: Arrival) -> Answer:
    email = arrival.remembered("email")
    if (arrival.field("confirm") or "").strip().casefold() != WORD:
        return FieldErrors({"confirm": f"Type “{WORD}” to erase this person, or close this form to keep them."})
    lines = [one.strip() for one in (arrival.field("also") or "").splitlines()]
    given = Traces.of([one for one in lines if "@" in one], lines, lines)
    close = partial(close_secret, arrival.tandem)
    return await arrival.answer(_erase, email, given, close=close, view=lambda leads: UpdateModal(begun(leads)))


def _who(_session: Session, *, by: Actor, at: datetime) -> Actor:  # noqa: ARG001  # whenever it is asked for
    return by


def _erase(session: Session, email: str, given: Traces, *, close: Close, by: Actor, at: datetime) -> int:
    """How many leads the person had."""
    leads = ask_erasure(session, by.workspace_id, (), email, origin=None, by=by, at=at, close=close, given=given)
    return len(leads)
