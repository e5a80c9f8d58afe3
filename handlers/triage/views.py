"""A lead that is held as marketing sees it: the card with what failed, the list of all, and three forms."""

from __future__ import annotations

from typing import Final

from domain.companies_asked import CompanyDoubts
from domain.leads.doubted import Doubts
from domain.leads.held import Failed, FixForm, HeldLead, HeldLeads
from domain.leads.triage import REASON_LIMIT, ToFix
from domain.marks import mark
from domain.text import shorten
from handlers.answers import Block, Receipt, View
from handlers.blocks import Element, actions, button, context, date, escape, input_block, modal, section, text_input
from handlers.leads.phrases import CALM, DONE, OVERDUE, QUIET, ending_line, named, sentence_case, title, unbold
from handlers.leads.views import contact_block, headline, small_print, spoken_name
from handlers.messages import Rendering
from handlers.triage.companies import companies_blocks
from handlers.triage.doubts import doubts_blocks

FIX: Final = "triage.fix"
ANYWAY: Final = "triage.anyway"
DROP: Final = "triage.drop"
TAKE_UP: Final = "triage.take_up"
FIX_FORM: Final = "triage.fix_form"
ANYWAY_FORM: Final = "triage.anyway_form"
DROP_FORM: Final = "triage.drop_form"

ENDED: Final = frozenset({"withdrawn", "joined"})
"""States of leads that nobody decided about: they ended otherwise."""

FAILED_SHOWN: Final = 8
LONG: Final = 150
"""From so many characters on a field has several lines."""


def triage_card(held: HeldLead, reader: str) -> Rendering:
    """Marketing's card: what failed in plain words and the three ways on; then what became of it."""
    lead = held.lead
    if held.state != "held":
        return _decided(held, reader)
    blocks: list[Block] = [
        headline(lead, lead_in="Held:"),
        section(failed_lines(held)),
        *contact_block(lead),
        buttons(held),
    ]
    first = f"{_plain(held.failed[0])}" if held.failed else ""
    text = f"Held: {title(lead)}. {first}".strip()
    return Rendering(text, blocks, colour=OVERDUE if held.late else CALM, extra=small_print(lead, why=False))


def failed_lines(held: HeldLead) -> str:
    """What a lead lacks, and by when marketing looks."""
    count = f"{len(held.failed)} of {held.asked}"
    lines = [f"*Not an {held.stage} yet*: {count} criteria {'is' if len(held.failed) == 1 else 'are'} not met"]
    lines += [f"✗  {_line(one)}" for one in held.failed[:FAILED_SHOWN]]
    left = len(held.failed) - FAILED_SHOWN
    if left > 0:
        lines.append(f"and {left} more")
    if held.due_at is not None:
        words = "Late since" if held.late else "Look at it by"
        when = date(
            held.due_at, f"{words} {{date_short_pretty}} {{time}}", fallback=f"{words} {held.due_at:%a %d %b %H:%M} UTC"
        )
        lines.append(f"*{when}*" if held.late else when)
    return "\n".join(lines)


def buttons(held: HeldLead) -> Block:
    """The ways on."""
    who, marked = spoken_name(held.lead.name, held.lead.company), mark_of(held)
    elements: list[Element] = [
        button("Fix", FIX, marked, style="primary", about=who),
        button("Pass anyway", ANYWAY, marked, about=who),
        button("Drop", DROP, marked, about=who),
    ]
    return actions(*elements, block_id=f"triage:{marked}")


def held_list(found: HeldLeads, doubts: Doubts, companies: CompanyDoubts, prefix: str) -> Receipt:
    """All that waits for marketing, with the ways on: held leads, and pairs that may be one person or one company."""
    asked: list[Block] = []
    shown = (doubts, doubts_blocks(doubts)), (companies, companies_blocks(companies, None, prefix))
    for pairs, lines in shown:
        left = pairs.count - len(pairs.pairs)
        asked += [*lines, *([context(f"and {left} more pairs, which came later")] if left else [])]
    if not found.count and asked:
        return Receipt("Same person?" if doubts.count else "Same company?", asked)
    if not found.count:
        return Receipt(
            "No lead is held.", [section("No lead is held. What comes and does not meet the definition waits here.")]
        )
    late = f", {found.late} late" if found.late else ""
    blocks: list[Block] = [section(f"*Held leads* ({found.count}{late})")]
    for one in found.leads:
        blocks += [headline(one.lead, asked=False), section(failed_lines(one)), buttons(one)]
    if found.count > len(found.leads):
        blocks.append(context(f"and {found.count - len(found.leads)} more, which came later"))
    return Receipt(f"{found.count} held {'lead' if found.count == 1 else 'leads'}", [*blocks, *asked])


def fix_form(form: FixForm) -> View:
    """The fields that failed, each with what it must be. The fields' ids are their places."""
    held = form.held
    blocks: list[Block] = [headline(held.lead, lead_in="You fix", asked=False)]
    blocks += [_field(one, number) for number, one in enumerate(form.fields)]
    for other in form.others:
        blocks.append(context(f"Cannot be typed here: {escape(shorten(other, 200))}. Pass it anyway, or drop it."))
    blocks.append(context("Once all criteria are met, sales gets the lead, and its clock starts."))
    remembered = {"hold": mark_of(held), "fields": [one.key for one in form.fields]}
    return modal(FIX_FORM, "Fix lead", blocks, submit="Fix" if form.fields else None, context=remembered)


def reason_form(held: HeldLead, *, drop: bool) -> View:
    """Why a lead is passed anyway, or dropped."""
    words = text_input(multiline=True, max_length=REASON_LIMIT, focus=True)
    if drop:
        hint = "Your colleagues read it on the card. A dropped lead can be taken up again."
        label, name, verb = "Why is it dropped?", "Drop lead", "You drop"
    else:
        hint = "The rep reads it on the lead’s card."
        label, name, verb = "Why should sales get it all the same?", "Pass anyway", "You pass on"
    blocks: list[Block] = [
        headline(held.lead, lead_in=verb, asked=False),
        section(failed_lines(held)),
        input_block("reason", label, words, hint=hint),
    ]
    form = DROP_FORM if drop else ANYWAY_FORM
    return modal(form, name, blocks, submit="Drop" if drop else "Give it to sales", context={"hold": mark_of(held)})


def mark_of(held: HeldLead) -> str:
    return mark(held.id, held.at)


def field_id(number: int) -> str:
    """The block id of a field of the form, by its place."""
    return f"field{number}"


def _field(one: ToFix, number: int) -> Block:
    asks = shorten("; ".join(one.asks), 140)
    element = text_input(initial=one.said or None, multiline=len(one.said) > LONG, max_length=3000, focus=number == 0)
    return input_block(field_id(number), shorten(one.label[:1].upper() + one.label[1:], 80), element, hint=asks)


def _line(one: Failed) -> str:
    return f"{escape(shorten(one.criterion, 160))}: {_said(one)}"


def _plain(one: Failed) -> str:
    return f"{_line(one)}."


def _said(one: Failed) -> str:
    return f"it says “{escape(shorten(one.said, 80))}”" if one.said else "nothing was sent"


def _decided(held: HeldLead, reader: str) -> Rendering:
    """What became of it; a lead that was dropped can be taken up again."""
    lead, who = held.lead, sentence_case(named(held.decided_by, reader))
    reason = f": “{escape(shorten(held.reason, 200))}”" if held.reason else ""
    if lead.state in ENDED:
        return Rendering(
            unbold(f"{title(lead)}: {ending_line(lead, reader)}."),
            [headline(lead, asked=False), section(sentence_case(ending_line(lead, reader)))],
            colour=DONE,
        )
    if held.state == "dropped":
        said = f"{who} dropped it{reason}"
    elif held.state == "passed":
        said = f"{who} passed it on all the same{reason}"
    elif held.decided_by is None:
        said = "They wrote again, and now it meets the definition"
    else:
        said = f"{who} fixed it, and it meets the definition"
    owner = ""
    if held.state != "dropped":
        owner = (
            f"\nSales has it: {named(lead.owner)}" if lead.owner is not None else "\nSales has it: nobody is free yet"
        )
    blocks: list[Block] = [headline(lead, asked=False), section(f"{said}{owner}")]
    if held.state == "dropped":
        marked = mark_of(held)
        again = button("Take it up again", TAKE_UP, marked, about=spoken_name(lead.name, lead.company))
        blocks.append(actions(again, block_id=f"triage:{marked}"))
    colour = QUIET if held.state == "dropped" else DONE
    return Rendering(f"{title(lead)}: {unbold(said)}.", blocks, colour=colour)
