"""What both sides take a reason of a decline to mean: one sentence each, under a dispute and on marketing's card."""

from __future__ import annotations

from typing import Final

from domain.leads.reasons import reason_named

MEANINGS: Final = {
    "not_a_fit": "The company is not of the kind that we sell to.",
    "too_small": "The company is smaller than those we sell to.",
    "wrong_contact": "The person neither buys what we sell nor has a say in it.",
    "bad_data": "Nobody can be reached with what was sent: a wrong name, address or number.",
    "duplicate": "The same wish of the same person is a lead already.",
    "not_my_area": "Another team or rep sells there.",
    "already_customer": "The company buys from us already, and this is no new business.",
    "no_budget": "They want it and say that they cannot pay for it now.",
    "no_response": "Nobody answered, though the rep tried several times.",
    "locked_in": "A contract with somebody else binds them until a day that they named.",
    "not_a_project": "They only look around: nobody there has a plan, a day or a sum.",
    "bad_timing": "They want it, but later.",
    "other": "The rep’s own words say why.",
}


def meaning_of(name: str) -> str:
    """The meaning; of a reason that only another release knows, its name."""
    return MEANINGS.get(name) or reason_named(name).label
