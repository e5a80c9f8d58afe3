"""Several leads that ran out of time shortly after each other: one message to their manager, with the acts for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.leads.facts import Alert, LeadFacts
from domain.leads.ladder import LONG_LOST
from domain.text import shorten
from handlers.answers import Block, View
from handlers.blocks import actions, button, context, escape, modal, section
from handlers.leads.alerts import outcome, rescue, who_had
from handlers.leads.phrases import DONE, OVERDUE, clock_line, sentence_case, title
from handlers.messages import Rendering

SHOWN: Final = 10
"""Leads with their acts; the others come up as these are settled."""
SETTLED_SHOWN: Final = 5
LISTED: Final = 90


def storm(alerts: Sequence[Alert], reader: str, head: int) -> Rendering:
    """The message about all of these, two at least; `head`: the event that it is named by."""
    left = [one for one in alerts if not one.resolved]
    settled = [one for one in alerts if one.resolved]
    text = _headline(len(alerts), len(left))
    blocks: list[Block] = [section(f"*{text}*")]
    for one in _soonest_saved(left):
        blocks += [section(_lines(one, reader)), *rescue(one.lead)]
    more = len(left) - SHOWN
    if more > 0:
        blocks.append(section(f"and {more} more: the others come up here as these are settled."))
        blocks.append(actions(button("Show all", "lead_storm.all", head), block_id=f"lead_storm:{head}"))
    if settled:
        blocks.append(context("\n".join(_settled(settled, reader))))
    named = "; ".join(title(one.lead) for one in (left or settled)[:3])
    return Rendering(f"{text} {named}{'; …' if len(left) > 3 else ''}", blocks, colour=OVERDUE if left else DONE)


def storm_list(alerts: Sequence[Alert], reader: str) -> View:
    """All of them that are still open, to read."""
    left = [one for one in alerts if not one.resolved]
    blocks = [section(_lines(one, reader)) for one in left[:LISTED]]
    if len(left) > LISTED:
        blocks.append(context(f"and {len(left) - LISTED} more"))
    return modal("lead.storm", "Out of time", blocks or [section("Nothing is left to do.")], submit=None, close="Close")


def _soonest_saved(left: Sequence[Alert]) -> list[Alert]:
    """SHOWN of them, in their order; after an outage, those that were lost long before the last one make room."""
    due = [one.lead.ticking.due_at for one in left if one.lead.ticking]
    lost = max(due) - LONG_LOST if due else None
    late = sorted(left, key=lambda one: bool(lost and one.lead.ticking and one.lead.ticking.due_at <= lost))
    shown = {id(one) for one in late[:SHOWN]}
    return [one for one in left if id(one) in shown]


def _headline(count: int, left: int) -> str:
    if not left:
        return f"{count} leads ran out of time: all are seen to."
    if left == count:
        return f"{count} leads had no contact in time."
    return f"{left} of {count} leads that ran out of time still {'waits' if left == 1 else 'wait'}."


def _lines(alert: Alert, reader: str) -> str:
    lead = alert.lead
    who = f"*Nobody* of {escape(lead.team_name)} is there" if alert.nobody else who_had(alert, reader)
    return f"{_name(lead)}\n{clock_line(lead)}\n{who}"


def _settled(settled: Sequence[Alert], reader: str) -> list[str]:
    lines = [f"{_name(one.lead)}: {sentence_case(outcome(one, reader))}" for one in settled[-SETTLED_SHOWN:]]
    before = len(settled) - SETTLED_SHOWN
    return [*([f"{before} settled before, and:"] if before > 0 else []), *lines]


def _name(lead: LeadFacts) -> str:
    name = f"*{escape(shorten(' '.join(lead.name.split()), 80))}*"
    return f"{name} · {escape(shorten(' '.join(lead.company.split()), 60))}" if lead.company else name
