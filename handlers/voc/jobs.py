"""What a reaction has asked of Slack: the message's words, and to show whoever reacted what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from domain.people import actor
from domain.text import shorten
from domain.voc.facts import VocFacts, facts_of, names_of_members
from domain.voc.reactions import (
    Asked,
    MessageRead,
    ReadMessage,
    TellReactor,
    load_asked,
    log_captured,
    without_skin_tone,
)
from domain.voc.receipt import VocReceipt, receipt_of
from handlers.failed_calls import error_name
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.messages import Messages, Rendering, Subject
from handlers.receipts import message_of
from handlers.voc.describing import describe_person
from handlers.voc.reactions import outcome_receipt
from handlers.voc.typed import mentioned_in, words_of_message
from storage import outbox
from storage.models import CapturedMessage, Member, VocItem
from storage.outbox import Priority

TOLD: Final = "voc_reaction"
LONGEST_READ: Final = 40_000
"""Characters of a message: Slack cuts longer ones."""

GONE: Final = ("message_not_found", "thread_not_found", "bad_timestamp", "no_item_specified")
HIDDEN: Final = ("channel_not_found", "not_in_channel", "no_access", "no_permission", "access_denied", "missing_scope")
NOT_THERE: Final = (
    *("user_not_in_channel", "channel_not_found", "not_in_channel", "is_archived", "restricted_action"),
    *("cannot_reply_to_message", "thread_not_found", "messages_tab_disabled", "user_not_found", "cannot_dm_bot"),
    *("restricted_action_thread_locked", "restricted_action_read_only_channel", "message_limit_exceeded"),
)
"""What Slack says where it shows nobody anything at that place: the answer goes into a DM then."""

OF_OTHERS: Final = ("stranger", "deactivated")
messages = Messages()


async def read_message(job: RunningJob[ReadMessage], tools: Tools) -> MessageRead | None:
    """Ask Slack for the message; None: nothing is to be read any more.

    `reactions.get` shows a message with its address, a reply as well, and says who reacts to it now. It needs no more
    than the event does (`reactions:read`), and has not the limit of one call a minute that histories have for apps
    outside Slack's Marketplace.
    """
    tandem = tools.tandem
    asked = await tandem.db.read(load_asked, job.workspace_id, job.arguments.captured_id)
    if asked is None:
        return None
    if not asked.described:
        await describe_person(asked.user_id, asked.team_id, job.workspace_id, tools)
    try:
        answer = await tools.client.reactions_get(channel=asked.channel, timestamp=asked.ts, full=True)
    except SlackApiError as error:
        if error_name(error) in GONE:
            return MessageRead("gone")
        if error_name(error) in HIDDEN:
            return MessageRead("no_access")
        raise
    message: Any = answer.get("message")
    return _read(message, asked) if isinstance(message, Mapping) else MessageRead("gone")


def record_message(session: Session, job: RunningJob[ReadMessage], read: MessageRead | None, at: datetime) -> None:
    """The record: the message is logged, with the names of those whom it mentions."""
    row = session.get(CapturedMessage, job.arguments.captured_id)
    if read is None or row is None or row.workspace_id != job.workspace_id:
        return
    mentioned = mentioned_in(read.words)
    by = actor(session.get_one(Member, row.member_id))
    names = names_of_members(session, mentioned, by=by, at=at) if mentioned else {}
    told = replace(read, words=words_of_message(read.words, names))
    log_captured(session, job.workspace_id, row.id, told, at=at)


async def show_outcome(job: RunningJob[TellReactor], tools: Tools) -> bool:
    """Show it at the message's place, to whoever reacted alone. False: Slack does not show it there."""
    told, tandem = job.arguments, tools.tandem
    at, voc = tandem.clock.now(), tandem.command_name("voc")
    message = await tandem.db.read(_message, job.workspace_id, told, voc, at)
    if message is None:
        return True
    thread = told.thread_ts or None
    try:
        await tools.client.chat_postEphemeral(channel=told.channel, user=told.user_id, thread_ts=thread, **message)
    except SlackApiError as error:
        if error_name(error) not in NOT_THERE:
            raise
        return False
    return True


def record_outcome(session: Session, job: RunningJob[TellReactor], shown: bool, at: datetime) -> None:
    """What Slack does not show there goes into a DM, as far as they are one of ours."""
    told = job.arguments
    if shown or told.outcome in OF_OTHERS:
        return
    outbox.put_notice(
        session,
        job.workspace_id,
        TOLD,
        told.captured_id or job.id,
        told.user_id,
        at=at,
        priority=Priority.CARD,
        once=f"{TOLD}:{job.token}",
        data={"outcome": told.outcome, "captured": told.captured_id, "name": told.name, "item": told.item_id},
    )


@messages.kind(TOLD)
def reaction_told(session: Session, subject: Subject) -> Rendering | None:
    """The same in a DM."""
    data = subject.data
    told = TellReactor(
        subject.place, "", str(data["outcome"]), int(data["captured"]), "", str(data["name"]), int(data["item"])
    )
    message = _message(session, subject.workspace_id, told, f"/{subject.prefix}voc", subject.at)
    return Rendering(message["text"], message.get("blocks", ())) if message is not None else None


def _message(session: Session, workspace_id: int, told: TellReactor, voc: str, at: datetime) -> dict[str, Any] | None:
    """What they read, from what the database says now."""
    receipt = outcome_receipt(told.outcome, told.name, voc, _item(session, workspace_id, told, at))
    if receipt is None:
        return None
    message = message_of(receipt)
    return {name: value for name, value in message.items() if name != "response_type"}


def _item(session: Session, workspace_id: int, told: TellReactor, at: datetime) -> VocReceipt | VocFacts | None:
    """The item that the reaction logged, if it is theirs; its facts when it was taken back, or is a colleague's."""
    if told.outcome == "theirs":
        theirs = session.get(VocItem, told.item_id)
        return facts_of(session, theirs) if theirs is not None and theirs.workspace_id == workspace_id else None
    row = session.get(CapturedMessage, told.captured_id) if told.captured_id else None
    if row is None or row.item_id is None or row.workspace_id != workspace_id:
        return None
    if told.outcome not in ("logged", "restored", "taken_back"):
        return None
    item = session.get_one(VocItem, row.item_id)
    return receipt_of(session, item, at) if item.state == "live" else facts_of(session, item)


def _read(message: Mapping[str, Any], asked: Asked) -> MessageRead:
    reactions = message.get("reactions")
    found = [one for one in reactions if isinstance(one, Mapping)] if isinstance(reactions, list) else []
    ours = [one for one in found if without_skin_tone(str(one.get("name") or "")) == asked.emoji]
    users = {str(user) for one in ours for user in one.get("users") or ()}
    thread_ts, ts = str(message.get("thread_ts") or ""), str(message.get("ts") or asked.ts)
    return MessageRead(
        words=shorten(str(message.get("text") or " "), LONGEST_READ),
        author=str(message.get("user") or ""),
        permalink=str(message.get("permalink") or "") or _link(asked),
        thread_ts=thread_ts if thread_ts != ts else "",
        standing=asked.user_id in users,
    )


def _link(asked: Asked) -> str:
    """Slack's address for whatever workspace somebody is in, should it name none itself."""
    return f"https://app.slack.com/client/{asked.team_id}/{asked.channel}/p{asked.ts.replace('.', '')}"


kinds = (
    JobKind(
        ReadMessage,
        read_message,
        record_message,
        what="the look at a message that somebody reacted to in order to log it",
        remedy="They can log it by *Log this message* in its menu. If that works, try again: the log has the details.",
        patience=timedelta(seconds=20),
        awaited=True,
    ),
    JobKind(
        TellReactor,
        show_outcome,
        record_outcome,
        what="the answer to somebody who reacted to a message in order to log it",
        remedy="What they logged is saved: `/voc list` shows it. Try again, and look into the log if that fails.",
        patience=timedelta(seconds=20),
        awaited=True,
    ),
)
