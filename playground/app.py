"""The app installed in the workspace, read from its manifest: who it is, what it may do, what it wants to hear.

Manifest reference: https://docs.slack.dev/reference/app-manifest
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from playground.records import Json
from playground.tokens import Tokens

HOME_TEAM = "T0PLAYGRND1"
"""The workspace that every playground has."""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@dataclass(frozen=True)
class Command:
    """A slash command of the manifest. `should_escape`: mentions arrive as `<@U…|name>` and `<#C…|name>`."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool
    url: str | None


@dataclass(frozen=True)
class Shortcut:
    """A shortcut of the manifest; `type` is `global` or `message`."""

    name: str
    type: str
    callback_id: str
    description: str


@dataclass
class App:
    """The app in one workspace. Its secrets are derived from its name: stable between runs, worth nothing elsewhere.

    `asked` are the scopes of the manifest, `optional` those of them that may be refused, `scopes` those granted here.
    `agent`: the manifest's `agent_view`, None for an app that is no agent.
    `org_wide`: it came with an installation for the whole organization, whose bot user and tokens all workspaces share.
    """

    name: str
    bot_name: str
    asked: tuple[str, ...]
    optional: frozenset[str]
    scopes: tuple[str, ...]
    commands: dict[str, Command]
    shortcuts: dict[str, Shortcut]
    events: frozenset[str]
    unfurl_domains: tuple[str, ...]
    home_enabled: bool
    messages_enabled: bool
    messages_read_only: bool
    interactive: bool
    functions: dict[str, Json]
    agent: Json | None
    metadata: frozenset[tuple[str, str]]
    tokens: Tokens
    id: str = "A0PLAYGRND1"
    bot_id: str = "B0PLAYGRND1"
    user_id: str = "U0PLAYGRBOT"
    client_id: str = "1111111111.2222222222"
    revoked: bool = False
    installed: bool = True
    org_wide: bool = False
    installer: str | None = None

    @classmethod
    def from_manifest(cls, manifest: Json, team_id: str = HOME_TEAM) -> "App":
        """Read the parts that change how Slack treats an app; the manifest itself is not checked here.

        In each workspace `team_id` the bot is another user, with tokens of its own.
        """
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        home = features.get("app_home", {})
        scopes = manifest.get("oauth_config", {}).get("scopes", {})
        subscriptions = settings.get("event_subscriptions", {})
        asked = tuple(dict.fromkeys([*_list(scopes.get("bot")), *_list(scopes.get("bot_optional"))]))
        name = manifest.get("display_information", {}).get("name", "App")
        here = "" if team_id == HOME_TEAM else f"/{team_id}"
        commands = {
            one["command"]: Command(
                command=one["command"],
                description=one.get("description", ""),
                usage_hint=one.get("usage_hint", ""),
                should_escape=bool(one.get("should_escape", False)),
                url=one.get("url"),
            )
            for one in _list(features.get("slash_commands"))
        }
        shortcuts = {
            one["callback_id"]: Shortcut(
                name=one["name"],
                type=one.get("type", "global"),
                callback_id=one["callback_id"],
                description=one.get("description", ""),
            )
            for one in _list(features.get("shortcuts"))
        }
        return cls(
            name=name,
            bot_name=features.get("bot_user", {}).get("display_name", name).lower().replace(" ", ""),
            asked=asked,
            optional=frozenset(_list(scopes.get("bot_optional"))),
            scopes=asked,
            commands=commands,
            shortcuts=shortcuts,
            events=frozenset(_list(subscriptions.get("bot_events"))),
            unfurl_domains=tuple(_list(features.get("unfurl_domains"))),
            home_enabled=bool(home.get("home_tab_enabled", False)),
            messages_enabled=bool(home.get("messages_tab_enabled", True)),
            messages_read_only=bool(home.get("messages_tab_read_only_enabled", False)),
            functions=dict(manifest.get("functions", {})),
            agent=features.get("agent_view"),
            interactive=bool(settings.get("interactivity", {}).get("is_enabled", True)),
            metadata=frozenset(
                (one.get("app_id", ""), one.get("event_type", ""))
                for one in _list(subscriptions.get("metadata_subscriptions"))
            ),
            tokens=Tokens(f"playground/{name}/bot{here}", rotates=bool(settings.get("token_rotation_enabled"))),
            bot_id=f"B{team_id[1:]}",
            user_id="U0PLAYGRBOT" if team_id == HOME_TEAM else f"U{team_id[1:]}",
        )

    def _secret(self, purpose: str, length: int = 32) -> str:
        return sha256(f"playground/{self.name}/{purpose}".encode()).hexdigest()[:length]

    @property
    def bot_token(self) -> str:
        """The bot's token of now, `xoxb-` or (with rotation) `xoxe.xoxb-`."""
        return self.tokens.current

    @property
    def app_token(self) -> str:
        """The app-level `xapp-` token with `connections:write`."""
        return f"xapp-1-{self.id}-{self._secret('app', 24)}"

    @property
    def signing_secret(self) -> str:
        """The secret that requests to the app are signed with."""
        return self._secret("signing")

    @property
    def client_secret(self) -> str:
        """The OAuth client's secret."""
        return self._secret("client")

    @property
    def verification_token(self) -> str:
        """The deprecated token that payloads still carry."""
        return self._secret("verification", 24)

    def may(self, *scopes: str) -> bool:
        """Whether any of these scopes was granted (none asked: yes)."""
        return not scopes or any(scope in self.scopes for scope in scopes)
