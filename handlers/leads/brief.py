"""The brief: what a rep reads before the first call, from top to bottom in the order in which a call needs it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from domain.account_history import Entry
from domain.brief import Brief, Expected
from domain.leads.passed import PassedFacts
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from handlers.answers import Block, View
from handlers.blocks import actions, context, divider, escape, modal, section
from handlers.leads.entries import account_button, entry_line
from handlers.leads.forms import MOST_BLOCKS, as_sent, words_block
from handlers.leads.phrases import name_of
from handlers.leads.views import contact_block, headline, passed_anyway
from handlers.leads.why import why_block
from handlers.voc.known import number
from handlers.voc.worked import worked_line

PIECE: Final = 2900
TOUCHES_SHOWN: Final = 10
NOTES_SHOWN: Final = 20
ANSWER_SHOWN: Final = 500
PERSONA_SHOWN: Final = 400
DIALLED: Final = re.compile(r"\+?[0-9]{5,15}")


def brief_view(brief: Brief) -> View:
    """The modal of a lead's brief."""
    lead = brief.lead
    call = _call(lead.phone)
    blocks: list[Block] = [headline(lead, asked=False), *contact_block(replace(lead, phone=None) if call else lead)]
    if call:
        blocks.append(section(call))
    owner = name_of(lead.owner) if lead.owner else "nobody"
    blocks.append(context(f"With {owner} · {escape(lead.team_name)} · from {escape(shorten(lead.source, 60))}"))
    blocks += _definition(lead.passed)
    blocks += _asked(brief)
    blocks += _touched(brief.touched)
    blocks += _persona(brief)
    blocks += _account(brief)
    blocks += _expected(brief)
    if lead.notes:
        blocks += [section("*Noted on arrival*"), words_block("\n".join(lead.notes[:NOTES_SHOWN]))]
    blocks += why_block(brief.moves)
    sent = [block for wish in brief.wishes if wish.sent for block in as_sent(wish, lead)]
    if sent:
        blocks += [divider(), *sent]
    return modal("lead.brief", "Brief", blocks[:MOST_BLOCKS], submit=None, close="Close")


def _call(phone: str | None) -> str:
    """The number as what a phone dials when it is tapped; empty where it is no plain number."""
    # "+44 (0)20 …": the zero is for calls within the country alone.
    abroad = re.sub(r"^(\s*\+.*?)\(0\)", r"\1", phone or "")
    digits = re.sub(r"[\s().\-/\u2010-\u2015]", "", abroad)
    return f"Call <tel:{digits}|{escape(phone or '')}>" if DIALLED.fullmatch(digits) else ""


def _definition(passed: PassedFacts | None) -> list[Block]:
    """Which criteria the lead met before sales got it."""
    if passed is None:
        return []
    met = escape(shorten(", ".join(passed.met), 400)) or "none"
    lines = [f"{passed.stage}, definition version {passed.version}: {met}"]
    if passed.failed:
        lines.append(passed_anyway(passed))
    return [context("\n".join(lines))]


def _asked(brief: Brief) -> list[Block]:
    asked = brief.lead.asked or ""
    if not asked.strip():
        return []
    return [section("*Asked for*"), *(words_block(asked[at : at + PIECE]) for at in range(0, len(asked), PIECE))]


def _touched(touched: tuple[Entry, ...]) -> list[Block]:
    if not touched:
        return []
    lines = [entry_line(entry, of_lead=False) for entry in touched[:TOUCHES_SHOWN]]
    left = len(touched) - len(lines)
    if left > 0:
        lines.append(f"and {left:,} earlier")
    return [section("\n".join(["*What reached them*, the latest first", *lines]))]


def _persona(brief: Brief) -> list[Block]:
    persona = brief.persona
    if persona is None:
        return []
    told = [f"*{escape(persona.name)}*, by the job title"]
    for label, words in (("What to say", persona.message), ("Pains", persona.pains)):
        if words.strip():
            told.append(f"{label}: {escape(shorten(' '.join(words.split()), PERSONA_SHOWN))}")
    return [section("\n".join(told))]


def _account(brief: Brief) -> list[Block]:
    if brief.account is None:
        return []
    name = escape(shorten(brief.account, 80))
    said = [section(entry_line(entry)) for entry in brief.said]
    told = section(f"*What was heard of {name} before*" if said else f"Nothing was heard of *{name}* before.")
    return [told, *said, actions(account_button("Whole account", brief.account), block_id="brief.account")]


def _expected(brief: Brief) -> list[Block]:
    if not brief.expected:
        return [context("No objections were logged yet, so none are foretold.")]
    blocks = [section("*Objections to expect*")]
    return blocks + [section(_objection(one)) for one in brief.expected]


def _objection(one: Expected) -> str:
    heard = []
    if one.own:
        heard.append("*they raised it*")
    if one.accounts > 1 or (one.items and not one.own):
        about = f" about {number(one.accounts, 'account')}" if one.accounts else ""
        heard.append(f"{number(one.items, 'item')}{about} in {PULSE_DAYS} days")
    lines = [f"*#{escape(one.slug)}*  {', '.join(heard)}"]
    if one.answer:
        marks = [*([] if one.safe else ["internal"]), *(["*to be checked*"] if one.to_check else [])]
        marked = f" ({', '.join(marks)})" if marks else ""
        lines.append(f"*Answer*{marked}: {escape(shorten(' '.join(one.answer.split()), ANSWER_SHOWN))}")
    if worked := worked_line(one.worked):
        lines.append(worked)
    if len(lines) == 1:
        lines.append("No answer and no content yet.")
    return "\n".join(lines)
