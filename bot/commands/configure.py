"""`./tandem config`: shows what a settings file changes, asks, and applies it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import aiohttp
import typer
from rich.console import Console
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.commands.offline import choose_workspace, opened
from bot.installations.clients import client_of
from bot.loops.clock import clock_of
from bot.seal import Sealer
from bot.settings import Settings, SettingsProblem
from bot.slack.session import make_session
from digests.audiences import apply_settings
from domain.config.apply import Applied
from domain.config.difference import plan_config
from domain.config.export import export_config
from domain.config.problems import ConfigProblems
from domain.config.schema import Config, names_to_look_up, parse_config
from handlers.failed_calls import error_name
from handlers.words import change_sentence, note_sentence, problem_lines
from storage.database import Database

HINT: Final = "Change what you like, then: ./tandem config apply FILE"


async def apply_file(
    settings: Settings,
    data: bytes,
    *,
    filename: str,
    yes: bool,
    dry_run: bool,
    out: Console,
    workspace: str | None = None,
) -> None:
    """Check, show the difference, ask, apply. `workspace`: Slack's id, None for the only one.

    Raises SettingsProblem with every problem of the file.
    """
    try:
        config = parse_config(data.decode())
        with opened(settings) as db:
            workspace_id = db.read_sync(choose_workspace, workspace)
            names = await _look_up_in(db, settings, workspace_id, names_to_look_up(config))
            at = clock_of(db).now()
            plan = db.run_sync(lambda session: plan_config(session, workspace_id, config, at=at, names=names))
            for change in plan.changes:
                out.print(f"  {change_sentence(change)}", markup=False, soft_wrap=True)
            for note in plan.notes:
                out.print(f"Note: {note_sentence(note)}", markup=False, soft_wrap=True)
            if not plan:
                out.print("Nothing changes: this is what is set already.")
                return
            if dry_run:
                out.print("Nothing was changed (--dry-run).")
                return
            if not yes and not typer.confirm("Apply these changes?"):
                out.print("Nothing was changed.")
                return
            at = clock_of(db).now()
            applied = db.run_sync(lambda session: _apply(session, settings, workspace_id, config, names, at))
    except UnicodeDecodeError:
        raise SettingsProblem([f"{filename} is not UTF-8 text. Save it as UTF-8."]) from None
    except ConfigProblems as error:
        raise SettingsProblem([f"{filename}: {line}" for line in problem_lines(error)]) from None
    out.print(f"Applied: {len(applied.changes)} {'change' if len(applied.changes) == 1 else 'changes'}.")
    for name, secret in applied.secrets.items():
        out.print(f"The secret of the source {name}, shown only now: {secret}", markup=False, soft_wrap=True)
        out.print(
            f"It posts to {(settings.public_url or 'https://YOUR-ADDRESS').rstrip('/')}/intake/{name}", soft_wrap=True
        )


def show_config(settings: Settings, workspace: str | None = None) -> str:
    """The present settings as TOML. `workspace`: Slack's id, None for the only one."""
    with opened(settings) as db:
        return db.run_sync(lambda session: export_config(session, choose_workspace(session, workspace), hint=HINT))


def sealer_of(settings: Settings) -> Sealer | None:
    """What seals secrets, None without a key."""
    key = settings.tandem_secret_key
    return Sealer(key.get_secret_value()) if key else None


async def _look_up_in(db: Database, settings: Settings, workspace_id: int, wanted: frozenset[str]) -> dict[str, str]:
    """`look_up`, as whoever speaks for the workspace; nothing is found when nobody does."""
    if not wanted:
        return {}
    async with make_session() as session:
        client = await client_of(db, settings, workspace_id, session)
        return await look_up(client, wanted) if client is not None else {}


async def look_up(client: AsyncWebClient, wanted: frozenset[str]) -> dict[str, str]:
    """Slack's ids for channel names (`#sales`) and e-mail addresses; what Slack does not know stays out."""
    found: dict[str, str] = {}
    try:
        cursor: str | None = None
        while any(name.startswith("#") for name in wanted):
            page = await client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=500, cursor=cursor
            )
            found |= {f"#{one['name']}": one["id"] for one in page["channels"] if f"#{one['name']}" in wanted}
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        for address in sorted(name for name in wanted if "@" in name):
            try:
                found[address] = (await client.users_lookupByEmail(email=address))["user"]["id"]
            except SlackApiError as error:
                if error_name(error) != "users_not_found":
                    raise
    except SlackApiError as error:
        raise SettingsProblem([f"Slack could not be asked for names: {error_name(error)}."]) from None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise SettingsProblem([f"Slack could not be reached to look up names ({type(error).__name__})."]) from None
    return found


def _apply(
    session: Session, settings: Settings, workspace_id: int, config: Config, names: dict[str, str], at: datetime
) -> Applied:
    sealer = sealer_of(settings)
    return apply_settings(
        session,
        workspace_id,
        config,
        by=None,
        at=at,
        names=names,
        seal=sealer.seal if sealer else None,
    )
