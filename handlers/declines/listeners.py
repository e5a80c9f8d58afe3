"""What arrives about declines: marketing's *Accept* and *Dispute*, and a manager's *Rule*."""

from __future__ import annotations

from domain.leads.disputed import open_dispute, open_ruling
from domain.leads.disputes import WORDS_LIMIT, accept_decline, dispute_decline, rule_decline
from domain.people import MANAGERS, MARKETERS
from domain.text import TextEmpty, TextTooLong, clean_text
from handlers.answers import NOTHING, Answer, CloseModal, FieldErrors, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.declines import views
from handlers.listeners import Listeners
from handlers.words import plain_sentence

listeners = Listeners()


@listeners.action(views.ACCEPT, roles=MARKETERS)
async def accept(arrival: Arrival) -> Answer:
    return await arrival.answer(accept_decline, arrival.subject_id, view=lambda _: NOTHING)


@listeners.action(views.DISPUTE, roles=MARKETERS)
async def open_dispute_form(arrival: Arrival) -> Answer:
    return OpenModal(views.dispute_form(await arrival.look(open_dispute, arrival.subject_id)))


@listeners.submission(views.DISPUTE_FORM, roles=MARKETERS)
async def dispute(arrival: Arrival) -> Answer:
    words = _words(arrival)
    if isinstance(words, FieldErrors):
        return words
    decline_id = arrival.remembered_id("decline")
    return await arrival.answer(dispute_decline, decline_id, words=words, view=lambda _: CloseModal())


@listeners.action(views.RULE, roles=MANAGERS)
async def open_rule_form(arrival: Arrival) -> Answer:
    return OpenModal(views.rule_form(await arrival.look(open_ruling, arrival.subject_id)))


@listeners.action(views.PICK_VERDICT, roles=MANAGERS)
async def pick_verdict(arrival: Arrival) -> Answer:
    """The form grows by what follows; what was typed stays."""
    ruling = await arrival.look(open_ruling, arrival.remembered_id("decline"))
    words, proposed = (arrival.field(name) or "" for name in ("words", "proposed"))
    return UpdateModal(views.rule_form(ruling, arrival.value, words, proposed))


@listeners.submission(views.RULE_FORM, roles=MANAGERS)
async def rule(arrival: Arrival) -> Answer:
    words, proposed = _words(arrival), _words(arrival, "proposed")
    for one in (words, proposed):
        if isinstance(one, FieldErrors):
            return one
    return await arrival.answer(
        rule_decline,
        arrival.remembered_id("decline"),
        verdict=arrival.field("verdict") or "",
        words=words,
        until=arrival.field("until"),
        proposed=proposed,
        view=lambda _: CloseModal(),
    )


def _words(arrival: Arrival, name: str = "words") -> str | FieldErrors:
    """What was typed; the use case asks for words where there are none."""
    try:
        return clean_text(arrival.field(name) or "", limit=WORDS_LIMIT)
    except TextEmpty:
        return ""
    except TextTooLong as error:
        return FieldErrors({name: plain_sentence(error)})
