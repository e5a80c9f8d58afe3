"""What a workspace remembers: members, channels, messages, files and what the app did to them.

Records are plain data with the JSON shapes Slack gives them; the rules about who may change what live in `workspace`
and in `methods`.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Organization:
    """An Enterprise organization: several workspaces, whose people have one id in all of them."""

    id: str
    name: str
    domain: str

    def as_json(self) -> Json:
        """What payloads and answers say of it."""
        return {"id": self.id, "name": self.name}


@dataclass
class Member:
    """A person, or the app's bot user. `tz` is an IANA zone name, `color` six hex digits for the avatar."""

    id: str
    name: str
    real_name: str
    email: str
    tz: str = "UTC"
    tz_offset: int = 0
    title: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_primary_owner: bool = False
    is_bot: bool = False
    is_guest: bool = False
    home: str | None = None  # the workspace that somebody of another company belongs to: they are in a shared channel
    deleted: bool = False
    color: str = "9f69e7"
    bot_id: str | None = None
    enterprise: Json | None = None  # `enterprise_user` of somebody in an organization: one for all their workspaces

    def as_user(self, team_id: str, *, with_email: bool) -> Json:
        """The user object of `users.info`; the e-mail address only shows with `users:read.email`."""
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "title": self.title,
            "team": team_id,
        }
        if with_email and not self.is_bot:
            profile["email"] = self.email
        if self.bot_id:
            profile["bot_id"] = self.bot_id
        return {
            "id": self.id,
            "team_id": self.home or team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "color": self.color,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_primary_owner": self.is_primary_owner,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_stranger": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_email_confirmed": not self.is_bot,
            "updated": 0,
            **({"enterprise_user": self.enterprise} if self.enterprise else {}),
        }

    def as_page(self) -> Json:
        """The Member of `docs/playground.md`."""
        return {
            "id": self.id,
            "name": self.name,
            "real_name": self.real_name,
            "title": self.title,
            "tz": self.tz,
            "is_admin": self.is_admin,
            "is_bot": self.is_bot,
            "deleted": self.deleted,
            "color": self.color,
        }


@dataclass
class Message:
    """One message. `ephemeral_to` names the only member who sees it; `author` is a member's id or the bot user's.

    `streaming`: the app is still writing it.
    """

    ts: str
    channel: str
    author: str
    text: str
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    metadata: Json | None = None
    edited_at: str | None = None
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    streaming: bool = False
    revision: int = 0

    @property
    def all_blocks(self) -> list[Json]:
        """Its blocks, and those of its attachments below them."""
        attached = [block for one in self.attachments or [] for block in one.get("blocks") or []]
        return [*(self.blocks or []), *attached]

    @property
    def in_thread(self) -> bool:
        """Whether this is a reply below another message (a parent is not)."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def as_json(self, *, team_id: str, metadata: str = "all", replies: "list[Message] | None" = None) -> Json:
        """The message as Slack's API shows it. `metadata`: `all`, or `event_type` (the default of history)."""
        shown: Json = {"type": "message", "ts": self.ts, "user": self.author, "text": self.text, "team": team_id}
        if self.bot_id:
            shown |= {"bot_id": self.bot_id, "app_id": self.app_id}
        for key, value in (
            ("username", self.username),
            ("blocks", self.blocks),
            ("attachments", self.attachments),
            ("files", self.files or None),
            ("subtype", self.subtype),
            ("thread_ts", self.thread_ts),
        ):
            if value is not None:
                shown[key] = value
        if self.edited_at:
            shown["edited"] = {"user": self.bot_id or self.author, "ts": self.edited_at}
        if self.metadata and metadata == "all":
            shown["metadata"] = self.metadata
        elif self.metadata and metadata == "event_type":
            shown["metadata"] = {"event_type": self.metadata["event_type"]}
        if self.reactions:
            shown["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        if replies:
            authors = list(dict.fromkeys(reply.author for reply in replies))
            shown |= {
                "thread_ts": self.ts,
                "reply_count": len(replies),
                "reply_users": authors[:5],
                "reply_users_count": len(authors),
                "latest_reply": replies[-1].ts,
            }
        return shown


class Log:
    """Messages of one channel in order of time; finding one and cutting a window are both logarithmic or better."""

    def __init__(self) -> None:
        self._by_ts: dict[str, Message] = {}
        self._order: list[str] = []
        self._replies: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._by_ts)

    def get(self, ts: str) -> Message | None:
        """The message with this `ts`, replies included."""
        return self._by_ts.get(ts)

    def add(self, message: Message) -> None:
        """Append a message; its `ts` must be later than every other here."""
        self._by_ts[message.ts] = message
        if message.in_thread:
            self._replies.setdefault(message.thread_ts or "", []).append(message.ts)
        if not message.in_thread or message.broadcast:
            self._order.append(message.ts)

    def remove(self, message: Message) -> None:
        """Forget a message."""
        self._by_ts.pop(message.ts, None)
        if message.ts in self._order:
            self._order.remove(message.ts)
        if message.in_thread:
            self._replies[message.thread_ts or ""].remove(message.ts)

    def top_level(self, oldest: str = "", latest: str = "", *, inclusive: bool = False) -> list[Message]:
        """Messages outside threads, oldest first, between two `ts` ("" is open)."""
        return [self._by_ts[ts] for ts in _window(self._order, oldest, latest, inclusive=inclusive)]

    def replies(self, parent: str, oldest: str = "", latest: str = "", *, inclusive: bool = False) -> list[Message]:
        """Replies below a message, oldest first."""
        order = self._replies.get(parent)
        return [self._by_ts[ts] for ts in _window(order, oldest, latest, inclusive=inclusive)] if order else []

    def everything(self) -> list[Message]:
        """All messages, replies in their place in time."""
        return list(self._by_ts.values())


def _window(order: list[str], oldest: str, latest: str, *, inclusive: bool) -> list[str]:
    start = 0 if not oldest else (bisect_left if inclusive else bisect_right)(order, oldest)
    end = len(order) if not latest else (bisect_right if inclusive else bisect_left)(order, latest)
    return order[start:end]


@dataclass
class Channel:
    """A channel or a direct message. `with_member` is the person at the other side of the app's DM (`is_im`)."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    created: int = 0
    creator: str = ""
    log: Log = field(default_factory=Log)
    ephemerals: list[Message] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)

    def other_side(self, member_id: str) -> str | None:
        """In a DM, who is on the other side of this member."""
        return next((one for one in self.members if one != member_id), None)

    def as_conversation(self, *, viewer: str, team_id: str) -> Json:
        """The conversation object of `conversations.info`, as the app sees it."""
        shown: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.is_im,
            "is_mpim": False,
            "is_org_shared": False,
            "context_team_id": team_id,
        }
        if self.is_im:
            return shown | {"user": self.other_side(viewer), "is_open": True, "is_user_deleted": False}
        return shown | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_private": self.is_private,
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_member": viewer in self.members,
            "creator": self.creator,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "num_members": len(self.members),
        }


@dataclass
class View:
    """A modal on a member's stack, or a member's Home. `body` holds what the app sent; the rest Slack adds."""

    id: str
    owner: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    external_id: str = ""
    values: dict[str, dict[str, Json]] = field(default_factory=dict)

    def as_json(self, *, team_id: str, installed_in: str, app_id: str, bot_id: str) -> Json:
        """The view object of Slack's payloads and answers. `installed_in`: a workspace, or an organization."""
        return {
            "id": self.id,
            "team_id": team_id,
            "type": self.body["type"],
            "blocks": self.body["blocks"],
            "private_metadata": self.body.get("private_metadata", ""),
            "callback_id": self.body.get("callback_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "title": self.body.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
            "clear_on_close": self.body.get("clear_on_close", False),
            "notify_on_close": self.body.get("notify_on_close", False),
            "close": self.body.get("close"),
            "submit": self.body.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": app_id,
            "external_id": self.external_id,
            "app_installed_team_id": installed_in,
            "bot_id": bot_id,
        }


@dataclass
class File:
    """An uploaded file. It is `shared` once an upload is completed into a channel."""

    id: str
    name: str
    length: int
    owner: str
    title: str = ""
    content: bytes = b""
    uploaded: bool = False
    completed: bool = False
    shared: list[str] = field(default_factory=list)
    created: int = 0
    mimetype: str = "application/octet-stream"
    url: str = ""
    team: str = ""

    def as_input(self) -> Json:
        """The file object in the state of a view, for a file that was picked in a file input."""
        return self.as_json() | {"is_public": False, "public_url_shared": False, "file_access": "visible"}

    def as_json(self) -> Json:
        """The file object of `files.info`."""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rsplit(".", 1)[-1] if "." in self.name else "text",
            "user": self.owner,
            "user_team": self.team,
            "size": len(self.content),
            "mode": "hosted",
            "is_external": False,
            "is_public": True,
            "url_private": self.url,
            "url_private_download": self.url,
            "permalink": self.url,
            "channels": list(self.shared),
        }


@dataclass(frozen=True)
class Ping:
    """Someone was notified: `target` is a member's id, or `channel`, `here`, `everyone`, or a user group's id."""

    target: str
    channel: str
    ts: str
    text: str


@dataclass(frozen=True)
class Call:
    """One Web API call as it came in. `at` is seconds since the epoch (real time), `answer` what was sent back."""

    method: str
    args: Json
    answer: Json
    status: int
    at: float


@dataclass(frozen=True)
class Refusal:
    """An API error the app brought on itself, such as `invalid_blocks`."""

    method: str
    error: str
    detail: tuple[str, ...]
    args: Json


@dataclass(frozen=True)
class Notice:
    """A sentence Slack itself showed to one member, such as that the app did not respond."""

    member: str
    message: str
