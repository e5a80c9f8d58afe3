"""Settings from the environment, read once. What is missing or wrong is said with how to get it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.address import address_problem
from bot.seal import Sealer
from domain.webhooks.addresses import read_networks
from storage.engines import driver_url

ENV_FILE = ".env"
SLACK_CLI = {"slack_bot_token": "SLACK_CLI_XOXB", "slack_app_token": "SLACK_CLI_XAPP"}
"""How `slack run` hands over the tokens of the app that it made."""

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
    "slack_client_id": "the client id: api.slack.com/apps → your app → Basic Information → App Credentials → Client ID",
    "slack_client_secret": (
        "the client secret: api.slack.com/apps → your app → Basic Information → App Credentials → Client Secret"
    ),
    "database_url": "where data is kept: sqlite:///tandem.db, or postgresql://user:password@host/name",
    "port": "the port to listen on, a number from 0 to 65535",
    "log_format": "console or json",
    "public_url": "the address under which the internet reaches this program, for example https://tandem.example.com",
    "tandem_secret_key": "at least 32 random characters: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
    "tandem_intake_per_minute": "leads that a source may post to one process in a minute, a number from 1 to 1000000",
    "tandem_intake_burst": "leads that a source may post to one process at once, a number from 1 to 1000000",
    "tandem_lease_seconds": "how long a courier may hold a lane, a number from 3 to 600",
    "tandem_erase_after_days": (
        "how many days the data of a workspace is kept after the app was uninstalled there, from 1 to 3650; "
        "not set: for ever"
    ),
    "tandem_host": "an address of this computer to listen on: 0.0.0.0 for all, 127.0.0.1 for itself only",
    "tandem_database_direct_url": "the address of PostgreSQL itself, when DATABASE_URL leads to a pooler",
    "tandem_metrics_port": "where a worker serves /healthz, /readyz and /metrics, a port from 0 to 65535",
    "tandem_slack_limits": (
        "how many times the calls that Slack promises a workspace each minute are made at the most: "
        "a number from 0 (Slack's own pauses only) to 100"
    ),
    "tandem_socket_connections": "how many Socket Mode connections a process opens, a number from 1 to 10",
    "openai_base_url": (
        "the address of a server that speaks as OpenAI's chat completions do, for example http://localhost:11434/v1"
    ),
    "openai_model": "the name of a model of that server",
    "tandem_llm_tokens_per_month": (
        "how many tokens of the language model a workspace may use in a month, a whole number; 0 turns the model off"
    ),
    "tandem_llm_seconds": "how long the language model may take for an answer, a number from 1 to 90",
    "tandem_webhook_networks": (
        "networks of your own to which webhooks may go, also without encryption, for example 10.1.0.0/16,127.0.0.1; "
        "not set: only to public addresses"
    ),
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


def _database(address: str) -> str:
    if (problem := address_problem(address.strip())) is not None:
        raise ValueError(problem)
    return address.strip()


def _past_the_pooler(address: str) -> str:
    name = "TANDEM_DATABASE_DIRECT_URL"
    problem = address_problem(address.strip(), name)
    if problem is None and driver_url(address).get_backend_name() == "sqlite":
        problem = f"{name} is for PostgreSQL behind a pooler. Take it away: DATABASE_URL is enough for SQLite."
    if problem is not None:
        raise ValueError(problem)
    return address.strip()


def _web_address(address: str) -> str:
    split = urlsplit(address.strip())
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError("should be a web address")
    return address.strip().rstrip("/")


def _networks(text: str) -> str:
    read_networks(text)
    return text


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
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///tandem.db"
    public_url: str | None = Field(None, pattern=r"^https?://")
    port: int = Field(3000, ge=0, le=65535)
    tandem_secret_key: Annotated[SecretStr, AfterValidator(_usable_key)] | None = None
    tandem_command_prefix: str = Field("", pattern=r"^[a-z0-9-]{0,20}$")
    openai_api_key: SecretStr | None = None
    openai_base_url: Annotated[str, AfterValidator(_web_address)] | None = None
    openai_model: str = Field("gpt-5-mini", min_length=1, max_length=200)
    tandem_llm_tokens_per_month: int = Field(2_000_000, ge=0, le=10**12)
    tandem_llm_seconds: float = Field(60.0, ge=1.0, le=90.0)
    log_format: Literal["console", "json"] = "console"
    tandem_host: str = "0.0.0.0"  # noqa: S104  # a server is there to be reached
    tandem_database_direct_url: Annotated[str, AfterValidator(_past_the_pooler)] | None = None
    tandem_intake_per_minute: int = Field(600, ge=1, le=1_000_000)
    tandem_intake_burst: int = Field(100, ge=1, le=1_000_000)
    tandem_lease_seconds: float = Field(45.0, ge=3.0, le=600.0)
    tandem_erase_after_days: int | None = Field(None, ge=1, le=3650)
    tandem_metrics_port: int | None = Field(None, ge=0, le=65535)
    tandem_slack_limits: float = Field(1.0, ge=0.0, le=100.0)
    tandem_socket_connections: int = Field(1, ge=1, le=10)
    tandem_webhook_networks: Annotated[str, AfterValidator(_networks)] = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; what `slack run` hands over comes last."""
        handed = {name: os.environ[variable] for name, variable in SLACK_CLI.items() if os.environ.get(variable)}
        slack_cli = InitSettingsSource(settings_cls, init_kwargs=handed)
        return init_settings, env_settings, dotenv_settings, file_secret_settings, slack_cli

    def secrets(self) -> list[str]:
        """What must never stand in a log, each key of a list of keys by itself, and passwords as they are written."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        parts = [part for value in values for part in {value, *value.split(",")}]
        return parts + _passwords(self.database_url) + _passwords(self.tandem_database_direct_url or "")

    def require(self, *names: str) -> None:
        """Raise SettingsProblem when one of these settings is not there."""
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise SettingsProblem([f"{name.upper()} is not set. It is {HOW_TO_GET[name]}." for name in missing])


def read_settings(env_file: str | None = ENV_FILE) -> Settings:
    """The settings of this process: from the environment, then from a file in the working directory.

    Raises SettingsProblem.
    """
    try:
        return Settings(_env_file=env_file, _env_file_encoding="utf-8-sig")
    except ValidationError as error:
        raise SettingsProblem([_line(problem) for problem in error.errors()]) from None
    except (OSError, ValueError):
        raise SettingsProblem(
            [f"{Path(env_file or '').absolute()} cannot be read. It should be a text in UTF-8, with lines NAME=value."]
        ) from None


def _line(problem: Any) -> str:
    name, reason = str(problem["loc"][0]), problem.get("ctx", {}).get("error")
    if reason is not None and name in ("database_url", "tandem_database_direct_url"):
        return str(reason)
    return f"{name.upper()} is not usable. It should be {HOW_TO_GET.get(name, 'set differently')}."


def _passwords(address: str) -> list[str]:
    """The password in an address, as it is written and as it is meant."""
    if "://" not in address:
        return []
    url = driver_url(address)
    written = address.partition("://")[2].rpartition("@")[0].partition(":")[2]
    meant = [url.password, url.query.get("password"), written, unquote(written)]
    return [str(one) for one in meant if one]
