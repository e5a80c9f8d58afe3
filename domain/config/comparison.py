"""What a comparison of settings collects: the steps to take, the problems in the way, and who is who."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.changes import Change, Note
from domain.config.errors import SettingsRefused
from domain.config.problems import Loc, Problem, path_of
from domain.config.schema import Config
from domain.config.values import NONE, written
from domain.errors import TandemError
from domain.people import Actor, ensure_member
from domain.text import shorten
from storage.models import Member, Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and how it is written. `record` is what the audit keeps of it, `about` under which name.

    None is a change that nobody needs to read about.
    """

    change: Change | None
    write: Callable[[], None]
    about: str
    record: Change | None


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source that the settings ask for and that does not exist yet."""

    name: str
    auth: str
    team_key: str | None
    tier: str | None
    paused: bool

    @property
    def change(self) -> Change:
        return Change("source_added", self.name, after=self.auth)


@dataclass(slots=True)
class Comparison:
    """Settings beside what is set. `names`: ids by `#channel` and by e-mail address, as Slack gave them.

    `about`: what is being compared, as forms ask the audit who changed it: company, people, team:emea, policy:hot.
    """

    session: Session
    workspace: Workspace
    config: Config
    names: Mapping[str, str]
    by: Actor | None
    at: datetime
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    new_sources: list[NewSource] = field(default_factory=list)
    rescheduled: set[int] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    about: str = "company"
    _members: dict[str, Member] | None = None

    def step(self, change: Change | None, write: Callable[[], None], *, record: Change | None = None) -> None:
        self.steps.append(Step(change, write, self.about, record or change))

    def problem(self, loc: Loc, wrong: TandemError) -> None:
        path = path_of(loc, self.config.model_dump(mode="python", warnings=False))
        self.problems.append(Problem(loc, path, wrong))

    @property
    def members(self) -> dict[str, Member]:
        """Everybody in the workspace, by Slack user id."""
        if self._members is None:
            found = self.session.scalars(select(Member).where(Member.workspace_id == self.workspace.id))
            self._members = {member.slack_user_id: member for member in found}
        return self._members

    def find(self, given: str) -> str | None:
        """The Slack user id of a person in the file; None when nobody has that e-mail address."""
        if "@" not in given:
            return given
        return self.names.get(given) or next(
            (one.slack_user_id for one in self.members.values() if (one.email or "").casefold() == given), None
        )

    def person(self, loc: Loc, given: str) -> str | None:
        """The Slack user id of somebody in the file; None, with a problem noted, when nobody is found."""
        user_id = self.find(given)
        if user_id is None:
            self.problem(loc, SettingsRefused("unknown_address", (written(given),)))
            return None
        if (
            user_id not in self.members
            and given not in self.names
            and any(one.synced_at for one in self.members.values())
        ):
            self.problem(loc, SettingsRefused("unknown_member_id", (written(user_id),)))
            return None
        known = self.members.get(user_id)
        if known is not None and known.kind == "guest":
            self.problem(loc, SettingsRefused("guest", (self.called(user_id),)))
            return None
        if known is not None and known.kind == "stranger":
            self.problem(loc, SettingsRefused("stranger", (self.called(user_id),)))
            return None
        return user_id

    def channel(self, loc: Loc, given: str) -> str | None:
        """The id of a channel in the file, NONE to have none; None, with a problem noted, when it is not found."""
        if given == NONE or not given.startswith("#"):
            return given
        found = self.names.get(given)
        if found is None:
            self.problem(loc, SettingsRefused("unknown_channel", (written(given),)))
        return found

    def called(self, user_id: str | None) -> str:
        """A member's name, in one line."""
        member = self.members.get(user_id or "")
        return shorten(" ".join(member.name.split()), 60) if member is not None else str(user_id)

    def channel_called(self, channel: str | None) -> str:
        """A channel as the file names it, else its id; "" for none."""
        if not channel:
            return ""
        return next((name for name, known in self.names.items() if known == channel), channel)

    def member_id(self, user_id: str) -> int:
        """The row of a member, while changes are written."""
        member = self.members.get(user_id)
        if member is not None:
            return member.id
        return ensure_member(self.session, self.workspace.id, user_id, name="", at=self.at).id
