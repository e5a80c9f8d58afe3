"""What happened with an account or a lead, a line each: for the brief and for the account's own list."""

from __future__ import annotations

from typing import Final

from digests.mrkdwn import date as moment
from digests.periods import short_date
from domain.account_history import Entry
from domain.leads.reasons import reason_named
from domain.text import shorten
from domain.voc.facts import KIND_NAMES
from handlers.blocks import Element, button, escape
from handlers.leads.phrases import ENDINGS

WORDS_SHOWN: Final = 240
NAME_SHOWN: Final = 80
STEPS: Final = {
    **ENDINGS,
    "claimed": "Claimed",
    "reopened": "Opened again",
    "decline_accepted": "Decline accepted",
    "disputed": "Decline disputed",
    "ruled": "Ruled",
    "held": "Held by marketing",
    "passed": "Passed on to sales",
    "dropped": "Dropped by marketing",
    "joined": "Joined with another lead",
    "withdrawn": "Taken back by its source, or erased on request",
}


def entry_line(entry: Entry, *, of_lead: bool = True) -> str:
    """One thing that happened, in a line: "Nov 24, 2026  *Objection* #pricing  “too dear”  ·  heard by Bo Larsen".

    `of_lead`: a touch is told with the lead's name; else it is one of that lead alone.
    """
    told = _TOLD[entry.what](entry) if of_lead or entry.what != "touch" else cut(entry.words, WORDS_SHOWN)
    return f"{moment(entry.at, '{date_short}', fallback=f'{short_date(entry.at.date())} {entry.at.year}')}  {told}"


def account_button(label: str, name: str, place: int = 0) -> Element:
    """Shows an account; `place`: among such buttons of a message."""
    return button(label, f"account.show:{place}", place_of(name, 0), about=name)


def place_of(name: str, start: int) -> str:
    """The value of a button that shows an account from its entry `start` on."""
    return f"{start}@{name}"


def _lead(entry: Entry) -> str:
    asked = f": {_quoted(entry.words)}" if entry.words.strip() else ""
    return f"*Lead* {cut(entry.lead, NAME_SHOWN)}, from {cut(entry.source, NAME_SHOWN)}{asked}"


def _touch(entry: Entry) -> str:
    return f"*Touch* {cut(entry.words, WORDS_SHOWN)}  ·  {cut(entry.lead, NAME_SHOWN)}"


def _step(entry: Entry) -> str:
    reason = f" ({reason_named(entry.words).label.lower()})" if entry.words else ""
    by = f" by {cut(entry.by, NAME_SHOWN)}" if entry.by else ""
    return f"*{STEPS.get(entry.kind, entry.kind)}*{by}{escape(reason)}  ·  {cut(entry.lead, NAME_SHOWN)}"


def _voc(entry: Entry) -> str:
    theme = f" #{escape(entry.theme)}" if entry.theme else ""
    said = _quoted(entry.words) if entry.quoted else cut(entry.words, WORDS_SHOWN)
    heard = "heard by" if entry.quoted else "noted by"
    return f"*{KIND_NAMES.get(entry.kind, entry.kind)}*{theme}  {said}  ·  {heard} {cut(entry.by, NAME_SHOWN)}"


_TOLD: Final = {"lead": _lead, "touch": _touch, "step": _step, "voc": _voc}


def cut(text: str, limit: int) -> str:
    """Somebody's words in one line, shown as they are."""
    return escape(shorten(" ".join(text.split()), limit))


def _quoted(words: str) -> str:
    return f"“{cut(words, WORDS_SHOWN)}”"
