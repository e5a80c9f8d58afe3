"""Housekeeping: what no redelivery asks for any more is forgotten, a part at a time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.loops import schedule
from bot.loops.schedule import Schedule
from bot.metrics import Metrics
from domain.people import ensure_member, ensure_workspace
from domain.voc.items import log_line
from domain.wall import WallClock
from handlers.arrival import Tandem
from storage.inbox import remember_answer
from storage.models import Delivery, InboxKey, Tally, VocItem
from tests.world import World


async def test_old_keys_and_deliveries_are_forgotten_however_many_and_young_ones_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "TIDIED_AT_ONCE", 10)
    for number in range(25):
        world.run(remember_answer, "slack", f"old-{number}", None, world.now - timedelta(days=8))
    world.run(remember_answer, "slack", "young", None, world.now - timedelta(days=6))
    for number in range(6):
        world.lead(f"Lead {number}")
    long_ago = world.now - timedelta(days=31)
    world.run(lambda session: session.execute(update(Delivery).values(state="sent", finished_at=long_ago)))
    world.lead("Kim Oh")
    young = len(world.queued())
    await Schedule(Tandem(world.db, WallClock(world.now)), Metrics(), _nothing).tidy()
    assert world.run(lambda session: session.scalars(select(InboxKey.key)).all()) == ["young"]
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(Delivery))) == young > 0


async def test_what_was_logged_is_counted_and_what_grew_old_is_taken_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "ITEMS_AT_ONCE", 3)
    for number in range(8):
        world.run(log_line, f"dear {number} #pricing", by=world.member("ana"), at=world.now)
    clock = WallClock(world.now)
    housekeeping = Schedule(Tandem(world.db, clock), Metrics(), _nothing)
    await housekeeping.fold()
    items = select(Tally.items).where(Tally.about == "theme")
    assert world.run(lambda session: session.scalars(items).all()) == [8]
    clock.advance(timedelta(days=31))
    await housekeeping.fold()
    assert world.run(lambda session: session.scalars(items).all()) == []


async def test_a_workspace_whose_items_cannot_be_counted_harms_no_other(world: World) -> None:
    world.run(log_line, "dear #pricing", by=world.member("ana"), at=world.now)
    world.run(lambda session: session.execute(update(VocItem).values(tallied="{")))  # as no release writes it
    other = world.run(ensure_workspace, "T9", name="Globex", at=world.now)
    gia = world.run(ensure_member, other, "U9", name="Gia", at=world.now)
    world.run(log_line, "dear #pricing", by=gia, at=world.now)
    await Schedule(Tandem(world.db, WallClock(world.now)), Metrics(), _nothing).fold()
    counted = select(Tally.workspace_id).where(Tally.about == "theme")
    assert world.run(lambda session: session.scalars(counted).all()) == [other]


async def _nothing() -> None:
    """No Slack to ask."""


async def test_a_job_that_the_end_breaks_off_is_no_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def hangs() -> None:
        begun.set()
        await never.wait()

    hung = Schedule(Tandem(world.db, WallClock(world.now)), Metrics(), _nothing)
    hung.every(0.05, hangs, "hangs")
    hung.start()
    await begun.wait()
    hung.stop()
    await asyncio.sleep(0.05)  # what is broken off has its turn
    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == []
