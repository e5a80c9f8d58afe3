"""Settings from the environment, read once. What is missing or wrong is said with how to get it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.seal import Sealer

HOW_TO_GET = {
    "slack_bot_token": (
        "the bot token, xoxb-…: api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token"
    ),
    "slack_app_token": (
        "the app-level token, xapp-…: api.slack.com/apps → your app → Basic Information → App-Level Tokens, "
        "with the scope connections:write"
    ),
    "slack_signing_secret": (
        "the signing secret: api.slack.com/apps → your app → Basic Information → App Credentials → Signing Secret"
    ),
    "database_url": "where data is kept: sqlite:///tandem.db, or postgresql://user:password@host/name",
    "port": "the port to listen on, a number from 0 to 65535",
    "log_format": "console or json",
    "public_url": "the address under which the internet reaches this program, for example https://tandem.example.com",
    "tandem_secret_key": "at least 32 random characters: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
    "tandem_intake_per_minute": "leads that a source may post to one process in a minute, a number from 1 to 1000000",
    "tandem_intake_burst": "leads that a source may post to one process at once, a number from 1 to 1000000",
    "tandem_lease_seconds": "how long a courier may hold a lane, a number from 3 to 600",
    "tandem_metrics_port": "where a worker serves /healthz, /readyz and /metrics, a port from 0 to 65535",
    "tandem_slack_limits": (
        "how many times the calls that Slack promises a workspace each minute are made at the most: "
        "a number from 0 (Slack's own pauses only) to 100"
    ),
    "tandem_socket_connections": "how many Socket Mode connections a process opens, a number from 1 to 10",
    "tandem_command_prefix": "small letters, digits and dashes, for example acme-",
}


class SettingsProblem(Exception):
    """Settings are missing or wrong; each line says which one and how to get it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _begins(prefix: str) -> Callable[[SecretStr], SecretStr]:
    """A check that a token is of the kind that is wanted: people paste the other one."""

    def check(token: SecretStr) -> SecretStr:
        if not token.get_secret_value().startswith(prefix):
            raise ValueError(f"should begin with {prefix}")
        return token

    return check


def _usable_key(key: SecretStr) -> SecretStr:
    Sealer(key.get_secret_value())
    return key


class Settings(BaseSettings):
    """The environment variables of Tandem, by their lower-case names. Secrets never show in logs."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    slack_bot_token: Annotated[SecretStr, AfterValidator(_begins("xoxb-"))] | None = None
    slack_app_token: Annotated[SecretStr, AfterValidator(_begins("xapp-"))] | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = "sqlite:///tandem.db"
    public_url: str | None = Field(None, pattern=r"^https?://")
    port: int = Field(3000, ge=0, le=65535)
    tandem_secret_key: Annotated[SecretStr, AfterValidator(_usable_key)] | None = None
    tandem_command_prefix: str = Field("", pattern=r"^[a-z0-9-]{0,20}$")
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-5-mini"
    log_format: Literal["console", "json"] = "console"
    tandem_intake_per_minute: int = Field(600, ge=1, le=1_000_000)
    tandem_intake_burst: int = Field(100, ge=1, le=1_000_000)
    tandem_lease_seconds: float = Field(45.0, ge=3.0, le=600.0)
    tandem_metrics_port: int | None = Field(None, ge=0, le=65535)
    tandem_slack_limits: float = Field(1.0, ge=0.0, le=100.0)
    tandem_socket_connections: int = Field(1, ge=1, le=10)

    def secrets(self) -> list[str]:
        """What must never stand in a log, each key of a list of keys by itself."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        return [part for value in values for part in {value, *value.split(",")}]

    def require(self, *names: str) -> None:
        """Raise SettingsProblem when one of these settings is not there."""
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise SettingsProblem([f"{name.upper()} is not set. It is {HOW_TO_GET[name]}." for name in missing])


def read_settings() -> Settings:
    """The settings of this process. Raises SettingsProblem."""
    try:
        settings = Settings()
        make_url(settings.database_url)
    except ValidationError as error:
        raise SettingsProblem([_line(str(problem["loc"][0])) for problem in error.errors()]) from None
    except ArgumentError:
        raise SettingsProblem([_line("database_url")]) from None
    return settings


def _line(name: str) -> str:
    return f"{name.upper()} is not usable. It should be {HOW_TO_GET.get(name, 'set differently')}."
