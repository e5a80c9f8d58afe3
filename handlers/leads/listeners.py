"""What arrives about leads: `/lead`, the buttons and selects of the cards, and two forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.brief import load_brief
from domain.errors import NotFound
from domain.leads.announce import BREACH_CARD
from domain.leads.availability import come_back, go_away
from domain.leads.declining import Consequences, consequences, decline_lead, reopen_lead
from domain.leads.explaining import explain_lead
from domain.leads.facts import Alert, LeadFacts, load_alerts, load_lead
from domain.leads.handing_back import hand_back
from domain.leads.lifecycle import NOTE_LIMIT, open_lead, reassign_lead, take_lead
from domain.leads.listing import list_open_leads
from domain.leads.meetings import book_meeting
from domain.leads.reasons import BY_NAME, reason_named
from domain.leads.reassigning import list_candidates
from domain.leads.taking import InHands, TakingStep, claim_or_ask, contact_or_ask, try_or_ask
from domain.leads.tries import Tries
from domain.leads.working import Worked, add_lead, extend_lead_by, lead_choices, snooze_lead_for, work_lead
from domain.marks import read_mark
from domain.people import EVERYONE, MANAGERS, Actor
from domain.text import TextEmpty, TextTooLong, clean_text
from domain.voc.example import show_example
from domain.voc.suggestions import account_of_lead
from handlers.answers import NOTHING, Answer, CloseModal, FieldErrors, OpenModal, Options, UpdateModal
from handlers.arrival import Arrival
from handlers.leads import forms, lists, outcome, trial, unfurling
from handlers.leads.alerts import candidates_named
from handlers.leads.benched import BACK
from handlers.leads.brief import brief_view
from handlers.leads.decline_form import DECLINE_FORM, PICK_REASON, PICK_THEN, Picked, decline_form
from handlers.leads.storms import storm_list
from handlers.leads.taking import TAKE_FORM, asked_first, take_over_form
from handlers.leads.why import why_receipt
from handlers.listeners import Listeners
from handlers.voc.forms import new_form
from handlers.words import plain_sentence
from storage.gathering import gathered_on

listeners = Listeners()
trial.declare(listeners)
outcome.declare(listeners)
unfurling.declare(listeners)


@listeners.command(
    "lead",
    roles=EVERYONE,
    help="your open leads, for managers the team’s too",
    about="Your leads and their clocks",
)
async def show_leads(arrival: Arrival) -> Answer:
    """Bare `/lead` lists; a word that is no subcommand is answered with what there is."""
    command = arrival.tandem.command_name("lead")
    if arrival.text:
        return lists.lead_help(listeners.declared, command, arrival.text)
    found = await arrival.look(list_open_leads)
    return lists.leads_list(found, arrival.user_id, command, hint=True)


@listeners.command("lead", "list", roles=EVERYONE, usage="list")
async def list_leads(arrival: Arrival) -> Answer:
    found = await arrival.look(list_open_leads)
    return lists.leads_list(found, arrival.user_id, arrival.tandem.command_name("lead"))


@listeners.command("lead", "add", roles=EVERYONE, usage="add", help="adds a lead: a form opens")
async def open_add_form(arrival: Arrival) -> Answer:
    choices = await arrival.look(lead_choices)
    return OpenModal(forms.add_form(choices, str(arrival.body.get("response_url") or "")))


@listeners.submission(forms.ADD_FORM, roles=EVERYONE)
async def save_new_lead(arrival: Arrival) -> Answer:
    given = {name: arrival.field(name) for name in forms.ADD_FIELDS}

    def added(session: Session, *, by: Actor, at: datetime) -> LeadFacts:
        lead_id = add_lead(session, given, by=by, at=at).lead_id
        return _facts(session, lead_id, by=by, at=at)

    return await arrival.answer(added, view=lambda lead: CloseModal(lists.added_receipt(lead, arrival.user_id)))


@listeners.command(
    "lead", "away", roles=EVERYONE, usage="away [until]", help="no new leads until tomorrow, `2d`, `friday`, …"
)
async def leave(arrival: Arrival) -> Answer:
    command = arrival.tandem.command_name("lead")
    return await arrival.answer(go_away, arrival.text, view=lambda away: lists.away_receipt(away, command))


@listeners.command("lead", "back", roles=EVERYONE, usage="back", help="you get leads again")
async def come_back_now(arrival: Arrival) -> Answer:
    return await arrival.answer(come_back, view=lists.back_receipt)


@listeners.action(BACK, roles=EVERYONE)
async def come_back_by_button(arrival: Arrival) -> Answer:
    """*I’m back*, in the message that says why new leads go to others, and on Home."""
    return await arrival.answer(come_back, view=lists.back_receipt)


@listeners.command("lead", "why", roles=EVERYONE, usage="why northwind", help="why a lead is with whom it is")
async def explain(arrival: Arrival) -> Answer:
    return why_receipt(await arrival.look(explain_lead, arrival.text))


@listeners.command("lead", "help", roles=EVERYONE, usage="help", help="this list", alone=True)
async def show_help(arrival: Arrival) -> Answer:
    return lists.lead_help(listeners.declared, arrival.tandem.command_name("lead"))


@listeners.action("lead.claim", roles=EVERYONE)
async def claim(arrival: Arrival) -> Answer:
    """A lead that a colleague has is asked about first."""
    done = await _work(arrival, claim_or_ask, view=asked_first("claim", arrival.body, _quietly))
    if done is NOTHING and str(arrival.action.get("action_id", "")).endswith(f":{lists.IN_LIST}"):
        found = await arrival.look(list_open_leads)
        return lists.leads_list(found, arrival.user_id, arrival.tandem.command_name("lead"), replace=True)
    return done


@listeners.action("lead.contacted", roles=EVERYONE)
async def contacted(arrival: Arrival) -> Answer:
    """A lead that a colleague claimed is asked about first."""
    return await _work(arrival, contact_or_ask, view=asked_first("contact", arrival.body, lists.contacted_receipt))


@listeners.action("lead.tried", roles=EVERYONE)
async def tried(arrival: Arrival) -> Answer:
    """Nobody answered. A lead that a colleague has is asked about first."""
    return await _work(arrival, try_or_ask, view=asked_first("try", arrival.body, lists.tried_receipt))


@listeners.action("lead.meeting", roles=EVERYONE)
async def meeting_booked(arrival: Arrival) -> Answer:
    return await _work(arrival, book_meeting)


@listeners.submission(TAKE_FORM, roles=EVERYONE)
async def take_over(arrival: Arrival) -> Answer:
    """They mean it. Where the lead went into other hands meanwhile, the question is asked anew."""
    said = arrival.remembered("step")
    step: TakingStep = "contact" if said == "contact" else "try" if said == "try" else "claim"

    def taken(done: Worked[InHands | Tries | None]) -> Answer:
        if isinstance(done.result, InHands):
            return UpdateModal(take_over_form(done, done.result, step, arrival.remembered("response_url")))
        if isinstance(done.result, Tries):
            return CloseModal(lists.tried_receipt(done))
        return CloseModal(lists.contacted_receipt(done) if step == "contact" else None)

    return await arrival.answer(
        work_lead,
        {"contact": contact_or_ask, "try": try_or_ask, "claim": claim_or_ask}[step],
        arrival.remembered_id("lead"),
        over=arrival.remembered_id("over"),
        view=taken,
    )


@listeners.action("lead.said", roles=EVERYONE)
async def open_what_they_said(arrival: Arrival) -> Answer:
    """The voc form, with the lead's company as its account."""
    account = await arrival.look(account_of_lead, arrival.subject_id)
    url = arrival.body.get("response_url")
    context = {"response_url": url} if url else {}
    return OpenModal(new_form(context, await arrival.look(show_example), about=account))


@listeners.action("lead.snooze", roles=EVERYONE)
async def snooze(arrival: Arrival) -> Answer:
    return await _work(arrival, snooze_lead_for, view=lists.snoozed, choice=arrival.value)


@listeners.action("lead.decline", roles=EVERYONE)
async def open_decline_form(arrival: Arrival) -> Answer:
    """The reason is asked for only if the lead can still be declined."""
    lead, _ = await arrival.look(_declinable, arrival.subject_id)
    return OpenModal(decline_form(lead, str(arrival.body.get("response_url") or "")))


@listeners.action(PICK_REASON, roles=EVERYONE)
async def pick_reason(arrival: Arrival) -> Answer:
    return await _grown_form(arrival, arrival.value, None)


@listeners.action(PICK_THEN, roles=EVERYONE)
async def pick_then(arrival: Arrival) -> Answer:
    return await _grown_form(arrival, arrival.field("reason") or "", arrival.value)


async def _grown_form(arrival: Arrival, reason: str, then: str | None) -> Answer:
    """The form with what can follow from the reason; what was typed stays."""
    lead, found = await arrival.look(_declinable, arrival.remembered_id("lead"), reason)
    picked = Picked(reason_named(reason), found, then or found.proposed) if found is not None else None
    return UpdateModal(decline_form(lead, arrival.remembered("response_url"), picked, arrival.field("note") or ""))


@listeners.submission(DECLINE_FORM, roles=EVERYONE)
async def decline(arrival: Arrival) -> Answer:
    try:
        note = clean_text(arrival.field("note") or "", limit=NOTE_LIMIT)
    except TextEmpty:
        note = ""
    except TextTooLong as error:
        return FieldErrors({"note": plain_sentence(error)})
    return await arrival.answer(
        work_lead,
        decline_lead,
        arrival.remembered_id("lead"),
        reason=arrival.field("reason") or "",
        note=note,
        then=arrival.field("then"),
        until=arrival.field("until"),
        view=lambda done: CloseModal(lists.declined_receipt(done)),
    )


@listeners.action("lead.undo", roles=EVERYONE)
async def undo(arrival: Arrival) -> Answer:
    return await _work(arrival, reopen_lead, view=lists.reopened_receipt)


@listeners.action("lead.details", roles=EVERYONE)
async def show_brief(arrival: Arrival) -> Answer:
    """*Brief*; on older cards it is called *Read all*."""
    return OpenModal(brief_view(await arrival.look(load_brief, arrival.subject_id)))


@listeners.action("lead.reassign", roles=MANAGERS)
async def reassign(arrival: Arrival) -> Answer:
    """On a Home and in a list of late leads the receipt is a modal: there is no other place for its Undo."""

    def told(done: Worked[str]) -> Answer:
        receipt = lists.reassigned_receipt(done)
        if not (shown := _shown_in(arrival)):
            return receipt
        return OpenModal(lists.receipt_modal("Reassigned", receipt), otherwise=receipt.text, push=shown == "modal")

    return await _work(arrival, reassign_lead, view=told, to_user_id=arrival.value)


@listeners.action("lead.hand_back", roles=MANAGERS)
async def take_back_reassignment(arrival: Arrival) -> Answer:
    def told(done: Worked[str | None]) -> Answer:
        receipt = lists.handed_back_receipt(done)
        return UpdateModal(lists.receipt_modal("Undone", receipt)) if _shown_in(arrival) == "modal" else receipt

    return await _work(arrival, hand_back, view=told)


@listeners.options("lead.reassign", roles=MANAGERS)
async def offer_reps(arrival: Arrival) -> Answer:
    """The reps of this moment; Slack says which menu asks."""
    menu = read_mark("lead", str(arrival.body.get("block_id") or "").rpartition(":")[2])
    found = await arrival.look(list_candidates, menu.id if menu else 0)
    return Options(candidates_named(found, arrival.text))


@listeners.action("lead_storm.all", roles=MANAGERS)
async def show_storm(arrival: Arrival) -> Answer:
    """All leads of a message about several."""
    head = int(arrival.value) if arrival.value.isdecimal() and len(arrival.value) < 19 else 0

    def open_ones(session: Session, *, by: Actor, at: datetime) -> list[Alert]:
        events = gathered_on(session, by.workspace_id, BREACH_CARD, head, by.user_id)
        return load_alerts(session, events, by.workspace_id, at)

    return OpenModal(storm_list(await arrival.look(open_ones), arrival.user_id))


@listeners.action("lead.extend", roles=MANAGERS)
async def extend(arrival: Arrival) -> Answer:
    return await _work(arrival, extend_lead_by, choice=arrival.value)


@listeners.action("lead.take", roles=MANAGERS)
async def take(arrival: Arrival) -> Answer:
    return await _work(arrival, take_lead)


def _quietly(_done: Worked[Any]) -> Answer:
    """The cards show it."""
    return NOTHING


def _shown_in(arrival: Arrival) -> str:
    """ "home" or "modal", where it was clicked there; "" in a message."""
    return str((arrival.body.get("view") or {}).get("type") or "")


async def _work(
    arrival: Arrival,
    step: Callable[..., Any],
    *,
    view: Callable[[Any], Answer] = _quietly,
    **more: Any,
) -> Answer:
    """Take a step with the clicked lead. What changes shows on its cards, so most steps need no receipt."""
    return await arrival.answer(work_lead, step, arrival.subject_id, view=view, **more)


def _declinable(
    session: Session, lead_id: int, reason: str = "", *, by: Actor, at: datetime
) -> tuple[LeadFacts, Consequences | None]:
    """The lead, if it can still be declined by the member, and what can follow from the reason."""

    def look(session: Session, lead_id: int, *, by: Actor, at: datetime) -> Consequences | None:
        lead = open_lead(session, lead_id, by.workspace_id, at)
        return consequences(session, lead, BY_NAME[reason], by, at) if reason in BY_NAME else None

    found = work_lead(session, look, lead_id, by=by, at=at).result
    return _facts(session, lead_id, by=by, at=at), found


def _facts(session: Session, lead_id: int, *, by: Actor, at: datetime) -> LeadFacts:
    lead = load_lead(session, lead_id, by.workspace_id, at)
    if lead is None:
        raise NotFound("lead")
    return lead
