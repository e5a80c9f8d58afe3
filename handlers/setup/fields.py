"""The fields of settings that pick a person, a channel or a time zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from handlers import blocks as b
from handlers.blocks import Element

ZONE_OPTIONS: Final = "setup.zone"


def zone_select(of: str, zone: str) -> Element:
    """A time zone, found by a city, a country or letters. `of`: whose it is, so that Slack keeps no other's."""
    return b.external_select(f"{ZONE_OPTIONS}:{of}", "Type a city", initial=b.option(zone, zone), min_query=2)


def conversation(action_id: str, initial: str | None) -> Element:
    element: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": action_id,
        "placeholder": b.plain("Pick a channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return element | ({"initial_conversation": initial} if initial else {})


def conversations(action_id: str, initial: Sequence[str], *, most: int) -> Element:
    """Channels of this company alone."""
    element: dict[str, Any] = {
        "type": "multi_conversations_select",
        "action_id": action_id,
        "placeholder": b.plain("Pick channels"),
        "max_selected_items": most,
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": True,
        },
    }
    return element | ({"initial_conversations": list(initial)} if initial else {})


def user(action_id: str, initial: str | None) -> Element:
    element: dict[str, Any] = {"type": "users_select", "action_id": action_id, "placeholder": b.plain("Pick a person")}
    return element | ({"initial_user": initial} if initial else {})


def users(action_id: str, initial: Sequence[str]) -> Element:
    element: dict[str, Any] = {
        "type": "multi_users_select",
        "action_id": action_id,
        "placeholder": b.plain("Pick people"),
    }
    return element | ({"initial_users": list(initial)} if initial else {})
