"""Slack's user objects, read in one place: from users.list, users.info, and the events team_join and user_change.

Source: https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.people import Profile
from domain.text import TextEmpty, TextTooLong, clean_text, shorten

SLACKBOT = "USLACKBOT"
ROBOTS = ("is_bot", "is_workflow_bot", "is_connector_bot")
NAME_LIMIT = 80


def profile_of(user: Mapping[str, Any], team_id: str) -> Profile:
    """The person a user object describes, as they are in the workspace that Slack calls `team_id`."""
    user_id = str(user.get("id") or "")
    details = user.get("profile") or {}
    return Profile(
        user_id=user_id,
        # The full name first: we write names out, and "Priya Nair" says more to others than "pn".
        name=_name(user.get("real_name"), details.get("real_name"), details.get("display_name"), user.get("name")),
        email=str(details.get("email") or "").strip().casefold() or None,
        tz=_name(user.get("tz")),
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
        is_owner=bool(user.get("is_primary_owner")),
        # Who was invited and never signed in sees no lead yet.
        active=not (user.get("deleted") or user.get("is_invited_user")),
        is_bot=any(user.get(mark) for mark in ROBOTS) or user_id in ("", SLACKBOT),
        kind=_kind(user, team_id),
    )


def _kind(user: Mapping[str, Any], team_id: str) -> str:
    """Whether they are a member, a guest, or of another workspace with which a channel is shared.

    `is_stranger` alone says too little: it is false for people of others in a channel that the app can see
    (docs.slack.dev/apis/slack-connect). `team_id` alone says too much: on Enterprise Grid it is the home workspace of
    somebody who may be a member of several, which `enterprise_user.teams` lists.
    """
    home = str(user.get("team_id") or team_id)
    organization = user.get("enterprise_user")
    theirs = organization if isinstance(organization, Mapping) else {}
    teams = theirs.get("teams")
    # An app that is installed for the whole organization knows that one's id as its workspace.
    is_ours = team_id in (home, theirs.get("enterprise_id")) or (isinstance(teams, list) and team_id in teams)
    if user.get("is_stranger") or not is_ours:
        return "stranger"
    return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"


def _name(*candidates: Any) -> str:
    """The first of these that can be seen; names are what people typed, so they are cleaned like all text."""
    for candidate in candidates:
        try:
            return shorten(" ".join(clean_text(str(candidate or ""), limit=10_000).split()), NAME_LIMIT)
        except (TextEmpty, TextTooLong):
            continue
    return ""
