"""The self-audit: looks every half minute whether anything is overdue, and alarms by log, metric and message.

The message goes through the same outbox that may be what is stuck; the log and the metrics do not.
"""

from __future__ import annotations

import structlog

from bot.metrics import Metrics
from domain.lateness import Overdue, record_incidents
from handlers.arrival import Tandem
from storage.models import OVERDUE_KINDS
from storage.trace import new_request_id, traced

log = structlog.get_logger()

AUDIT_SECONDS = 30


class Audit:
    """One worker's auditor. Several may look at once: an incident is opened by one of them."""

    def __init__(self, tandem: Tandem, metrics: Metrics, workspace_id: int) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self.workspace_id = workspace_id
        self.overdue: list[Overdue] = []

    async def look(self) -> None:
        """Look once. What only this look finds may be a moment's: it must stand at the next one to be an incident."""
        at = self.tandem.clock.now()
        before = {one.what for one in self.overdue}
        with traced(new_request_id("audit")):
            self.overdue, ended = await self.tandem.db.run(record_incidents, self.workspace_id, before, at=at)
            for one in self.overdue:
                tell = log.error if one.what in before else log.warning
                tell("overdue", what=one.what, count=one.count, late_s=round((at - one.since).total_seconds()))
            for what in ended:
                log.info("no longer overdue", what=what)
        show_overdue(self.metrics, self.overdue, at.timestamp())


def show_overdue(metrics: Metrics, overdue: list[Overdue], now: float) -> None:
    """Set the gauges; `now` in seconds of the epoch."""
    found = {one.what: one for one in overdue}
    for what in OVERDUE_KINDS:
        one = found.get(what)
        metrics.overdue.labels(what).set(one.count if one else 0)
        metrics.overdue_age.labels(what).set(now - one.since.timestamp() if one else 0)
