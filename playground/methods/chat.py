"""`chat.*`: posting, editing and deleting what the app says.

Reference: https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

import json
from dataclasses import dataclass

from playground.blocks import complete, is_too_long, problems_in_message
from playground.errors import SlackError
from playground.markup import links_in
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Channel, Json, Message

TEXT_CUT = 40_000
TEXT_LIMIT_OF_EDITS = 4_000
MARKDOWN_LIMIT = 12_000
METADATA_LIMIT = 8_000


@dataclass(frozen=True)
class Content:
    """What a message says, checked."""

    text: str
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None


def _content(call: ApiCall, *, text_limit: int | None = None) -> Content:
    text = call.text("text")
    markdown = call.text("markdown_text")
    blocks = call.structure("blocks", "invalid_blocks_format")
    attachments = call.structure("attachments", "invalid_attachments")
    if markdown:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > MARKDOWN_LIMIT:
            raise SlackError("msg_too_long")
        blocks, text = [{"type": "markdown", "text": markdown}], ""
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if text_limit and len(text) > text_limit:
        raise SlackError("msg_too_long")
    if blocks:
        problems = problems_in_message(blocks)
        if problems:
            messages = [str(one) for one in problems]
            raise SlackError(
                "invalid_blocks", messages=messages, errors=[one.removeprefix("[ERROR] ") for one in messages]
            )
    if is_too_long(blocks, attachments):
        raise SlackError("msg_blocks_too_long")
    for index, attachment in enumerate(attachments or []):
        if problems := problems_in_message(attachment.get("blocks") or [], at=f"/attachments/{index}/blocks"):
            raise SlackError("invalid_attachments", messages=[str(one) for one in problems])
    attached = [one | {"blocks": complete(one["blocks"])} if one.get("blocks") else one for one in attachments or []]
    return Content(text[:TEXT_CUT], complete(blocks) if blocks else None, attached or None, _metadata(call))


def _metadata(call: ApiCall) -> Json | None:
    metadata = call.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    payload = metadata.get("event_payload", {})
    if not isinstance(payload, dict) or any(isinstance(value, dict) for value in payload.values()):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata, separators=(",", ":"))) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": payload}


def _place(call: ApiCall) -> Channel:
    """Where a post goes: a channel's id or name, or a member's id for their DM with the app."""
    member = call.workspace.members.get(call.text("channel"))
    channel = call.dm_with(member) if member else call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im:
        if not call.app.messages_enabled:
            raise SlackError("messages_tab_disabled")
        _refuse_dm_of_the_departed(call, channel)
    elif call.app.user_id not in channel.members and not call.app.may("chat:write.public"):
        raise SlackError("not_in_channel")
    return channel


def _refuse_dm_of_the_departed(call: ApiCall, channel: Channel) -> None:
    other = channel.other_side(call.app.user_id)
    if other and call.workspace.members[other].deleted:
        raise SlackError("user_disabled")


def _thread(call: ApiCall, channel: Channel) -> str | None:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    parent = channel.log.get(thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts if parent.in_thread else thread_ts


def _said_by_app(call: ApiCall, channel: Channel, content: Content) -> Message:
    if call.text("username") or call.text("icon_emoji") or call.text("icon_url"):
        call.need_scope("chat:write.customize")
    return Message(
        ts=call.workspace.new_ts(),
        channel=channel.id,
        author=call.app.user_id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        thread_ts=_thread(call, channel),
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        username=call.text("username") or None,
        metadata=content.metadata,
        broadcast=call.flag("reply_broadcast"),
    )


def post_message(call: ApiCall) -> Answer:
    """Post to a channel, a thread, or a DM (by channel id or by member id)."""
    content = _content(call)
    channel = _place(call)
    message = _said_by_app(call, channel, content)
    call.workspace.post(channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": call.workspace.shown(message)}


def post_ephemeral(call: ApiCall) -> Answer:
    """Show a message to one member of a channel."""
    content = _content(call, text_limit=TEXT_CUT)
    channel = _place(call)
    viewer = call.workspace.members.get(call.text("user"))
    if viewer is None or viewer.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = _said_by_app(call, channel, content)
    message.ephemeral_to = viewer.id
    call.workspace.show_ephemeral(message)
    return {"ok": True, "message_ts": message.ts}


def update(call: ApiCall) -> Answer:
    """Edit one of the app's own messages. Blocks, attachments and metadata that are left out stay; empty ones go."""
    content = _content(call, text_limit=TEXT_LIMIT_OF_EDITS)
    channel = call.channel()
    message = call.message(channel, call.text("ts"))
    if message.bot_id != call.app.bot_id:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    if message.streaming:
        raise SlackError("streaming_state_conflict")
    call.workspace.edit(
        message,
        text=content.text or message.text,
        blocks=content.blocks if "blocks" in call.args or "markdown_text" in call.args else message.blocks,
        attachments=content.attachments if "attachments" in call.args else message.attachments,
        metadata=content.metadata if "metadata" in call.args else message.metadata,
    )
    shown = call.workspace.shown(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: ApiCall) -> Answer:
    """Delete one of the app's own messages."""
    channel = call.channel()
    message = call.message(channel, call.text("ts"))
    if message.bot_id != call.app.bot_id:
        raise SlackError("cant_delete_message")
    call.workspace.delete(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def get_permalink(call: ApiCall) -> Answer:
    """The address of a message."""
    channel = call.channel()
    message = call.message(channel, call.text("message_ts"))
    link = call.workspace.permalink(message)
    return {"ok": True, "channel": channel.id, "permalink": link}


def unfurl(call: ApiCall) -> Answer:
    """Show something below the links of a message that a person posted; what was shown of them before goes.

    Reference: https://docs.slack.dev/reference/methods/chat.unfurl
    """
    if not (call.text("channel") and call.text("ts")):
        raise SlackError("missing_channel" if call.text("ts") else "missing_ts")
    channel = call.workspace.channels.get(call.text("channel"))
    if channel is None:
        raise SlackError("cannot_find_channel")
    message = channel.log.get(call.text("ts"))
    if message is None:
        raise SlackError("cannot_find_message")
    unfurls = call.structure("unfurls", "invalid_unfurls_format")
    if not isinstance(unfurls, dict) or not unfurls:
        raise SlackError("missing_unfurls")
    shown = []
    for url, content in unfurls.items():
        if url not in links_in(message.text):
            raise SlackError("cannot_unfurl_url")
        blocks = content.get("blocks") if isinstance(content, dict) else None
        if not blocks or problems_in_message(blocks):
            raise SlackError("invalid_unfurls_format")
        origin = {"from_url": url, "original_url": url, "app_unfurl_url": url, "is_app_unfurl": True}
        shown.append(origin | {"app_id": call.app.id, "bot_id": call.app.bot_id, "blocks": complete(blocks)})
    others = [one for one in message.attachments or [] if one.get("from_url") not in unfurls]
    message.attachments = [*others, *shown]
    call.workspace.changed(message, silent=True)
    return {"ok": True}


METHODS: dict[str, Method] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.unfurl": unfurl,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
