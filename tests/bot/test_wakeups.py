"""Wake-ups past a pooler: LISTEN goes to PostgreSQL itself, and a process that hears nothing says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from bot.loops import wakeups
from bot.loops.wakeups import Wakeups
from bot.program import Program
from storage.database import Database, wake
from tests.postgres import Postgres
from tests.running import running, settings_for


@pytest.fixture
def engine_name() -> str:
    """NOTIFY is PostgreSQL's."""
    return "postgresql"


@pytest.fixture
async def listening(db: Database) -> AsyncIterator[Wakeups]:
    ears = Wakeups(db)
    tasks = [asyncio.create_task(work) for work in (ears.listen(), ears.keep_trying())]
    async with asyncio.timeout(60):
        await ears._heard.wait()
    yield ears
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_process_that_hears_itself_is_not_deaf_and_hears_others(db: Database, listening: Wakeups) -> None:
    await listening.try_once()
    assert listening.deaf is None
    roused = asyncio.Event()
    db.on_wake("courier", roused.set)
    other = Database(db.url.render_as_string(hide_password=False))
    await other.run(lambda session: wake(session, "courier"))
    async with asyncio.timeout(60):
        await roused.wait()
    await asyncio.to_thread(other.close)


async def test_a_process_whose_pooler_swallows_notices_says_so_and_works_on(
    migrated_url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeups, "HEARD_WITHIN", 0.3)
    # A LISTEN that leads elsewhere hears as little as one that a pooler took.
    settings = {"tandem_database_direct_url": postgres.url_of("postgres")}
    async with running(migrated_url) as tandem:
        worker = Program(
            settings_for(tandem.slack, migrated_url).model_copy(update=settings), web=False, host="127.0.0.1"
        )
        await worker.start()
        assert worker.wakeups is not None
        await worker.wakeups._listening.wait()
        await worker.wakeups.try_once()
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{worker.port}/readyz")
        assert answer.status_code == 200
        assert "TANDEM_DATABASE_DIRECT_URL" in answer.json()["slow"]["wakeups"]["remedy"]
        await worker.stop()


def test_behind_a_pooler_nothing_is_prepared_and_listening_goes_past_it(postgres: Postgres) -> None:
    database = Database(postgres.url, direct_url=postgres.url_of("postgres"))
    assert database.direct_url.database == make_url(postgres.url_of("postgres")).database

    def prepared(session: Session) -> int:
        for _ in range(20):
            session.execute(text("SELECT 1"))
        return int(session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one())

    assert database.run_sync(prepared) == 0
    database.close()
    plain = Database(postgres.url)
    assert plain.run_sync(prepared) > 0
    plain.close()
