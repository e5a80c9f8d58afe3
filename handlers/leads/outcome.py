"""What came of a lead after contact: one button on its card, a form that grows, and the post of a win."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.leads.ended import AFTER_CONTACT, LOST_REASONS
from domain.leads.errors import OutcomeRefused
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.lifecycle import NOTE_LIMIT
from domain.leads.nurture import proposed_day
from domain.leads.working import Worked, work_lead
from domain.marks import mark
from domain.outcomes.telling import OutcomeForm, Told, tell_outcome, undo_outcome
from domain.outcomes.wins import Win
from domain.people import EVERYONE, Actor
from domain.text import shorten
from handlers.answers import Answer, Block, CloseModal, OpenModal, Receipt, UpdateModal, View
from handlers.arrival import Arrival
from handlers.blocks import button, context, escape, input_block, modal, mrkdwn, option, section, select, text_input
from handlers.leads.decline_form import until_field
from handlers.leads.phrases import DONE, OUTCOMES, QUIET, named, outcome_line, title, touches_line, unbold
from handlers.leads.views import headline, spoken_name
from handlers.listeners import Listeners
from handlers.messages import Rendering
from handlers.words import span
from storage.models import Lead, Team, Workspace

OUTCOME: Final = "lead.outcome"
PICK_KIND: Final = "lead.outcome_kind"
FORM: Final = "lead.outcome_form"
UNDO: Final = "lead.outcome_undo"
DAYS: Final = 90
"""In so many days a lead in nurture comes back, unless another day is picked."""


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action(OUTCOME, roles=EVERYONE)(open_form)
    listeners.action(PICK_KIND, roles=EVERYONE)(pick_kind)
    listeners.submission(FORM, roles=EVERYONE)(tell)
    listeners.action(UNDO, roles=EVERYONE)(undo)


async def open_form(arrival: Arrival) -> Answer:
    """Asked only of a lead that was contacted, and not of one that moved on."""
    asked = await arrival.look(_asked, arrival.subject_id)
    return OpenModal(outcome_form(*asked, str(arrival.body.get("response_url") or "")))


async def pick_kind(arrival: Arrival) -> Answer:
    """The form grows by what is asked of this outcome; what was typed stays."""
    asked = await arrival.look(_asked, arrival.remembered_id("lead"))
    return UpdateModal(
        outcome_form(*asked, arrival.remembered("response_url"), arrival.value, arrival.field("note") or "")
    )


async def tell(arrival: Arrival) -> Answer:
    form = OutcomeForm(
        kind=arrival.field("kind") or "",
        reason=arrival.field("reason"),
        amount=arrival.field("amount"),
        competitor=arrival.field("competitor"),
        note=arrival.field("note"),
        until=arrival.field("until"),
    )
    lead_id = arrival.remembered_id("lead")
    return await arrival.answer(
        work_lead, tell_outcome, lead_id, form=form, view=lambda done: CloseModal(told_receipt(done))
    )


async def undo(arrival: Arrival) -> Answer:
    chosen = arrival.value
    outcome_id = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0

    def taken_back(done: Worked[None]) -> Answer:
        return Receipt(f"Undone: {_name(done)} is as it was.", replace=True)

    return await arrival.answer(work_lead, undo_outcome, arrival.subject_id, outcome_id=outcome_id, view=taken_back)


def _asked(session: Session, lead_id: int, *, by: Actor, at: datetime) -> tuple[LeadFacts, str | None, str]:
    """The lead, if something can have come of it; what SQL means here; the day that is proposed for nurture."""

    def look(session: Session, lead_id: int, *, by: Actor, at: datetime) -> tuple[str | None, str]:
        lead = session.get_one(Lead, lead_id)
        if lead.state not in AFTER_CONTACT:
            raise OutcomeRefused(lead.state)
        day = proposed_day(session.get_one(Team, lead.team_id), DAYS, at).isoformat()
        return session.get_one(Workspace, by.workspace_id).sql_means, day

    means, day = work_lead(session, look, lead_id, by=by, at=at).result
    lead = load_lead(session, lead_id, by.workspace_id, at)
    if lead is None:
        raise NotFound("lead")
    return lead, means, day


def outcome_form(
    lead: LeadFacts, sql_means: str | None, until: str, response_url: str, kind: str | None = None, note: str = ""
) -> View:
    """What came of the lead; each outcome asks for its own, and nothing but a loss's reason must be filled in."""
    kinds = {
        "qualified": option("Qualified (SQL)" if sql_means == "qualified" else "Qualified", "qualified"),
        "won": option("Won", "won"),
        "lost": option("Lost", "lost"),
        "nurture": option("Nurture until a day", "nurture"),
    }
    menu = select(PICK_KIND, "Pick one", list(kinds.values()), initial=kinds.get(kind or ""))
    blocks: list[Block] = [headline(lead, asked=False)]
    if lead.outcome is not None:
        blocks.append(section(f"So far: {outcome_line(lead.outcome)}"))
    blocks.append({**input_block("kind", "What came of it?", menu), "dispatch_action": True})
    amount = input_block("amount", "Amount", text_input(max_length=80, placeholder="40k"), optional=True)
    competitor = text_input(max_length=70, placeholder="Rivalsoft")
    if kind == "won":
        blocks += [amount, context("It is posted for all: you, and what reached them before.")]
    elif kind == "lost":
        reasons = [option(label, name) for name, label in LOST_REASONS.items()]
        blocks.append(input_block("reason", "Why?", select("value", "Pick a reason", reasons)))
        hint = "Counts on the competitor’s card."
        blocks.append(input_block("competitor", "To which competitor?", competitor, optional=True, hint=hint))
        blocks.append(amount)
    elif kind == "nurture":
        hint = "On that day sales gets the lead back by itself, with a fresh clock and its history."
        blocks.append(until_field("outcome", until, hint=hint))
    if kind is not None:
        words = text_input(multiline=True, max_length=NOTE_LIMIT, initial=note)
        blocks.append(input_block("note", "What should the others know?", words, optional=True))
    remembered = {"lead": mark(lead.id, lead.arrived_at), "response_url": response_url}
    return modal(FORM, "Outcome", blocks, submit="Save", context=remembered)


def told_receipt(done: Worked[Told]) -> Receipt:
    """What was saved, with Undo."""
    told = done.result
    amount = f" · {told.amount}" if told.amount is not None else ""
    text = f"{OUTCOMES[told.kind]}: {_name(done)}{escape(amount)}."
    undo_it = button("Undo", UNDO, str(told.id), about=spoken_name(done.name, done.company))
    block = {"type": "section", "text": mrkdwn(text), "accessory": undo_it}
    return Receipt(text, [block | {"block_id": f"lead.outcome:{mark(done.lead_id, done.arrived_at)}"}])


def win_post(win: Win) -> Rendering:
    """What everybody reads of a won deal; once it is taken back, the post says so."""
    lead = win.lead
    who = escape(shorten(lead.company or lead.name, 80))
    amount = f" · {escape(str(win.amount))}" if win.amount is not None else ""
    if win.state != "stands":
        by = f" by {named(win.undone_by)}" if win.undone_by is not None else ""
        text = (
            f"Not won after all: {who}. This was taken back{by}." if win.state == "undone" else f"{who}: changed since."
        )
        return Rendering(unbold(text), [section(text)], colour=QUIET)
    took = span(win.at - lead.arrived_at)
    lines = [f":tada: *We won {who}*{amount}"]
    rep = named(win.rep) if win.rep is not None else "Sales"
    lines.append(f"{rep} of {escape(shorten(lead.team_name, 60))} brought it home, {took} after they came to us.")
    if touches := touches_line(lead, shown=5):
        lines.append(f"Marketing paved the way with {touches}.")
    lines.append(f"They came by {escape(shorten(lead.source, 60))}.")
    if win.note:
        lines.append(f"“{escape(shorten(' '.join(win.note.split()), 200))}”")
    return Rendering(f"We won {title(lead)}{amount}.", [section("\n".join(lines))], colour=DONE)


def _name(done: Worked[Any]) -> str:
    name = escape(shorten(done.name, 80))
    return f"{name}, {escape(shorten(done.company, 60))}" if done.company else name
