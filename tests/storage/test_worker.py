"""A database whose work is done by somebody else than its threads, and the points at which a process can end."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage import crash
from storage.database import Database, Job, deliver, wake


class AtOnce(Database):
    """Does all work where it is asked for, and keeps what other processes were to hear."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.notices: list[str] = []

    def submit(self, job: Job, *, writes: bool) -> None:
        if writes:
            self.run_group([job])
        else:
            self.read_once(job)
        deliver([job])

    def notify(self, _session: Session, notice: str) -> None:
        self.notices.append(notice)


async def test_work_is_done_by_whoever_took_the_threads_place(migrated_url: str) -> None:
    db, here = AtOnce(migrated_url), threading.get_ident()
    try:
        assert await db.run(lambda _session: threading.get_ident()) == here
        assert await db.read(lambda session: session.scalar(select(text("1")))) == 1
    finally:
        db.close()


async def test_others_hear_of_all_topics_in_one_order(migrated_url: str) -> None:
    db = AtOnce(migrated_url)

    def work(session: Session) -> None:
        for topic in ("ticker", "courier", "jobs"):
            wake(session, topic)

    try:
        await db.run(work)
        assert db.notices == [f"{db.name} courier,jobs,ticker"]
    finally:
        db.close()


def test_a_hook_hears_of_each_point_that_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(crash, "hook", heard.append)
    crash.crash_point("courier.sent")
    assert heard == ["courier.sent"]
