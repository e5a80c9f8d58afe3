"""Brings a database's schema up to date, and tells whether it is. Alembic is imported only when used."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_PATIENCE = "300ms"  # less than after what PostgreSQL looks for deadlocks, and ends one that is not ours
LOCKED = ("40P01", "55P03")
TRIES = 100
PAUSE_SECONDS = 0.5


class ForeignDatabase(Exception):
    """Another program's tables are in the database, and none of ours: they must not be mixed."""


def migrate(engine: Engine) -> None:
    """Run the missing migrations in one transaction; on PostgreSQL two that try at once take turns.

    A running program is not in the way: a migration that cannot have its locks soon lets go of those it has, and
    tries again. A schema that a newer program has made is left as it is. Raises ForeignDatabase.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            _migrate_once(engine)
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in LOCKED or not tries_left:
                raise
            time.sleep(random.uniform(0.1, PAUSE_SECONDS))  # noqa: S311  # meets no pattern of the program's


def _migrate_once(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Alembic may take seconds to load, between the first statement and the next.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(7261963)"))
            # Whoever comes to a table behind a migration waits for it: so it must not wait for long itself.
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'"))
        if (_revision(connection) or "") >= head_revision():
            return  # before Alembic is loaded: that takes a quarter of a program's start
        from alembic import command

        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether this program can work on the database's schema: the one it was written for, or a newer one.

    A newer one only adds to it: what an older program still needs is taken away a release later.
    """
    return (schema_revision(engine) or "") >= head_revision()


def schema_revision(engine: Engine) -> str | None:
    """The revision the database is at, None when it is empty."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    found = inspect(connection)
    if not found.has_table("alembic_version"):
        _refuse_foreign(set(found.get_table_names()), connection.dialect.name)
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and not re.fullmatch(r"\d{4}", revision):
        raise ForeignDatabase("its tables were made by other migrations than Tandem's")
    return str(revision) if revision is not None else None


def _refuse_foreign(tables: set[str], engine: str) -> None:
    """A file is one program's; in PostgreSQL, tables that have no name of ours are in nobody's way."""
    from storage.base import Base

    in_the_way = tables if engine == "sqlite" else tables & Base.metadata.tables.keys()
    if in_the_way:
        raise ForeignDatabase(f"it holds the table {min(in_the_way)}, and none that Tandem made")


def head_revision() -> str:
    """The newest revision this program knows: the last file by name, since they are numbered."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
