"""Ways to break the product that lose nothing and double nothing: somebody is treated unfairly, or not served."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutant import Mutant

UNFAIR: Final = (
    Mutant(
        "a digest goes to the channel of another audience",
        "digests.editions",
        "            audience.channel,\n            at=at,",
        "            session.scalar(\n                select(Audience.channel)\n"
        "                .where(Audience.workspace_id == audience.workspace_id)\n"
        "                .order_by(Audience.id)\n            ),\n            at=at,",
        ("stray",),
    ),
    Mutant(
        "the DM of a rep's own lead says that another has it",
        "handlers.leads.views",
        "if lead.owner is not None and lead.owner.user_id != reader:",
        "if lead.owner is not None and lead.owner.user_id == reader:",
        ("wrong card",),
    ),
)
