"""What people outside were told of the newer steps, which must be true in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A step with a decline that Slack saw acknowledged. `what`: an action id; `verdict`: of a ruling, else "".

    `by`: a user id, `at`: when it was made, in seconds since the epoch as Slack counts them.
    """

    what: str
    decline: int
    by: str
    at: float
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Something was looked at, and that was acknowledged. `lead`: which one, 0 for all of them.

    `shown`: what stood there then, "" for nothing. `troubled`: a call of Slack's failed meanwhile, or a process did.
    """

    what: str
    lead: int
    by: str
    at: float
    shown: str
    troubled: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wrote in the Messages tab, by Slack's ids."""

    by: str
    channel: str
    ts: str


@dataclass
class FileGiven:
    """A file of leads: the ids of its rows, if the form was acknowledged, by the file's id what was pressed."""

    keys: tuple[str, ...]
    taken: bool = False
    decided: dict[int, str] = field(default_factory=dict)


@dataclass
class Told:
    """What one company was told. `marketing`: the places where marketing is told of declines.

    `taken_back`: who took back which reassignment, by the receipt that they read before, and when that was
    acknowledged: lead, user id, seconds. `returns`: by a nurture's id, when its time was over.
    """

    marketing: Sequence[str] = ()
    decisions: list[Decision] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    taken_back: list[tuple[int, str, float]] = field(default_factory=list)
    returns: dict[int, datetime] = field(default_factory=dict)
    files: list[FileGiven] = field(default_factory=list)

    def counted(self) -> Counter[str]:
        """How often people were told of what, by what they did."""
        found = Counter(one.what for one in self.decisions) + Counter(f"look: {one.what}" for one in self.looks)
        found.update({f"ruled: {one.verdict}": 1 for one in self.decisions if one.verdict})
        found["asked in the Messages tab"] = len(self.questions)
        found["lead.hand_back"] = len(self.taken_back)
        found["came back from nurture"] = len(self.returns)
        found.update(what for one in self.files for what in one.decided.values())
        return +found
