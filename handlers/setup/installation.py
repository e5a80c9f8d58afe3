"""What Slack tells us about people and our installation: who joined or changed, where we may post, that our token is
gone.

These events are Slack's own, so nobody's role is asked; the person they are about may be new to us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.access import grant_access, revoke_access
from domain.errors import NotFound
from domain.leads.leaving import update_people
from domain.people import EVERYONE, find_workspace
from domain.uninstalling import REVOKED, UNINSTALLED, lose_organization, lose_token
from domain.unsent import send_unsent
from handlers.answers import NOTHING, Answer
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.origin import happened_at, origin_of
from handlers.post_tokens import posted_token
from handlers.setup.profiles import profile_of
from storage.confirmed import is_news, note_standing
from storage.inbox import earlier_answer, remember_answer
from storage.models import Workspace

MOST_TEAMS: Final = 1000
"""Slack names so many workspaces in one event at the most."""

TEAMS_AT_ONCE: Final = 50
_TEAM: Final = re.compile(r"T[A-Z0-9]{1,30}")


def declare(listeners: Listeners) -> None:
    """Declare the events on the subject's listeners."""
    for name in ("team_join", "user_change"):
        listeners.event(name, roles=EVERYONE, scopes=("users:read",))(on_member)
    listeners.event("member_joined_channel", roles=EVERYONE, scopes=("channels:read", "groups:read"))(on_joined)
    listeners.event("message_metadata_posted", roles=EVERYONE)(on_posted)
    listeners.event("app_uninstalled", roles=EVERYONE)(on_uninstalled)
    listeners.event("tokens_revoked", roles=EVERYONE)(on_revoked)
    listeners.event("team_access_granted", roles=EVERYONE, of_organization=True)(on_given)
    listeners.event("team_access_revoked", roles=EVERYONE, of_organization=True)(on_taken)


async def on_member(arrival: Arrival) -> Answer:
    """Somebody joined, or changed their name, zone, account or rank in Slack."""
    user = (arrival.body.get("event") or {}).get("user")
    if not isinstance(user, dict):
        return NOTHING
    profile = profile_of(user, arrival.team_id)
    await _once(arrival, lambda session, workspace: update_people(session, workspace.id, [profile], arrival.at))
    return NOTHING


async def on_joined(arrival: Arrival) -> Answer:
    """Our bot was let into a channel: what Slack refused there goes out now. Other people's joining is nothing."""
    event = arrival.body.get("event") or {}
    user, channel = event.get("user"), event.get("channel")

    def send(session: Session, workspace: Workspace) -> None:
        if isinstance(channel, str) and user == workspace.bot_user_id:
            send_unsent(session, workspace.id, channel, arrival.at)

    await _once(arrival, send)
    return NOTHING


async def on_posted(arrival: Arrival) -> Answer:
    """A message of ours stands. Mostly we know that already, from the reply to the call that posted it.

    It takes effect once, however often it comes. A token that another app has copied from our message counts for
    nothing.
    """
    event = arrival.body.get("event") or {}
    token, channel, ts = posted_token(event.get("metadata")), event.get("channel_id"), event.get("message_ts")
    ours = event.get("app_id") == arrival.body.get("api_app_id")
    if token is None or not ours or not isinstance(channel, str) or not isinstance(ts, str):
        return NOTHING

    def whose_news(session: Session) -> int | None:
        workspace = find_workspace(session, arrival.team_id)
        return workspace.id if is_news(session, workspace.id, token) else None

    try:
        workspace_id = await arrival.tandem.db.read(whose_news)
    except NotFound:
        return NOTHING
    if workspace_id is not None:
        await arrival.tandem.db.run(note_standing, workspace_id, token, channel, ts, at=arrival.at)
    return NOTHING


async def on_uninstalled(arrival: Arrival) -> Answer:
    await _lose(arrival, UNINSTALLED)
    return NOTHING


async def on_revoked(arrival: Arrival) -> Answer:
    """Tokens of single people may be revoked, too; only the bot's own is ours. Slack names bots by their user ids."""
    tokens: dict[str, Any] = (arrival.body.get("event") or {}).get("tokens") or {}
    if tokens.get("bot"):
        await _lose(arrival, REVOKED)
    return NOTHING


async def on_given(arrival: Arrival) -> Answer:
    """The organization gave workspaces to the app: each is served from now on, before anybody does anything there."""
    await _access(arrival, grant_access)
    return NOTHING


async def on_taken(arrival: Arrival) -> Answer:
    """The organization took workspaces from the app."""
    await _access(arrival, revoke_access)
    return NOTHING


async def _access(arrival: Arrival, change: Callable[..., None]) -> None:
    """A repetition finds its own news. The workspaces go by pieces, so that many of them hold up nobody."""
    organization = origin_of(arrival.body).enterprise_id
    named = (arrival.body.get("event") or {}).get("team_ids")
    if organization is None or not isinstance(named, list):
        return
    teams = sorted({one for one in named[:MOST_TEAMS] if isinstance(one, str) and _TEAM.fullmatch(one)})
    happened = happened_at(arrival.body) or arrival.at
    for start in range(0, len(teams), TEAMS_AT_ONCE):
        piece = teams[start : start + TEAMS_AT_ONCE]
        await arrival.tandem.db.run(change, organization, piece, happened=happened, at=arrival.at)


async def _lose(arrival: Arrival, reason: str) -> None:
    told: dict[str, Any] = {"happened": happened_at(arrival.body), "at": arrival.at}
    origin = origin_of(arrival.body)
    if origin.is_of_all and origin.enterprise_id is not None:
        enterprise_id = origin.enterprise_id
        await _single(arrival, lambda session: lose_organization(session, enterprise_id, reason, **told))
        return
    await _once(arrival, lambda session, workspace: lose_token(session, workspace.id, reason, **told))


async def _once(arrival: Arrival, effect: Callable[[Session, Workspace], object]) -> None:
    """Let the event take effect a single time, however often Slack sends it; other workspaces' are ignored."""

    def here(session: Session) -> None:
        effect(session, find_workspace(session, arrival.team_id))

    await _single(arrival, here)


async def _single(arrival: Arrival, effect: Callable[[Session], object]) -> None:
    def work(session: Session) -> None:
        if earlier_answer(session, "slack", arrival.key) is not None:
            return
        try:
            effect(session)
        except NotFound:
            return
        remember_answer(session, "slack", arrival.key, None, arrival.at)

    await arrival.tandem.db.run(work)
