"""Has the items labelled that stand under no theme, where there is a language model."""

from __future__ import annotations

from domain.proposals.labelling import ask_for_labels, workspaces_to_label
from handlers.arrival import Tandem
from handlers.proposals.jobs import Labelling
from storage.trace import new_request_id, traced

LABELS_SECONDS = 60


class Labels:
    """One worker's look at all workspaces. Several may look at once: each asks for the same job."""

    def __init__(self, tandem: Tandem) -> None:
        self.tandem = tandem

    async def look(self) -> None:
        """Ask for a job in each workspace in which items wait."""
        at = self.tandem.clock.now()
        with traced(new_request_id("labels")):
            for workspace_id in await self.tandem.db.read(workspaces_to_label, Labelling, at=at):
                await self.tandem.db.run(ask_for_labels, workspace_id, Labelling(), at=at)
