"""Why a lead is declined, and what follows from it unless the rep picks something else: declared here alone.

A reason keeps its name for good: rows and other systems know it. Names of the first release stay readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Consequence = Literal["marketing", "nurture", "reroute"]
"""Back to marketing, which accepts or disputes it; back to sales on a day; or to another rep or team at once."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`label`: as a form offers it; `one` and `many`: after a count. What it means: handlers/words/reasons.py.

    `days`: what is proposed for nurture. `offered`: the form has it. `elsewhere`: it says that another team should have
    the lead. `needs_note`: it means nothing without words.
    """

    name: str
    label: str
    one: str
    many: str
    consequence: Consequence = "marketing"
    days: int = 90
    offered: bool = True
    elsewhere: bool = False
    needs_note: bool = False


REASONS: Final = (
    Reason(
        "not_a_fit",
        "Not our profile",
        "not our profile",
        "not our profile",
    ),
    Reason("too_small", "Too small", "too small", "too small"),
    Reason(
        "wrong_contact",
        "Wrong role",
        "wrong role",
        "wrong roles",
        "reroute",
    ),
    Reason(
        "bad_data",
        "Bad data",
        "bad data",
        "bad data",
    ),
    Reason("duplicate", "Duplicate", "duplicate", "duplicates"),
    Reason(
        "not_my_area",
        "Wrong territory",
        "wrong territory",
        "wrong territory",
        "reroute",
        elsewhere=True,
    ),
    Reason(
        "already_customer",
        "Existing customer",
        "existing customer",
        "existing customers",
    ),
    Reason(
        "no_budget",
        "No budget",
        "no budget",
        "no budget",
        "nurture",
        180,
    ),
    Reason(
        "no_response",
        "No response after several tries",
        "no response",
        "no response",
        "nurture",
        30,
    ),
    Reason(
        "locked_in",
        "Locked in until a date",
        "locked in",
        "locked in",
        "nurture",
        180,
    ),
    Reason(
        "not_a_project",
        "Not a real project",
        "not a real project",
        "not real projects",
    ),
    Reason("bad_timing", "Bad timing", "bad timing", "bad timing", "nurture", 90),
    Reason(
        "other",
        "Other",
        "for another reason",
        "for other reasons",
        offered=False,
        needs_note=True,
    ),
)
"""In the order in which the form offers them."""

BY_NAME: Final[Mapping[str, Reason]] = {one.name: one for one in REASONS}


def reason_named(name: str) -> Reason:
    """The reason; one that only another release knows goes by its name."""
    words = name.replace("_", " ")
    return BY_NAME.get(name) or Reason(name, words.capitalize(), words, words, offered=False)
