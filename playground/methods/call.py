"""One Web API call as a method sees it: its arguments read in Slack's lenient ways, and the lookups every method needs.

The facts about each method (scopes, rate tier, required arguments, kind of token) stand in `playground/methods.json`,
condensed from Slack's method reference at https://docs.slack.dev/reference/methods.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playground.errors import SlackError
from playground.grants import Grants
from playground.installation import Installation
from playground.oauth import OAuth
from playground.records import Channel, Json, Member, Message

T = TypeVar("T")
Answer = Json


@dataclass(frozen=True)
class MethodFacts:
    """`scopes`: any one suffices; `tier`: 1 to 5 (5 is special); `token`: `bot`, `app` or `none`."""

    scopes: tuple[str, ...]
    tier: int
    required: tuple[str, ...]
    token: str


def _read_facts() -> dict[str, MethodFacts]:
    raw = json.loads(Path(__file__).parent.with_name("methods.json").read_text())
    return {
        name: MethodFacts(tuple(one["scopes"]), one["tier"], tuple(one["required"]), one.get("token", "bot"))
        for name, one in raw.items()
    }


FACTS = _read_facts()

_TYPE_PREFIX = {"im": "im", "group": "groups", "channel": "channels"}


class ApiCall:
    """A call that has passed authentication. Arguments may be JSON values or the strings of a form."""

    def __init__(self, installation: Installation, grants: Grants, oauth: OAuth, method: str, args: Json) -> None:
        self.installation = installation
        self.grants = grants
        self.oauth = oauth
        self.workspace = installation.workspace
        self.app = installation.app
        self.method = method
        self.args = args

    def text(self, name: str) -> str:
        """A string argument; "" when it is missing."""
        value = self.args.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean argument: true, "true" and "1" are all yes."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in ("true", "1")

    def number(self, name: str, default: int, most: int = 1000) -> int:
        """A whole number, at most `most`."""
        value = self.args.get(name)
        if value in (None, ""):
            return default
        try:
            return max(1, min(int(str(value)), most))
        except ValueError:
            raise SlackError("invalid_arguments", messages=[f"[ERROR] must be a number [{name}]"]) from None

    def structure(self, name: str, error: str) -> Any:
        """An argument that is JSON, as a value or as a string; `error` when it cannot be read."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def need_scope(self, *scopes: str) -> None:
        """Refuse with `missing_scope` unless the app has one of these."""
        if not self.app.may(*scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(self.app.scopes))

    def need_scope_for(self, channel: Channel, purpose: str) -> None:
        """Refuse unless the app has `{channels,groups,im}:purpose` as this channel's kind asks."""
        self.need_scope(f"{_TYPE_PREFIX[self.workspace.channel_type(channel)]}:{purpose}")

    def channel(self, name: str = "channel") -> Channel:
        """The channel of an argument, if the app can see it; `channel_not_found` otherwise."""
        found = self.workspace.channels.get(self.text(name))
        if found is None:
            # Slack finds public channels by "#name" too.
            wanted = self.text(name).removeprefix("#")
            public = (one for one in self.workspace.channels.values() if not (one.is_im or one.is_private))
            found = next((one for one in public if wanted and one.name == wanted), None)
        hidden = found is not None and (found.is_im or found.is_private) and self.app.user_id not in found.members
        if found is None or hidden:
            raise SlackError("channel_not_found")
        return found

    def member(self, name: str = "user") -> Member:
        """The member of an argument; `user_not_found` otherwise."""
        found = self.workspace.members.get(self.text(name))
        if found is None:
            raise SlackError("user_not_found")
        return found

    def dm_with(self, member: Member) -> Channel:
        """The app's DM with a member; Slack's refusals for bots and people who left."""
        if member.is_bot:
            raise SlackError("cannot_dm_bot")
        if member.deleted:
            raise SlackError("user_disabled")
        return self.workspace.dm(member, self.workspace.bot)

    def message(self, channel: Channel, ts: str, error: str = "message_not_found") -> Message:
        """A message of a channel (never an ephemeral one: those cannot be found again)."""
        found = channel.log.get(ts)
        if found is None:
            raise SlackError(error)
        return found

    def page(self, items: Sequence[T], default: int, most: int = 1000) -> tuple[list[T], str]:
        """One page of `items` by the call's `cursor` and `limit`, and the next cursor ("" at the end)."""
        start = 0
        if cursor := self.text("cursor"):
            try:
                start = int(b64decode(cursor, validate=True).decode().removeprefix("next:"))
            except ValueError:
                raise SlackError("invalid_cursor") from None
        limit = self.number("limit", default, most)
        end = start + limit
        following = b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), following


Method = Callable[[ApiCall], Answer]
