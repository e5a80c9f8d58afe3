"""Response URLs: the webhook that comes with a command or a click, good for five answers in thirty minutes.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from collections.abc import Callable
from dataclasses import dataclass

from playground.errors import SlackError
from playground.records import Channel, Json, Member, Message
from playground.workspace import Workspace

USES = 5
LIFETIME = 30 * 60.0


@dataclass
class ResponseUrl:
    """Where an answer goes: the channel and member of the interaction, and the message that was clicked, if one was."""

    channel: str
    member: str
    original: Message | None
    thread_ts: str | None
    born: float
    uses: int = 0


class ResponseUrls:
    """Issues response URLs below `base` (set when the server knows its port) and carries out what is posted to them."""

    def __init__(self, workspace: Workspace, check: Callable[[Json], None]) -> None:
        self._workspace = workspace
        self._check = check
        self._issued: dict[str, ResponseUrl] = {}
        self.base = ""

    def issue(self, channel: Channel, member: Member, original: Message | None = None) -> str:
        """A new URL for an interaction of this member in this channel."""
        key = f"{self._workspace.team_id}/{len(self._issued) + 1}"
        thread_ts = original.thread_ts if original else None
        self._issued[key] = ResponseUrl(channel.id, member.id, original, thread_ts, self._workspace.now())
        return f"{self.base}/response/{key}"

    def redeem(self, key: str, body: Json) -> None:
        """Carry out one answer. Refused with `used_url`, `expired_url`, or what `chat.postMessage` would say."""
        url = self._issued.get(key)
        if url is None:
            raise SlackError("no_active_hooks")
        if self._workspace.now() - url.born > LIFETIME:
            raise SlackError("expired_url")
        if url.uses >= USES:
            raise SlackError("used_url")
        url.uses += 1
        if body.get("delete_original"):
            self._delete_original(url)
            return
        self._check(body)
        if body.get("replace_original"):
            self._replace_original(url, body)
        else:
            self.answer(url, body)

    def answer(self, url: ResponseUrl, body: Json) -> Message:
        """Post an answer where the interaction was: for its member only unless `response_type` is `in_channel`."""
        channel = self._workspace.channels[url.channel]
        app = self._workspace.app
        thread_ts = body.get("thread_ts") or (url.thread_ts if body.get("response_type") != "in_channel" else None)
        message = Message(
            ts=self._workspace.new_ts(),
            channel=channel.id,
            author=app.user_id,
            text=body.get("text") or "",
            blocks=body.get("blocks"),
            attachments=body.get("attachments"),
            bot_id=app.bot_id,
            app_id=app.id,
            username=None,
            thread_ts=thread_ts,
            metadata=body.get("metadata"),
        )
        if body.get("response_type") == "in_channel":
            self._workspace.post(channel, message)
        else:
            message.ephemeral_to = url.member
            self._workspace.show_ephemeral(message)
        return message

    def answer_command(self, channel: Channel, member: Member, body: Json) -> Message:
        """Post the answer that came with the acknowledgement of a slash command."""
        self._check(body)
        return self.answer(ResponseUrl(channel.id, member.id, None, None, self._workspace.now()), body)

    def _replace_original(self, url: ResponseUrl, body: Json) -> None:
        if url.original is None:
            # A command has no message to replace: Slack posts a new one.
            self.answer(url, body)
            return
        self._workspace.edit(
            url.original,
            text=body.get("text") or "",
            blocks=body.get("blocks"),
            attachments=body.get("attachments"),
            metadata=body.get("metadata", url.original.metadata),
        )

    def _delete_original(self, url: ResponseUrl) -> None:
        if url.original is None:
            raise SlackError("message_not_found")
        if url.original.ephemeral_to:
            self._workspace.drop_ephemeral(url.original)
        elif url.original.bot_id:
            self._workspace.delete(url.original)
        else:
            raise SlackError("cant_delete_message")
