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
class Parameter:
    """What a function takes or gives. `offered_by`: the function that fills the menu of its values."""

    name: str
    title: str
    description: str
    type: str = "string"
    required: bool = False
    offered_by: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """What Slack can run of ours: a step of a workflow, or what fills a menu of one."""

    callback_id: str
    title: str
    description: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Listener:
    """One declaration. `name`: the command without slash and prefix, or an action, callback or event id.

    `word`: the first word of a command's text; `alone`: only when it is the whole text. `about`: what a whole command
    is for. `handler` takes an Arrival. `of_organization`: an event of an organization's installation, which
    itself names the workspaces that it is about. `guests`: whether guests of the workspace may use it. `functions`: an
    event that runs these, which an app has only where its manifest says so. `listed_for`: whose help names it.
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
    guests: bool = True
    functions: tuple[Function, ...] = ()
    listed_for: tuple[str, ...] = ()


def commands_of(declared: Iterable[Listener]) -> dict[str, list[Listener]]:
    """The listeners of each command, in the order in which commands are declared; what is without a word first."""
    ours = [one for one in declared if one.kind is Kind.COMMAND]
    whole = {one.name: one for one in ours if one.word is None}
    return {name: [bare, *(one for one in ours if one.name == name and one.word)] for name, bare in whole.items()}
