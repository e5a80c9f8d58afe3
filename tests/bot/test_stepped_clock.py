"""The computer's clock is put back, or forward and right again: nothing but a deadline waits for time to catch up."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from apscheduler.job import Job
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.loops.schedule import Schedule
from bot.metrics import Metrics
from domain import wall
from domain.wall import Reading, WallClock
from handlers.arrival import Tandem
from storage.models import Audience, Clock, Lane
from tests.running import TUESDAY_TEN, Running, running
from tests.world import World

HOUR = timedelta(hours=1)


def step(tandem: Running, patch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Step the clock that decides: this computer's on SQLite, the database's on PostgreSQL."""
    if tandem.program.db.is_sqlite:
        patch.setattr(wall, "_SKEW", wall._SKEW + by)
    else:
        steady = time.monotonic()
        tandem.clock.follow(Reading(tandem.clock.outside() + by, steady, steady))


async def due(tandem: Running) -> list[timedelta]:
    """How far ahead the lanes come due in which something waits."""
    at = tandem.clock.now()
    stamps = select(Lane.due_at)
    moments = await tandem.program.db.read(lambda session: session.scalars(stamps).all())
    return [moment - at for moment in moments if moment is not None]


@pytest.mark.parametrize("by", [HOUR, timedelta(minutes=3), timedelta(days=365)])
async def test_a_clock_that_is_put_back_silences_neither_cards_nor_pings(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    async with running(migrated_url) as tandem:
        tandem.program.courier.pace = timedelta(seconds=0.2)
        step(tandem, monkeypatch, by)
        await tandem.program.timekeeper.look()  # forward and back within one look are no step
        await tandem.lead_arrives()
        await tandem.idle()
        step(tandem, monkeypatch, -by)
        await tandem.lead_arrives(name="Ada Byron", company="Harbour")
        await tandem.slack.channel("#leads").message(containing="Ada Byron")
        await tandem.later(minutes=10)
        await tandem.slack.dm("mia").message(containing="Ada Byron")
        told = await tandem.slack.dm("mia").message(containing="put back")
        assert "NTP" in told.text
        await tandem.idle()


async def test_a_deadline_is_a_promise_and_stays(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        await tandem.idle()
        deadlines = select(Clock.next_at)
        before = await tandem.program.db.read(lambda session: session.scalars(deadlines).all())
        step(tandem, monkeypatch, -HOUR)
        await tandem.slack.dm("mia").message(containing="put back")
        assert await tandem.program.db.read(lambda session: session.scalars(deadlines).all()) == before


async def test_what_a_clock_left_behind_that_was_ahead_before_the_start_is_brought_back(migrated_url: str) -> None:
    def a_year_ahead(session: Session) -> None:
        later = TUESDAY_TEN + timedelta(days=365)
        session.execute(update(Lane).values(free_at=later, due_at=later, priority=1))
        session.execute(update(Audience).values(next_at=later))

    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        await tandem.idle()
        await tandem.program.courier.stop()
        await tandem.program.db.run(a_year_ahead)
    async with running(migrated_url, arrange=False) as tandem:
        async with asyncio.timeout(60):
            while any(ahead > timedelta() for ahead in await due(tandem)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        issues = await tandem.program.db.read(lambda session: session.scalars(select(Audience.next_at)).all())
        assert all(issue < TUESDAY_TEN + timedelta(days=9) for issue in issues if issue is not None)


async def test_a_step_that_cannot_be_followed_yet_is_told_by_readyz(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(migrated_url) as tandem:
        keeper = tandem.program.timekeeper

        async def away(by: timedelta) -> None:
            raise OSError(by)

        monkeypatch.setattr(keeper, "put_back", away)
        step(tandem, monkeypatch, -HOUR)
        await keeper.look()
        assert "put back by 1 h" in (await tandem.program.problems())["clock"]


async def test_jobs_of_the_calendar_do_not_wait_for_a_clock_that_was_put_back(world: World) -> None:
    ran = asyncio.Event()

    async def job() -> None:
        ran.set()

    schedule = Schedule(Tandem(world.db, WallClock(world.now)), Metrics(), job)
    schedule.every(3600, job, "hourly")
    schedule.start()
    jobs: list[Job] = schedule._scheduler.get_jobs()
    assert len(jobs) >= 5
    schedule.look_anew()
    try:
        async with asyncio.timeout(60):
            await ran.wait()
    finally:
        schedule.stop()
