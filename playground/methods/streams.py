"""`chat.*Stream`: a message that the app writes piece by piece, while people read it.

Reference: https://docs.slack.dev/reference/methods/chat.startStream and its neighbours. Streams in a DM need a thread,
though the reference does not say so (NangoHQ/integration-templates, pull request 676).
"""

from playground.blocks import complete, is_too_long, problems_in_message
from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.methods.chat import MARKDOWN_LIMIT
from playground.records import Channel, Json, Message


def _written(call: ApiCall) -> str:
    markdown = call.text("markdown_text")
    if len(markdown) > MARKDOWN_LIMIT:
        raise SlackError("msg_too_long")
    return markdown


def start_stream(call: ApiCall) -> Answer:
    """Begin a message below another one."""
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.is_im and not call.app.messages_enabled:
        raise SlackError("messages_tab_disabled")
    if not channel.is_im:
        for name in ("recipient_user_id", "recipient_team_id"):
            if not call.text(name):
                raise SlackError(f"missing_{name}")
    parent = channel.log.get(call.text("thread_ts"))
    if parent is None:
        raise SlackError("invalid_arguments", messages=["[ERROR] no such thread [thread_ts]"])
    markdown = _written(call)
    message = Message(
        ts=call.workspace.new_ts(),
        channel=channel.id,
        author=call.app.user_id,
        text=markdown,
        blocks=complete([{"type": "markdown", "text": markdown}]) if markdown else [],
        thread_ts=parent.thread_ts if parent.in_thread else parent.ts,
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        streaming=True,
    )
    call.workspace.post(channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def _streaming(call: ApiCall) -> tuple[Channel, Message]:
    channel = call.channel()
    message = call.message(channel, call.text("ts"))
    if message.bot_id != call.app.bot_id:
        raise SlackError("message_not_owned_by_app")
    if not message.streaming:
        raise SlackError("message_not_in_streaming_state")
    return channel, message


def _grown(message: Message, more: str) -> list[Json]:
    message.text += more
    blocks = message.blocks or []
    if not blocks:
        return complete([{"type": "markdown", "text": message.text}]) if message.text else []
    return [blocks[0] | {"text": message.text}, *blocks[1:]]


def append_stream(call: ApiCall) -> Answer:
    """Go on writing."""
    channel, message = _streaming(call)
    blocks = _grown(message, _written(call))
    if is_too_long(blocks, None):
        raise SlackError("msg_blocks_too_long")
    call.workspace.write_on(message, blocks, streaming=True)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def stop_stream(call: ApiCall) -> Answer:
    """End it, with the rest of the text, and with blocks below it."""
    channel, message = _streaming(call)
    blocks = call.structure("blocks", "invalid_blocks_format") or []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := problems_in_message(blocks) if blocks else []:
        raise SlackError("invalid_blocks", messages=[str(one) for one in problems])
    more = _written(call)
    whole = [*_grown(message, more), *complete(blocks)]
    if is_too_long(whole, None):
        raise SlackError("msg_blocks_too_long")
    call.workspace.write_on(message, whole, streaming=False)
    shown = call.workspace.shown(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}


METHODS: dict[str, Method] = {
    "chat.startStream": start_stream,
    "chat.appendStream": append_stream,
    "chat.stopStream": stop_stream,
}
