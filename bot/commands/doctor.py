"""`./tandem doctor`: looks at everything Tandem stands on, and names the remedy for what is not right."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from rich.console import Console
from slack_sdk.errors import SlackApiError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.address import why_not
from bot.commands.offline import open_database
from bot.commands.reseal import by_older_keys
from bot.loops.clock import read_clock
from bot.seal import Sealer
from bot.settings import HOW_TO_GET, Settings
from bot.slack.client import make_client
from bot.slack.session import make_session
from domain.sealed import find_sealed
from domain.wall import WallClock, local_time
from handlers.catalog import all_job_kinds, all_listeners, all_renderers
from handlers.setup.checks import SKEW_SECONDS, Stored, check_schema, check_slack, check_stored, not_asked
from handlers.setup.finding import Finding, error_name, unchecked
from storage.database import Database
from storage.models import Workspace


async def examine(settings: Settings, clock: WallClock | None = None) -> list[Finding]:
    """Every finding, the sound ones too, by `clock` (None: by the real time). Never raises for what it looks at."""
    findings, stored = _database(settings, clock or WallClock())
    if settings.slack_bot_token is None:
        findings.append(Finding("token", False, "SLACK_BOT_TOKEN is not set", HOW_TO_GET["slack_bot_token"]))
        return findings + not_asked("there is no token") + [unchecked("way in", "there is no token")]
    async with make_session() as session:
        client = make_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        findings += await check_slack(client, stored, all_listeners(), prefix=settings.tandem_command_prefix)
        findings.append(await _way_in(settings, session))
    return findings


def show_findings(findings: list[Finding], out: Console) -> bool:
    """Print what was found, what needs somebody with its remedy below it; whether all is well."""
    wide = max(len(one.what) for one in findings)
    for one in findings:
        sign = "ok" if one.well and one.checked else "!!" if one.checked else "??"
        out.print(f"{sign}  {one.what:<{wide}}  {one.found}", markup=False, soft_wrap=True)
        if one.remedy:
            out.print(f"    → {one.remedy}", markup=False, soft_wrap=True)
    return all(one.well for one in findings)


def _database(settings: Settings, clock: WallClock) -> tuple[list[Finding], Stored | None]:
    """What the database tells, and what is to be asked of Slack because of it (None: it told nothing)."""
    database = open_database(settings)
    engine = database.url.get_backend_name()
    rest = "workspace, queue, lateness, jobs, sources, teams"
    try:
        schema = check_schema(database.engine)
        found = [Finding("database", True, engine), schema]
        if not schema.well:
            return [*found, unchecked(rest, "the schema is older than this program")], None
        if not database.is_sqlite:
            found.append(_clock(database, clock))
        stored = database.run_sync(lambda session: _stored(session, settings, clock))
        if stored is None:
            none_yet = Finding("workspace", False, "none yet", "Start `./tandem serve` once.")
            return [
                *found,
                none_yet,
                unchecked("queue, lateness, jobs, sources, teams", "there is no workspace yet"),
            ], None
        return [*found, *stored.findings, *_sealed(database, settings)], stored
    except Exception as error:
        told = why_not(error, database.url) or f"Check {HOW_TO_GET['database_url']}"
        return [
            Finding("database", False, f"{engine}: {type(error).__name__}", told),
            unchecked(rest, "the database cannot be used"),
        ], None
    finally:
        database.close()


def _sealed(database: Database, settings: Settings) -> list[Finding]:
    """Whether the first key of TANDEM_SECRET_KEY sealed everything, so that an older one could go."""
    key = settings.tandem_secret_key
    sealed = database.run_sync(find_sealed) if key is not None else []
    if not sealed:
        return []
    older, lost = by_older_keys(Sealer.from_settings(key), sealed)
    if lost:
        remedy = (
            "Put the key that they were sealed with behind the new one, after a comma: TANDEM_SECRET_KEY=new,old. "
            "If it is lost, make new secrets for the sources in setup, and have the workspaces install Tandem again."
        )
        return [Finding("keys", False, f"no key unseals {len(lost)} of {len(sealed)} secrets", remedy)]
    if older:
        remedy = "Once every process has the new key, run ./tandem reseal. Then the older keys can go."
        return [Finding("keys", True, f"an older key sealed {len(older)} of {len(sealed)} secrets", remedy)]
    return [Finding("keys", True, "the first key seals everything")]


def _clock(database: Database, clock: WallClock) -> Finding:
    """This computer's clock against the database's, which decides: from here on `clock` goes by it."""
    clock.follow(database.run_sync(read_clock))
    apart = (clock.outside() - local_time()).total_seconds()
    well = abs(apart) < SKEW_SECONDS
    remedy = "" if well else "Set this computer’s time (NTP). Tandem goes by the database’s, so nothing is late."
    return Finding("database’s clock", well, f"{apart:+.1f} s from this computer’s", remedy)


def _stored(session: Session, settings: Settings, clock: WallClock) -> Stored | None:
    workspace_id = session.scalars(select(Workspace.id).order_by(Workspace.state, Workspace.id)).first()
    if workspace_id is None:
        return None
    unseal, prefix = _unseal(settings), settings.tandem_command_prefix
    return check_stored(
        session,
        workspace_id,
        at=clock.now(),
        unseal=unseal,
        prefix=prefix,
        kinds=all_job_kinds(),
        renderers=all_renderers(),
    )


def _unseal(settings: Settings) -> Callable[[str], str] | None:
    key = settings.tandem_secret_key
    return Sealer(key.get_secret_value()).unseal if key is not None else None


async def _way_in(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    """How Slack reaches us: by Socket Mode with a good app token, or over HTTP with a signing secret."""
    token = settings.slack_app_token
    if token is None:
        if settings.slack_signing_secret is not None:
            return Finding("way in", True, "HTTP, with a signing secret")
        remedy = f"Set SLACK_SIGNING_SECRET: {HOW_TO_GET['slack_signing_secret']}"
        return Finding("way in", False, "neither app token nor signing secret", remedy)
    client = make_client(token.get_secret_value(), settings.slack_api_url, session)
    try:
        await client.apps_connections_open(app_token=token.get_secret_value())
    except (SlackApiError, aiohttp.ClientError, OSError, TimeoutError) as error:
        remedy = f"SLACK_APP_TOKEN should be {HOW_TO_GET['slack_app_token']}"
        return Finding("way in", False, f"Socket Mode: {error_name(error)}", remedy)
    return Finding("way in", True, "Socket Mode")
