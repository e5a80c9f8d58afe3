"""The database and the workspace for commands that end: no Slack is needed to read or change what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import Settings, SettingsProblem
from storage.database import Database
from storage.migrate import is_current, migrate
from storage.models import Workspace


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, its schema up to date, closed in the end. Raises SettingsProblem."""
    database = Database(settings.database_url)
    try:
        if database.is_sqlite:
            migrate(database.engine)
        elif not is_current(database.engine):
            raise SettingsProblem(["The database's schema is not up to date. Run: tandem migrate"])
        yield database
    finally:
        database.close()


def only_workspace(session: Session) -> int:
    """The id of the one workspace. Raises SettingsProblem before the first start of the bot."""
    found = session.scalars(select(Workspace.id).order_by(Workspace.id)).all()
    if not found:
        raise SettingsProblem(
            ["Tandem has not met your Slack workspace yet. Start `tandem serve` once, then run this again."]
        )
    return found[0]
