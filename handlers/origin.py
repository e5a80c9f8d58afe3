"""Where something comes from: of a payload's many team ids, the one in which the app is installed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from slack_sdk.web.async_client import AsyncWebClient

MARK: Final = "shown_in"
MESSAGES: Final = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}
LAST_SECOND: Final = 253_402_300_799  # of the year 9999
LONGEST_MARKED: Final = 2900
"""Characters of private_metadata. Slack takes 3,000; a longer one stays without a mark."""

_MARKED: Final = re.compile(rf'[{{,]"{MARK}":"(T[A-Z0-9]{{1,30}})"')
_ORGANIZATION: Final = "E"


@dataclass(frozen=True, slots=True)
class Origin:
    """The workspace whose installation Slack means, "" when it names none, and its organization.

    `org_wide`: Slack says that the whole organization installed the app, so each of its workspaces is ours.
    """

    team_id: str
    enterprise_id: str | None
    org_wide: bool

    @property
    def is_of_all(self) -> bool:
        """Whether it is of an organization that installed the app, and of none of its workspaces."""
        return self.org_wide and not self.team_id


class Speaker(Protocol):
    """Who speaks for an installed workspace."""

    @property
    def bot_user_id(self) -> str: ...

    @property
    def client(self) -> AsyncWebClient: ...


class Speakers(Protocol):
    """Which workspaces are served, and who speaks for each (bot/installations/registry.py)."""

    def of_team(self, team_id: str) -> Speaker | None:
        """None: Tandem is not installed there, as far as is known."""

    async def meet(self, team_id: str, enterprise_id: str | None, seen: datetime | None = None) -> Speaker | None:
        """The same, after a look whether somebody installed it just now.

        A workspace of an organization that installed it as a whole becomes known by this; `enterprise_id` None: none
        did. `seen` (aware UTC, by Slack's clock; None: now): when something came from there.
        """


def event_name(event: Mapping[str, Any]) -> str:
    """An event as the manifest subscribes to it: that of a message names the kind of conversation.

    Source: https://docs.slack.dev/reference/events/message
    """
    name = str(event.get("type", ""))
    return MESSAGES.get(str(event.get("channel_type")), name) if name == "message" else name


def happened_at(body: Mapping[str, Any]) -> datetime | None:
    """When an event happened, by Slack's clock; None: nothing says it, as of commands and clicks."""
    event = body.get("event") or {}
    for told in (event.get("event_ts"), body.get("event_time")):
        try:
            seconds = float(str(told))
        except ValueError:
            continue
        if 0 < seconds < LAST_SECOND:
            return datetime.fromtimestamp(seconds, UTC)
    return None


def origin_of(body: Mapping[str, Any]) -> Origin:
    """Where a payload comes from.

    What we opened ourselves says it (`marked`). An event of a shared channel names the team in which it happened, and,
    first among its authorizations, the one whose installation sees it. Of a form that was opened in a shared channel
    `app_installed_team_id` names the latter; of a Home it may name another workspace that the same person is in, see
    https://github.com/slackapi/bolt-python/issues/1229. For an app that an organization installed, clicks have no
    `team`: then the message's is meant, or the person's own. Where Slack names the organization instead, look on.
    """
    seen_by = next(iter(body.get("authorizations") or ()), None) or {}
    team, user, view = body.get("team") or {}, body.get("user") or {}, body.get("view") or {}
    message = body.get("message") or {}
    installed_in = view.get("app_installed_team_id")
    candidates = (
        _mark_of(view),
        installed_in if view.get("type") != "home" else None,
        seen_by.get("team_id"),
        body.get("team_id"),
        team.get("id"),
        message.get("team"),
        user.get("team_id"),
        view.get("team_id"),
        installed_in,
    )
    org = seen_by or body
    enterprise = body.get("enterprise") or {}
    enterprise_id = org.get("enterprise_id") or enterprise.get("id") or team.get("enterprise_id")
    org_wide = str(org.get("is_enterprise_install")).lower() == "true"
    team_id = next((str(one) for one in candidates if one and not str(one).startswith(_ORGANIZATION)), "")
    return Origin(team_id, str(enterprise_id) if enterprise_id else None, org_wide)


def marked(view: Mapping[str, Any], team_id: str) -> dict[str, Any]:
    """The modal or Home with a mark of the workspace in which it is shown; it comes back with every click."""
    context = json.loads(view.get("private_metadata") or "{}")
    told = json.dumps({**context, MARK: team_id}, separators=(",", ":"))
    return {**view, "private_metadata": told} if team_id and len(told) <= LONGEST_MARKED else dict(view)


def _mark_of(view: Mapping[str, Any]) -> str | None:
    """The workspace that `marked` wrote, None when there is no such mark. In what people typed, quotes are escaped."""
    found = _MARKED.search(str(view.get("private_metadata") or ""))
    return found.group(1) if found else None
