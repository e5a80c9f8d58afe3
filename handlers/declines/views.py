"""A decline as marketing and managers see it: the card, the dispute's thread, the ruling's DM, and two forms."""

from __future__ import annotations

from typing import Final

from domain.leads.declined import DeclineFacts
from domain.leads.disputed import DeclinedLead, Ruling
from domain.leads.disputes import WORDS_LIMIT
from domain.leads.reasons import reason_named
from domain.marks import mark
from domain.text import shorten
from handlers.answers import Block, View
from handlers.blocks import (
    Element,
    actions,
    button,
    context,
    escape,
    input_block,
    modal,
    option,
    quote,
    section,
    text_input,
)
from handlers.blocks import select as select_menu
from handlers.leads.decline_form import until_field
from handlers.leads.declined import disputed_line, quoted, reason_words, rests_line, ruled_line
from handlers.leads.phrases import ALMOST, DONE, QUIET, named, sentence_case, title, unbold
from handlers.leads.views import contact_block, headline, passed_anyway, small_print, spoken_name
from handlers.messages import Rendering
from handlers.words.definition import signature_line
from handlers.words.reasons import meaning_of

ACCEPT: Final = "decline.accept"
DISPUTE: Final = "decline.dispute"
DISPUTE_FORM: Final = "decline.dispute_form"
RULE: Final = "decline.rule"
PICK_VERDICT: Final = "decline.verdict"
RULE_FORM: Final = "decline.rule_form"

VERDICTS: Final = {
    "sales": "Sales takes it back",
    "stands": "The decline stands",
    "nurture": "Back to marketing, for nurture",
}
WHAT_FOLLOWS: Final = {
    "sales": "Whoever had the lead gets it back, with a fresh clock; if they are away, the next rep does.",
    "stands": "The lead stays declined.",
    "nurture": "It rests until that day. Then sales gets it back by itself, with a fresh clock.",
}
COLOURS: Final = {"open": QUIET, "disputed": ALMOST, "ruled": DONE, "accepted": DONE}


def decline_card(found: DeclinedLead, reader: str) -> Rendering:
    """Marketing's card: who gave the lead back and why, and what marketing says of it."""
    lead, decline = found.lead, found.decline
    who = named(decline.by, reader)
    if found.state == "undone":
        return _taken_back(found, reader)
    told = f"{sentence_case(who)} of {escape(lead.team_name)} declined it: *{reason_words(decline)}*"
    blocks: list[Block] = [headline(lead, lead_in="Declined:"), section(told)]
    if decline.note:
        blocks.append(quote(decline.note))
    blocks += contact_block(lead)
    blocks += _outcome(found, reader, asked=False)
    text = f"Declined: {title(lead)}. {sentence_case(unbold(who))}: {reason_words(decline)}."
    return Rendering(text, blocks, colour=COLOURS.get(found.state, QUIET), extra=small_print(lead, why=False))


def ruling_card(found: DeclinedLead, reader: str) -> Rendering:
    """The DM to whoever is to rule: both sides' words and *Rule*; then how it was ruled."""
    lead, decline = found.lead, found.decline
    if found.state == "undone":
        return _taken_back(found, reader)
    text = f"Your ruling is wanted: {title(lead)}."
    if found.state == "ruled":
        text = f"{title(lead)}: {unbold(ruled_line(decline, reader))}."
    sales = f"{sentence_case(named(decline.by, reader))} declined it: *{reason_words(decline)}*"
    blocks: list[Block] = [
        headline(lead, lead_in="Disputed:"),
        section(f"{sales}{quoted(decline.note)}"),
        context(escape(meaning_of(decline.reason))),
        *_agreed(found),
        *_outcome(found, reader, asked=True),
    ]
    return Rendering(text, blocks, colour=COLOURS.get(found.state, QUIET), extra=small_print(lead, why=False))


def dispute_thread(found: DeclinedLead) -> Rendering:
    """What opens the thread of a dispute: what was agreed on, what the reason means, then what each side says."""
    decline = found.decline
    reason = reason_named(decline.reason)
    text = f"{unbold(named(decline.answered_by))} disputes that it is “{escape(reason.label.lower())}”."
    means = section(f"*“{escape(reason.label)}” means:* {escape(meaning_of(reason.name))}")
    blocks: list[Block] = [*_agreed(found), means]
    if decline.note:
        blocks += [section(f"{named(decline.by)} for sales:"), quote(decline.note)]
    blocks += [section(f"{named(decline.answered_by)} for marketing:"), quote(decline.dispute or "")]
    judge = f"{named(decline.judge)} rules." if decline.judge else "A manager rules."
    blocks.append(context(f"{judge} What you write here helps with it."))
    return Rendering(text, blocks)


def _agreed(found: DeclinedLead) -> list[Block]:
    """What both sides agreed to call a lead, with what this one met and failed, and who signed it."""
    agreed, passed = found.agreed, found.lead.passed
    if agreed is None or passed is None:
        return []
    lines = [f":white_check_mark:  {escape(shorten(one, 200))}" for one in passed.met]
    lines += [f":x:  {escape(shorten(one, 200))}" for one in passed.failed]
    signed = ", ".join((signature_line("marketing", agreed.marketing), signature_line("sales", agreed.sales)))
    head = f"*{escape(passed.stage)}, version {passed.version} of the definition* · {signed}"
    how = passed_anyway(passed) if passed.how == "passed" else ""
    return [section("\n".join([head, *lines, *([how] if how else [])]))]


def ruled_notice(found: DeclinedLead, reader: str) -> Rendering:
    """The DM to either side: how it was ruled, and why."""
    decline = found.decline
    line = f"{ruled_line(decline, reader)}{quoted(decline.ruling)}{_proposed(decline)}"
    if decline.verdict == "nurture":
        line += f"\n{rests_line(decline)}"
    text = f"{title(found.lead)}: {unbold(ruled_line(decline, reader))}."
    return Rendering(text, [headline(found.lead, asked=False), section(line)])


def dispute_form(found: DeclinedLead) -> View:
    """Why marketing holds that sales must follow the lead up."""
    decline = found.decline
    said = f"{sentence_case(named(decline.by))} declined it: *{reason_words(decline)}*{quoted(decline.note)}"
    hint = "One sentence. It opens a thread under the card, and a manager reads it."
    words = text_input(multiline=True, max_length=WORDS_LIMIT, focus=True)
    blocks = [
        headline(found.lead, lead_in="You dispute the decline of", asked=False),
        section(said),
        context(escape(meaning_of(decline.reason))),
        input_block("words", "Why should sales follow it up?", words, hint=hint),
    ]
    return modal(DISPUTE_FORM, "Dispute", blocks, submit="Dispute", context={"decline": mark_of(found)})


def rule_form(ruling: Ruling, verdict: str | None = None, words: str = "", proposed: str = "") -> View:
    """How the manager rules, and why; and what should change, so that the next such lead is no dispute."""
    found, decline = ruling.declined, ruling.declined.decline
    reason = reason_named(decline.reason)
    offered = {name: option(label, name) for name, label in VERDICTS.items()}
    menu = select_menu(PICK_VERDICT, "Pick one", list(offered.values()), initial=offered.get(verdict or ""))
    sales = f"{named(decline.by)} declined it: *{reason_words(decline)}*{quoted(decline.note)}"
    blocks: list[Block] = [
        headline(found.lead, asked=False),
        section(sales),
        section(f"{named(decline.answered_by)} disputes that:{quoted(decline.dispute)}"),
        context(f"“{escape(reason.label)}” means: {escape(meaning_of(reason.name))}"),
        {**input_block("verdict", "How do you rule?", menu), "dispatch_action": True},
    ]
    if verdict in WHAT_FOLLOWS:
        blocks.append(context(WHAT_FOLLOWS[verdict]))
    if verdict == "nurture":
        blocks.append(until_field("ruling", ruling.until, hint="The day on which sales gets the lead back."))
    why = text_input(multiline=True, max_length=WORDS_LIMIT, initial=words)
    blocks.append(input_block("words", "Why?", why, hint="Both sides read it."))
    if found.agreed is not None:
        instead = text_input(multiline=True, max_length=WORDS_LIMIT, initial=proposed)
        hint = "So that the next such lead is no dispute. All read it beside the definition until that is changed."
        blocks.append(input_block("proposed", "What should the definition say?", instead, hint=hint, optional=True))
    return modal(RULE_FORM, "Rule", blocks, submit="Rule", context={"decline": mark_of(found)})


def mark_of(found: DeclinedLead) -> str:
    return mark(found.decline.id, found.decline.at)


def _outcome(found: DeclinedLead, reader: str, *, asked: bool) -> list[Block]:
    """What came of the decline so far, with the buttons for what can come. `asked`: the reader is to rule."""
    lead, decline = found.lead, found.decline
    who, marked = spoken_name(lead.name, lead.company), mark_of(found)
    if found.state == "open":
        buttons: tuple[Element, ...] = (
            button("Accept", ACCEPT, marked, about=who),
            button("Dispute", DISPUTE, marked, about=who),
        )
        return [actions(*buttons, block_id=f"decline:{marked}")]
    if found.state == "accepted":
        return [section(f":white_check_mark: Accepted by {named(decline.answered_by, reader)}")]
    if found.state not in ("disputed", "ruled"):
        return []
    blocks: list[Block] = [section(f"{disputed_line(decline, reader)}{quoted(decline.dispute)}")]
    if found.state == "disputed":
        rule = button("Rule", RULE, marked, style="primary" if asked else None, about=who)
        return [*blocks, actions(rule, block_id=f"decline:{marked}")]
    disputed = f"Disputed by {named(decline.answered_by, reader)}{quoted(decline.dispute)}"
    ruled = f"*{unbold(ruled_line(decline, reader))}*{quoted(decline.ruling)}{_proposed(decline)}"
    rests = f"\n{line}" if decline.verdict == "nurture" and (line := rests_line(decline)) else ""
    return [section(disputed), section(f"{ruled}{rests}")]


def _proposed(decline: DeclineFacts) -> str:
    """What should change, after the ruling's words."""
    return f"\nProposed for the definition:{quoted(decline.proposed)}" if decline.proposed else ""


def _taken_back(found: DeclinedLead, reader: str) -> Rendering:
    who = sentence_case(named(found.decline.by, reader))
    text = f"{who} took this decline back: sales has the lead again."
    plain = f"{title(found.lead)}: {unbold(text)}"
    return Rendering(plain, [headline(found.lead, asked=False), section(text)])
