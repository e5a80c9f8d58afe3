"""The database of a history: SQLite in memory, one connection for all simulated processes, and no threads.

Each process has a `Database` of its own over it. Use cases that wait together share a transaction, as they do in a
writer's thread. A commit may be cut off: before it is made, or after, when nobody hears of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.database import GROUP_LIMIT, Database, Job, deliver
from storage.migrate import migrate
from tests.simulation.choices import Choices
from tests.simulation.loop import Died, Owner

T = TypeVar("T")

WAITS: Final = (0.001,) * 12 + (0.0, 0.02, 0.3)
"""Seconds until a writer is free."""
NEWS: Final = (0.0,) * 12 + (0.02, 2.0, None)
"""Seconds until other processes hear that something was committed; None: they never do."""
COMMITTED, CUT_BEFORE, CUT_AFTER = "committed", "cut off before the commit", "cut off after the commit"


class Store:
    """The rows that all processes share. `fate` decides what becomes of a commit, `heard` is called after each."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.engine = create_engine(
            "sqlite://", creator=lambda: self.connection, poolclass=StaticPool, hide_parameters=True
        )
        self.fate: Callable[[], str] = lambda: COMMITTED
        self.heard: Callable[[], None] = lambda: None
        dialect: Any = self.engine.dialect
        dialect.do_begin = self._begin
        dialect.do_commit = self._commit
        dialect.do_rollback = self._rollback

    def fill(self, template: sqlite3.Connection) -> None:
        """Begin anew with these rows."""
        template.backup(self.connection)
        self.connection.execute("PRAGMA foreign_keys=ON")

    def digest(self) -> str:
        """A fingerprint of all rows."""
        told = hashlib.sha256()
        named = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' ORDER BY name"
        for table, without_rowid in self.connection.execute(named).fetchall():
            order = "1, 2" if without_rowid else "rowid"
            for row in self.connection.execute(f'SELECT * FROM "{table}" ORDER BY {order}'):
                told.update(repr((table, row)).encode())
        return told.hexdigest()[:16]

    def _begin(self, connection: Any) -> None:
        connection.execute("BEGIN IMMEDIATE").close()

    def _commit(self, connection: Any) -> None:
        fate = self.fate()
        if fate != CUT_BEFORE:
            connection.execute("COMMIT").close()
            self.heard()
        if fate != COMMITTED:
            raise OperationalError("COMMIT", None, ConnectionError(fate), connection_invalidated=True)

    def _rollback(self, connection: Any) -> None:
        if self.connection.in_transaction:
            connection.execute("ROLLBACK").close()


@cache
def template() -> sqlite3.Connection:
    """A migrated, empty database."""
    store = Store()
    migrate(store.engine)
    return store.connection


@cache
def store() -> Store:
    """The one store of this program; each history fills it anew. What SQLAlchemy knows of statements is kept."""
    return Store()


class Shared(Database):
    """The database as one simulated process has it. `others` hear what it commits."""

    def __init__(self, shared: Store, owner: Owner, choose: Choices, others: Callable[[], Sequence[Shared]]) -> None:
        self._store = shared
        super().__init__("sqlite://")
        self.owner = owner
        self._choose = choose
        self._others = others
        self._waiting: list[Job] = []

    def open_engines(self, _patience: float, *, pooled: bool) -> tuple[Engine, Engine]:
        return self._store.engine, self._store.engine

    @property
    def waiting_jobs(self) -> int:
        return len(self._waiting)

    def submit(self, job: Job, *, writes: bool) -> None:
        """Its turn comes with the next free writer, or reader, of this process."""
        loop = asyncio.get_running_loop()
        if not writes:
            loop.call_later(0.001, self._read, job, context=self.owner.context)
            return
        self._waiting.append(job)
        if len(self._waiting) == 1:
            loop.call_later(self._choose("writer's wait", WAITS), self._write, context=self.owner.context)

    def run_sync_here(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """One transaction now, of the world around."""
        job = Job(lambda session: use_case(session, *args, **kwargs), copy_context(), None, None)
        self.run_group([job])
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def transact(self, group: Sequence[Job]) -> None:
        if self.owner.dead:
            raise Died
        super().transact(group)

    def notify(self, _session: Session, notice: str) -> None:
        """As PostgreSQL's NOTIFY; and news of what was taken back does no harm."""
        for other in self._others():
            seconds = self._choose("news of a commit", NEWS)
            if other is not self and seconds is not None:
                asyncio.get_running_loop().call_later(seconds, other.heard, notice, context=other.owner.context)

    def _write(self) -> None:
        group, self._waiting = self._waiting[:GROUP_LIMIT], self._waiting[GROUP_LIMIT:]
        self.run_group(group)
        self._note_trouble(group)
        deliver(group)
        if self._waiting:
            asyncio.get_running_loop().call_later(0.001, self._write, context=self.owner.context)

    def _read(self, job: Job) -> None:
        self.read_once(job)
        deliver([job])
