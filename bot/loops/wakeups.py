"""Wake-ups between processes: PostgreSQL's NOTIFY rouses the loops of every process that listens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storage.database import PG_CHANNEL, Database

log = structlog.get_logger()

TRIED_EVERY: Final = 30.0
HEARD_WITHIN: Final = 3.0


class Wakeups:
    """Listens on a connection of its own, past a pooler where one is in between, and tries whether that helps.

    A pooler such as PgBouncer takes a LISTEN without a word, and then passes no notice on. `deaf`: why other
    processes' wake-ups do not arrive, None while they do.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self.deaf: str | None = None
        self._listening = asyncio.Event()
        self._heard = asyncio.Event()

    async def listen(self) -> None:
        """Rouse this process's loops whenever another one commits something for them; runs until cancelled.

        A lost connection is opened again; the loops' own coarse look covers the gap.
        """
        import psycopg  # SQLite does without it

        address = self.db.direct_url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {PG_CHANNEL}")
                    self._listening.set()
                    async for notice in connection.notifies():
                        if notice.payload == self._trial:
                            self._heard.set()
                        else:
                            self.db.heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                self._listening.clear()
                self.deaf = f"no connection to listen on ({type(error).__name__})"
                log.warning("wake-ups interrupted", error=type(error).__name__)
                await asyncio.sleep(1)

    async def keep_trying(self) -> None:
        """Send a notice to oneself now and then, the way others send theirs; runs until cancelled."""
        while True:
            await self._listening.wait()
            with suppress(SQLAlchemyError):  # a database that is away is told of elsewhere
                await self.try_once()
            await asyncio.sleep(TRIED_EVERY)

    async def try_once(self) -> None:
        """Whether a notice comes back to us, in `deaf`."""
        self._heard.clear()
        await self.db.run(_notify, self._trial)
        try:
            async with asyncio.timeout(HEARD_WITHIN):
                await self._heard.wait()
        except TimeoutError:
            self.deaf = f"a notice to itself was not heard within {HEARD_WITHIN:.0f} s"
        else:
            self.deaf = None

    @property
    def _trial(self) -> str:
        return f"{self.db.name} trial"


def _notify(session: Session, words: str) -> None:
    session.execute(text("SELECT pg_notify(:channel, :words)"), {"channel": PG_CHANNEL, "words": words})
