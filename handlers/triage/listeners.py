"""What arrives about held leads: Fix, Pass anyway and Drop, their forms, and the list of all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.companies_asked import list_companies
from domain.errors import FieldProblems
from domain.leads.doubted import list_doubts
from domain.leads.held import list_held, open_fix, open_hold
from domain.leads.triage import REASON_LIMIT, drop_lead, fix_lead, pass_lead, take_up_lead
from domain.people import MARKETERS, Actor
from domain.text import TextEmpty, TextTooLong, clean_text
from handlers.answers import NOTHING, Answer, CloseModal, FieldErrors, OpenModal
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.triage import companies, definition, doubts, views
from handlers.words import plain_sentence

listeners = Listeners()
definition.declare(listeners)
doubts.declare(listeners)
companies.declare(listeners)


@listeners.command("tandem", "held", roles=MARKETERS, usage="held", help="Leads that fail the definition")
async def show_held(arrival: Arrival) -> Answer:
    held, pairs = await arrival.look(list_held), await arrival.look(list_doubts)
    return views.held_list(held, pairs, await arrival.look(list_companies), arrival.tandem.prefix)


@listeners.action(views.FIX, roles=MARKETERS)
async def open_fix_form(arrival: Arrival) -> Answer:
    return OpenModal(views.fix_form(await arrival.look(open_fix, arrival.subject_id)))


@listeners.submission(views.FIX_FORM, roles=MARKETERS)
async def fix(arrival: Arrival) -> Answer:
    """The form names its fields by their places, and remembers which those are."""
    remembered = arrival.context.get("fields")
    keys = [str(one) for one in remembered] if isinstance(remembered, list) else []
    given = {key: arrival.field(views.field_id(number)) or "" for number, key in enumerate(keys)}

    def fixed(session: Session, *, by: Actor, at: datetime) -> None:
        try:
            fix_lead(session, arrival.remembered_id("hold"), given=given, by=by, at=at)
        except FieldProblems as found:
            raise FieldProblems(
                {views.field_id(keys.index(key)): error for key, error in found.problems.items()}
            ) from found

    return await arrival.answer(fixed, view=lambda _: CloseModal())


@listeners.action(views.ANYWAY, roles=MARKETERS)
async def open_pass_form(arrival: Arrival) -> Answer:
    return OpenModal(views.reason_form(await arrival.look(open_hold, arrival.subject_id), drop=False))


@listeners.submission(views.ANYWAY_FORM, roles=MARKETERS)
async def pass_anyway(arrival: Arrival) -> Answer:
    reason = _reason(arrival)
    if isinstance(reason, FieldErrors):
        return reason
    return await arrival.answer(pass_lead, arrival.remembered_id("hold"), reason=reason, view=lambda _: CloseModal())


@listeners.action(views.DROP, roles=MARKETERS)
async def open_drop_form(arrival: Arrival) -> Answer:
    return OpenModal(views.reason_form(await arrival.look(open_hold, arrival.subject_id), drop=True))


@listeners.submission(views.DROP_FORM, roles=MARKETERS)
async def drop(arrival: Arrival) -> Answer:
    reason = _reason(arrival)
    if isinstance(reason, FieldErrors):
        return reason
    return await arrival.answer(drop_lead, arrival.remembered_id("hold"), reason=reason, view=lambda _: CloseModal())


@listeners.action(views.TAKE_UP, roles=MARKETERS)
async def take_up(arrival: Arrival) -> Answer:
    return await arrival.answer(take_up_lead, arrival.subject_id, view=lambda _: NOTHING)


def _reason(arrival: Arrival) -> str | FieldErrors:
    """What was typed; the use case asks for words where there are none."""
    try:
        return clean_text(arrival.field("reason") or "", limit=REASON_LIMIT)
    except TextEmpty:
        return ""
    except TextTooLong as error:
        return FieldErrors({"reason": plain_sentence(error)})
