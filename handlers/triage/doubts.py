"""Two leads that may be one person's, as marketing is asked: the card of a day, the list, and the two answers."""

from __future__ import annotations

from typing import Final

from domain.leads.doubted import DoubtFacts, Doubts
from domain.leads.doubts import decide_same, decide_two
from domain.leads.facts import LeadFacts
from domain.marks import mark
from domain.people import MARKETERS
from domain.text import shorten
from handlers.answers import NOTHING, Answer, Block
from handlers.arrival import Arrival
from handlers.blocks import actions, button, context, date, escape, section
from handlers.leads.phrases import CALM, DONE, OVERDUE, ending_line, named, owner_line, sentence_case
from handlers.leads.views import spoken_name
from handlers.listeners import Listeners
from handlers.messages import Rendering

SAME: Final = "triage.same"
TWO: Final = "triage.two"
SHOWN: Final = 12
"""So many pairs fit into a message; Slack takes 50 blocks."""


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action(SAME, roles=MARKETERS)(on_same)
    listeners.action(TWO, roles=MARKETERS)(on_two)


async def on_same(arrival: Arrival) -> Answer:
    return await arrival.answer(decide_same, arrival.subject_id, view=lambda _: NOTHING)


async def on_two(arrival: Arrival) -> Answer:
    return await arrival.answer(decide_two, arrival.subject_id, view=lambda _: NOTHING)


def doubt_card(pairs: tuple[DoubtFacts, ...], reader: str, prefix: str = "") -> Rendering:
    """The card of a day: each pair with its two answers, then with what was answered. `prefix`: of the commands."""
    left = sum(one.state == "asked" and not one.over for one in pairs)
    blocks: list[Block] = [section(f"*Same person?* {_count(left)}")]
    for one in pairs[:SHOWN]:
        blocks += pair_blocks(one, reader)
    if len(pairs) > SHOWN:
        blocks.append(context(f"and {len(pairs) - SHOWN} more: `/{prefix}tandem held`"))
    text = f"Same person? {_count(left)}."
    return Rendering(text, blocks, colour=OVERDUE if any(one.late for one in pairs) else CALM if left else DONE)


def doubts_blocks(found: Doubts, reader: str | None = None) -> list[Block]:
    """All that wait, for the list and for Home; nothing where none does."""
    if not found.count:
        return []
    late = f" · *{found.late} late*" if found.late else ""
    blocks: list[Block] = [section(f"*Same person?* · {found.count}{late}")]
    for one in found.pairs:
        blocks += pair_blocks(one, reader)
    return blocks


def pair_blocks(one: DoubtFacts, reader: str | None = None) -> list[Block]:
    """The two leads, why they may be one, and by when somebody says so; or what was said."""
    lines = [_lead_line(lead, reader, short=one.state != "asked") for lead in one.leads]
    if one.state == "asked" and not one.over:
        lines += [_why(one), _due(one)]
    else:
        lines.append(f"→ {_answer(one, reader)}")
    blocks: list[Block] = [section("\n".join(lines))]
    if one.state != "same" and not one.over and (one.state == "asked" or _can_join(one)):
        marked, who = mark(one.id, one.at), spoken_name(one.leads[0].name, one.leads[0].company)
        asked = one.state == "asked"
        same = button("Same person: make them one", SAME, marked, style="primary" if asked else None, about=who)
        two = [button("Two people", TWO, marked, about=who)] if asked else []
        blocks.append(actions(same, *two, block_id=f"doubt:{marked}"))
    return blocks


def _can_join(one: DoubtFacts) -> bool:
    return any(lead.is_open for lead in one.leads) and all(
        lead.is_open or lead.state in ("contacted", "qualified") for lead in one.leads
    )


def _lead_line(lead: LeadFacts, reader: str | None, *, short: bool) -> str:
    who = f"*{escape(shorten(lead.name, 60))}*" + (f", {escape(shorten(lead.company, 60))}" if lead.company else "")
    reach = escape(shorten(lead.email or lead.phone or "no address", 80))
    has = owner_line(lead, reader) if lead.is_open else sentence_case(ending_line(lead, reader))
    came = f"from {escape(shorten(lead.source, 40))} {date(lead.arrived_at, '{date_short}')}"
    if short:
        return f"{who} · {reach}"
    return f"{who} · {reach} · {came}\n{has}"


def _why(one: DoubtFacts) -> str:
    if one.why == "crm":
        return f"{escape(shorten(one.source or 'The CRM', 40))} says that they are one person, and both are worked on"
    if one.why == "phone":
        return "They have the same phone number and surname, and another address"
    return "They have the same name and account, and another address"


def _due(one: DoubtFacts) -> str:
    words = "Late since" if one.late else "Decide by"
    when = date(
        one.due_at, f"{words} {{date_short_pretty}} {{time}}", fallback=f"{words} {one.due_at:%a %d %b %H:%M} UTC"
    )
    return f"*{when}*" if one.late else when


def _answer(one: DoubtFacts, reader: str | None) -> str:
    if one.over:
        return "Nothing to decide any more: one of the two leads has ended"
    who = sentence_case(named(one.decided_by, reader))
    if one.state == "two":
        return f"{who} said: two people. Nobody is asked again"
    stays = next((lead for lead in one.leads if lead.joined is None), one.leads[0])
    has = f"{named(stays.owner)} has it" if stays.owner is not None else "nobody has it yet"
    return f"{who} made them one lead; {has}"


def _count(left: int) -> str:
    if not left:
        return "All are answered"
    return f"{left} {'pair' if left == 1 else 'pairs'} of leads, to be decided"
