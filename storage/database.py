"""The unit of work: `await db.run(use_case, …)` is one transaction in a worker thread.

SQLite has one writer thread; PostgreSQL a few, each with its own connection. Use cases that wait together
share one commit; when one of a group fails, all roll back and each runs again alone. So a use case touches
nothing but the database, and may run more than once. What happens outside follows from rows it wrote.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage.engines import POSTGRES_WRITERS, READERS, driver_url, postgres_engine, sqlite_engine
from storage.file import DatabaseFile, FileMoved
from storage.inbox import settle_inbox
from storage.outbox import settle_outbox
from storage.statements import stay_connected

P = ParamSpec("P")
T = TypeVar("T")

GROUP_LIMIT = 32
GROUP_PATIENCE = "250ms"
ALONE_TRIES = 4
PG_CHANNEL = "tandem_wake"
_SQLITE_TROUBLE = tuple(f"SQLITE_{what}" for what in ("BUSY", "READONLY", "FULL", "IOERR", "CANTOPEN", "CORRUPT"))
_POSTGRES_TROUBLE = ("08", "25006", "53", "57P", "58")  # connection, read-only, out of something, ended, system
Watch = Callable[[int, float, float], None]
"""Told of each commit, in the writer's thread: how many use cases, their seconds, the commit's seconds. Never fails."""


def wake(session: Session, topic: str) -> None:
    """Wake the loops that wait for `topic` ("courier", "ticker") once this transaction is committed."""
    session.info.setdefault("wake", set()).add(topic)


def at_the_end(session: Session, step: Callable[[], None]) -> None:
    """Run `step` in this transaction once the outbox is settled: when the lanes are locked, after all else."""
    session.info.setdefault("at_the_end", []).append(step)


@dataclass(slots=True)
class Job:
    """A use case or a query that waits for its turn, and then what came of it."""

    work: Callable[[Session], Any]
    context: Context  # of the caller: what the work queues belongs to the caller's cause
    loop: asyncio.AbstractEventLoop | None
    future: asyncio.Future[Any] | None
    done: threading.Event | None = None
    result: Any = None
    error: BaseException | None = None


class Database:
    """A database and the threads that work on it. Close it with `close()`.

    `url` is SQLAlchemy's: `sqlite:///file.db` or `postgresql://…` (psycopg 3 is used for the latter). `direct_url`
    leads past a pooler in between, for what needs a connection of its own.
    `patience`: seconds to wait for a SQLite file that another program is writing to. `trouble`: what last kept the
    database from working at all, and when by `time.monotonic()`.
    """

    def __init__(self, url: str, *, patience: float = 10.0, direct_url: str | None = None) -> None:
        self.url = driver_url(url)
        self.direct_url = driver_url(direct_url) if direct_url else self.url
        self.trouble: tuple[float, str] | None = None
        self.watch: Watch | None = None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.file = DatabaseFile.of(self.url)
        self.name = secrets.token_hex(4)
        self._wakers: dict[str, list[tuple[asyncio.AbstractEventLoop, Callable[[], None]]]] = {}
        self.engine, self._reader = self.open_engines(patience, pooled=direct_url is not None)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False

    def open_engines(self, patience: float, *, pooled: bool) -> tuple[Engine, Engine]:
        """What writes and what reads."""
        if not self.is_sqlite:
            engine = postgres_engine(self.url, pooled=pooled)
            return engine, engine
        writer, reader = (sqlite_engine(self.url, self.file, patience, writer=one) for one in (True, False))
        return writer, reader

    async def run(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(session, …)` as one transaction and return what it returns, committed.

        Raises what the use case raises, with everything it wrote rolled back.
        """
        return await self._submit(lambda session: use_case(session, *args, **kwargs), writes=True)

    async def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query that writes nothing, beside the writers."""
        return await self._submit(lambda session: query(session, *args, **kwargs), writes=False)

    def run_sync(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`run` for callers without an event loop: the command line and tests."""
        self._start()
        job = Job(lambda session: use_case(session, *args, **kwargs), copy_context(), None, None, threading.Event())
        self._jobs.put(job)
        assert job.done is not None
        job.done.wait()
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def read_sync(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for callers without an event loop."""
        with Session(self._reader, expire_on_commit=False) as session:
            return query(session, *args, **kwargs)

    def on_wake(self, topic: str, callback: Callable[[], None]) -> None:
        """Call `callback` in the current event loop after a commit that woke `topic`."""
        self._wakers.setdefault(topic, []).append((asyncio.get_running_loop(), callback))

    def off_wake(self, topic: str, callback: Callable[[], None]) -> None:
        """Call it no more."""
        left = [one for one in self._wakers.get(topic, ()) if one[1] != callback]
        if left:
            self._wakers[topic] = left
        else:
            self._wakers.pop(topic, None)

    def rouse(self, topic: str) -> None:
        """Call the callbacks of `topic` now: for time that moved, or a NOTIFY from another process."""
        for loop, callback in self._wakers.get(topic, ()):
            _call_in(loop, callback)

    @property
    def waiting_jobs(self) -> int:
        """How many use cases wait for a writer thread."""
        return self._jobs.qsize()

    def heard(self, notice: str) -> None:
        """Another process's NOTIFY: rouse what it woke. Our own are roused already when they come back to us."""
        sender, _, topics = notice.partition(" ")
        if sender != self.name:
            for topic in topics.split(","):
                self.rouse(topic)

    def notify(self, session: Session, notice: str) -> None:
        """Let the other processes hear this once the transaction is committed. Of SQLite there are none."""
        if not self.is_sqlite:
            channel = {"channel": PG_CHANNEL, "topics": notice}
            session.execute(text("SELECT pg_notify(:channel, :topics)"), channel)

    def close(self) -> None:
        """Finish what is queued, stop the threads, close the connections."""
        with self._lock:
            self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
            self._reads.put(None)
        for thread in self._threads:
            thread.join(timeout=10)
        self.engine.dispose()
        self._reader.dispose()

    async def _submit(self, work: Callable[[Session], T], *, writes: bool) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self.submit(Job(work, copy_context(), loop, future), writes=writes)
        return await future

    def submit(self, job: Job, *, writes: bool) -> None:
        """Hand a job to whoever does it next: `run_group` for what writes, else `read_once`, and then `deliver`."""
        self._start()
        (self._jobs if writes else self._reads).put(job)

    def _start(self) -> None:
        if self._threads and not self._closed:
            return
        with self._lock:
            if self._closed:
                raise RuntimeError("the database is closed")
            if self._threads:
                return
            writers = 1 if self.is_sqlite else POSTGRES_WRITERS
            threads = [
                threading.Thread(target=self._write_loop, name=f"tandem-writer-{n}", daemon=True)
                for n in range(writers)
            ]
            threads += [
                threading.Thread(target=self._read_loop, name=f"tandem-reader-{n}", daemon=True) for n in range(READERS)
            ]
            for thread in threads:
                thread.start()
            self._threads = threads

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            stop = False
            while len(group) < GROUP_LIMIT:
                try:
                    more = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stop = True
                    break
                group.append(more)
            self.run_group(group)
            self._note_trouble(group)
            deliver(group)
            group.clear()  # an error's traceback leads here, and would keep all that ran beside it
            if stop:
                return

    def run_group(self, group: list[Job]) -> None:
        """Run these together in this thread, or, where that fails, each alone; they keep what came of it."""
        try:
            self.transact(group)
        except BaseException as error:
            if _waited_in_vain(error) or (len(group) == 1 and not _worth_another_try(error)):
                for job in group:
                    job.error = error
                return
        else:
            return
        # Not while the error is handled: each one's error would carry somebody else's with it, for as long as it lives.
        for job in group:
            self._run_alone(job)

    def _run_alone(self, job: Job) -> None:
        for tries_left in reversed(range(ALONE_TRIES)):
            job.error = None
            try:
                self.transact([job])
            except BaseException as error:
                job.error = error
                if tries_left and _worth_another_try(error):
                    continue
            return

    def _note_trouble(self, group: list[Job]) -> None:
        for job in group:
            if job.error is not None and (name := trouble_of(job.error)) is not None:
                self.trouble = (time.monotonic(), name)

    def transact(self, group: Sequence[Job]) -> None:
        """Run these in one transaction. Raises what one of them, or the commit, raises: then nothing of it is kept."""
        began = time.perf_counter()
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            stay_connected(session)
            if len(group) > 1 and not self.is_sqlite:
                # Use cases lock in orders that go well alone; together they may wait for another group in a
                # circle, which PostgreSQL notices after a second. Each alone is faster.
                session.execute(text(f"SET LOCAL lock_timeout = '{GROUP_PATIENCE}'"))
            for job in group:
                job.result = job.context.run(job.work, session)
                session.flush()
            settle_inbox(session)
            settle_outbox(session)
            for step in session.info.pop("at_the_end", ()):
                step()
                settle_outbox(session)
            topics = sorted(session.info.pop("wake", ()))
            if topics:
                self.notify(session, f"{self.name} {','.join(topics)}")
            if self.file is not None:
                _check_file(self.file)
            worked = time.perf_counter()
        if self.watch is not None:
            self.watch(len(group), worked - began, time.perf_counter() - worked)
        for topic in topics:
            self.rouse(topic)  # committed: nothing from here on may fail, or the group would run again

    def _read_loop(self) -> None:
        while (job := self._reads.get()) is not None:
            self.read_once(job)
            if job.error is not None and _worth_another_try(job.error):
                self.read_once(job)
            deliver([job])

    def read_once(self, job: Job) -> None:
        """Run a query in this thread; it keeps what came of it."""
        job.error = None
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                stay_connected(session)
                job.result = job.context.run(job.work, session)
        except BaseException as error:
            job.error = error


def deliver(group: Sequence[Job]) -> None:
    """Hand results to those who wait, one hop per event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in group:
        if job.done is not None:
            job.done.set()
        elif job.loop is not None:
            loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        _call_in(loop, partial(_resolve, jobs))


def _call_in(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Run it in that loop, unless the loop is closed: then nobody waits for it any more."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(callback)


def _resolve(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future is None or job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def trouble_of(error: BaseException) -> str | None:
    """What ails the database, when an error says that it cannot work at all: locked, full, read-only, not there."""
    if not isinstance(error, DBAPIError):
        return None
    if name := getattr(error.orig, "sqlite_errorname", None):
        return str(name) if name.startswith(_SQLITE_TROUBLE) else None
    state = getattr(error.orig, "sqlstate", None)
    lost = error.connection_invalidated or (isinstance(error, OperationalError) and state is None)
    return type(error.orig).__name__ if lost or str(state).startswith(_POSTGRES_TROUBLE) else None


def _check_file(file: DatabaseFile) -> None:
    """Nobody may be told that something is kept when the file is gone. Raises OperationalError."""
    try:
        file.check()
    except FileMoved as moved:
        raise OperationalError("COMMIT", None, moved) from None


def _waited_in_vain(error: BaseException) -> bool:
    """A locked file, or a server that does not let us in: each job of a group, alone, would wait as long again."""
    if not isinstance(error, OperationalError) or error.connection_invalidated:
        return False
    if name := getattr(error.orig, "sqlite_errorname", None):
        return bool(name == "SQLITE_BUSY")
    return getattr(error.orig, "sqlstate", None) is None


def _worth_another_try(error: BaseException) -> bool:
    """A collision with another transaction: a deadlock, a lost race for a unique row, a cut connection."""
    if isinstance(error, IntegrityError):
        return True
    if isinstance(error, OperationalError):
        sqlstate = getattr(error.orig, "sqlstate", None)
        return sqlstate in ("40001", "40P01") or error.connection_invalidated
    return isinstance(error, DBAPIError) and error.connection_invalidated
