"""Slack's user objects, read in one place: from users.list, users.info, and the events team_join and user_change.

Source: https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.people import Profile
from domain.text import TextEmpty, TextTooLong, clean_text, shorten

SLACKBOT = "USLACKBOT"
NAME_LIMIT = 80


def profile_of(user: Mapping[str, Any]) -> Profile:
    """The person a user object describes. Guests of other workspaces count as bots: they are nobody's rep here."""
    user_id = str(user.get("id") or "")
    details = user.get("profile") or {}
    return Profile(
        user_id=user_id,
        # The full name first: we write names out, and "Priya Nair" says more to others than "pn".
        name=_name(user.get("real_name"), details.get("real_name"), details.get("display_name"), user.get("name")),
        email=str(details.get("email") or "").strip().casefold() or None,
        tz=str(user.get("tz") or ""),
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
        is_owner=bool(user.get("is_primary_owner")),
        active=not user.get("deleted"),
        is_bot=bool(user.get("is_bot") or user.get("is_workflow_bot") or user.get("is_stranger"))
        or user_id in ("", SLACKBOT),
    )


def _name(*candidates: Any) -> str:
    """The first of these that can be seen; names are what people typed, so they are cleaned like all text."""
    for candidate in candidates:
        try:
            return shorten(" ".join(clean_text(str(candidate or ""), limit=10_000).split()), NAME_LIMIT)
        except (TextEmpty, TextTooLong):
            continue
    return ""
