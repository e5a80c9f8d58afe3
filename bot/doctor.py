"""`tandem doctor`: looks at everything Tandem stands on, and names the remedy for what is not right."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.seal import CannotUnseal, Sealer
from bot.settings import HOW_TO_GET, Settings
from bot.slack import make_client
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from handlers.setup.remedies import remedy
from storage.database import Database
from storage.database_time import database_time
from storage.migrate import head_revision, schema_revision
from storage.models import Audience, Clock, Delivery, Source, Team, Workspace

LATE = timedelta(minutes=2)
SKEW_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says what to do when it is not `well`."""

    what: str
    well: bool
    found: str
    remedy: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, the sound ones too. Never raises for what it looks at."""
    findings = list(_database(settings))
    if settings.slack_bot_token is None:
        findings.append(Finding("token", False, "SLACK_BOT_TOKEN is not set", HOW_TO_GET["slack_bot_token"]))
        return findings
    async with aiohttp.ClientSession() as session:
        client = make_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        findings += await _slack(settings, client)
        for channel, purpose in _channels(settings).items():
            findings.append(await _channel(settings, client, channel, purpose))
    return findings


def show_findings(findings: list[Finding], out: Console) -> bool:
    """Print what was found; whether all is well."""
    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    for one in findings:
        table.add_row("ok" if one.well else "!!", one.what, one.found, one.remedy)
    out.print(table)
    return all(one.well for one in findings)


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database_url)
    engine = database.url.get_backend_name()
    try:
        revision = schema_revision(database.engine)
        current = revision == head_revision()
        yield Finding("database", True, engine)
        yield Finding("schema", current, f"revision {revision}", "" if current else "Run: tandem migrate")
        if current:
            yield from database.run_sync(lambda session: list(_stored(session, settings)))
    except Exception as error:
        yield Finding("database", False, f"{engine}: {type(error).__name__}", f"Check {HOW_TO_GET['database_url']}")
    finally:
        database.close()


def _stored(session: Session, settings: Settings) -> Iterator[Finding]:
    now = database_time(session)
    workspace = session.scalars(select(Workspace).order_by(Workspace.id)).first()
    if workspace is None:
        yield Finding("workspace", False, "none yet", "Start `tandem serve` once.")
        return
    stopped = workspace.state == "stopped"
    advice = "Install the app again from `tandem manifest`." if stopped else ""
    yield Finding("workspace", not stopped, workspace.stopped_reason or workspace.name, advice)
    waiting, oldest = session.execute(
        select(func.count(), func.min(Delivery.next_at)).where(Delivery.state.in_(("pending", "sending")))
    ).one()
    late = oldest is not None and now - oldest > LATE
    yield Finding(
        "outbox",
        not late,
        f"{waiting} waiting",
        "Nothing leaves: is `tandem serve` or a worker running?" if late else "",
    )
    overdue = session.scalar(select(func.count()).where(Clock.next_at < now - LATE)) or 0
    yield Finding(
        "clocks", not overdue, f"{overdue} rungs overdue", "Is `tandem serve` or a worker running?" if overdue else ""
    )
    failed = session.execute(
        select(Delivery.error, func.count())
        .where(Delivery.state == "failed", Delivery.finished_at > now - timedelta(days=1))
        .group_by(Delivery.error)
    ).all()
    words = ", ".join(f"{count} × {error}" for error, count in failed)
    yield Finding(
        "failed today", not failed, words or "none", " ".join(remedy(str(error), "", "") for error, _ in failed)
    )
    yield from _sources(session, settings)


def _sources(session: Session, settings: Settings) -> Iterator[Finding]:
    sources = session.scalars(select(Source)).all()
    if not sources:
        return
    key = settings.tandem_secret_key
    try:
        for source in sources:
            if key is None:
                raise CannotUnseal
            Sealer(key.get_secret_value()).unseal(source.sealed_secret)
        yield Finding("sources", True, f"{len(sources)}")
    except CannotUnseal:
        yield Finding(
            "sources", False, "secrets cannot be read", "Set TANDEM_SECRET_KEY to the key they were made with."
        )


async def _slack(settings: Settings, client: AsyncWebClient) -> list[Finding]:
    before = time.time()
    try:
        me = await client.auth_test()
    except SlackApiError as error:
        name = str(error.response.get("error"))
        return [Finding("token", False, name, f"It should be {HOW_TO_GET['slack_bot_token']}")]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [Finding("slack", False, f"not reached: {type(error).__name__}", f"Is {settings.slack_api_url} right?")]
    headers = {str(name).lower(): str(value) for name, value in (me.headers or {}).items()}
    found = [Finding("token", True, f"{me.get('team')}")]
    wanted = set(make_manifest(all_listeners())["oauth_config"]["scopes"]["bot"])
    given = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",") if one.strip()}
    missing = sorted(wanted - given) if given else []
    again = "Update the app from `tandem manifest` and install it again." if missing else ""
    found.append(Finding("scopes", not missing, f"missing: {', '.join(missing)}" if missing else "all there", again))
    return found + _skew(headers, before)


def _skew(headers: Mapping[str, str], before: float) -> list[Finding]:
    """This machine's clock against Slack's: signatures are refused when they are minutes apart."""
    try:
        theirs = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return []
    apart = abs(theirs - before)
    well = apart < SKEW_SECONDS
    return [Finding("clock", well, f"{apart:.0f} s from Slack's", "" if well else "Set this machine's time (NTP).")]


def _channels(settings: Settings) -> dict[str, str]:
    """The channels that are set, and what for."""

    def read(session: Session) -> dict[str, str]:
        teams = session.scalars(select(Team).where(Team.channel.is_not(None), Team.archived_at.is_(None)))
        digests = session.scalars(select(Audience).where(Audience.channel.is_not(None), Audience.paused.is_(False)))
        named: dict[str, list[str]] = {}
        for team in teams:
            named.setdefault(str(team.channel), []).append(f"team {team.name}")
        for audience in digests:
            named.setdefault(str(audience.channel), []).append(f"digest {audience.key}")
        return {channel: ", ".join(purposes) for channel, purposes in named.items()}

    database = Database(settings.database_url)
    try:
        return database.run_sync(read)
    except Exception:
        return {}  # the database's own finding says it already
    finally:
        database.close()


async def _channel(settings: Settings, client: AsyncWebClient, channel: str, purpose: str) -> Finding:
    prefix = settings.tandem_command_prefix
    try:
        info: dict[str, Any] = (await client.conversations_info(channel=channel))["channel"]
    except SlackApiError as error:
        name = str(error.response.get("error"))
        return Finding(f"channel of {purpose}", False, f"{channel}: {name}", remedy(name, channel, prefix))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return Finding(f"channel of {purpose}", False, f"{channel}: {type(error).__name__}", "Try again.")
    if info.get("is_archived"):
        return Finding(f"channel of {purpose}", False, "archived", remedy("is_archived", channel, prefix))
    if not info.get("is_member") and info.get("is_private"):
        return Finding(f"channel of {purpose}", False, "not a member", remedy("not_in_channel", channel, prefix))
    return Finding(f"channel of {purpose}", True, f"#{info.get('name')}")
