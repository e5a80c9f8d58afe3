"""Wake-ups between processes: PostgreSQL's NOTIFY rouses the loops of every process that listens."""

from __future__ import annotations

import asyncio

import structlog

from storage.database import PG_CHANNEL, Database

log = structlog.get_logger()


async def listen(db: Database) -> None:
    """Rouse this process's loops whenever another one commits something for them; runs until cancelled.

    A lost connection is opened again; the loops' own coarse look covers the gap.
    """
    import psycopg  # SQLite does without it

    address = db.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {PG_CHANNEL}")
                async for notice in connection.notifies():
                    db.heard(notice.payload)
        except (psycopg.Error, OSError) as error:
            log.warning("wake-ups interrupted", error=type(error).__name__)
            await asyncio.sleep(1)
