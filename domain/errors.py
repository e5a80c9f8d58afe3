"""What can go wrong in a way that a person should read about: errors carry facts, words are made elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta


class TandemError(Exception):
    """The base of all errors that a person may see."""


class NotFound(TandemError):
    """The thing a click or command refers to does not exist in this workspace."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not found")
        self.what = what


class NotAllowed(TandemError):
    """The member's role does not allow this. `ask`: the Slack user id of an admin, "" when there is none."""

    def __init__(self, action: str, needs: tuple[str, ...], role: str, ask: str = "") -> None:
        super().__init__(f"{action} needs one of {', '.join(needs)}; this member is a {role}")
        self.action = action
        self.needs = needs
        self.role = role
        self.ask = ask


class FieldProblems(TandemError):
    """Fields of a form that cannot be saved, by field name, each with a sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


class Refused(TandemError):
    """The request makes no sense now; `sentence` says what happened and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BeforeRestore(TandemError):
    """The click names a row of before a backup was put back. `kind`: lead, item, theme, account, persona, audience."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"this names another {kind} than the one that has its id now")
        self.kind = kind


class LeadAlreadyClaimed(TandemError):
    """Somebody was faster. `by` is their name."""

    def __init__(self, by: str, at: datetime, now: datetime) -> None:
        super().__init__(f"already claimed by {by}")
        self.by = by
        self.at = at
        self.now = now


class LeadSettled(TandemError):
    """The lead is no longer open: contacted, declined or closed. `by` is a name, where known."""

    def __init__(self, state: str, by: str | None, at: datetime | None, now: datetime) -> None:
        super().__init__(f"the lead is already {state}")
        self.state = state
        self.by = by
        self.at = at
        self.now = now


class Changed(TandemError):
    """The thing was changed by someone else since it was opened for editing.

    `by` is a name, or "You", where known; `ago`: how long that is past; `changes`: what changed, in words.
    `version`: of the thing as it is now; a form that carries it may save over what was changed.
    """

    def __init__(
        self,
        what: str,
        by: str | None,
        *,
        version: str | int = "",
        ago: timedelta | None = None,
        changes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{what} was changed meanwhile")
        self.what = what
        self.by = by
        self.version = version
        self.ago = ago
        self.changes = changes
