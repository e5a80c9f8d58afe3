"""What a listener is, for whoever reads the declarations: the dispatcher, help texts, the manifest, the doctor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handlers.answers import Answer


class Kind(StrEnum):
    """What Slack can send us."""

    COMMAND = "command"
    ACTION = "action"
    SUBMISSION = "submission"
    CLOSED = "closed"
    SHORTCUT = "shortcut"
    MESSAGE_SHORTCUT = "message_shortcut"
    OPTIONS = "options"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Listener:
    """One declaration. `name`: the command without slash and prefix, or an action, callback or event id.

    `word`: the first word of a command's text; `alone`: only when it is the whole text. `about`: what a whole command
    is for. `handler` takes an Arrival. `of_organization`: an event of an organization's installation, which
    itself names the workspaces that it is about.
    """

    kind: Kind
    name: str
    roles: tuple[str, ...]
    handler: Callable[[Any], Awaitable[Answer]]
    word: str | None = None
    alone: bool = False
    usage: str = ""
    help: str = ""
    about: str = ""
    scopes: tuple[str, ...] = ()
    of_organization: bool = False


def commands_of(declared: Iterable[Listener]) -> dict[str, list[Listener]]:
    """The listeners of each command, in the order in which commands are declared; what is without a word first."""
    ours = [one for one in declared if one.kind is Kind.COMMAND]
    whole = {one.name: one for one in ours if one.word is None}
    return {name: [bare, *(one for one in ours if one.name == name and one.word)] for name, bare in whole.items()}
