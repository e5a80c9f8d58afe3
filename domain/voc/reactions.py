"""Logging a message of Slack's by a reaction: noted at once, logged once its words were read, taken back for a while.

Each member logs a message once, and of several who react only the first. What they read of it goes by jobs, as does the
reading: both ask Slack (handlers/voc/jobs.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.people import Actor, actor
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import shorten
from domain.voc.errors import SensitiveText
from domain.voc.form import VocForm
from domain.voc.items import log_form, restore_item, withdraw_item
from storage import jobs
from storage.locking import locked
from storage.models import CapturedMessage, Member, VocItem, Workspace

TAKEN_BACK_WITHIN: Final = timedelta(minutes=10)
"""Whoever takes the reaction away sooner takes the item back, too; later it is only tidied away."""

Outcome = Literal[
    "logged",
    "restored",
    "taken_back",
    "theirs",
    "guest",
    "stranger",
    "deactivated",
    "own_message",
    "gone",
    "no_access",
    "no_words",
    "sensitive",
]
"""What became of a reaction; `theirs`: a colleague has logged this message."""

_SKIN: Final = re.compile(r"::skin-tone-[2-6]\Z")


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction to the message at `channel` and `ts`. `author`: Slack's id of who posted it, `ours`: Tandem's own."""

    emoji: str
    channel: str
    ts: str
    author: str
    ours: str


@dataclass(frozen=True)
class ReadMessage:
    """The job that reads a message's words. `captured_id`: of the row that notes the reaction."""

    kind: ClassVar[str] = "voc_message"

    captured_id: int


@dataclass(frozen=True)
class TellReactor:
    """The job that tells whoever reacted what became of it. `outcome`: an Outcome; `thread_ts`: of a reply's thread.

    `captured_id`: 0 where nothing was noted; `name`: of the colleague who was sooner, `item_id`: what they logged.
    """

    kind: ClassVar[str] = "voc_reaction"

    user_id: str
    channel: str
    outcome: str
    captured_id: int = 0
    thread_ts: str = ""
    name: str = ""
    item_id: int = 0


@dataclass(frozen=True, slots=True)
class MessageRead:
    """A message as Slack showed it. `problem`: why it could not be read, "" when it could.

    `words`: as people read them; `standing`: whether the reaction is still there.
    """

    problem: Literal["", "gone", "no_access"] = ""
    words: str = ""
    author: str = ""
    permalink: str = ""
    thread_ts: str = ""
    standing: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A reaction whose message is to be read. `emoji`: the one that logs now; `described`: Slack said who reacted."""

    channel: str
    ts: str
    user_id: str
    team_id: str
    emoji: str
    described: bool


def without_skin_tone(emoji: str) -> str:
    """People choose their own skin tone; it is one emoji all the same."""
    return _SKIN.sub("", emoji)


def does_log(session: Session, slack_team_id: str, emoji: str) -> bool:
    """Whether a reaction with this emoji logs a message there."""
    wanted = session.scalar(select(Workspace.capture_emoji).where(Workspace.slack_team_id == slack_team_id))
    return bool(wanted) and without_skin_tone(emoji) == wanted


def note_reaction(session: Session, reacted: Reacted, *, by: Actor, at: datetime) -> None:
    """Have the message read and logged. Who reacts again gets the item back that they took back."""
    if by.kind == "guest":
        _tell(session, by, reacted.channel, "guest", at)
        return
    if reacted.author == reacted.ours:
        _tell(session, by, reacted.channel, "own_message", at)
        return
    row = _find(session, reacted, by)
    if row is None:
        row = CapturedMessage(
            workspace_id=by.workspace_id,
            channel=reacted.channel,
            ts=reacted.ts,
            member_id=by.id,
            state="asked",
            reacted_at=at,
        )
        session.add(row)
        session.flush()
    elif row.state == "asked":
        return
    row.reacted_at = at
    if row.item_id is None:
        row.state = "asked"
        jobs.enqueue(session, by.workspace_id, ReadMessage(row.id), at=at)
        return
    row.state = "logged"
    withdrawn = session.get_one(VocItem, row.item_id).state == "withdrawn"
    if withdrawn:
        restore_item(session, row.item_id, by=by, at=at)
    _tell(session, by, row.channel, "restored" if withdrawn else "logged", at, row=row)


def take_reaction_back(session: Session, reacted: Reacted, *, by: Actor, at: datetime) -> None:
    """Take the item back that the reaction logged, within TAKEN_BACK_WITHIN; what is not read yet is never logged."""
    row = _find(session, reacted, by)
    if row is None or row.state not in ("asked", "logged"):
        return
    if row.item_id is None:
        row.state = "taken_back"
        return
    if at - row.reacted_at > TAKEN_BACK_WITHIN:
        return
    row.state = "taken_back"
    if session.get_one(VocItem, row.item_id).state == "live":
        withdraw_item(session, row.item_id, by=by, at=at)
        _tell(session, by, row.channel, "taken_back", at, row=row)


def refuse_reaction(
    session: Session, slack_team_id: str, user_id: str, reacted: Reacted, outcome: Outcome, *, at: datetime
) -> None:
    """Tell somebody who may not log here that nothing was logged."""
    workspace_id = session.scalar(select(Workspace.id).where(Workspace.slack_team_id == slack_team_id))
    if workspace_id is not None:
        jobs.enqueue(session, workspace_id, TellReactor(user_id, reacted.channel, outcome), at=at)


def load_asked(session: Session, workspace_id: int, captured_id: int) -> Asked | None:
    """What is to be read; None when it was taken back, or read, meanwhile."""
    found = session.execute(
        select(CapturedMessage, Member, Workspace)
        .join(Member, Member.id == CapturedMessage.member_id)
        .join(Workspace, Workspace.id == CapturedMessage.workspace_id)
        .where(CapturedMessage.id == captured_id, CapturedMessage.workspace_id == workspace_id)
    ).first()
    if found is None or found.CapturedMessage.state != "asked":
        return None
    row, member, workspace = found
    return Asked(
        row.channel,
        row.ts,
        member.slack_user_id,
        workspace.slack_team_id,
        workspace.capture_emoji,
        member.kind is not None,
    )


def log_captured(session: Session, workspace_id: int, captured_id: int, read: MessageRead, *, at: datetime) -> None:
    """Log the message that was read, unless the reaction was taken back meanwhile."""
    row = session.scalars(
        locked(
            select(CapturedMessage).where(
                CapturedMessage.id == captured_id, CapturedMessage.workspace_id == workspace_id
            )
        )
    ).one_or_none()
    if row is None or row.state != "asked":
        return
    by = actor(session.get_one(Member, row.member_id))
    row.thread_ts = read.thread_ts or None
    if not read.standing and not read.problem:
        row.state = "taken_back"
        return
    refusal = _refusal(session, row, by, read)
    theirs = _logged_by(session, row) if refusal is None else None
    if theirs is not None:
        refusal = "theirs"
    if refusal is None:
        form = VocForm(shorten(read.words, QUICK_LINE_LIMIT))
        try:
            logged = log_form(session, form, origin="reaction", permalink=read.permalink, by=by, at=at)
        except FieldProblems:  # of these words, nothing can be seen
            refusal = "no_words"
        except SensitiveText:
            refusal = "sensitive"
        else:
            row.state, row.item_id = "logged", logged.item.id
            _tell(session, by, row.channel, "logged", at, row=row)
    if refusal is not None:
        row.state = "refused"
        _tell(session, by, row.channel, refusal, at, row=row, theirs=theirs)


def _refusal(session: Session, row: CapturedMessage, by: Actor, read: MessageRead) -> Outcome | None:
    if by.kind == "stranger" or not by.active:
        return "stranger" if by.kind == "stranger" else "deactivated"
    if by.kind == "guest":
        return "guest"
    if read.problem:
        return read.problem
    if read.author and read.author == session.get_one(Workspace, row.workspace_id).bot_user_id:
        return "own_message"
    return None if read.words.strip() else "no_words"


def _logged_by(session: Session, row: CapturedMessage) -> tuple[str, int] | None:
    """Who of the others has logged this message, and the item's id; None when nobody has."""
    found = session.execute(
        select(Member.name, VocItem.id)
        .join(CapturedMessage, CapturedMessage.member_id == Member.id)
        .join(VocItem, VocItem.id == CapturedMessage.item_id)
        .where(
            CapturedMessage.workspace_id == row.workspace_id,
            CapturedMessage.channel == row.channel,
            CapturedMessage.ts == row.ts,
            CapturedMessage.id != row.id,
            VocItem.state == "live",
        )
        .limit(1)
    ).first()
    return (found.name, found.id) if found is not None else None


def _find(session: Session, reacted: Reacted, by: Actor) -> CapturedMessage | None:
    return session.scalars(
        locked(
            select(CapturedMessage).where(
                CapturedMessage.workspace_id == by.workspace_id,
                CapturedMessage.channel == reacted.channel,
                CapturedMessage.ts == reacted.ts,
                CapturedMessage.member_id == by.id,
            )
        )
    ).one_or_none()


def _tell(
    session: Session,
    by: Actor,
    channel: str,
    outcome: Outcome,
    at: datetime,
    *,
    row: CapturedMessage | None = None,
    theirs: tuple[str, int] | None = None,
) -> None:
    name, item_id = theirs or ("", 0)
    told = TellReactor(
        by.user_id,
        channel,
        outcome,
        row.id if row is not None else 0,
        (row.thread_ts or "") if row is not None else "",
        name,
        item_id,
    )
    jobs.enqueue(session, by.workspace_id, told, at=at)
