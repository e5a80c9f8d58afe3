"""The scopes of Slack's that Tandem asks for: those it cannot do without, and those that a workspace may leave out.

Listeners declare what they listen to; what the courier and the member list call stands here. The manifest, the install
link, the doctor and what `missing_scope` means all read these declarations. What an app manifest says of optional
scopes: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from handlers.listeners import Listener

NEEDED_TO_DELIVER: Final = (
    "chat:write",  # chat.postMessage, chat.update
    "im:write",  # conversations.open
    "channels:read",  # conversations.info: what a channel is called, whether it is archived
    "groups:read",
    "users:read",  # users.list: names, zones, admins
)


@dataclass(frozen=True, slots=True)
class OptionalScope:
    """A scope without which Tandem works. `words`: what Tandem does with it; `lost`: what is lost without it."""

    name: str
    words: str
    lost: str


_FIND: Final = "find its own messages again in"
_TWICE: Final = "after a lost connection a message to {} may come twice"

OPTIONAL_SCOPES: Final = (
    OptionalScope(
        "channels:join",
        "join the public channels that you choose in setup",
        "somebody has to type /invite in each channel that Tandem posts to",
    ),
    OptionalScope(
        "channels:history",
        f"{_FIND} public channels, and hear of new messages in those that you let it watch",
        f"{_TWICE.format('a public channel')}, and none can be watched",
    ),
    OptionalScope(
        "groups:history",
        f"{_FIND} private channels, and hear of new messages in those that you let it watch",
        f"{_TWICE.format('a private channel')}, and none can be watched",
    ),
    OptionalScope(
        "reactions:write",
        "suggest to log a message in a channel that you let it watch, by a reaction",
        "in watched channels nothing is suggested",
    ),
    OptionalScope(
        "reactions:read",
        "log a message when somebody reacts to it with the emoji that you choose",
        "reactions log nothing; “Log this message” in a message’s menu still does",
    ),
    OptionalScope(
        "im:history",
        f"{_FIND} direct messages, and read what people ask it in its Messages tab",
        f"{_TWICE.format('a person')}, and questions in the Messages tab are not answered; /tandem ask still is",
    ),
    OptionalScope(
        "assistant:write",
        "suggest what to ask in its Messages tab",
        "the Messages tab suggests only what stands in the app’s manifest, and no themes of this workspace",
    ),
    OptionalScope(
        "metadata.message:read",
        "hear from Slack that a message of its own stands",
        "after a lost connection a message may come later, since Tandem looks for it in the channel instead",
    ),
    OptionalScope(
        "files:write",
        "hand over a file of what was searched for, or of the scoreboard",
        "the buttons Export and As a file hand over none; on the server, ./tandem export voc writes what was logged",
    ),
    OptionalScope(
        "links:read",
        "hear of links to HubSpot and Salesforce that people post",
        "below a link to a lead in the CRM nothing is shown",
    ),
    OptionalScope(
        "links:write",
        "show below a link to a lead in the CRM what became of the lead",
        "below a link to a lead in the CRM nothing is shown",
    ),
    OptionalScope(
        "files:read",
        "read the CSV files of leads that admins give it",
        "no CSV can be imported in Slack; on the server, ./tandem import leads still does",
    ),
    OptionalScope(
        "users:read.email",
        "know people by their work address",
        "the settings file cannot name people by their address, only by their Slack id",
    ),
)
OPTIONAL_NAMES: Final = frozenset(one.name for one in OPTIONAL_SCOPES)


def required_scopes(listeners: Iterable[Listener]) -> frozenset[str]:
    """The scopes without which Tandem does not work."""
    return frozenset({scope for one in listeners for scope in one.scopes} | set(NEEDED_TO_DELIVER)) - OPTIONAL_NAMES


def lacking_optional(given: Collection[str]) -> list[OptionalScope]:
    """The optional scopes that are not among those given."""
    return [one for one in OPTIONAL_SCOPES if one.name not in given]


def can_do_without(needed: str | None) -> bool:
    """Whether a call that was refused for a missing scope is one that Tandem can leave out.

    `needed`: as Slack names them, all scopes of which any would do, divided by commas.
    """
    return bool(OPTIONAL_NAMES & {one.strip() for one in (needed or "").split(",")})
