"""A breach and its ping in one transaction: what the ticker holds for the courier is sent, once, or left for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from unittest.mock import AsyncMock

import pytest
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.courier.courier import Courier
from bot.loops.ticker import Ticker
from bot.metrics import Metrics
from domain.leads.lifecycle import contact_lead
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_renderers
from storage.database import Database
from storage.engines import POSTGRES_WRITERS
from storage.models import Delivery, Lane, Lead, Member
from tests.world import World


class Office:
    """A lead whose deadline has passed, a ticker, and a courier that takes nothing by itself."""

    def __init__(self, world: World) -> None:
        self.world, self.db = world, world.db
        self.slack = AsyncMock()
        self.slack.chat_postMessage.return_value = AsyncSlackResponse(
            client=self.slack,
            http_verb="POST",
            api_url="chat.postMessage",
            req_args={},
            data={"ok": True, "ts": "1.1"},
            headers={},
            status_code=200,
        )
        tandem = Tandem(world.db, WallClock(world.now))
        self.courier = Courier(tandem, lambda _: self.slack, all_renderers(), Metrics(), pace=0)
        self.ticker = Ticker(tandem, Metrics(), self.courier)

    async def pings(self) -> list[tuple[str, int]]:
        """State and attempts of each manager's ping."""
        asked = select(Delivery.state, Delivery.attempts).where(Delivery.kind == "lead_breach")
        return await self.db.read(lambda session: [(row.state, row.attempts) for row in session.execute(asked)])

    async def held(self) -> int:
        return len(
            await self.db.read(lambda session: session.scalars(select(Lane.id).where(Lane.holder.is_not(None))).all())
        )

    def posted(self) -> list[str]:
        """Where the courier posted."""
        return [call.kwargs["channel"] for call in self.slack.chat_postMessage.await_args_list]

    async def sent(self) -> None:
        """Until what was held is served."""
        async with asyncio.timeout(60):
            while self.courier._sending:
                await asyncio.wait(self.courier._sending)


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    def open_dms(session: Session) -> None:
        for member in session.scalars(select(Member)):
            member.dm_channel = f"D-{member.name}"

    await asyncio.to_thread(world.run, open_dms)
    await asyncio.to_thread(world.lead)
    world.later(minutes=6)
    office = Office(world)
    yield office
    await office.courier.stop()


async def test_a_ping_is_held_in_the_transaction_of_its_breach_and_sent_by_no_other(office: Office) -> None:
    await office.ticker._tick()
    await office.sent()
    assert (office.posted(), await office.pings(), await office.held()) == (["D-mia"], [("sent", 1)], 0)


async def test_what_there_is_no_room_for_stays_in_the_outbox(office: Office) -> None:
    office.courier.concurrency = 1  # which the courier keeps for itself
    await office.ticker._tick()
    await office.sent()
    assert (office.posted(), await office.pings(), await office.held()) == ([], [("pending", 0)], 0)


async def test_a_courier_that_stops_is_given_nothing_new_and_sends_what_a_tick_holds_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop, hold = asyncio.get_running_loop(), office.courier.hold

    def slowly(*what: Any) -> Any:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(60)
        return hold(*what)

    monkeypatch.setattr(office.courier, "hold", slowly)
    ticking = asyncio.create_task(office.ticker._tick())
    async with asyncio.timeout(60):
        await begun.wait()
        stopping = asyncio.create_task(office.courier.stop())
        await asyncio.sleep(0.05)
        go_on.set()
        await stopping
    assert (office.posted(), await office.pings(), await office.held()) == (["D-mia"], [("sent", 1)], 0)
    await ticking
    with office.courier.room() as room:
        assert room == 0


@asynccontextmanager
async def one_group(db: Database) -> AsyncIterator[None]:
    """What is submitted inside waits, and shares a transaction once all of it has come."""
    doors = [threading.Event() for _ in range(1 if db.is_sqlite else POSTGRES_WRITERS)]
    entered = threading.Semaphore(0)

    def wait(_session: Session, door: threading.Event) -> None:
        entered.release()
        door.wait(60)

    waiting = []
    for door in doors:
        waiting.append(asyncio.create_task(db.run(wait, door)))
        assert await asyncio.to_thread(entered.acquire, timeout=60)
    yield
    async with asyncio.timeout(60):
        while db.waiting_jobs < 2:  # noqa: ASYNC110  # nothing tells that a use case was submitted
            await asyncio.sleep(0)
    doors[0].set()  # one thread goes on, and takes them all
    await waiting[0]
    while db.waiting_jobs:  # noqa: ASYNC110
        await asyncio.sleep(0)
    for door in doors:
        door.set()
    await asyncio.gather(*waiting)


async def test_a_use_case_that_fails_beside_the_tick_doubles_nothing(office: Office) -> None:
    def fail(_session: Session) -> None:
        raise ValueError

    async with one_group(office.db):
        ticking, failing = asyncio.create_task(office.ticker._tick()), asyncio.create_task(office.db.run(fail))
    applied, _ = await ticking
    with pytest.raises(ValueError):  # noqa: PT011  # it says nothing
        await failing
    await office.sent()
    assert [due.rung for due in applied] == ["breach"]
    assert (office.posted(), await office.pings()) == (["D-mia"], [("sent", 1)])


async def test_a_ping_of_what_is_settled_in_the_same_transaction_is_dropped_then_and_not_before(office: Office) -> None:
    by = await asyncio.to_thread(office.world.member, "ana")

    def contact(session: Session, at: datetime) -> None:
        contact_lead(session, session.scalars(select(Lead.id)).one(), by=by, at=at)

    async with one_group(office.db):
        ticking = asyncio.create_task(office.ticker._tick())
        await asyncio.sleep(0.01)
        at = office.ticker.tandem.clock.now()
        contacting = asyncio.create_task(office.db.run(contact, at))
    await asyncio.gather(ticking, contacting)
    await office.sent()
    asked = select(Delivery.finished_at).where(Delivery.kind == "lead_breach", Delivery.state == "dropped")
    ended = await office.db.read(lambda session: session.scalars(asked).one())
    assert ended is not None
    assert (office.posted(), ended >= at) == ([], True)


async def test_words_that_cannot_be_made_keep_no_rung_from_being_applied(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_it(*_what: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(office.courier, "hold", break_it)
    running = asyncio.create_task(office.ticker.run())
    async with asyncio.timeout(60):
        while not await office.pings():  # noqa: ASYNC110  # nothing tells that a rung was applied
            await asyncio.sleep(0.05)
    await office.ticker.stop()
    await running
    assert (office.posted(), await office.pings()) == ([], [("pending", 0)])
