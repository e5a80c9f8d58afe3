"""What a quiet workspace feels of a noisy one in the same process: how long its own messages take to reach Slack."""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import Chart, Line, Row, bench, percentile, sized
from bench.courier_pace import channel_ids, courier_at, slack_with_channels
from bench.stage import ENGINE_NAMES, ENGINES, Engine, database
from domain.people import ensure_workspace
from domain.wall import WallClock
from storage import outbox
from storage.database import Database
from storage.models import IS_WAITING, Delivery
from storage.outbox import Priority

QUIET = 100
TIMES = 1.5
WINDOWS = 5
CHANNELS = 200
MEAN_GAP = 0.05
"""Seconds between two messages of quiet workspaces, at random."""


@dataclass(frozen=True, slots=True)
class _Street:
    """A database with quiet workspaces, with a noisy one beside them or without; `late`: of what was sent, in ms."""

    db: Database
    slack: dict[str, str]
    places: Sequence[str]
    quiet: Sequence[int]
    late: list[list[float]] = field(default_factory=list)


@bench("neighbours")
async def neighbours(engines: Sequence[Engine] = ENGINES) -> list[Row | Chart]:
    """One workspace with 10,000 deliveries waiting in 200 channels, beside 100 workspaces that post now and then.

    The figure is the time from when a quiet workspace's message is queued to when its post is recorded, at the median:
    beside the noisy one, against the same 100 alone in a database of their own, window by window in turn, one courier
    at a time. Twenty messages a second, each of a quiet workspace at random. The courier keeps to Slack's pace for each
    workspace; the playground answers at once.
    """
    found: list[Row | Chart] = []
    for engine in engines:
        alone, beside, waiting = await _measure(engine)
        medians = [statistics.median(map(statistics.median, street.late)) for street in (beside, alone)]
        every = [[one for window in street.late for one in window] for street in (beside, alone)]
        p99 = [percentile(late, 99) for late in every]
        found += [
            Row.at_most(
                f"a quiet workspace's delivery, {ENGINE_NAMES[engine]}",
                medians[0] / medians[1],
                "×",
                TIMES,
                f"p99 {p99[0]:.0f} ms against {p99[1]:.0f} ms",
                against="the quiet ones alone",
                size=f"{waiting:,} waiting in one, {QUIET} quiet ones",
                absolute=f"{medians[0]:.1f} ms against {medians[1]:.1f} ms",
            ),
            Chart(
                f"Deliveries of quiet workspaces, {ENGINE_NAMES[engine]}",
                "milliseconds",
                "share of deliveries, %",
                (Line.distribution("beside a noisy one", every[0]), Line.distribution("alone", every[1], against=True)),
                log_x=True,
            ),
        ]
    return found


async def _measure(engine: Engine) -> tuple[_Street, _Street, int]:
    """Both streets with what was seen, and how many deliveries of the noisy workspace waited at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder,
        database(engine, Path(folder)) as url,
        database(engine, Path(folder), "alone") as alone_url,
    ):
        async with slack_with_channels(Path(folder), CHANNELS) as slack, AsyncExitStack() as stack:
            places = await channel_ids(slack, CHANNELS)
            streets = []
            for one in (alone_url, url):
                db = Database(one)
                stack.push_async_callback(asyncio.to_thread, db.close)
                streets.append(_Street(db, slack, places, await db.run(_people)))
            alone, beside = streets
            noisy = await beside.db.run(_make_noise, places, sized(10_000, quick=500))
            for window in range(WINDOWS + 1):
                for street in (alone, beside):
                    late = await _window(street, window)
                    if window:  # the first is to get going, and the noisy one to use up what it may post at once
                        street.late.append(late)
            return alone, beside, await beside.db.read(_waiting, noisy)


async def _window(street: _Street, window: int) -> list[float]:
    """How late each message of a window was, in ms."""
    chance, posted = random.Random(window), sized(100, quick=20)
    async with courier_at(street.db, street.slack):
        for number in range(posted):
            await asyncio.sleep(chance.expovariate(1 / MEAN_GAP))
            place = chance.choice(street.places)
            await street.db.run(_post, chance.choice(street.quiet), place, window * posted + number)
        async with asyncio.timeout(60):
            while len(late := await street.db.read(_late, street.quiet, window * posted)) < posted:  # noqa: ASYNC110  # no event
                await asyncio.sleep(0.05)
    return late


def _people(session: Session) -> list[int]:
    """The quiet workspaces."""
    at = WallClock().now()
    return [ensure_workspace(session, f"T0QUIET{number:03}", name=f"Quiet {number}", at=at) for number in range(QUIET)]


def _make_noise(session: Session, places: Sequence[str], count: int) -> int:
    """The noisy workspace, with so many deliveries that are due; its id."""
    at = WallClock().now()
    workspace_id = ensure_workspace(session, "T0NOISY", name="Noisy", at=at)
    for number in range(count):
        place = places[number % len(places)]
        outbox.put_notice(session, workspace_id, "note", number, place, at=at, priority=Priority.LEAD)
    return workspace_id


def _post(session: Session, workspace_id: int, place: str, number: int) -> None:
    outbox.put_notice(session, workspace_id, "note", number, place, at=WallClock().now(), priority=Priority.LEAD)


def _late(session: Session, quiet: Sequence[int], since: int) -> list[float]:
    """Of each message that quiet workspaces sent, from number `since` on, in ms."""
    rows = session.execute(
        select(Delivery.created_at, Delivery.finished_at).where(
            Delivery.workspace_id.in_(quiet), Delivery.subject_id >= since, Delivery.finished_at.is_not(None)
        )
    )
    return [(row.finished_at - row.created_at).total_seconds() * 1000 for row in rows]


def _waiting(session: Session, workspace_id: int) -> int:
    return session.scalar(select(func.count()).where(IS_WAITING, Delivery.workspace_id == workspace_id)) or 0
