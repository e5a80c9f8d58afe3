"""How a sentence writes what came from outside, such as a name: escaped where there is markup, as it is elsewhere."""

from __future__ import annotations

from typing import Final, Protocol

from domain.text import shorten
from handlers.blocks import escape

LONGEST: Final = 60
"""Characters of a name within a sentence."""


class Say(Protocol):
    """Writes a text from outside into a sentence, in at most `limit` characters of it."""

    def __call__(self, text: str, limit: int = LONGEST) -> str: ...


def in_mrkdwn(text: str, limit: int = LONGEST) -> str:
    """The text as mrkdwn that means nothing but itself."""
    return escape(shorten(text, limit))


def in_plain_text(text: str, limit: int = LONGEST) -> str:
    """The text as it is: where there is no markup, nothing is escaped."""
    return shorten(text, limit)
