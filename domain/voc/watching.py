"""The watch of a channel: where a message there surely speaks of a theme, Tandem suggests to log it, and no more.

A suggestion is a reaction of Tandem's own, the one that logs: who clicks it logs the message (domain/voc/reactions.py).
Of a message that nobody logs only its address is kept, for some days, so that nobody gets too many.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.kinds import Kind, tell_kind
from domain.people import NOT_STAFF, Actor
from domain.text import key_words
from domain.voc.sensitive import find_sensitive
from domain.voc.sounding import listen
from storage import jobs, outbox
from storage.locking import locked
from storage.models import Member, WatchSuggestion, Workspace
from storage.outbox import Priority

MOST_A_PERSON: Final = 3
MOST_A_CHANNEL: Final = 20
"""Suggestions within WITHIN: more would be noise."""

WITHIN: Final = timedelta(days=1)
STANDS: Final = timedelta(days=1)
"""After this time Tandem takes its reaction away."""

WATCHED: Final = "voc_watched"
"""The notice in a channel that it is watched."""

KEPT: Final = timedelta(days=7)
FEWEST_WORDS: Final = 4
"""Shorter messages are answers and exclamations."""

LONGEST: Final = 3_000
"""Characters of a message that is listened to. Longer ones are minutes and mails, not what one customer said."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a message stands. `thread_ts`: of a reply's thread, else ""."""

    channel: str
    ts: str
    thread_ts: str


@dataclass(frozen=True)
class Suggest:
    """The job that shows a suggestion. `theme`: the slug of what the message sounds like."""

    kind: ClassVar[str] = "voc_suggest"

    suggestion_id: int
    theme: str


@dataclass(frozen=True)
class ExplainSuggestion:
    """The job that tells somebody, once, what a suggestion on their message means."""

    kind: ClassVar[str] = "voc_suggest_explain"

    suggestion_id: int
    theme: str


@dataclass(frozen=True)
class WithdrawSuggestion:
    """The job that takes Tandem's reaction away."""

    kind: ClassVar[str] = "voc_suggest_end"

    suggestion_id: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion as its jobs see it. `emoji`: the reaction that stands there, else the one that logs now.

    `author`: Slack's id of who wrote the message, `described`: Slack said who they are. `standing`: it is shown.
    """

    channel: str
    ts: str
    thread_ts: str
    author: str
    described: bool
    team_id: str
    emoji: str
    standing: bool


def announce_watch(
    session: Session, workspace_id: int, channel: str, *, by: Actor | None, at: datetime, once: str | None = None
) -> None:
    """Tell a channel that it is watched from now on. `by`: None where a settings file says so."""
    outbox.put_notice(
        session,
        workspace_id,
        WATCHED,
        workspace_id,
        channel,
        at=at,
        priority=Priority.CARD,
        once=once,
        data={"by": by.name if by is not None else ""},
    )


def is_watched(session: Session, slack_team_id: str, channel: str) -> bool:
    """Whether messages of the channel are listened to. It is asked for each message that Slack tells of."""
    return _watch(session, slack_team_id, channel) is not None


def hear(session: Session, slack_team_id: str, channel: str, words: str, *, at: datetime) -> str | None:
    """The slug of the theme that a message in a watched channel surely speaks of; None: nothing is suggested.

    `words`: as people read them.
    """
    workspace_id = _watch(session, slack_team_id, channel)
    if workspace_id is None or len(words) > LONGEST or len(key_words(words)) < FEWEST_WORDS or find_sensitive(words):
        return None
    sounding = listen(session, workspace_id, words, tell_kind(words) or Kind.OBJECTION, at=at)
    return sounding.theme.slug if sounding is not None and sounding.sure else None


def suggest(session: Session, seen: Seen, theme: str, *, by: Actor, at: datetime) -> None:
    """Have a message of `by` suggested, unless they want none, or they or the channel had enough of them."""
    member = session.get_one(Member, by.id)
    if by.kind in NOT_STAFF or member.unsuggested_at is not None:
        return
    known = select(WatchSuggestion.id).where(
        WatchSuggestion.workspace_id == by.workspace_id,
        WatchSuggestion.channel == seen.channel,
        WatchSuggestion.ts == seen.ts,
    )
    count = select(func.count()).where(WatchSuggestion.suggested_at > at - WITHIN)
    of_person = count.where(WatchSuggestion.member_id == by.id)
    in_channel = count.where(WatchSuggestion.workspace_id == by.workspace_id, WatchSuggestion.channel == seen.channel)
    if (
        session.scalar(known) is not None
        or (session.scalar(of_person) or 0) >= MOST_A_PERSON
        or (session.scalar(in_channel) or 0) >= MOST_A_CHANNEL
    ):
        return
    row = WatchSuggestion(
        workspace_id=by.workspace_id,
        channel=seen.channel,
        ts=seen.ts,
        thread_ts=seen.thread_ts or None,
        member_id=by.id,
        state="asked",
        suggested_at=at,
    )
    session.add(row)
    session.flush()
    jobs.enqueue(session, by.workspace_id, Suggest(row.id, theme), at=at)


def load_suggestion(session: Session, workspace_id: int, suggestion_id: int) -> Suggestion | None:
    """What a job is about; None when it is withdrawn, or must not be shown any more."""
    found = session.execute(
        select(WatchSuggestion, Member, Workspace)
        .join(Member, Member.id == WatchSuggestion.member_id)
        .join(Workspace, Workspace.id == WatchSuggestion.workspace_id)
        .where(WatchSuggestion.id == suggestion_id, WatchSuggestion.workspace_id == workspace_id)
    ).first()
    if found is None or found.WatchSuggestion.state == "withdrawn":
        return None
    row, member, workspace = found
    if row.state == "asked" and not _may_show(row, member, workspace):
        return None
    return Suggestion(
        row.channel,
        row.ts,
        row.thread_ts or "",
        member.slack_user_id,
        member.kind is not None,
        workspace.slack_team_id,
        row.emoji or workspace.capture_emoji,
        row.state == "shown",
    )


def note_shown(
    session: Session, workspace_id: int, suggestion_id: int, theme: str, emoji: str, *, at: datetime
) -> None:
    """Tandem's reaction `emoji` stands there now, "": it does not. Whoever never had one reads what it means."""
    row = _find(session, workspace_id, suggestion_id)
    if row is None or row.state != "asked":
        return
    if not emoji:
        row.state = "withdrawn"
        return
    row.state, row.emoji = "shown", emoji
    member = session.get_one(Member, row.member_id)
    if member.suggested_at is None:
        member.suggested_at = at
        jobs.enqueue(session, workspace_id, ExplainSuggestion(row.id, theme), at=at)
    until = at if member.unsuggested_at is not None else at + STANDS
    jobs.enqueue(session, workspace_id, WithdrawSuggestion(row.id), at=at, not_before=until)


def note_unexplained(session: Session, workspace_id: int, suggestion_id: int) -> None:
    """Slack did not show them what a suggestion means: it is told with the next one."""
    row = _find(session, workspace_id, suggestion_id)
    if row is not None:
        session.get_one(Member, row.member_id).suggested_at = None


def note_withdrawn(session: Session, workspace_id: int, suggestion_id: int) -> None:
    """Tandem's reaction is there no more."""
    row = _find(session, workspace_id, suggestion_id)
    if row is not None:
        row.state = "withdrawn"


def want_suggestions(session: Session, *, wanted: bool, by: Actor, at: datetime) -> bool:
    """Whether somebody's own messages get suggestions from now on; those that stand go, too."""
    member = session.get_one(Member, by.id)
    if wanted is (member.unsuggested_at is None):
        return wanted
    member.unsuggested_at = None if wanted else at
    standing = select(WatchSuggestion.id).where(
        WatchSuggestion.member_id == by.id,
        WatchSuggestion.suggested_at > at - 2 * STANDS,
        WatchSuggestion.state == "shown",
    )
    for suggestion_id in [] if wanted else session.scalars(standing).all():
        jobs.enqueue(session, by.workspace_id, WithdrawSuggestion(suggestion_id), at=at)
    return wanted


def wants_suggestions(session: Session, *, by: Actor) -> bool:
    """Whether somebody's own messages get suggestions."""
    return session.get_one(Member, by.id).unsuggested_at is None


def forget_before(session: Session, at: datetime) -> None:
    """Delete what was suggested before then."""
    session.execute(delete(WatchSuggestion).where(WatchSuggestion.suggested_at < at))


def _watch(session: Session, slack_team_id: str, channel: str) -> int | None:
    """The workspace, if it watches the channel, and a reaction logs there."""
    found = session.execute(
        select(Workspace.id, Workspace.capture_emoji, Workspace.watched_channels).where(
            Workspace.slack_team_id == slack_team_id
        )
    ).first()
    if found is None or not found.capture_emoji or channel not in (found.watched_channels or ()):
        return None
    return int(found.id)


def _may_show(row: WatchSuggestion, member: Member, workspace: Workspace) -> bool:
    return bool(
        member.active
        and member.kind not in NOT_STAFF
        and member.unsuggested_at is None
        and workspace.capture_emoji
        and row.channel in (workspace.watched_channels or ())
    )


def _find(session: Session, workspace_id: int, suggestion_id: int) -> WatchSuggestion | None:
    return session.scalars(
        locked(
            select(WatchSuggestion).where(
                WatchSuggestion.id == suggestion_id, WatchSuggestion.workspace_id == workspace_id
            )
        )
    ).one_or_none()
