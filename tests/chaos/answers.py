"""What the outside was told in a run, which must be true in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Click:
    """A click that Slack saw acknowledged: `what` is its action id, `lead` the lead's id, `by` a user id.

    `at`: when it was made, in seconds since the epoch as Slack counts them.
    """

    what: str
    lead: int
    by: str
    at: float


@dataclass
class Answers:
    """What the outside was told, which must be true in the end.

    `leads`: id by the sender's own id; `teams` and `tiers`: what it was sent for, by that id, or by the lead's address
    where the sender has none.
    `picked`: whom managers picked for a lead, whatever came of it: its id, the manager's user id, and the picked one's.
    `stored` and `refused`: words of /voc with a receipt, or with a refusal; `unanswered`: words after which
    Slack said that the app failed; `unsure`: after which we said that we do not know.
    `looks`: how often the doctor was asked and that was acknowledged; `perhaps`: how often nobody knows.
    """

    leads: dict[str, int] = field(default_factory=dict)
    disagreeing: list[str] = field(default_factory=list)
    teams: dict[str, str] = field(default_factory=dict)
    tiers: dict[str, str] = field(default_factory=dict)
    picked: set[tuple[int, str, str]] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    clicks: list[Click] = field(default_factory=list)
    looks: int = 0
    perhaps: int = 0
    attempts: Counter[str] = field(default_factory=Counter)
