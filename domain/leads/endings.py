"""How a lead was settled, and a step that answered an alarm while it stayed open: parts of a lead's facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.leads.persons import Person


@dataclass(frozen=True, slots=True)
class Ending:
    """How the lead was settled. `took` is time since arrival, `worked` the working time in it.

    `origin`: the CRM whose word it was, where no member said so.
    """

    kind: str
    by: Person | None
    at: datetime
    took: timedelta
    worked: timedelta
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class JoinedInto:
    """The lead of which this one is a part by now. `source`: who said that they are one person, a member or a CRM."""

    name: str
    company: str | None
    owner: Person | None
    source: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A step that a manager or Tandem itself took with a lead; `until` is the deadline it set, `id` its event.

    `missed`: for want of what Tandem moved the lead (domain/leads/ladder.py), "" where a person did.
    """

    id: int
    kind: str
    at: datetime
    by: Person | None
    to: Person | None
    until: datetime | None
    missed: str = ""
