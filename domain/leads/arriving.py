"""A lead on its way in, as whoever takes it in understands it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Touch:
    """Something marketing did that reached the lead: `what` in words, `at` as the sender gave it."""

    what: str
    at: str | None


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead as it arrives. `team` and `tier` are names; unknown ones are noted and fall back.

    `marks`: a sentence for each detail that could not be used as it was sent; `sent`: all of what was sent, for people;
    `said`: the fingerprint of all that was said, None where a person typed the lead. `key`: what the system that sent
    it calls this delivery for good, where it calls it anything. `follows`: it follows from what was asked before (a
    meeting that was booked): of somebody who is known it is news and no new wish. `fields`: what else was answered,
    each by its label as it was sent. `document`: what its fields were read from, decoded; None where nobody kept it.
    """

    name: str
    source: str
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    asked: str | None = None
    score: int | None = None
    tier: str | None = None
    team: str | None = None
    touches: tuple[Touch, ...] = ()
    external_id: str | None = None
    job_title: str | None = None
    marks: tuple[str, ...] = ()
    sent: str | None = None
    said: str | None = None
    key: str | None = None
    follows: bool = False
    meeting: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    document: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arriving:
    """A lead that arrives at `at` (aware UTC), and what gave cause to it (storage/trace.py)."""

    lead: NewLead
    at: datetime
    request_id: str | None = None
