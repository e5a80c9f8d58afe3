"""The unit of work: one transaction a use case, shared commits, and nothing half done."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.loops.wakeups import Wakeups
from storage import engines, inbox
from storage.base import UTCDateTime
from storage.database import Database, wake
from storage.models import InboxKey, Workspace

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


def add(session: Session, key: str) -> str:
    inbox.remember_answer(session, "test", key, {"key": key}, AT)
    return key


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(InboxKey)) or 0


async def test_use_cases_that_wait_together_are_all_committed(db: Database) -> None:
    results = await asyncio.gather(*(db.run(add, f"k{n}") for n in range(100)))
    assert results == [f"k{n}" for n in range(100)]
    assert await db.read(count) == 100


async def test_one_that_fails_in_a_group_harms_only_itself(db: Database) -> None:
    def fail(session: Session) -> str:
        add(session, "half")
        raise LookupError("no")

    work = [db.run(add, f"k{n}") for n in range(10)] + [db.run(fail)] + [db.run(add, f"l{n}") for n in range(10)]
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [type(one) for one in results if not isinstance(one, str)] == [LookupError]
    assert await db.read(count) == 20


async def test_the_errors_of_a_group_know_nothing_of_each_other(db: Database) -> None:
    def fail(_session: Session, number: int) -> None:
        raise LookupError(number)

    errors = await asyncio.gather(*(db.run(fail, number) for number in range(20)), return_exceptions=True)
    assert [one.args for one in errors if isinstance(one, LookupError)] == [(number,) for number in range(20)]
    assert {one.__context__ for one in errors if isinstance(one, LookupError)} == {None}


async def test_a_lost_race_for_a_unique_row_ends_in_its_error(db: Database) -> None:
    await db.run(add, "k")
    with pytest.raises(IntegrityError):
        await db.run(add, "k")
    assert await db.read(count) == 1


async def test_two_processes_with_one_key_take_effect_once(db: Database, migrated_url: str) -> None:
    other = Database(migrated_url)

    def arrive(session: Session) -> str:
        earlier = inbox.earlier_answer(session, "test", "same")
        if earlier is not None:
            return "again"
        add(session, "same")
        return "first"

    answers = await asyncio.gather(*(one.run(arrive) for one in (db, other) * 10))
    assert sorted(answers) == ["again"] * 19 + ["first"]
    other.close()


def test_an_answer_is_known_to_the_use_cases_that_share_its_transaction(db: Database) -> None:
    def arrive_twice(session: Session) -> inbox.Earlier | None:
        add(session, "same")
        assert inbox.earlier_answer(session, "test", "other") is None
        return inbox.earlier_answer(session, "test", "same")

    assert db.run_sync(arrive_twice) == inbox.Earlier({"key": "same"})
    assert db.run_sync(lambda session: inbox.earlier_answer(session, "test", "same")) == inbox.Earlier({"key": "same"})


async def test_a_wake_is_heard_after_the_commit_and_not_after_a_rollback(db: Database) -> None:
    heard = asyncio.Event()
    db.on_wake("courier", heard.set)

    def fail(session: Session) -> None:
        wake(session, "courier")
        raise LookupError

    with pytest.raises(LookupError):
        await db.run(fail)
    await asyncio.sleep(0.02)
    assert not heard.is_set()
    await db.run(lambda session: wake(session, "courier"))
    async with asyncio.timeout(60):
        await heard.wait()


def test_a_time_keeps_its_instant_and_comes_back_as_utc(db: Database) -> None:
    local = AT.astimezone(tz=datetime.now().astimezone().tzinfo) + timedelta(microseconds=1)
    db.run_sync(lambda session: inbox.remember_answer(session, "test", "t", None, local))
    back = db.run_sync(lambda session: session.scalars(select(InboxKey.at)).one())
    assert back == local
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UTCDateTime().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_the_database_itself_refuses_an_unknown_state(db: Database) -> None:
    def write(session: Session) -> None:
        session.add(Workspace(slack_team_id="T1", name="x", state="asleep", created_at=AT))

    with pytest.raises(IntegrityError):
        db.run_sync(write)


def test_sqlite_waits_for_the_disk(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


async def test_a_transaction_that_postgresql_ended_for_sleeping_runs_again(postgres_url: str) -> None:
    """Found by chaos: a ticker stopped by SIGSTOP held the clocks that were due until it went on."""
    with patch.object(engines, "LONGEST_PAUSE", "2s"):
        db = Database(postgres_url)
        assert await db.run(lambda session: session.scalar(text("SHOW idle_in_transaction_session_timeout"))) == "2s"
    tries = 0

    def sleepy(session: Session) -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
            threading.Event().wait(0.2)
        return session.scalar(text("SELECT 1")) or 0

    assert await db.run(sleepy) == 1
    assert tries == 2
    db.close()


async def test_a_wake_of_another_process_is_heard_and_our_own_is_not_heard_twice(postgres_url: str) -> None:
    ours, other = Database(postgres_url), Database(postgres_url)
    listening = asyncio.create_task(Wakeups(ours).listen())
    woken: asyncio.Queue[str] = asyncio.Queue()
    ours.on_wake("ticker", lambda: woken.put_nowait("ticker"))
    ours.on_wake("courier", lambda: woken.put_nowait("courier"))

    async def until_heard(topic: str) -> list[str]:
        """NOTIFYs come in order: what was heard by the time of another process's."""
        heard = []
        while True:
            await other.run(lambda session: wake(session, topic))
            try:
                async with asyncio.timeout(0.5):
                    while (one := await woken.get()) != topic:
                        heard.append(one)
                    return heard
            except TimeoutError:
                continue  # it does not listen yet

    assert await until_heard("ticker") == []
    await ours.run(lambda session: wake(session, "courier"))
    assert await until_heard("ticker") == ["courier"]
    listening.cancel()
    ours.close()
    other.close()
