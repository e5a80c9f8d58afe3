"""What can go wrong in a way that a person should read about: errors carry facts, handlers/words makes sentences.

An error is a dataclass, so two errors with the same facts are equal. Errors of one subject stand beside it, such as
domain/leads/errors.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.changes import Change


class TandemError(Exception):
    """The base of all errors that a person may see."""

    def __str__(self) -> str:
        """The name of the error and its facts, for the log and for tests: not for people."""
        return repr(self)


class Refused(TandemError):
    """The base of errors that say: this request makes no sense now."""


@dataclass(unsafe_hash=True)
class NotFound(TandemError):
    """The thing a click or command refers to does not exist in this workspace."""

    what: str


@dataclass(unsafe_hash=True)
class NotAllowed(TandemError):
    """The member's role does not allow this. `ask`: the Slack user id of an admin, "" when there is none."""

    action: str
    needs: tuple[str, ...]
    role: str
    ask: str = ""


@dataclass(unsafe_hash=True)
class NotOurs(Refused):
    """The person belongs to another Slack workspace."""


@dataclass(unsafe_hash=True)
class NotForGuests(Refused):
    """The person is a guest of the Slack workspace, and this is for its members."""


@dataclass(unsafe_hash=True)
class OnlyPeople(Refused):
    """An app or a robot asked for what only people may do."""


@dataclass(unsafe_hash=True)
class Deactivated(Refused):
    """The person's account is deactivated in Slack."""


@dataclass
class FieldProblems(TandemError):
    """Fields of a form that cannot be saved: what is wrong with each, by field name."""

    problems: dict[str, TandemError]


@dataclass(unsafe_hash=True)
class BeforeRestore(TandemError):
    """The click names a row of before a backup was put back. `kind`: as domain/marks.py lists them."""

    kind: str


@dataclass(unsafe_hash=True)
class LeadAlreadyClaimed(TandemError):
    """Somebody was faster. `by` is their name."""

    by: str
    at: datetime
    now: datetime


@dataclass(unsafe_hash=True)
class LeadSettled(TandemError):
    """The lead is no longer open: contacted, declined or closed. `by` is a name, where known."""

    state: str
    by: str | None
    at: datetime | None
    now: datetime


@dataclass(unsafe_hash=True)
class Changed(TandemError):
    """The thing was changed by someone else since it was opened for editing.

    `by` is a name, or "You", where known; `ago`: how long that is past; `changes`: what changed: facts, or the text
    that stands there now.
    `version`: of the thing as it is now; a form that carries it may save over what was changed.
    """

    what: str
    by: str | None
    version: str | int = ""
    ago: timedelta | None = None
    changes: tuple[Change | str, ...] = ()


@dataclass(unsafe_hash=True)
class NoSuchTheme(Refused):
    """No theme of that slug can be answered; "" when none was named. `heard`: the slugs that came up most lately."""

    slug: str
    heard: tuple[str, ...]


@dataclass(unsafe_hash=True)
class AnswerDateWrong(TandemError):
    """The last day on which an answer holds is no day to come."""


@dataclass(unsafe_hash=True)
class AnswerWrong(TandemError):
    """There is no text in marketing's answer to a theme."""
