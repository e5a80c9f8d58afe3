"""A distributed app sees 15 messages of a history a minute: what is in doubt in a busy channel is settled, too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from playground import Fault
from playground.messages import Message
from storage.models import Delivery
from tests.installations.test_two_workspaces import install
from tests.progress import until
from tests.running import Running, running

BUSY = 40
LOOKS = 3
"""So many of 15 messages each."""


@pytest.fixture
async def tandem(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(f"sqlite:///{tmp_path / 'tandem.db'}", "http") as tandem:
        await install(tandem, tandem.slack)
        await tandem.program.installations.refresh()
        tandem.slack.set_slow_history(True)
        yield tandem


async def talk(tandem: Running) -> None:
    for number in range(BUSY):
        await tandem.slack.channel("#leads").post(f"talk {number}", by="ana")


def told(tandem: Running) -> list[Message]:
    return [one for one in tandem.slack.channel("#leads").messages if "Lee Wong" in one.text]


def looks(tandem: Running) -> int:
    return sum(one.status == 200 for one in tandem.slack.calls_of("conversations.history"))


def seen(tandem: Running, number: int) -> bool:
    return looks(tandem) >= number


async def in_doubt(tandem: Running) -> int:
    count = select(func.count()).where(Delivery.unsure, Delivery.finished_at.is_(None))
    return await tandem.program.db.read(lambda session: session.scalar(count) or 0)


async def doubt_begins(tandem: Running, fault: Fault) -> None:
    """A lead arrives, and what becomes of its card in the channel stays open."""
    tandem.slack.faults.next("chat.postMessage", fault)
    await tandem.lead_arrives(tier="warm")

    async def begun() -> bool:
        return await in_doubt(tandem) > 0

    await until(begun, lambda: 0, what="a delivery in doubt")


async def look_to_the_end(tandem: Running) -> None:
    for number in range(1, LOOKS + 1):
        await tandem.later(seconds=62)
        await until(partial(seen, tandem, number), partial(looks, tandem), what=f"look {number}")
    await tandem.later(seconds=62)
    await tandem.idle()


async def test_what_never_reached_a_busy_channel_is_posted_again(tandem: Running) -> None:
    await talk(tandem)
    await doubt_begins(tandem, Fault.server_error())
    assert told(tandem) == []
    await look_to_the_end(tandem)
    assert len(told(tandem)) == 1


async def test_what_stands_far_up_in_a_busy_channel_is_not_posted_twice(tandem: Running) -> None:
    tandem.slack.faults.rate("message_metadata_posted", Fault.event_lost(), 1.0)
    await doubt_begins(tandem, Fault.server_error_stored())
    assert len(told(tandem)) == 1
    await talk(tandem)
    await look_to_the_end(tandem)
    assert len(told(tandem)) == 1
