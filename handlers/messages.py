"""What the courier sends: for each kind of delivery, how to make its words from the state of that moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from handlers.answers import Block, View
from handlers.bounds import bounded


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be rendered: a row's id, the place it is for, what the delivery carries, and the time.

    `standing`: its card already stands there. `prefix`: what stands before the names of our commands.
    """

    id: int
    workspace_id: int
    place: str
    data: dict[str, Any]
    at: datetime
    standing: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A finished message: `text` for notifications, and blocks with everything that one must know or click.

    `extra`: blocks below them, beside a bar of `colour` ("#RRGGBB"). Slack folds up what stands beside a bar when
    it grows long, so nothing there may be needed. `view` instead of blocks publishes the place's App Home.
    """

    text: str
    blocks: Sequence[Block] = ()
    colour: str | None = None
    view: View | None = None
    extra: Sequence[Block] = ()

    def content(self) -> dict[str, Any]:
        """The arguments of chat.postMessage and chat.update that make this message."""
        text, blocks, extra = bounded(self.text, self.blocks, self.extra)
        bar = {} if self.colour is None else {"color": self.colour}
        beside = [{**bar, "fallback": text, "blocks": extra}] if extra else []
        return {"text": text, "blocks": blocks, "attachments": beside}

    def fingerprint(self) -> str:
        """Equal for equal messages: what stands is not sent again."""
        shape = json.dumps(self.view or self.content(), sort_keys=True)
        return hashlib.sha256(shape.encode()).hexdigest()[:24]


class OfNewerRelease(Exception):
    """Raised by a renderer for what only a newer release can tell: its couriers will."""


class Overtaken(Exception):
    """Raised by a renderer that has nothing left to say, because of what happened to the lead meanwhile.

    `by`: the id of that event in the lead's timeline; of a message about several leads, one of each.
    """

    def __init__(self, *by: int) -> None:
        super().__init__(*by)
        self.by = by


Renderer = Callable[[Session, Subject], Rendering | None]


class Messages:
    """The renderers of one subject, by the kind of delivery. A renderer returns None when nothing is left to say."""

    def __init__(self) -> None:
        self.renderers: dict[str, Renderer] = {}

    def kind(self, name: str) -> Callable[[Renderer], Renderer]:
        """Register the renderer of a kind of delivery."""

        def register(renderer: Renderer) -> Renderer:
            if name in self.renderers:
                raise ValueError(f"two renderers for {name}")
            self.renderers[name] = renderer
            return renderer

        return register
