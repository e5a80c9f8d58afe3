"""Which changes are sent out: their types, and which of them an endpoint wants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

LEAD_EVENTS: Final = (
    "received",
    "given",
    "news",
    "claimed",
    "tried",
    "contacted",
    "meeting",
    "meeting_off",
    "reopened",
    "declined",
    "reassigned",
    "taken",
    "handed_back",
    "snoozed",
    "extended",
    "reminded",
    "breached",
    "untouched",
    "held",
    "passed",
    "dropped",
    "decline_accepted",
    "disputed",
    "ruled",
    "qualified",
    "nurture",
    "won",
    "lost",
    "outcome_undone",
    "joined",
    "withdrawn",
    "erased",
)
"""What happens to leads, as their timeline calls it."""

ITEM_EVENTS: Final = ("logged", "voted", "edited", "withdrawn", "restored")
THEME_EVENTS: Final = ("created", "answered", "status_changed")
REGROUPED: Final = ("merged", "renamed", "split", "merge_undone", "rename_undone", "split_undone")

EVENT_TYPES: Final = (
    *(f"lead.{one}" for one in LEAD_EVENTS),
    *(f"voc.item.{one}" for one in ITEM_EVENTS),
    *(f"voc.theme.{one}" for one in (*THEME_EVENTS, *REGROUPED)),
    *(f"voc.{about}.{one}" for about in ("account", "competitor") for one in ("merged", "renamed")),
    *(f"voc.{about}.{one}" for about in ("account", "competitor") for one in ("merge_undone", "rename_undone")),
    "voc.answer.judged",
)
"""All types of events. A type is added, and none is renamed: receivers know them."""

TEST_EVENT: Final = "tandem.test"
"""Sent when an admin asks for it, whatever else the endpoint wants."""

GROUPS: Final = ("lead", "voc", "voc.item", "voc.theme", "voc.account", "voc.competitor", "voc.answer")
"""Beginnings of types that stand for all of them, those to come among them."""


def wants(events: Collection[str], kind: str) -> bool:
    """Whether an endpoint with these events gets the type `kind`: its own name, or what it begins with."""
    return any(kind == one or kind.startswith(f"{one}.") for one in events)


def unknown_events(events: Sequence[str]) -> list[str]:
    """Those that are neither a type nor the beginning of one."""
    return [one for one in events if one not in EVENT_TYPES and one not in GROUPS]
