"""The self-audit: looks every half minute whether anything is overdue, and alarms by log, metric and message.

The message goes through the same outbox that may be what is stuck; the log and the metrics do not.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.metrics import Metrics
from domain.lateness import Overdue, add_up, find_late_or_told, record_incidents
from handlers.arrival import Tandem
from storage.trace import new_request_id, traced

log = structlog.get_logger()

AUDIT_SECONDS = 30


class Audit:
    """One worker's auditor, of all workspaces. Several may look at once: an incident is opened by one of them.

    `overdue`: what the last look found, by workspace.
    """

    def __init__(self, tandem: Tandem, metrics: Metrics) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self.overdue: dict[int, list[Overdue]] = {}

    async def look(self) -> None:
        """Look once. What only this look finds may be a moment's: it must stand at the next one to be an incident."""
        at = self.tandem.clock.now()
        before, found = self.overdue, {}
        with traced(new_request_id("audit")):
            for workspace_id in await self.tandem.db.read(find_late_or_told, at):
                known = {one.what for one in before.get(workspace_id, ())}
                try:
                    overdue, ended = await self.tandem.db.run(record_incidents, workspace_id, known, at=at)
                except Exception:
                    log.exception("a workspace could not be audited", workspace=workspace_id)
                    continue
                if overdue:
                    found[workspace_id] = overdue
                self._tell(workspace_id, overdue, known, ended, at)
        self.overdue = found
        self.metrics.show_overdue(add_up(one for here in found.values() for one in here), at.timestamp())

    def _tell(self, workspace_id: int, overdue: list[Overdue], known: set[str], ended: list[str], at: datetime) -> None:
        for one in overdue:
            tell = log.error if one.what in known else log.warning
            late = round((at - one.since).total_seconds())
            tell("overdue", what=one.what, count=one.count, late_s=late, workspace=workspace_id)
        for what in ended:
            log.info("no longer overdue", what=what, workspace=workspace_id)
