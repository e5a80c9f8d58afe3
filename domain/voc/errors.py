"""What can be wrong with what somebody logs, and with what they do with an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.errors import Refused, TandemError
from domain.voc.doubt import Meaning


@dataclass(unsafe_hash=True)
class OnlyMarkers(Refused):
    """The line names a theme, an account or an amount, but nothing that the customer said."""


@dataclass(unsafe_hash=True)
class NoSaying(Refused):
    """The line may be meant for Tandem, and is asked about before it is saved.

    `meanings`: what else it may mean; `theme`: the slug of a theme that it names without a hashtag.
    """

    line: str
    meanings: tuple[Meaning, ...]
    theme: str | None = None


@dataclass(unsafe_hash=True)
class OnlyTheme(Refused):
    """The line is a theme and no words: whoever types it wants to read what is known of the theme."""

    theme: str


@dataclass(unsafe_hash=True)
class ItemRefused(Refused):
    """The item is not the member's to change, or was undone."""

    why: Literal["not_theirs", "undone"]


@dataclass(unsafe_hash=True)
class VocFieldWrong(TandemError):
    """A field of the form cannot be saved. `only_markers`: of its text nothing is left but a theme or an account."""

    why: Literal["no_text", "only_markers", "unknown_kind", "no_theme", "account_gone", "no_quote"]


@dataclass(unsafe_hash=True)
class DealUnread(TandemError):
    """The deal size is not one amount. `currency`: of a bare number."""

    currency: str
