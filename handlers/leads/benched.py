"""The one message to who let leads lapse: what that means, and the button that ends it."""

from __future__ import annotations

from typing import Final

from domain.leads.benching import Bench
from handlers.blocks import actions, button, date, section
from handlers.messages import Rendering

BACK: Final = "lead.back"


def benched(bench: Bench) -> Rendering:
    """The DM; once they are back, that they are."""
    if bench.since is None:
        text = "You are back: new leads reach you again."
        return Rendering(text=text, blocks=(section(text),))
    words = (
        f"*New leads go to others for now*, since {date(bench.since)}. The time of {bench.lapses} leads in a row ran "
        "out before you claimed them. That happens. The leads that you have stay yours, and your turn is kept."
    )
    return Rendering(
        text="New leads go to others until you are back.",
        blocks=(
            section(words),
            actions(
                button("I’m back", BACK, str(bench.member_id), style="primary"), block_id=f"lead.back:{bench.member_id}"
            ),
        ),
    )
