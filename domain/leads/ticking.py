"""How the clock of an open lead stands at one moment, as cards show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.leads.snoozing import Snooze


@dataclass(frozen=True, slots=True)
class Ticking:
    """The clock of an open lead at the moment of the facts. All times are aware UTC.

    `runs_on_at`: when it goes on, while the team is closed (None: it runs). `begun`: it has counted some
    working time. `pauses`: closed hours lie between now and the deadline. `allowed` is the working time of this
    clock. `extended`: the deadline was moved since the rep was given the lead. `snoozes`: until when the rep can be
    left alone.
    """

    due_at: datetime
    stage: str
    runs_on_at: datetime | None
    begun: bool
    pauses: bool
    allowed: timedelta
    extended: bool
    snoozed_until: datetime | None
    snoozes: tuple[Snooze, ...]
    fence: int
