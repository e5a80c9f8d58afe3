"""The question about a line that may be no saying: what was typed stands in it, and its buttons carry it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from domain.voc.doubt import Meaning
from domain.voc.errors import NoSaying
from handlers.answers import Receipt
from handlers.blocks import Element, actions, button, context, escape, quote, section
from handlers.voc.competitors import competitor_button
from handlers.voc.known import theme_button


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button of the question carries. `token`: of the question, so that it is answered once."""

    token: str
    line: str


WORDS_OF_A_COMMAND: Final = 2
"""Up to so many words, a line that begins with a command's word is rather a command: `undo`, `search pricing`."""
MOST_CARRIED: Final = 2_000
"""Characters of a button's value: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

TOKEN: Final = re.compile(r"q[0-9a-f]{16}")
NOTHING_SAVED: Final = "Nothing is saved yet."
SMALL_PRINT: Final = (
    f"{NOTHING_SAVED} A line of five words or more is logged at once, and so is a line with a #theme, an "
    "@account, quotes or an amount."
)


def question(doubt: NoSaying, token: str) -> Receipt:
    """ "Log this, or did you mean your last items?" with a button for each; `token` as token_of_question makes it."""
    guesses = {
        Meaning.LIST: "your last items, to edit or undo",
        Meaning.HELP: "to see what works here",
        Meaning.SEARCH: "to search what customers said",
    }
    meant = next((guesses[meaning] for meaning in doubt.meanings), "something else")
    asked = f"Log this, or did you mean {meant}?"
    buttons = actions(*_buttons(doubt, token), block_id="voc.asked")
    # A long line that begins with `search` is asked about, too.
    small = NOTHING_SAVED if Meaning.SEARCH in doubt.meanings else SMALL_PRINT
    blocks = [section(f"*{asked}*"), quote(doubt.line), context(small), buttons]
    return Receipt(f"{asked} {escape(doubt.line)}", blocks)


def gone() -> Receipt:
    """A button that does not say what to log: no message of ours has one."""
    text = "This button does not say what to log, so nothing was saved. Please type the line again."
    return Receipt(text, refusal=True)


def read_asked(value: str) -> Asked | None:
    """What a button carries; None for anything else."""
    token, _, told = value.partition(" ")
    try:
        line = json.loads(told)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(line, str) and 0 < len(line) <= MOST_CARRIED and TOKEN.fullmatch(token)):
        return None
    return Asked(token, line)


def in_a_value(told: object) -> str:
    """JSON for a button's value, which comes back as it was written.

    Slack escapes these three in what it gives back of a message (slackapi/bolt-python issue 513). Written so, they
    come back as they were, whether it does or not.
    """
    return "".join(f"\\u{ord(char):04x}" if char in "&<>" else char for char in json.dumps(told, ensure_ascii=False))


def carried(token: str, line: str) -> str | None:
    """The value of a button that carries the line; None when the line is too long for that."""
    value = f"{token} {in_a_value(line)}"
    return value if len(value) <= MOST_CARRIED else None


def _buttons(doubt: NoSaying, token: str) -> list[Element]:
    value = carried(token, doubt.line) or ""
    instead = {
        Meaning.LIST: ("My last items", "voc.show_list", ""),
        Meaning.HELP: ("Help", "voc.show_help", ""),
        Meaning.SEARCH: ("Search", "voc.search_it", value),
    }
    # What is likelier stands out: whoever typed `undo` and clicks in a hurry must not log it.
    is_command = Meaning.SEARCH in doubt.meanings or (
        bool(doubt.meanings) and len(doubt.line.split()) <= WORDS_OF_A_COMMAND
    )
    return [
        button("Log it", "voc.log_it", value, style=None if is_command else "primary"),
        *(button(*instead[meaning], style="primary" if is_command else None) for meaning in doubt.meanings),
        *([theme_button(doubt.theme)] if doubt.theme else []),
        *([competitor_button(doubt.competitor)] if doubt.competitor else []),
        button("Open the form", "voc.fill", value),
    ]
