"""Questions that people write to Tandem in its Messages tab: each is stored, answered once, and judged by who asked.

What is said to them goes by a job, since it asks Slack and may ask a language model (handlers/agent/jobs.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.people import NOT_STAFF, Actor, actor
from domain.pulse import leading_themes, take_pulse
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.voc.small_talk import plainly_asks
from storage import jobs
from storage.locking import locked
from storage.models import AgentQuestion, Card, Member, Theme, Workspace
from storage.outbox import CardRef

THREAD: Final = "agent_question"
"""The kind of card that stands for a person's message: what is said to it goes below it."""

KEPT: Final = timedelta(days=90)
LATELY: Final = timedelta(days=PULSE_DAYS)
THEMES_PROMPTED: Final = 2
COMPETITORS_LOOKED_AT: Final = 5
LONGEST_TEXT: Final = 4_000


@dataclass(frozen=True)
class AgentAnswer:
    """The job that says something to a message of the Messages tab."""

    kind: ClassVar[str] = "agent_answer"

    question_id: int


@dataclass(frozen=True)
class AgentPrompts:
    """The job that suggests what to ask. `user_id` opened the Messages tab, `channel`: their DM with Tandem."""

    kind: ClassVar[str] = "agent_prompts"

    user_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message in the Messages tab, by Slack's ids. `thread_ts`: "" for one in no thread; `text`: as it was read."""

    channel: str
    ts: str
    thread_ts: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that nothing was said to yet. `begun_at`: when a stream was begun, `answer_ts`: as Slack named it.

    `others`: messages that answer other questions of the thread. `ours`: our bot's user id.
    """

    id: int
    channel: str
    ts: str
    thread_ts: str
    text: str
    at: datetime
    by: Actor
    team_id: str
    ours: str | None
    begun_at: datetime | None
    answer_ts: str | None
    others: frozenset[str]

    @property
    def was_begun(self) -> bool:
        """Whether an earlier try may have begun to stream the answer."""
        return self.begun_at is not None


@dataclass(frozen=True, slots=True)
class AskedLately:
    """How many questions were answered in the Messages tab in the last PULSE_DAYS days, and how many of them helped."""

    answered: int
    helped: int
    not_helped: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What can be asked here: the themes of most accounts of late, and a competitor that was named of late."""

    themes: tuple[str, ...]
    competitor: str | None


def note_message(session: Session, said: Said, *, by: Actor, at: datetime) -> None:
    """Keep what was written, and have it answered. Below another message only what plainly asks is answered."""
    if said.thread_ts and not plainly_asks(said.text):
        return
    if _of_message(session, by.workspace_id, said.channel, said.ts) is not None:
        return
    row = AgentQuestion(
        workspace_id=by.workspace_id,
        member_id=by.id,
        channel=said.channel,
        ts=said.ts,
        thread_ts=said.thread_ts or said.ts,
        text=shorten(said.text, LONGEST_TEXT),
        state="asked",
        asked_at=at,
    )
    session.add(row)
    session.flush()
    jobs.enqueue(session, by.workspace_id, AgentAnswer(row.id), at=at)


def take_message_back(session: Session, slack_team_id: str, channel: str, ts: str) -> None:
    """Say nothing to a message that was deleted; an answer that stands stays."""
    workspace_id = session.scalar(select(Workspace.id).where(Workspace.slack_team_id == slack_team_id))
    row = _of_message(session, workspace_id, channel, ts) if workspace_id is not None else None
    if row is not None and row.answer_ts is None:
        row.state = "dropped"


def ask_for_prompts(session: Session, channel: str, *, by: Actor, at: datetime) -> None:
    """Have something to ask suggested to a member who opened the Messages tab."""
    if by.kind not in NOT_STAFF:
        jobs.enqueue(session, by.workspace_id, AgentPrompts(by.user_id, channel), at=at)


def load_asked(session: Session, workspace_id: int, question_id: int) -> Asked | None:
    """What is to be answered; None when it was, or when it was deleted, or whoever asked is gone."""
    found = session.execute(
        select(AgentQuestion, Member, Workspace)
        .join(Member, Member.id == AgentQuestion.member_id)
        .join(Workspace, Workspace.id == AgentQuestion.workspace_id)
        .where(AgentQuestion.id == question_id, AgentQuestion.workspace_id == workspace_id)
    ).first()
    if found is None or found.AgentQuestion.state != "asked" or not found.Member.active:
        return None
    row, member, workspace = found
    others = session.scalars(
        select(AgentQuestion.answer_ts).where(
            AgentQuestion.workspace_id == workspace_id,
            AgentQuestion.channel == row.channel,
            AgentQuestion.thread_ts == row.thread_ts,
            AgentQuestion.id != row.id,
            AgentQuestion.answer_ts.is_not(None),
        )
    )
    return Asked(
        id=row.id,
        channel=row.channel,
        ts=row.ts,
        thread_ts=row.thread_ts,
        text=row.text,
        at=row.asked_at,
        by=actor(member),
        team_id=workspace.slack_team_id,
        ours=workspace.bot_user_id,
        begun_at=row.begun_at,
        answer_ts=row.answer_ts,
        others=frozenset(ts for ts in others if ts),
    )


def note_begun(session: Session, question_id: int, *, at: datetime) -> None:
    """Slack is about to be asked for a stream: whoever goes on after a crash looks for it first."""
    session.get_one(AgentQuestion, question_id).begun_at = at


def note_stream(session: Session, question_id: int, ts: str) -> None:
    """The answer stands at `ts`, as far as it is written."""
    session.get_one(AgentQuestion, question_id).answer_ts = ts


def end_question(session: Session, workspace_id: int, question_id: int, state: str) -> AgentQuestion | None:
    """Something was said to it, or never will be; None when that is so already."""
    row = session.scalars(
        locked(select(AgentQuestion).where(AgentQuestion.id == question_id, AgentQuestion.workspace_id == workspace_id))
    ).one_or_none()
    if row is None or row.state != "asked":
        return None
    row.state = state
    return row


def load_reader(session: Session, row: AgentQuestion) -> str:
    """The Slack user id of whoever asked."""
    return session.get_one(Member, row.member_id).slack_user_id


def thread_below(session: Session, row: AgentQuestion, place: str, *, at: datetime) -> CardRef:
    """The message that somebody wrote, as what is said below it. `place`: the person's Slack user id."""
    standing = {"channel": row.channel, "ts": row.thread_ts, "state": "standing"}
    card = Card(workspace_id=row.workspace_id, kind=THREAD, subject_id=row.id, place=place, created_at=at, **standing)
    session.add(card)
    session.flush()
    return CardRef(card.id, place)


def is_dropped(session: Session, workspace_id: int, question_id: int) -> bool:
    """Whether the message was deleted, or forgotten, before anything was said to it."""
    row = session.get(AgentQuestion, question_id)
    return row is None or row.workspace_id != workspace_id or row.state == "dropped"


def judge_answer(session: Session, question_id: int, *, helped: bool, by: Actor, at: datetime) -> bool:
    """Keep whether an answer helped whoever asked; what they say last counts. Whether that is new.

    Raises NotFound for a question of somebody else.
    """
    row = session.scalars(
        locked(
            select(AgentQuestion).where(
                AgentQuestion.id == question_id,
                AgentQuestion.workspace_id == by.workspace_id,
                AgentQuestion.member_id == by.id,
            )
        )
    ).one_or_none()
    if row is None or row.state != "answered":
        raise NotFound("answer")
    is_new = row.helped is not helped
    row.helped, row.judged_at = helped, at
    return is_new


def count_asked(session: Session, workspace_id: int, *, at: datetime) -> AskedLately:
    """What was asked in the Messages tab in the last PULSE_DAYS days, and what came back."""
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((AgentQuestion.helped.is_(True), 1), else_=0)), 0),
            func.coalesce(func.sum(case((AgentQuestion.helped.is_(False), 1), else_=0)), 0),
        ).where(
            AgentQuestion.workspace_id == workspace_id,
            AgentQuestion.state == "answered",
            AgentQuestion.asked_at > at - LATELY,
        )
    ).one()
    return AskedLately(int(row[0]), int(row[1]), int(row[2]))


def suggest(session: Session, workspace_id: int, *, at: datetime) -> Suggestions:
    """What is worth asking here."""
    ids = list(leading_themes(session, workspace_id, at, THEMES_PROMPTED))[:THEMES_PROMPTED]
    slugs = {one.id: one.slug for one in session.scalars(select(Theme).where(Theme.id.in_(ids)))} if ids else {}
    known = list(map(str, session.get_one(Workspace, workspace_id).competitors or ()))[:COMPETITORS_LOOKED_AT]
    heard = (name for name in known if take_pulse(session, workspace_id, at, "competitor", name).count)
    return Suggestions(tuple(slugs[one] for one in ids if one in slugs), next(heard, None))


def forget_before(session: Session, at: datetime, *, limit: int) -> int:
    """Delete up to `limit` questions of before then, with what marks their threads; how many."""
    old = session.scalars(select(AgentQuestion.id).where(AgentQuestion.asked_at < at).limit(limit)).all()
    if old:
        session.execute(delete(Card).where(Card.kind == THREAD, Card.subject_id.in_(old)))
        session.execute(delete(AgentQuestion).where(AgentQuestion.id.in_(old)))
    return len(old)


def _of_message(session: Session, workspace_id: int, channel: str, ts: str) -> AgentQuestion | None:
    return session.scalars(
        locked(
            select(AgentQuestion).where(
                AgentQuestion.workspace_id == workspace_id, AgentQuestion.channel == channel, AgentQuestion.ts == ts
            )
        )
    ).one_or_none()
