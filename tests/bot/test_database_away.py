"""The database is away while people work: they hear so, nothing that was not stored is acknowledged, and it passes."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.program import Program
from bot.settings import SettingsProblem
from bot.web import readiness
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from storage.database import Database
from storage.migrate import migrate
from storage.models import Lead, LeadEvent, VocItem
from tests.postgres import Postgres, running_postgres
from tests.running import Running, running, settings_for

Break = Callable[[Running], AbstractContextManager[None]]
AWAY = "database does not answer just now"


@pytest.fixture(autouse=True)
def brief_logs() -> None:
    """Not a page of frames for each of a database's many errors, which takes seconds to draw."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])


@contextmanager
def locked(tandem: Running) -> Iterator[None]:
    """Another program writes to the SQLite file and does not end."""
    other = sqlite3.connect(str(tandem.program.db.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def read_only(tandem: Running) -> Iterator[None]:
    """SQLite refuses to write, as when the system has mounted its disk read-only after an error."""
    pragma(tandem, "query_only=ON")
    try:
        yield
    finally:
        pragma(tandem, "query_only=OFF")


def pragma(tandem: Running, setting: str) -> int | None:
    """Set or ask something on the one connection that writes."""
    connection = tandem.program.db.engine.raw_connection()
    try:
        row = connection.cursor().execute(f"PRAGMA {setting}").fetchone()
        return int(row[0]) if row else None
    finally:
        connection.close()


def migrated(server: Postgres) -> str:
    """The address of a new database with our schema."""
    url = server.create_database("tandem")
    db = Database(url)
    migrate(db.engine)
    db.close()
    return url


def stopped(server: Postgres) -> Break:
    """PostgreSQL is stopped, in order, and started again."""

    @contextmanager
    def stop(_tandem: Running) -> Iterator[None]:
        server.stop(signal.SIGINT)
        try:
            yield
        finally:
            server.start()

    return stop


@pytest.mark.parametrize("broken", ["locked", "read_only", "stopped"])
async def test_people_hear_that_nothing_can_be_saved_and_all_goes_on_afterwards(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "REMEMBERED_SECONDS", 0.5)
    if broken == "stopped":
        with running_postgres() as server:
            async with running(migrated(server), "http", in_a_hurry=True) as tandem:
                await go_through(tandem, stopped(server))
        return
    async with running(f"sqlite:///{tmp_path / 'tandem.db'}", "http", in_a_hurry=True) as tandem:
        await go_through(tandem, locked if broken == "locked" else read_only)


async def go_through(tandem: Running, breaks: Break) -> None:
    """Each way in while the database is away, and again when it is back."""
    general = tandem.slack.channel("#general")
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    form = await card.button("Decline").click(by="ana")
    await form.select("Why?", "Not our profile")
    await tandem.idle()
    with breaks(tandem):
        assert AWAY in (await general.command("/voc too dear #pricing", by="ana")).text
        assert AWAY in (await card.button("Claim").click(by="ana")).text
        assert AWAY in (await form.submit()).answer.text
        refused = await tandem.lead_arrives(name="Kim Oh")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        ready = await readyz(tandem)
        assert (ready.status_code, set(ready.json()["problems"])) == (503, {"database"})
    async with asyncio.timeout(60):
        while (await readyz(tandem)).status_code != 200:  # noqa: ASYNC110  # nobody tells when it is ready again
            await asyncio.sleep(0.1)
    assert await tandem.program.db.read(stored) == (1, 0, 0)
    assert "logged" in (await general.command("/voc too dear #pricing", by="ana")).text
    assert (await tandem.lead_arrives(name="Kim Oh")).status_code == 202
    await tandem.slack.channel("#leads").message(containing="Kim Oh")
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed by Ana Ruiz")
    await tandem.later(hours=1)
    await tandem.slack.dm("mia").message(containing="Kim Oh")
    assert await tandem.program.db.read(stored) == (2, 1, 1)


async def readyz(tandem: Running) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"http://127.0.0.1:{tandem.program.port}/readyz")


def stored(session: Session) -> tuple[int, int, int]:
    """How many leads, /voc items and claims there are."""
    counts = (
        select(func.count()).select_from(Lead),
        select(func.count()).select_from(VocItem),
        select(func.count()).select_from(LeadEvent).where(LeadEvent.kind == "claimed"),
    )
    leads, items, claims = (session.scalar(one) or 0 for one in counts)
    return leads, items, claims


async def test_a_full_disk_refuses_what_finds_no_room_and_keeps_what_it_took(tmp_path: Path) -> None:
    async with running(f"sqlite:///{tmp_path / 'tandem.db'}", "http", in_a_hurry=True) as tandem:
        await tandem.idle()
        before = pragma(tandem, "max_page_count")
        pragma(tandem, f"max_page_count={pragma(tandem, 'page_count')}")
        answers = [
            await tandem.lead_arrives(name=f"Lead {number}", asked="much to tell. " * 60) for number in range(30)
        ]
        taken = [one.json()["lead_id"] for one in answers if one.is_success]
        refused = [one for one in answers if not one.is_success]
        assert refused
        assert {(one.status_code, one.headers["retry-after"]) for one in refused} == {(503, "5")}
        ready = await readyz(tandem)
        assert (ready.status_code, set(ready.json()["problems"])) == (503, {"database"})
        assert sorted(await tandem.program.db.read(lambda session: session.scalars(select(Lead.id)).all())) == taken
        pragma(tandem, f"max_page_count={before}")
        assert (await tandem.lead_arrives(name="Kim Oh")).status_code == 202
        await tandem.slack.channel("#leads").message(containing="Kim Oh")


async def test_a_database_that_is_silent_is_told_of_before_slack_gives_up() -> None:
    with running_postgres() as server:
        url = migrated(server)
        async with running(url, "http", in_a_hurry=True) as tandem:
            general = tandem.slack.channel("#general")
            await general.command("/voc too dear #pricing", by="ana")
            with psycopg.connect(url.replace("+psycopg", "")) as other:
                other.execute("LOCK TABLE voc_items IN ACCESS EXCLUSIVE MODE")
                assert AWAY in (await general.command("/voc much too dear #pricing", by="ana")).text
            assert "logged" in (await general.command("/voc still too dear #pricing", by="ana")).text


async def test_connections_cut_while_people_work_are_noticed_by_nobody() -> None:
    with running_postgres() as server:
        async with running(migrated(server), "http", in_a_hurry=True) as tandem:
            await tandem.lead_arrives()
            card = await tandem.slack.channel("#leads").message(containing="Northwind")
            for act in ("voc", "claim", "lead"):
                cut(server)
                match act:
                    case "voc":
                        answer = await tandem.slack.channel("#general").command("/voc too dear #pricing", by="ana")
                        assert "logged" in answer.text
                    case "claim":
                        await card.button("Claim").click(by="ana")
                        await card.changed(containing="Claimed by Ana Ruiz")
                    case _:
                        assert (await tandem.lead_arrives(name="Kim Oh")).status_code == 202
                        await tandem.slack.channel("#leads").message(containing="Kim Oh")


def cut(server: Postgres) -> None:
    """End every connection of the program."""
    db = Database(server.url)
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tandem'"
    db.run_sync(lambda session: session.execute(text(ends)).all())
    db.close()


@pytest.mark.parametrize("address", ["sqlite:////no/such/folder/tandem.db", "postgresql://127.0.0.1:1/tandem"])
async def test_a_database_that_cannot_be_used_is_named_at_the_start(address: str) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        program = Program(settings_for(slack, address), web=False)
        with pytest.raises(SettingsProblem, match="is not there"):
            await program.start()
        await program.abandon()
