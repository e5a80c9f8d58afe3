"""Which happenings the app hears of, by its subscriptions, scopes and channels, and the envelope they come in.

Source: https://docs.slack.dev/apis/events-api
"""

from collections.abc import Callable

from playground.app import App
from playground.installation import Installation
from playground.markup import pings_in
from playground.records import Json

_SCOPES: dict[str, tuple[str, ...]] = {
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "app_mention": ("app_mentions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
    "file_shared": ("files:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "message_metadata_posted": ("metadata.message:read",),
    "link_shared": ("links:read",),
    "app_home_opened": (),
    "function_executed": (),
    "app_uninstalled": (),
    "tokens_revoked": (),
    "team_access_granted": (),
    "team_access_revoked": (),
}
_OF_AN_ORGANIZATION = ("team_access_granted", "team_access_revoked")
_OF_THE_INSTALLATION = ("app_uninstalled", "tokens_revoked", *_OF_AN_ORGANIZATION)
_IN_CHANNELS = ("app_mention", "file_shared", "reaction_added", "reaction_removed", "message_metadata_posted")
_MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


class Events:
    """Turns events of the workspace into `event_callback` payloads and hands them to `send`."""

    def __init__(self, installation: Installation, send: Callable[[Json], None]) -> None:
        self._installation = installation
        self._workspace = installation.workspace
        self._send = send
        self._count = 0
        self._workspace.on_event = self.happened

    def happened(self, event: Json) -> None:
        """Send what the app is subscribed to. A mention of the app is an `app_mention` too."""
        app = self._installation.app
        if (app.revoked or not app.installed) and event["type"] not in _OF_THE_INSTALLATION:
            return
        if self._may_hear(event):
            self._send(self._envelope(event))
        if event["type"] == "message" and self._is_mention(event):
            mention = {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}
            if self._may_hear(mention):
                self._send(self._envelope(mention))

    def _is_mention(self, event: Json) -> bool:
        fresh = "subtype" not in event and "bot_id" not in event and event.get("channel_type") != "im"
        return fresh and self._workspace.app.user_id in pings_in(event.get("text", ""))

    def _may_hear(self, event: Json) -> bool:
        app = self._installation.app
        kind = _MESSAGES[event["channel_type"]] if event["type"] == "message" else event["type"]
        if kind not in app.events or kind not in _SCOPES or not app.may(*_SCOPES[kind]):
            return False
        if kind == "message_metadata_posted" and not _wants_metadata(app, event):
            return False
        if not (kind.startswith("message.") or kind in _IN_CHANNELS):
            return True
        where = event.get("channel") or event.get("channel_id") or event.get("item", {}).get("channel") or ""
        channel = self._workspace.channels.get(where)
        return channel is not None and app.user_id in channel.members

    def _envelope(self, event: Json) -> Json:
        self._count += 1
        app, organization = self._installation.app, self._workspace.organization
        enterprise_id = organization.id if organization else None
        # What becomes of an organization's installation is told of no single workspace.
        of_all = app.org_wide and event["type"] in _OF_THE_INSTALLATION
        team_id = enterprise_id if of_all else self._workspace.team_id
        if event["type"] in _OF_AN_ORGANIZATION:
            team_id = None
        stamped = {"event_ts": f"{self._workspace.now():.6f}", **event}
        return {
            "token": app.verification_token,
            "team_id": team_id,
            **({"enterprise_id": enterprise_id} if enterprise_id else {}),
            "context_team_id": team_id,
            "context_enterprise_id": enterprise_id,
            "api_app_id": app.id,
            "event": stamped,
            "type": "event_callback",
            "event_id": f"Ev{self._workspace.mark}{self._count:08d}",
            "event_time": int(self._workspace.now()),
            "authorizations": [
                {
                    "enterprise_id": enterprise_id,
                    "team_id": None if of_all else team_id,
                    "user_id": app.user_id,
                    "is_bot": True,
                    "is_enterprise_install": app.org_wide,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{stamped['type']}-{self._workspace.mark}{self._count}",
        }


def _wants_metadata(app: App, event: Json) -> bool:
    """Whether the manifest's `metadata_subscriptions` name this app's events of this type; `*` names them all."""
    kind = event["metadata"]["event_type"]
    return any(of in (event["app_id"], "*") and wanted in (kind, "*") for of, wanted in app.metadata)
