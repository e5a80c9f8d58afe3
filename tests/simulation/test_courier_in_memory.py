"""An ordinary courier posts through Slack in memory: under a normal loop, on a real database."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.courier.courier import Courier
from bot.metrics import Metrics
from domain.people import ensure_workspace
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.messages import Rendering, Subject
from playground import Fault
from storage import outbox
from storage.database import Database
from storage.models import Delivery
from storage.outbox import Priority
from tests.progress import until
from tests.simulation.faults import usual
from tests.simulation.slack import MemorySlack
from tests.simulation.wire import Envelope, Reply


async def _acknowledge(_team: str, _envelope: Envelope) -> Reply:
    return Reply()


def _words(_session: Session, subject: Subject) -> Rendering:
    return Rendering(f"note {subject.id}")


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_courier_posts_each_message_once_whatever_happens_to_its_calls(db: Database) -> None:
    clock = WallClock()
    slack = MemorySlack(usual, time.time, _acknowledge, rate_limits=0)
    channel = slack.playground.add_channel("#leads", app=True)
    client = slack.client(slack.playground.bot_token)
    slack.faults.next(
        "chat.postMessage",
        Fault.lost_reply(),
        Fault.rate_limited(1),
        Fault.server_error_stored(),
        Fault.page(stored=True),
        Fault.refuse_stored("fatal_error"),
    )
    workspace = await db.run(ensure_workspace, slack.playground.team_id, name="Test", at=clock.now())
    courier = Courier(Tandem(db, clock), lambda _: client, {"note": _words}, Metrics(), pace=0)
    for subject in range(5):
        await db.run(
            outbox.put_notice, workspace, "note", subject, channel.id, at=clock.now(), priority=Priority.DIGEST
        )
    running = asyncio.create_task(courier.run())

    async def nothing_waits() -> bool:
        return not await db.read(outbox.waiting)

    await until(nothing_waits, lambda: len(slack.playground.calls), what="five notes to be posted")
    await courier.stop()
    await running
    stand = sorted(one.text for one in slack.messages(slack.playground.team_id, "#leads"))
    assert stand == [f"note {subject}" for subject in range(5)]
    states = await db.read(lambda session: list(session.scalars(select(Delivery.state))))
    assert states == ["sent"] * 5
    assert slack.playground.refusals == []
    await slack.stop()
