"""A process that stops answers what it has taken: what was saved without an answer would be typed again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select

from storage.database import Database
from storage.engines import POSTGRES_WRITERS
from storage.models import VocItem
from tests.running import Running, Transport, running


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_what_is_in_hand_when_it_stops_is_answered(migrated_url: str, transport: Transport) -> None:
    async with running(migrated_url, transport) as tandem:
        async with writers_held(tandem):
            asked = asyncio.create_task(tandem.slack.channel("#general").command("/voc too dear #pricing", by="ana"))
            await in_hand(tandem)
            stopping = stop(tandem)
            await asyncio.sleep(0.2)
        assert "logged" in (await asked).text
        await stopping
        assert said(migrated_url) == 1


async def test_what_comes_while_it_waits_is_answered_too(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        async with writers_held(tandem):
            general = tandem.slack.channel("#general")
            first = asyncio.create_task(general.command("/voc too dear #pricing", by="ana"))
            await in_hand(tandem)
            stopping = stop(tandem)
            second = asyncio.create_task(general.command("/voc no single sign-on", by="bo"))
            await in_hand(tandem, 2)
        assert "logged" in (await first).text
        assert "logged" in (await second).text
        await stopping
        assert said(migrated_url) == 2


def stop(tandem: Running) -> asyncio.Task[None]:
    """Stop the program now; at the end of the test there is nothing left to stop."""
    stopping = asyncio.create_task(tandem.program.stop())

    async def stopped() -> None:
        await stopping

    tandem.program.stop = stopped  # type: ignore[method-assign]
    return stopping


@asynccontextmanager
async def writers_held(tandem: Running) -> AsyncIterator[None]:
    """Nothing is committed meanwhile; what arrives waits."""
    database, go = tandem.program.db, threading.Event()
    began = threading.Semaphore(0)

    def hold(_session: object) -> None:
        began.release()
        go.wait(60)

    held = []
    for _ in range(1 if database.is_sqlite else POSTGRES_WRITERS):
        held.append(asyncio.create_task(database.run(hold)))
        assert await asyncio.to_thread(began.acquire, timeout=60)
    try:
        yield
    finally:
        go.set()
        await asyncio.gather(*held)


async def in_hand(tandem: Running, count: int = 1) -> None:
    """Wait until that many use cases wait for a writer."""
    async with asyncio.timeout(60):
        while tandem.program.db.waiting_jobs < count:  # noqa: ASYNC110  # the queue tells nobody
            await asyncio.sleep(0.01)


def said(url: str) -> int:
    """How many lines of customers are saved."""
    database = Database(url)
    count = database.run_sync(lambda session: session.scalar(select(func.count()).select_from(VocItem)))
    database.close()
    return count or 0
