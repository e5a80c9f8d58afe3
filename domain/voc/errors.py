"""What can be wrong with what somebody logs, and with what they do with an item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from domain.errors import Refused, TandemError
from domain.voc.doubt import Meaning


@dataclass(unsafe_hash=True)
class OnlyMarkers(Refused):
    """The line names a theme, an account or an amount, but nothing that the customer said.

    `account`: the one that it names, where it names nothing else.
    """

    account: str | None = None


@dataclass(unsafe_hash=True)
class NoSaying(Refused):
    """The line may be meant for Tandem, and is asked about before it is saved.

    `meanings`: what else it may mean; `theme`: the slug of a theme that it names without a hashtag; `competitor`: the
    known one that it is the name of.
    """

    line: str
    meanings: tuple[Meaning, ...]
    theme: str | None = None
    competitor: str | None = None


class Sensitive(StrEnum):
    """What should not be kept with an item."""

    CARD = "card"
    PHONES = "phones"
    SECRET = "secret"  # noqa: S105  # the name of a kind


@dataclass(unsafe_hash=True)
class SensitiveText(Refused):
    """The text holds what should not be kept, and whoever typed it is asked before it is saved.

    `without`: the text with a note in place of each; None where nothing else would be left. `seen` names what was
    found: who was warned of just that may save it.
    """

    text: str
    without: str | None
    what: tuple[Sensitive, ...]
    seen: str


@dataclass(unsafe_hash=True)
class LoggedJustNow(Refused):
    """The same member logged the same line a moment `ago`."""

    line: str
    ago: timedelta


@dataclass(unsafe_hash=True)
class OnlyTheme(Refused):
    """The line is a theme and no words: whoever types it wants to read what is known of the theme."""

    theme: str


@dataclass(unsafe_hash=True)
class OnlyCompetitor(Refused):
    """The line is a competitor and no words: whoever types it wants to read what is known of the competitor."""

    name: str


@dataclass(unsafe_hash=True)
class ItemRefused(Refused):
    """The item is not the member's to change, was undone (by whoever logged it), or is a vote, which has no fields."""

    why: Literal["not_theirs", "undone", "undone_by_other", "a_vote"]


@dataclass(unsafe_hash=True)
class VocFieldWrong(TandemError):
    """A field of the form cannot be saved. `only_markers`: of its text nothing is left but a theme or an account.

    `own_item` and `voted`: the member said the same about this account before.
    """

    why: Literal[
        "no_text",
        "only_markers",
        "unknown_kind",
        "no_theme",
        "account_gone",
        "no_quote",
        "no_account",
        "own_item",
        "voted",
        "unknown_consent",
    ]


@dataclass(unsafe_hash=True)
class DealUnread(TandemError):
    """The deal size is not one amount. `currency`: of a bare number."""

    currency: str


@dataclass(unsafe_hash=True)
class StatusWrong(TandemError):
    """A theme cannot get this status.

    `nothing_shipped`: there is neither an answer nor content. `no_reason`: nobody said why it is not done.
    `old_note`: the note was written for the status before.
    """

    why: Literal["unknown", "nothing_shipped", "no_reason", "old_note"]


@dataclass(unsafe_hash=True)
class ThemeOwned(Refused):
    """Somebody else looks after the theme; `by` is their name. `ago`: since when, None: for longer than is looked."""

    by: str
    ago: timedelta | None


@dataclass(unsafe_hash=True)
class OwnerWrong(TandemError):
    """Whom a theme was to be given is not of marketing; `name`: None when nobody here is known by that id."""

    name: str | None


@dataclass(unsafe_hash=True)
class UnknownName(Refused):
    """There is no theme, account or competitor (`about`) of that name; "" when none was named.

    `near`: what may be meant, with its mark, as the name is.
    """

    about: str
    name: str
    near: tuple[str, ...]


@dataclass(unsafe_hash=True)
class RegroupingRefused(Refused):
    """Something cannot be merged, renamed or split so.

    `subject` and `target`: the names that this is about, as they are typed (`#pricing`, `@Acme`).
    `unlike`: a theme and an account, say. `part_already`: the subject was merged into the target, or is its old name.
    `busy`: items are still being moved. `taken`: something else is called so. `taken_by_merged`: what was called so is
    part of the subject now. `earlier_name`: the target is what the subject was called. `renamed_since`: what is to be
    undone is no longer the last rename. `gone`: an item is not under the subject now. `too_many`: more items are picked
    than the target says.
    """

    why: Literal[
        "unlike",
        "itself",
        "part_already",
        "busy",
        "taken",
        "taken_by_merged",
        "earlier_name",
        "renamed_since",
        "called_so",
        "no_name",
        "nothing_picked",
        "too_many",
        "gone",
    ]
    subject: str
    target: str
