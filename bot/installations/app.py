"""Our app as Slack knows it: by its client id and secret, workspaces install it and tokens are renewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

import structlog

from bot.settings import HOW_TO_GET, Settings, SettingsProblem

log = structlog.get_logger()

NEEDED: Final = ("slack_client_id", "slack_client_secret", "public_url", "tandem_secret_key")


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """`public_url`: under which browsers find us, without a slash at its end. `api_url`: of the Web API."""

    client_id: str
    client_secret: str
    public_url: str
    api_url: str

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """None when nobody can install Tandem by OAuth.

        When only a part of what that needs is set, what is missing is said: by SettingsProblem where Tandem has no
        SLACK_BOT_TOKEN either, else in the log.
        """
        if settings.slack_client_id is None and settings.slack_client_secret is None:
            return None
        lines = [
            f"{name.upper()} is not set, so no workspace can install Tandem. It is {HOW_TO_GET[name]}."
            for name in NEEDED
            if getattr(settings, name) is None
        ]
        if lines and settings.slack_bot_token is None:
            raise SettingsProblem(lines)
        for line in lines:
            log.warning(line)
        if lines:
            return None
        assert settings.slack_client_id is not None
        assert settings.slack_client_secret is not None
        assert settings.public_url is not None
        return cls(
            settings.slack_client_id,
            settings.slack_client_secret.get_secret_value(),
            settings.public_url.rstrip("/"),
            settings.slack_api_url,
        )

    @property
    def redirect_uri(self) -> str:
        return redirect_uri(self.public_url)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    def install_url(self, team_id: str | None = None) -> str:
        """Where an admin begins; `team_id`: Slack then proposes that workspace."""
        return f"{self.public_url}/slack/install" + (f"?{urlencode({'team': team_id})}" if team_id else "")

    def consent_url(self, state: str, scopes: str, team_id: str | None) -> str:
        """Slack's consent page, on the host of its Web API. (slack_sdk's own generator escapes nothing.)"""
        asked = {"client_id": self.client_id, "scope": scopes, "state": state, "redirect_uri": self.redirect_uri}
        return f"{self._host}/oauth/v2/authorize?{urlencode(asked | ({'team': team_id} if team_id else {}))}"

    def open_url(self, app_id: str, team_id: str | None) -> str:
        """Slack itself, at our app where that is known."""
        asked = {"app": app_id} | ({"team": team_id} if team_id else {})
        return f"{self._host}/app_redirect?{urlencode(asked)}"

    @property
    def _host(self) -> str:
        """Slack's own, or the playground's."""
        parts = urlsplit(self.api_url)
        return f"{parts.scheme}://{parts.netloc}"


def redirect_uri(public_url: str) -> str:
    """Where Slack sends the browser back to; the app's manifest names it."""
    return f"{public_url.rstrip('/')}/slack/oauth_redirect"
