"""The database and the workspace for commands that end: no Slack is needed to read or change what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.address import why_not
from bot.settings import Settings, SettingsProblem
from domain.installations import NOT_INSTALLED
from storage.database import Database
from storage.migrate import ForeignDatabase, is_current, migrate
from storage.models import Workspace


@contextmanager
def usable(url: URL) -> Iterator[None]:
    """Inside, what keeps the database from being used raises SettingsProblem, with what to do."""
    try:
        yield
    except (DBAPIError, ForeignDatabase) as error:
        sentence = why_not(error, url)
        if sentence is None:
            raise
        raise SettingsProblem([sentence]) from None


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, its schema up to date, closed in the end. Raises SettingsProblem."""
    database = open_database(settings)
    try:
        with usable(database.url):
            bring_up_to_date(database)
            yield database
    finally:
        database.close()


def open_database(settings: Settings, *, patience: float = 10.0) -> Database:
    """The database that the settings name; nothing is asked of it yet."""
    return Database(settings.database_url, patience=patience, direct_url=settings.tandem_database_direct_url)


def bring_up_to_date(database: Database) -> None:
    """Migrate a SQLite file; PostgreSQL, which several programs share, must be. Raises SettingsProblem."""
    if database.is_sqlite:
        migrate(database.engine)
    elif not is_current(database.engine):
        raise SettingsProblem(["The database's schema is not up to date. Run: ./tandem migrate"])


def choose_workspace(session: Session, team: str | None) -> int:
    """The id of the workspace that Slack calls `team`; None: of the only one that Tandem is installed in.

    Raises SettingsProblem, listing those that there are, when that does not name exactly one.
    """
    found = session.execute(
        select(Workspace.id, Workspace.slack_team_id, Workspace.name, Workspace.stopped_reason).order_by(Workspace.id)
    ).all()
    if not found:
        raise SettingsProblem(
            ["Tandem has not met your Slack workspace yet. Start `./tandem serve` once, then run this again."]
        )
    # An earlier one of SLACK_BOT_TOKEN's stays in the database, and nobody speaks for it any more.
    served = [one for one in found if one.stopped_reason != NOT_INSTALLED] or found
    chosen = [one.id for one in (served if team is None else found) if team in (None, one.slack_team_id)]
    if len(chosen) == 1:
        return int(chosen[0])
    listed = ", ".join(f"{one.slack_team_id} ({one.name})" for one in found)
    if team is None:
        raise SettingsProblem([f"There are several workspaces. Name one with --workspace: {listed}"])
    raise SettingsProblem([f"There is no workspace {team}. There are: {listed}"])
