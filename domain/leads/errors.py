"""What can be wrong with a step that somebody takes with a lead, and with a lead that somebody typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.errors import Refused, TandemError

Why = Literal[
    "still_open",
    "too_late_to_undo",
    "moved_on",
    "past_deadline",
    "time_passed",
    "no_deadline",
    "no_snooze_picked",
    "no_extension_picked",
    "no_tries",
    "no_meeting",
    "erased",
]


@dataclass(unsafe_hash=True)
class StepRefused(Refused):
    """The lead, as it is now, does not allow the step, or nothing was picked.

    `still_open`: there is nothing to undo. `too_late_to_undo`: ten minutes are over, or somebody else clicked.
    `moved_on`: it is in other hands by now. `erased`: its person was erased on request.
    """

    why: Why


@dataclass(unsafe_hash=True)
class LeadNotFound(Refused):
    """No lead here is called so; `text` is "" where the member has none of their own."""

    text: str


@dataclass(unsafe_hash=True)
class NotTheirLead(Refused):
    """The lead belongs to the team of that name, and the member is not in the team."""

    team: str


@dataclass(unsafe_hash=True)
class CannotHaveLead(Refused):
    """The member of that name can be given no lead, or has the lead already."""

    name: str
    why: Literal["stranger", "inactive", "guest", "has_it"]


@dataclass(unsafe_hash=True)
class AwayRefused(Refused):
    """The time until which somebody is away was not understood, has passed, or is more than a year off."""

    why: Literal["not_understood", "passed", "too_far"]


@dataclass(unsafe_hash=True)
class LeadFieldWrong(TandemError):
    """A field of a lead, or of a form about one, cannot be kept. `nobody`: nothing says who the lead is."""

    why: Literal[
        "no_reason",
        "no_note",
        "no_name",
        "nobody",
        "no_address",
        "several_addresses",
        "no_number",
        "no_day",
        "day_passed",
        "day_too_far",
        "nobody_else",
        "no_consequence",
        "no_words",
        "no_verdict",
        "no_triage_reason",
        "no_outcome",
    ]


@dataclass(unsafe_hash=True)
class DeclineMoved(Refused):
    """A decline is not as the click takes it to be. `state`: what it is now; `by` (a name, where known) made it so at
    `at`. `accepted`, `disputed`, `ruled`, or `undone`: sales took it back, or the lead went elsewhere.
    """

    state: str
    by: str | None
    at: datetime | None
    now: datetime


@dataclass(unsafe_hash=True)
class CriterionUnmet(TandemError):
    """What was typed does not meet this criterion of the definition, in words: "employees is at least 50"."""

    criterion: str


@dataclass(unsafe_hash=True)
class CannotBeFixed(Refused):
    """The lead fails a criterion that no typing puts right."""

    criterion: str


@dataclass(unsafe_hash=True)
class OutcomeRefused(Refused):
    """Nothing can have come of the lead yet, or it is not sales' any more. `state`: of the lead."""

    state: str


@dataclass(unsafe_hash=True)
class HoldMoved(Refused):
    """A lead that was held is not any more, or not dropped any more. `state`: what it is now; `by` (a name, where
    known) made it so at `at`: `fixed`, `passed`, `dropped`, or `held` again.
    """

    state: str
    by: str | None
    at: datetime | None
    now: datetime


@dataclass(unsafe_hash=True)
class DoubtMoved(Refused):
    """Whether two leads are one person's is not to be decided any more. `state`: what `by` (a name) said at `at`,
    `same` or `two`; or `over`: one of them ended.
    """

    state: str
    by: str | None
    at: datetime | None
    now: datetime


@dataclass(unsafe_hash=True)
class CompanyDoubtMoved(Refused):
    """Whether two accounts are one company is not to be decided any more. `state`: what `by` (a name) said at `at`,
    `one` or `two`; or `asked`: nobody did, and they are one account for another reason.
    """

    state: str
    by: str | None
    at: datetime | None
    now: datetime


@dataclass(unsafe_hash=True)
class NotTheirRuling(Refused):
    """Somebody else has to rule: the member declined the lead, or disputed that. `ask`: a name."""

    ask: str


@dataclass(unsafe_hash=True)
class TooManyTouches(TandemError):
    """The lead has more touches than are kept."""

    count: int
    limit: int
