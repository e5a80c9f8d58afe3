"""What a suggestion asks of Slack: to put Tandem's reaction there, to tell its author once, to take it away again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from domain.text import shorten
from domain.voc.watching import (
    ExplainSuggestion,
    Suggest,
    Suggestion,
    WithdrawSuggestion,
    load_suggestion,
    note_shown,
    note_unexplained,
    note_withdrawn,
)
from handlers.answers import Block
from handlers.blocks import actions, button, context, escape, section
from handlers.failed_calls import error_name
from handlers.jobs import Impossible, JobKind, RunningJob, Tools
from handlers.voc.describing import describe_person

LEFT: Final = (
    *("message_not_found", "bad_timestamp", "no_item_specified", "thread_locked", "is_archived", "not_reactable"),
    *("channel_not_found", "not_in_channel", "no_access", "no_permission", "access_denied", "missing_scope"),
    *("too_many_reactions", "too_many_emoji", "external_channel_migrating", "no_reaction", "restricted_action"),
)
"""What Slack says of a message that is gone, or where Tandem may do nothing: nobody waits for a suggestion."""

UNSEEN: Final = (
    *("user_not_in_channel", "channel_not_found", "not_in_channel", "is_archived", "restricted_action"),
    *("cannot_reply_to_message", "thread_not_found", "user_not_found", "cannot_dm_bot", "missing_scope"),
    *("restricted_action_thread_locked", "restricted_action_read_only_channel", "message_limit_exceeded"),
)


async def show_suggestion(job: RunningJob[Suggest], tools: Tools) -> str:
    """Put Tandem's reaction there. Returns its name; "": there is none."""
    tandem = tools.tandem
    found = await tandem.db.read(load_suggestion, job.workspace_id, job.arguments.suggestion_id)
    if found is None or found.standing:
        return found.emoji if found is not None else ""
    if not found.described:
        await describe_person(found.author, found.team_id, job.workspace_id, tools)
        found = await tandem.db.read(load_suggestion, job.workspace_id, job.arguments.suggestion_id)
        if found is None:
            return ""
    try:
        await tools.client.reactions_add(channel=found.channel, timestamp=found.ts, name=found.emoji)
    except SlackApiError as error:
        match error_name(error):
            case "already_reacted":
                return found.emoji
            case "invalid_name":
                raise Impossible(f"Slack knows no emoji :{found.emoji}:") from error
            case name if name in LEFT:
                return ""
        raise
    return found.emoji


def record_suggestion(session: Session, job: RunningJob[Suggest], emoji: str, at: datetime) -> None:
    note_shown(session, job.workspace_id, job.arguments.suggestion_id, job.arguments.theme, emoji, at=at)


async def explain_suggestion(job: RunningJob[ExplainSuggestion], tools: Tools) -> bool:
    """Tell the author alone, beside the message. False: Slack does not show it there."""
    found = await tools.tandem.db.read(load_suggestion, job.workspace_id, job.arguments.suggestion_id)
    if found is None or not found.standing:
        return True
    blocks = explanation(found, job.arguments.theme, tools.tandem.command_name("tandem"))
    try:
        await tools.client.chat_postEphemeral(
            channel=found.channel,
            user=found.author,
            thread_ts=found.thread_ts or None,
            text=f"Your message sounds like #{escape(job.arguments.theme)}",
            blocks=blocks,
        )
    except SlackApiError as error:
        if error_name(error) not in UNSEEN:
            raise
        return False
    return True


def record_explanation(session: Session, job: RunningJob[ExplainSuggestion], shown: bool, _at: datetime) -> None:
    if not shown:
        note_unexplained(session, job.workspace_id, job.arguments.suggestion_id)


async def end_suggestion(job: RunningJob[WithdrawSuggestion], tools: Tools) -> None:
    """Take Tandem's reaction away; those of people stay."""
    found = await tools.tandem.db.read(load_suggestion, job.workspace_id, job.arguments.suggestion_id)
    if found is None:
        return
    try:
        await tools.client.reactions_remove(channel=found.channel, timestamp=found.ts, name=found.emoji)
    except SlackApiError as error:
        if error_name(error) not in LEFT:
            raise


def record_end(session: Session, job: RunningJob[WithdrawSuggestion], _ended: None, _at: datetime) -> None:
    note_withdrawn(session, job.workspace_id, job.arguments.suggestion_id)


def explanation(found: Suggestion, theme: str, tandem: str) -> list[Block]:
    """What the author reads once. `tandem`: the command's name."""
    emoji = f":{found.emoji}:"
    told = (
        f"*Your message sounds like #{escape(shorten(theme, 80))}.* Did a customer say so? "
        f"Click the {emoji} that Tandem added to it, and it is logged. If not, there is nothing to do."
    )
    more = (
        f"Tandem keeps nothing of a message that nobody logs, and takes its {emoji} away after a day. "
        f"You read this once. `{tandem} watch` shows the channels."
    )
    return [
        section(told),
        context(more),
        actions(button("Not on my messages", "setup.suggestions", "off"), block_id="voc.suggested"),
    ]


REMEDY: Final = "The reaction that logs a message is set in setup → Company: pick an emoji that your Slack has."
kinds = (
    JobKind(
        Suggest,
        show_suggestion,
        record_suggestion,
        what="the suggestion to log a message of a watched channel",
        remedy=REMEDY,
    ),
    JobKind(
        ExplainSuggestion,
        explain_suggestion,
        record_explanation,
        what="the note that explains a suggestion to the author of a message",
        remedy="Nothing was lost: they read it with the next suggestion.",
    ),
    JobKind(
        WithdrawSuggestion,
        end_suggestion,
        record_end,
        what="to take Tandem’s reaction away from a message of a watched channel",
        remedy="It does no harm if it stays.",
    ),
)
