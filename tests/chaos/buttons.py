"""What the cards of a lead must hold whatever their renderers make of it: who has it, and the way to say more."""

from __future__ import annotations

import json
from collections.abc import Iterator

from storage.models import OPEN_LEAD_STATES
from tests.chaos.records import Records, Violation

CONTACTED = '"action_id": "lead.contacted"'


def look_at_buttons(records: Records) -> Iterator[Violation]:
    """An open lead can be worked on from the channel and from its rep's DM, and from nowhere else.

    Looked for in what the renderers make of the database, which is what stands there: `Oracle` compares both.
    """
    for card_id, truth in records.truth.items():
        card = records.cards[card_id]
        if card.kind not in ("lead_card", "lead_dm") or truth is None:
            continue
        lead = records.leads[card.subject_id]
        owner = records.members[lead.owner_id] if lead.owner_id is not None else None
        theirs = card.kind == "lead_card" or (owner is not None and owner.slack_user_id == card.place)
        wanted, told = lead.state in OPEN_LEAD_STATES and theirs, json.dumps(truth)
        what = f"{card.kind} {card.subject_id} ({lead.state}) at {card.place}"
        if (CONTACTED in told) != wanted:
            yield Violation("wrong card", f"{what} {'lacks' if wanted else 'still has'} its buttons: {told}")
        elif wanted and card.kind == "lead_card" and owner is not None and owner.name not in told:
            yield Violation("wrong card", f"{what} does not name {owner.name}, who has it: {told}")
