"""How an account looks: what is open, what was heard lately, and all that happened, the newest first."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.account_history import ENTRIES, KnownAccount, UnknownAccount
from domain.text import shorten
from handlers.answers import Block, Receipt, View
from handlers.blocks import Element, actions, button, context, divider, escape, modal, section
from handlers.leads.entries import NAME_SHOWN, account_button, cut, entry_line, place_of
from handlers.voc.known import number, pulse_line
from handlers.words import listed

OPEN_SHOWN: Final = 5


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


def _open(account: KnownAccount) -> str:
    shown = [
        f"{cut(lead.name, 60)} ({cut(lead.owner, 60) if lead.owner else 'nobody has it'})"
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
        found.append(button("Newer", "account.turn:newer", place_of(account.name, max(0, account.start - ENTRIES))))
    if account.start + ENTRIES < account.total:
        found.append(button("Older", "account.turn:older", place_of(account.name, account.start + ENTRIES)))
    return found
