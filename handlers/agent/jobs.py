"""What follows a question in the Messages tab: a status, and one answer, streamed where a language model writes it.

An answer without a model goes by the outbox, as all messages do. A stream has no token by which it could be found
again, so the question's row says that one was begun, and where it stands. Whoever goes on after a crash completes that
message and begins no second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from domain.llm.budget import TurnedOff, load_use, rests
from domain.people import NOT_STAFF
from domain.voc.ask import Reply, reply_to
from domain.voc.dm_questions import (
    AgentAnswer,
    AgentPrompts,
    Asked,
    Suggestions,
    end_question,
    is_dropped,
    load_asked,
    load_reader,
    note_begun,
    note_stream,
    suggest,
    thread_below,
)
from domain.voc.prose import LEAST, Prose, gather_evidence, load_prose
from domain.voc.small_talk import meaning_of
from domain.voc.wording import catch_up
from handlers.agent import views
from handlers.answers import Block, Receipt
from handlers.bounds import bounded
from handlers.failed_calls import error_name
from handlers.jobs import JobKind, Retry, RunningJob, Tools
from handlers.llm import LlmTrouble
from handlers.messages import Messages, Rendering, Subject
from handlers.post_tokens import posted_token
from handlers.receipts import message_of
from handlers.voc.describing import describe_person
from handlers.voc.known import Commands
from handlers.voc.prose import Written, note_written, write_sentences
from storage import outbox
from storage.outbox import Priority

SAID: Final = "agent_said"
MAYBE_STORED_FOR: Final = timedelta(seconds=20)
"""How long after a lost reply Slack may still store the message: as long as the courier looks for it."""

PATIENCE: Final = timedelta(seconds=120)
LOOKED_AT: Final = 200
UNSURE: Final = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
NOT_STREAMING: Final = "message_not_in_streaming_state"
STOPPED: Final = "stopped_by_user"

messages = Messages()


@dataclass(slots=True)
class Ended:
    """What came of a question. `state`: what its row becomes; `say`: what the outbox says below it."""

    state: str
    say: Receipt | None = None
    written: Written = field(default_factory=Written)


async def answer(job: RunningJob[AgentAnswer], tools: Tools) -> Ended:
    """Find out who asks, show that it is looked for, and answer."""
    db, tandem = tools.tandem.db, tools.tandem
    number = job.arguments.question_id
    asked = await db.read(load_asked, job.workspace_id, number)
    if asked is not None and asked.by.kind is None:
        await describe_person(asked.by.user_id, asked.team_id, job.workspace_id, tools)
        asked = await db.read(load_asked, job.workspace_id, number)
    if asked is None or asked.by.kind == "stranger":
        return Ended("dropped")
    if asked.by.kind in NOT_STAFF:
        return Ended("refused", views.refused())
    commands = Commands(tandem.command_name("voc"), tandem.command_name("tandem"))
    meaning = meaning_of(asked.text)
    if meaning != "question":
        return Ended("hinted", views.hint(meaning, asked.text, commands))
    await show_status(tools, asked, views.STATUS)
    at = tandem.clock.now()
    by = await db.run(catch_up, by=asked.by, at=at)
    reply = await db.read(reply_to, asked.text, by=by, at=at)
    if reply.query.is_empty:
        return Ended("hinted", views.hint("greeting", asked.text, commands))
    if not asked.was_begun and (reply.items < LEAST or not await _may_write(job.workspace_id, tools)):
        return Ended("answered", views.listed(reply, asked, commands))
    return await _written(job, tools, asked, reply, commands)


def record(session: Session, job: RunningJob[AgentAnswer], ended: Ended, at: datetime) -> None:
    """The question is done with: what was not streamed, the outbox says below it, once."""
    note_written(session, job.workspace_id, ended.written, at=at)
    row = end_question(session, job.workspace_id, job.arguments.question_id, ended.state)
    if row is None or ended.say is None:
        return
    reader = load_reader(session, row)
    once = f"{SAID}:{row.id}"
    if ended.state == "refused":  # once a day, however often a guest asks
        once = f"{SAID}:guest:{reader}:{at:%Y-%m-%d}"
    message = message_of(ended.say)
    outbox.put_notice(
        session,
        job.workspace_id,
        SAID,
        row.id,
        reader,
        at=at,
        priority=Priority.LEAD,
        once=once,
        thread_of=thread_below(session, row, reader, at=at),
        data={"text": message["text"], "blocks": message.get("blocks", [])},
    )


@messages.kind(SAID)
def said(session: Session, subject: Subject) -> Rendering | None:
    """An answer, a hint or a refusal, as it was made; nothing below a message that was deleted meanwhile."""
    if is_dropped(session, subject.workspace_id, subject.id):
        return None
    return Rendering(str(subject.data["text"]), blocks=list(subject.data["blocks"]))


async def show_prompts(job: RunningJob[AgentPrompts], tools: Tools) -> None:
    """Suggest what to ask. Where Slack lets Tandem suggest nothing, the prompts of the manifest stand there."""
    tandem = tools.tandem
    found: Suggestions = await tandem.db.read(suggest, job.workspace_id, at=tandem.clock.now())
    try:
        await tools.client.assistant_threads_setSuggestedPrompts(
            channel_id=job.arguments.channel, title=views.PROMPTS_TITLE, prompts=views.prompts(found)
        )
    except SlackApiError as error:
        if _is_unsure(error) or error_name(error) == "ratelimited":
            raise


def record_prompts(_session: Session, _job: RunningJob[AgentPrompts], _shown: None, _at: datetime) -> None:
    """Nothing is kept of it."""


async def show_status(tools: Tools, asked: Asked, status: str) -> None:
    """A line below the question until something is said there. Whatever is wrong with it, the answer follows."""
    try:
        await tools.client.assistant_threads_setStatus(
            channel_id=asked.channel, thread_ts=asked.thread_ts, status=status
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
        return


async def _may_write(workspace_id: int, tools: Tools) -> bool:
    if tools.llm is None:
        return False
    at = tools.tandem.clock.now()
    use = await tools.tandem.db.read(load_use, workspace_id, at=at)
    return not use.off and not rests(use, at)


async def _written(job: RunningJob[AgentAnswer], tools: Tools, asked: Asked, reply: Reply, commands: Commands) -> Ended:
    """The answer with the sentences of a model, streamed; by the outbox where Slack streams nothing."""
    stream = _Stream(tools, asked)
    streams = await stream.begin(views.begun(reply))
    ended = Ended("answered")
    prose = await _sentences(job, tools, asked, ended.written)
    whole = views.in_sentences(prose, asked) if prose.sentences else views.listed(reply, asked, commands)
    if not streams:
        ended.say = whole
        return ended
    lines = views.streamed_lines(prose)
    below = views.below_sentences(prose, asked) if prose.sentences else views.below_counts(reply, asked)
    await stream.complete(lines, below, whole)
    return ended


async def _sentences(job: RunningJob[AgentAnswer], tools: Tools, asked: Asked, written: Written) -> Prose:
    """What the model says that can be believed; nothing where it is off, slow, wrong or over the budget."""
    db = tools.tandem.db
    nothing = Prose((), ())
    if tools.llm is None:
        return nothing
    evidence = await db.read(gather_evidence, job.workspace_id, asked.by.id, asked.text, at=job.created_at)
    if evidence is None:
        return nothing
    try:
        sentences = await write_sentences(job.workspace_id, tools, evidence, written)
    except TurnedOff:
        return nothing
    except LlmTrouble as trouble:
        written.trouble = trouble.why
        return nothing
    return await db.read(load_prose, job.workspace_id, sentences)


class _Stream:
    """One streamed message below a question: https://docs.slack.dev/reference/methods/chat.startStream."""

    def __init__(self, tools: Tools, asked: Asked) -> None:
        self._tools = tools
        self._asked = asked
        self._ts = asked.answer_ts
        self._is_resumed = asked.was_begun

    async def begin(self, text: str) -> bool:
        """Begin it, or find the one that was begun before. False: Slack streams nothing here."""
        asked, tandem = self._asked, self._tools.tandem
        if self._ts is None and asked.begun_at is not None:
            self._ts = await self._find()
            if self._ts is None and tandem.clock.now() < asked.begun_at + MAYBE_STORED_FOR:
                raise Retry(MAYBE_STORED_FOR, "Slack may still store the answer that was begun")
            if self._ts is not None:
                await tandem.db.run(note_stream, asked.id, self._ts)
        if self._ts is not None:
            return True
        self._is_resumed = False
        await tandem.db.run(note_begun, asked.id, at=tandem.clock.now())
        try:
            begun = await self._tools.client.chat_startStream(
                channel=asked.channel,
                thread_ts=asked.thread_ts,
                recipient_team_id=asked.team_id,
                recipient_user_id=asked.by.user_id,
                markdown_text=text,
            )
        except SlackApiError as error:
            if _is_unsure(error):
                raise
            return False  # it says no: nothing stands there
        self._ts = str(begun["ts"])
        await tandem.db.run(note_stream, asked.id, self._ts)
        return True

    async def complete(self, lines: Sequence[str], below: Sequence[Block], whole: Receipt) -> None:
        """Write the lines, and end it with the blocks below them. What was begun before is replaced by the `whole`."""
        if not self._is_resumed:
            try:
                await self._go_on(lines, below)
            except SlackApiError as error:
                if error_name(error) == STOPPED:
                    return  # whoever asked has read enough
                if error_name(error) != NOT_STREAMING:
                    raise
            else:
                return
        await self._replace(whole)

    async def _go_on(self, lines: Sequence[str], below: Sequence[Block]) -> None:
        client, place = self._tools.client, self._place
        for line in lines:
            await client.chat_appendStream(**place, markdown_text=line)
        _, blocks, _ = bounded("", below)
        await client.chat_stopStream(**place, blocks=blocks)

    async def _replace(self, whole: Receipt) -> None:
        try:
            await self._tools.client.chat_stopStream(**self._place)
        except SlackApiError as error:
            if error_name(error) not in (NOT_STREAMING, STOPPED):
                raise
        message = message_of(whole)
        await self._tools.client.chat_update(**self._place, text=message["text"], blocks=message.get("blocks", []))

    @property
    def _place(self) -> dict[str, Any]:
        return {"channel": self._asked.channel, "ts": self._ts}

    async def _find(self) -> str | None:
        """The message of ours below the question that answers no other one, and that no delivery posted."""
        asked = self._asked
        found = await self._tools.client.conversations_replies(
            channel=asked.channel, ts=asked.thread_ts, oldest=asked.ts, limit=LOOKED_AT, include_all_metadata=True
        )
        for one in found.get("messages") or ():
            is_ours = one.get("user") == asked.ours and one.get("ts") not in asked.others
            if is_ours and posted_token(one.get("metadata")) is None:
                return str(one["ts"])
        return None


def _is_unsure(error: SlackApiError) -> bool:
    """Whether Slack may have done what it was asked for."""
    name = error_name(error)
    return name in UNSURE or name.startswith("http_5")


kinds = (
    JobKind(
        AgentAnswer,
        answer,
        record,
        what="the answer to a question in the Messages tab",
        remedy="Whoever asked can ask again, or type `/tandem ask`. If that works, too, the log has the details.",
        patience=PATIENCE,
        awaited=True,
    ),
    JobKind(
        AgentPrompts,
        show_prompts,
        record_prompts,
        what="the suggestions what to ask in the Messages tab",
        remedy="The suggestions of the manifest stand there instead. The log has the details.",
        patience=timedelta(seconds=20),
        tries=2,
        awaited=True,
    ),
)
