"""What only the person who acted sees of leads: their list, the help, and the receipts of steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from domain.leads.availability import Away
from domain.leads.facts import LeadFacts
from domain.leads.listing import OpenLeads
from domain.leads.tries import Tries
from domain.leads.working import Snoozed, Worked
from domain.marks import mark
from domain.text import shorten
from handlers.answers import NOTHING, Answer, Block, Receipt, View
from handlers.blocks import Element, actions, button, context, date, escape, modal, mrkdwn, section
from handlers.leads.phrases import clock_line, owner_line
from handlers.leads.views import spoken_name
from handlers.listeners import Listener

IN_LIST: Final = "list"
"""Ends the action id of a button in the list: the answer to its click is the list again."""


def leads_list(found: OpenLeads, reader: str, command: str, *, hint: bool = False, replace: bool = False) -> Receipt:
    """The open leads with their clocks: one's own with their buttons, then those of the teams one manages."""
    blocks: list[Block] = []
    if found.benched:
        blocks.append(context(f"New leads go to others, since several ran out of time. `{command} back` ends it."))
    if found.away_until is not None:
        blocks.append(context(f"You are away until {date(found.away_until)}. `{command} back` ends it."))
    if found.mine:
        blocks.append(section(f"*Your open leads* ({found.mine_count})"))
        blocks += [block for lead in found.mine for block in _own_row(lead)]
        blocks += _more(found.mine_count - len(found.mine))
    if found.team:
        blocks.append(section(f"*{'Your team’s' if found.manages else 'Other'} open leads* ({found.team_count})"))
        blocks += [_team_row(lead, reader) for lead in found.team]
        blocks += _more(found.team_count - len(found.team))
    if not found.mine and not found.team:
        blocks.append(section("No open leads."))
    if hint:
        blocks.append(context(f"`{command} add` adds a lead · `{command} help` lists the rest"))
    count = found.mine_count + found.team_count
    text = f"{count} open {'lead' if count == 1 else 'leads'}"
    return Receipt(text, blocks, replace=replace, rest="The app’s Home tab shows your leads, too.")


def lead_help(listeners: Iterable[Listener], command: str, unknown: str = "") -> Receipt:
    """What `/lead` can do, from the declarations themselves."""
    lines = [f"`{f'{command} {each.usage}'.strip()}`  {each.help}" for each in listeners if each.help]
    intro = f"I don’t know “{escape(shorten(unknown, 60))}”. This works:" if unknown else "*Leads*"
    return Receipt("How to work with leads", [section("\n".join([intro, *lines]))])


def contacted_receipt(done: Worked[Any]) -> Receipt:
    """Asks for what was said, once, where the rep looks anyway; nobody is reminded of it."""
    text, marked = f"Marked as contacted: {_name(done)}.", mark(done.lead_id, done.arrived_at)
    who = spoken_name(done.name, done.company)
    buttons = (
        button("What did they say?", "lead.said", marked, about=who),
        button("Undo", "lead.undo", marked, about=who),
    )
    return Receipt(text, [section(text), actions(*buttons, block_id=f"lead.contacted:{marked}")])


def tried_receipt(done: Worked[Any]) -> Receipt:
    """Which try that was, and what comes next."""
    tries: Tries = done.result
    if tries.done:
        text = f"Try {tries.made} of {tries.wanted} noted: {_name(done)}. All tries are made: contact or decline it."
    else:
        due = f" All of them are due by {date(tries.until)}." if tries.until is not None else ""
        text = f"Try {tries.made} of {tries.wanted} noted: {_name(done)}.{due}"
    return Receipt(text)


def declined_receipt(done: Worked[str]) -> Receipt:
    """`done.result`: what followed. What went to somebody else at once cannot be undone by who gave it away."""
    if done.result == "reroute":
        return Receipt(f"Declined: {_name(done)}. It went on with a fresh clock; its card says to whom.")
    where = "It comes back by itself" if done.result == "nurture" else "Marketing reads why"
    return _with_undo(f"Declined: {_name(done)}. {where}.", done)


def reopened_receipt(done: Worked[None]) -> Receipt:
    return Receipt(f"Undone: {_name(done)} is open again, and its clock runs on.", replace=True)


def reassigned_receipt(done: Worked[str]) -> Receipt:
    """Who has the lead now, with Undo; it is honoured for ten minutes."""
    text, marked = f"{_name(done)} is with {escape(shorten(done.result, 60))} now.", mark(done.lead_id, done.arrived_at)
    undo = button("Undo", "lead.hand_back", marked, about=spoken_name(done.name, done.company))
    return Receipt(text, [{"type": "section", "text": mrkdwn(text), "accessory": undo}])


def receipt_modal(title: str, receipt: Receipt) -> View:
    """What a receipt says, where messages have no place."""
    return modal("lead.receipt", title, list(receipt.blocks) or [section(receipt.text)], submit=None, close="Close")


def handed_back_receipt(done: Worked[str | None]) -> Receipt:
    who = escape(shorten(done.result, 60)) if done.result else "Nobody"
    return Receipt(f"Undone: {who} has {_name(done)} again, and its clock runs on as it was.", replace=True)


def added_receipt(lead: LeadFacts, reader: str) -> Receipt:
    """Says who got the new lead and until when, and what of it was unknown."""
    text = f"Added: {escape(shorten(lead.name, 100))}."
    blocks: list[Block] = [section(f"{text} {owner_line(lead, reader)}\n{clock_line(lead)}")]
    if lead.notes:
        blocks.append(context(*(escape(note) for note in lead.notes[:3])))
    return Receipt(text, blocks)


def snoozed(done: Worked[Snoozed]) -> Answer:
    """Nothing when the card says it all; else what somebody might believe otherwise."""
    kept = done.result
    if kept.until is None:
        return Receipt("That time has passed, so nothing was changed. Pick another time on the card.")
    if kept.until >= kept.due_at:
        deadline = date(kept.due_at)
        return Receipt(f"No more reminders, but the deadline stays: {deadline}. A manager can give more time.")
    if kept.moved:
        return Receipt(f"No reminder before {date(kept.until)}: that is the next working time.")
    return NOTHING


def away_receipt(away: Away, command: str) -> Receipt:
    count = away.open_leads
    still = f" You still have {count} open {'lead' if count == 1 else 'leads'}: `{command} list`." if count else ""
    return Receipt(f"You get no new leads until {date(away.until)}.{still} `{command} back` ends it.")


def back_receipt(was_away: bool) -> Receipt:
    return Receipt("Welcome back: you get leads again." if was_away else "You were not away; you get leads as before.")


def _own_row(lead: LeadFacts) -> list[Block]:
    who, marked = spoken_name(lead.name, lead.company), mark(lead.id, lead.arrived_at)
    buttons = [button("Contacted", "lead.contacted", marked, about=who)]
    if lead.state == "new":
        buttons.insert(0, button("Claim", f"lead.claim:{IN_LIST}", marked, about=who))
    return [section(f"{_headline(lead)}\n{clock_line(lead)}"), actions(*buttons, block_id=f"lead:{marked}")]


def _team_row(lead: LeadFacts, reader: str) -> Block:
    return section(
        f"{_headline(lead)}\n{clock_line(lead)} · {owner_line(lead, reader)}",
        block_id=f"lead:{mark(lead.id, lead.arrived_at)}",
    )


def _headline(lead: LeadFacts) -> str:
    name = f"*{escape(shorten(' '.join(lead.name.split()), 80))}*"
    return f"{name} · {escape(shorten(' '.join(lead.company.split()), 60))}" if lead.company else name


def _more(count: int) -> list[Block]:
    return [context(f"and {count} more")] if count > 0 else []


def _name(done: Worked[Any]) -> str:
    name = escape(shorten(done.name, 80))
    return f"{name}, {escape(shorten(done.company, 60))}" if done.company else name


def _with_undo(text: str, done: Worked[Any]) -> Receipt:
    who = spoken_name(done.name, done.company)
    undo: Element = button("Undo", "lead.undo", mark(done.lead_id, done.arrived_at), about=who)
    block: Block = {"type": "section", "text": mrkdwn(text), "accessory": undo}
    return Receipt(text, [block])
