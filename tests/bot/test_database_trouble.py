"""The database fails for a moment: an event is not acknowledged, a lead's sender hears the truth, and we recover."""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.logs import configure_logs
from domain.people import EVERYONE
from domain.wall import WallClock
from handlers.answers import Answer
from handlers.arrival import Arrival, Tandem
from handlers.dispatch import Dispatcher
from handlers.listeners import Listeners
from storage.database import Database


def one(session: Session) -> int:
    return int(session.scalar(text("SELECT 1")) or 0)


async def test_an_event_that_could_not_be_kept_is_not_acknowledged_so_slack_sends_it_again(db: Database) -> None:
    listeners = Listeners()

    @listeners.event("team_join", roles=EVERYONE)
    async def joined(_arrival: Arrival) -> Answer:
        raise RuntimeError("the database is gone")

    dispatcher = Dispatcher(Tandem(db, WallClock()), listeners.declared)
    acked: list[Any] = []

    async def ack(**answer: Any) -> Any:
        acked.append(answer)

    request: Any = type(
        "Request",
        (),
        {"body": {"event_id": "Ev1", "event": {"type": "team_join"}}, "context": SimpleNamespace(client=None)},
    )
    with pytest.raises(RuntimeError):
        await dispatcher._on_event(ack, request)
    assert acked == []


async def test_connections_that_were_cut_are_replaced_for_reads_and_writes(
    db: Database, engine_name: str, migrated_url: str
) -> None:
    if engine_name == "sqlite":
        return
    await asyncio.gather(*(db.run(one) for _ in range(20)), *(db.read(one) for _ in range(20)))
    other = Database(migrated_url)
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    other.run_sync(lambda session: session.execute(text(others)).all())
    other.close()
    assert await db.read(one) == 1
    assert await db.run(one) == 1


def test_a_closed_database_says_so_instead_of_waiting_for_ever(migrated_url: str) -> None:
    database = Database(migrated_url)
    database.run_sync(one)
    database.close()
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="closed"):
        database.run_sync(one)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("form", ["console", "json"])
def test_an_error_in_a_log_holds_neither_tokens_nor_what_customers_said(
    db: Database, form: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    words = " ".join(["we", "pay", "too", "much"])
    before = logging.getLogger().handlers, logging.getLogger().level
    try:
        configure_logs(form)
        try:
            db.run_sync(lambda session: session.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": words}))
        except Exception:
            logging.getLogger("x").exception("it broke at first")
        for number, before_them in enumerate(("", "Lee:\n\n", 'said "no":\nDETAIL:  ')):
            try:  # a column is missing, and PostgreSQL tells of the whole row
                told = text("INSERT INTO members (workspace_id, name) VALUES (1, :name)")
                db.run_sync(lambda session, *what: session.execute(*what), told, {"name": before_them + words})
            except Exception as error:
                logging.getLogger("x").exception("it broke %d times", number)
                structlog.get_logger().warning("it broke", number=number, error=str(error), then="all went on")
        try:
            raise ValueError("no such token: xoxb-12345-abcdef")
        except ValueError:
            logging.getLogger("x").exception("it broke")
    finally:
        logging.getLogger().handlers = before[0]
        logging.getLogger().setLevel(before[1])
    said = capsys.readouterr().err
    assert said.count("it broke") == 8
    assert said.count("Background on this error") >= 4, "nothing else was cut"
    assert words not in said
    assert "xoxb" not in said
