"""The manifest of the tiny app that these tests install."""

from typing import Any

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Tiny"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "tiny"},
        "slash_commands": [
            {"command": "/echo", "description": "Says it back", "usage_hint": "words"},
            {"command": "/mention", "description": "Says whom you meant", "should_escape": True},
            {"command": "/form", "description": "Opens a form"},
            {"command": "/deaf", "description": "Never acknowledges"},
            {"command": "/broken", "description": "Answers with blocks that Slack refuses"},
            {"command": "/shout", "description": "Answers for everyone"},
            {"command": "/later", "description": "Answers through the response URL"},
        ],
        "shortcuts": [
            {"name": "Keep this", "type": "message", "callback_id": "keep", "description": "Keeps a message"},
            {"name": "New thing", "type": "global", "callback_id": "new", "description": "Starts something"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "channels:history",
                "channels:join",
                "channels:read",
                "chat:write",
                "commands",
                "files:read",
                "files:write",
                "groups:history",
                "groups:read",
                "im:history",
                "im:read",
                "im:write",
                "reactions:write",
                "team:read",
                "users:read",
                "users:read.email",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "app_uninstalled",
                "file_shared",
                "member_joined_channel",
                "message.channels",
                "message.im",
                "team_join",
            ]
        },
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}
