"""How an account looks: what is open, what was heard lately, and all that happened, the newest first."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from digests.mrkdwn import date as moment
from digests.periods import short_date
from domain.account_history import ENTRIES, Entry, KnownAccount, UnknownAccount
from domain.text import shorten
from domain.voc.facts import KIND_NAMES
from handlers.answers import Block, Receipt, View
from handlers.blocks import Element, actions, button, context, divider, escape, modal, section
from handlers.leads.phrases import ENDINGS, REASONS
from handlers.voc.known import number, pulse_line
from handlers.words import listed

WORDS_SHOWN: Final = 240
NAME_SHOWN: Final = 80
OPEN_SHOWN: Final = 5
STEPS: Final = {**ENDINGS, "claimed": "Claimed", "reopened": "Opened again"}


def account_view(account: KnownAccount) -> View:
    """The modal of an account."""
    counts = pulse_line(replace(account.pulse, accounts=0))  # it is about one, and that stands above
    blocks: list[Block] = [section(f"*{escape(shorten(account.name, NAME_SHOWN))}*\n{counts}")]
    if account.open_leads:
        blocks.append(section(_open(account)))
    blocks.append(divider())
    blocks += _timeline(account)
    if turning := _turning(account):
        blocks.append(actions(*turning, block_id=f"account.turn:{account.start}"))
    return modal("account.known", "Account", blocks, submit=None, close="Close")


def account_button(label: str, name: str, place: int = 0) -> Element:
    """Shows an account; `place`: among such buttons of a message."""
    return button(label, f"account.show:{place}", _place(name, 0), about=name)


def read_place(value: str) -> tuple[str, int]:
    """The account's name and where its list begins, of a button's value; of a tampered one, no name."""
    start, _, name = value.partition("@")
    return name, int(start) if start.isascii() and start.isdecimal() and len(start) < 6 else 0


def unknown_view(found: UnknownAccount, tandem: str, voc: str) -> Receipt:
    """What to do where nothing is known under a name, or none was typed."""
    example = f"`{tandem} account Globex`"
    if found.name:
        name = escape(shorten(found.name, NAME_SHOWN))
        text = f"No account is called {name} here."
        hint = f"It becomes one with the first lead of that company, or with `{voc} … @{name}`."
        ask = "Did you mean one of these?"
    else:
        text, hint = "Which account?", f"Type its name: {example}"
        ask = "These came up lately:"
    if not found.near:
        return Receipt(text, [section(f"*{text}*"), context(hint)])
    shown = [account_button(shorten(each, NAME_SHOWN), each, place) for place, each in enumerate(found.near)]
    return Receipt(text, [section(f"*{text}* {ask}"), actions(*shown, block_id="account.near"), context(hint)])


def entry_line(entry: Entry, *, of_lead: bool = True) -> str:
    """One thing that happened, in a line: "Nov 24, 2026  *Objection* #pricing  “too dear”  ·  heard by Bo Larsen".

    `of_lead`: a touch is told with the lead's name; else it is one of that lead alone.
    """
    told = _TOLD[entry.what](entry) if of_lead or entry.what != "touch" else _cut(entry.words, WORDS_SHOWN)
    return f"{moment(entry.at, '{date_short}', fallback=f'{short_date(entry.at.date())} {entry.at.year}')}  {told}"


def _open(account: KnownAccount) -> str:
    shown = [
        f"{_cut(lead.name, 60)} ({_cut(lead.owner, 60) if lead.owner else 'nobody has it'})"
        for lead in account.open_leads[:OPEN_SHOWN]
    ]
    left = len(account.open_leads) - len(shown)
    more = [f"{left:,} more"] if left > 0 else []
    return f"*{number(len(account.open_leads), 'open lead')}*  {listed([*shown, *more])}"


def _timeline(account: KnownAccount) -> list[Block]:
    if not account.entries:
        return [context("Nothing happened with it yet that Tandem knows of.")]
    blocks: list[Block] = [section(entry_line(entry)) for entry in account.entries]
    if account.more and account.start + ENTRIES >= account.total:
        blocks.append(context("What is older is not shown here."))
    return blocks


def _turning(account: KnownAccount) -> list[Element]:
    found: list[Element] = []
    if account.start > 0:
        found.append(button("Newer", "account.turn:newer", _place(account.name, max(0, account.start - ENTRIES))))
    if account.start + ENTRIES < account.total:
        found.append(button("Older", "account.turn:older", _place(account.name, account.start + ENTRIES)))
    return found


def _place(name: str, start: int) -> str:
    return f"{start}@{name}"


def _lead(entry: Entry) -> str:
    asked = f": {_quoted(entry.words)}" if entry.words.strip() else ""
    return f"*Lead* {_cut(entry.lead, NAME_SHOWN)}, from {_cut(entry.source, NAME_SHOWN)}{asked}"


def _touch(entry: Entry) -> str:
    return f"*Touch* {_cut(entry.words, WORDS_SHOWN)}  ·  {_cut(entry.lead, NAME_SHOWN)}"


def _step(entry: Entry) -> str:
    reason = f" ({REASONS.get(entry.words, entry.words).lower()})" if entry.words else ""
    by = f" by {_cut(entry.by, NAME_SHOWN)}" if entry.by else ""
    return f"*{STEPS.get(entry.kind, entry.kind)}*{by}{escape(reason)}  ·  {_cut(entry.lead, NAME_SHOWN)}"


def _voc(entry: Entry) -> str:
    theme = f" #{escape(entry.theme)}" if entry.theme else ""
    said = _quoted(entry.words) if entry.quoted else _cut(entry.words, WORDS_SHOWN)
    heard = "heard by" if entry.quoted else "noted by"
    return f"*{KIND_NAMES.get(entry.kind, entry.kind)}*{theme}  {said}  ·  {heard} {_cut(entry.by, NAME_SHOWN)}"


_TOLD: Final = {"lead": _lead, "touch": _touch, "step": _step, "voc": _voc}


def _cut(text: str, limit: int) -> str:
    return escape(shorten(" ".join(text.split()), limit))


def _quoted(words: str) -> str:
    return f"“{_cut(words, WORDS_SHOWN)}”"
