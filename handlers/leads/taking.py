"""The question before somebody takes a lead out of a colleague's hands, and what the colleague reads afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.leads.facts import Handoff
from domain.leads.taking import InHands, TakingStep
from domain.leads.working import Worked
from domain.marks import mark
from domain.text import shorten
from handlers.answers import Answer, OpenModal, View
from handlers.blocks import context, escape, modal, section
from handlers.leads.phrases import ending_line, named, title, unbold
from handlers.messages import Rendering
from handlers.words.lengths import ago

TAKE_FORM: Final = "lead.take_over_form"
_ASKS: Final[Mapping[TakingStep, str]] = {
    "claim": "Take over?",
    "contact": "Take over, and mark it as contacted by you?",
    "try": "Take over, and note your try?",
}
NOT_OPENED: Final = "Slack did not open the question whether you take over. Nothing was changed: try again."


def asked_first(
    step: TakingStep, body: Mapping[str, Any], done: Callable[[Worked[Any]], Answer]
) -> Callable[[Worked[Any]], Answer]:
    """The answer to a click: the question where somebody else has the lead, else what `done` says."""

    def answer(worked: Worked[Any]) -> Answer:
        if isinstance(worked.result, InHands):
            form = take_over_form(worked, worked.result, step, str(body.get("response_url") or ""))
            return OpenModal(form, otherwise=f"{_had(worked.result)} {NOT_OPENED}")
        return done(worked)

    return answer


def take_over_form(worked: Worked[Any], held: InHands, step: TakingStep, response_url: str) -> View:
    """Who has the lead since when, with Take over and Leave it. The context names by which event they have it."""
    name = escape(shorten(" ".join(worked.name.split()), 100))
    company = f", {escape(shorten(' '.join(worked.company.split()), 80))}" if worked.company else ""
    asks = _ASKS[step]
    lines = [section(f"*{name}*{company}\n{_had(held)} {asks}"), context(f"{_holder(held)} will be told.")]
    remembered = {
        "lead": mark(worked.lead_id, worked.arrived_at),
        "step": step,
        "over": held.event,
        "response_url": response_url,
    }
    return modal(TAKE_FORM, "Take over?", lines, submit="Take over", close="Leave it", context=remembered)


def lost(step: Handoff, reader: str) -> Rendering | None:
    """The DM to whoever had the lead; None when they have it again."""
    lead = step.lead
    if step.kind == "joined" and lead.joined is not None:
        text = f"{title(lead)}: you need not contact them any more. {ending_line(lead, reader)}."
        return Rendering(text=unbold(text), blocks=(section(text),))
    if lead.owner is not None and lead.owner.user_id == reader:
        return None
    if step.kind == "reassigned":
        text = f"{named(step.by)} gave {title(lead)} to {named(step.to)}: you need not contact them any more."
    elif step.kind == "handed_back":
        text = f"{named(step.by)} took back that {title(lead)} was given to you: you need not contact them any more."
    elif lead.state == "contacted" and lead.ending is not None and lead.ending.by == step.by:
        text = f"{named(step.by)} took {title(lead)} over from you, and has contacted them."
    else:
        text = f"{named(step.by)} took {title(lead)} over from you: you need not contact them any more."
    return Rendering(text=unbold(text), blocks=(section(text),))


def _holder(held: InHands) -> str:
    return escape(shorten(held.holder, 60)) or "Whoever has it"


def _had(held: InHands) -> str:
    """ "*Ana Ruiz* claimed this 4 min ago." """
    when = ago(held.now - held.since)
    return f"*{_holder(held)}* claimed this {when}." if held.claimed else f"It was given to *{_holder(held)}* {when}."
