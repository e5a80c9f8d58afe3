"""`./tandem doctor`: looks at everything Tandem stands on, and names the remedy for what is not right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import aiohttp
from rich.console import Console
from slack_sdk.errors import SlackApiError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.address import why_not
from bot.commands.offline import choose_workspace, open_database
from bot.commands.reseal import by_older_keys
from bot.installations.app import OAuthApp
from bot.installations.clients import client_of
from bot.llm import chosen_llm
from bot.loops.clock import read_clock
from bot.seal import Sealer
from bot.settings import HOW_TO_GET, Settings, SettingsProblem
from bot.slack.client import make_client
from bot.slack.session import make_session
from domain.installations import NOT_INSTALLED
from domain.sealed import find_sealed
from domain.wall import WallClock, local_time
from domain.webhooks.addresses import read_networks
from handlers.catalog import all_job_kinds, all_listeners, all_renderers
from handlers.failed_calls import error_name
from handlers.setup.checks import SKEW_SECONDS, Stored, check_schema, check_slack, check_stored, not_asked
from handlers.setup.finding import Finding, unchecked
from storage.database import Database
from storage.models import Workspace

NO_TOKEN: Final = "there is no token"  # noqa: S105  # a sentence


@dataclass(frozen=True, slots=True)
class Looked:
    """What the database tells of one workspace."""

    workspace_id: int
    team_id: str
    stored: Stored


async def examine(settings: Settings, clock: WallClock | None = None, workspace: str | None = None) -> list[Finding]:
    """Every finding, the sound ones too, by `clock` (None: by the real time). Never raises for what it looks at.

    `workspace`: Slack's id, None for all; where there are several, each finding says whose it is. Raises
    SettingsProblem when there is none of that id.
    """
    database = open_database(settings)
    try:
        findings, found = _database(database, settings, clock or WallClock(), workspace)
        async with make_session() as session:
            if not found:
                findings += await _slack_alone(settings, session)
            for one in found:
                looked_at = [*one.stored.findings, *await _slack(database, settings, one, session)]
                findings += looked_at if len(found) == 1 else [_of(one, each) for each in looked_at]
            token = settings.slack_bot_token
            oauth = settings.slack_client_id is not None
            usable = token is not None or oauth
            findings.append(await _way_in(settings, session) if usable else unchecked("way in", NO_TOKEN))
        return findings
    finally:
        database.close()


def _of(one: Looked, finding: Finding) -> Finding:
    return replace(finding, what=f"{one.team_id}: {finding.what}")


async def _slack_alone(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    """What Slack tells while the database tells of no workspace."""
    token = settings.slack_bot_token
    if token is None:
        return _without_token() if _offered(settings) is None else []
    client = make_client(token.get_secret_value(), settings.slack_api_url, session)
    return await check_slack(client, None, all_listeners(), prefix=settings.tandem_command_prefix)


async def _slack(database: Database, settings: Settings, one: Looked, session: aiohttp.ClientSession) -> list[Finding]:
    """What Slack tells of a workspace, asked by whoever speaks for it."""
    client = await client_of(database, settings, one.workspace_id, session)
    if client is None:
        link = one.stored.link(settings.public_url)
        return _without_token() if link is None else _not_installed(link)
    prefix, public_url = settings.tandem_command_prefix, settings.public_url
    return await check_slack(client, one.stored, all_listeners(), prefix=prefix, public_url=public_url)


def _without_token() -> list[Finding]:
    missing = Finding("token", False, "SLACK_BOT_TOKEN is not set", HOW_TO_GET["slack_bot_token"])
    return [missing, *not_asked(NO_TOKEN)]


def _not_installed(link: str) -> list[Finding]:
    gone = Finding("token", False, "Tandem is not installed there any more", f"An admin installs it again at {link}")
    return [gone, *not_asked(NO_TOKEN)]


def show_findings(findings: list[Finding], out: Console) -> bool:
    """Print what was found, what needs somebody with its remedy below it; whether all is well."""
    wide = max(len(one.what) for one in findings)
    for one in findings:
        sign = "ok" if one.well and one.checked else "!!" if one.checked else "??"
        out.print(f"{sign}  {one.what:<{wide}}  {one.found}", markup=False, soft_wrap=True)
        if one.remedy:
            out.print(f"    → {one.remedy}", markup=False, soft_wrap=True)
    return all(one.well for one in findings)


def _database(
    database: Database, settings: Settings, clock: WallClock, workspace: str | None
) -> tuple[list[Finding], list[Looked]]:
    """What the database tells of itself, and what it tells of each workspace."""
    engine = database.url.get_backend_name()
    rest = "workspace, queue, lateness, jobs, sources, teams"
    try:
        schema = check_schema(database.engine)
        found = [Finding("database", True, engine), schema]
        if not schema.well:
            return [*found, unchecked(rest, "the schema is older than this program")], []
        if not database.is_sqlite:
            found.append(_clock(database, clock))
        looked = database.run_sync(lambda session: _stored(session, settings, clock, workspace))
        found += _sealed(database, settings) if looked else []
    except SettingsProblem:
        raise
    except Exception as error:
        told = why_not(error, database.url) or f"Check {HOW_TO_GET['database_url']}"
        return [
            Finding("database", False, f"{engine}: {type(error).__name__}", told),
            unchecked(rest, "the database cannot be used"),
        ], []
    if not looked:
        found += [_none_yet(settings), unchecked("queue, lateness, jobs, sources, teams", "there is no workspace yet")]
    return found, looked


def _none_yet(settings: Settings) -> Finding:
    """What is missing before there is a workspace; where Tandem is offered to several, that is nothing to mend."""
    app = _offered(settings)
    if app is not None:
        return Finding("workspace", True, "none yet", f"An admin installs Tandem at {app.install_url()}")
    return Finding("workspace", False, "none yet", "Start `./tandem serve` once.")


def _offered(settings: Settings) -> OAuthApp | None:
    """How workspaces install Tandem; None where one workspace's token is set, or something is missing for it."""
    if settings.slack_bot_token is not None:
        return None
    try:
        return OAuthApp.from_settings(settings)
    except SettingsProblem:
        return None


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


def _stored(session: Session, settings: Settings, clock: WallClock, workspace: str | None) -> list[Looked]:
    """What is stored of the workspace, or of all that somebody speaks for. Raises SettingsProblem."""
    query = select(Workspace.id, Workspace.slack_team_id).order_by(Workspace.id)
    if workspace is not None:
        query = query.where(Workspace.id == choose_workspace(session, workspace))
    else:
        served = session.execute(query.where(Workspace.stopped_reason.is_distinct_from(NOT_INSTALLED))).all()
        query = query.where(Workspace.id.in_([one.id for one in served])) if served else query
    return [
        Looked(
            workspace_id,
            team_id,
            check_stored(
                session,
                workspace_id,
                at=clock.now(),
                unseal=_unseal(settings),
                prefix=settings.tandem_command_prefix,
                kinds=all_job_kinds(),
                renderers=all_renderers(),
                llm=chosen_llm(settings),
                networks=read_networks(settings.tandem_webhook_networks),
            ),
        )
        for workspace_id, team_id in session.execute(query)
    ]


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
