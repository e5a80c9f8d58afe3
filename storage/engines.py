"""How each database is opened: SQLite with one writer and a few readers, PostgreSQL with a small pool."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, Engine, create_engine

from storage.file import DatabaseFile

POSTGRES_WRITERS: Final = 4
READERS: Final = 4
SILENCE_NOTICED = {
    "connect_timeout": "2",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
"""For a server that vanished without a word: https://www.postgresql.org/docs/current/libpq-connect.html"""
LONGEST_PAUSE = "2s"  # between two statements of a transaction, before PostgreSQL ends it


def driver_url(address: str) -> URL:
    """An address as SQLAlchemy takes it, with our drivers whatever driver it names (`postgresql+asyncpg://`, as other
    programs want it), and with what notices a server that vanished. Raises ArgumentError and ValueError."""
    scheme, separator, rest = address.strip().partition("://")
    kind = scheme.partition("+")[0]
    kind = "postgresql" if kind == "postgres" else kind
    parsed = make_url(f"{kind}{separator}{rest}")
    if kind != "postgresql":
        return parsed
    return parsed.set(drivername="postgresql+psycopg", query={**SILENCE_NOTICED, **parsed.query})


def postgres_engine(url: URL, *, pooled: bool = False) -> Engine:
    """Connections for the writers and the readers of one process.

    `pooled`: by way of a pooler such as PgBouncer, which gives each transaction another connection of its own: a
    statement that was prepared in one is not known to the next, so nothing is prepared.
    """
    engine = create_engine(
        url,
        connect_args={"prepare_threshold": None} if pooled else {},
        pool_size=POSTGRES_WRITERS + READERS,
        max_overflow=2,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # A process that is stopped in a transaction keeps its locks, and others pass over the rows it holds.
        connection.autocommit = True
        connection.execute(f"SET idle_in_transaction_session_timeout = '{LONGEST_PAUSE}'")
        connection.autocommit = False

    return engine


def sqlite_engine(url: URL, file: DatabaseFile | None, patience: float, *, writer: bool) -> Engine:
    """One writer, or several readers. `patience`: seconds to wait for another program that writes."""
    engine = create_engine(
        url,
        pool_size=1 if writer else READERS,
        max_overflow=0 if writer else 2,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": patience},
    )

    if file is not None:
        event.listen(engine, "do_connect", lambda *_: file.prepare())

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own comes too late for a write
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={patience * 1000:.0f}")
        if not writer:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def begin(connection: Any) -> None:
        connection.execute("BEGIN IMMEDIATE" if writer else "BEGIN").close()

    # Not as an event listener: while an engine has one, every statement asks for all of them.
    engine.dialect.do_begin = begin  # type: ignore[assignment,method-assign]
    return engine
