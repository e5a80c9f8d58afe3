"""How near the courier comes to what Slack allows, and that Slack never has to tell it to wait.

The playground enforces Slack's limits in a process of its own, strictly: in any minute so many posts in the
workspace, and one a second in each channel. More is waiting in the outbox than can be sent.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import Row, bench, sized
from bench.stage import ENGINE_NAMES, Engine, database, served
from bot.courier.courier import Courier
from bot.metrics import Metrics
from bot.slack.client import make_client
from domain.people import ensure_workspace
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from handlers.messages import Rendering, Subject
from playground.limits import POSTS_PER_MINUTE
from storage import outbox
from storage.database import Database
from storage.models import Delivery
from storage.outbox import Priority

CHANNELS = (1, 100, 1_000)
WINDOWS = 5
REACH = 0.95


@dataclass(frozen=True)
class Pace:
    """What one run sent. `windows`: messages in each fifth of it; `limited`: answers of Slack's with 429."""

    seconds: float
    channels: int
    windows: Sequence[int]
    limited: int

    @property
    def allowed(self) -> float:
        """The messages that Slack allows in a run of a minute that begins after silence; of a part, evenly."""
        return min(self.channels * self.seconds, POSTS_PER_MINUTE * self.seconds / 60)

    @property
    def share(self) -> float:
        """Of what is allowed, evenly spread: the median over the windows."""
        return statistics.median(self.windows) / (self.allowed / len(self.windows))


@bench("courier_pace")
async def courier_pace() -> list[Row]:
    """One courier on SQLite sends to 1, 100 and 1,000 channels for a minute each, and two on PostgreSQL to 100.

    The playground holds them to Slack's limits: one post a second in a channel, and 300 a minute in the workspace,
    which is how "several hundred" is taken here. The figure is the median over five windows of 12 s of what was
    sent, divided by what those limits allow. A burst at the start of the run is in the first window.
    """
    seconds = sized(60, quick=5)
    runs: list[tuple[Engine, int, int]] = [("sqlite", 1, channels) for channels in CHANNELS]
    runs.append(("postgresql", 2, 100))
    rows = []
    for engine, couriers, channels in runs:
        count = channels if channels < 1_000 else sized(1_000, quick=200)
        seen = await _run(engine, couriers, count, seconds)
        rows += _rows(f"{count:,} channel{'s' * (count > 1)}, {ENGINE_NAMES[engine]}", couriers, seen)
    return rows


def _rows(name: str, couriers: int, seen: Pace) -> list[Row]:
    bound = "the channel: a second after each answer" if seen.channels == 1 else "the workspace: tokens of 290 a minute"
    sent = sum(seen.windows)
    return [
        Row.at_least(
            f"courier, {name}",
            seen.share,
            "×",
            REACH,
            bound,
            against="what Slack's limits allow",
            size=f"{seen.seconds:g} s, {couriers} courier{'s' * (couriers > 1)}",
            absolute=f"{sent} sent of {seen.allowed:.0f} allowed; windows {min(seen.windows)} to {max(seen.windows)}",
        ),
        Row.at_most(f"429 answers, {name}", seen.limited, "answers", 0),
    ]


async def _run(engine: Engine, couriers: int, channels: int, seconds: float) -> Pace:
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
        async with slack_with_channels(Path(folder), channels, "--rate-limits") as slack, AsyncExitStack() as stack:
            db = Database(url)
            stack.callback(db.close)
            places = await channel_ids(slack, channels)
            workspace = await db.run(ensure_workspace, "T1", name="Bench", at=WallClock().now())
            waiting = max(channels, int(seconds * min(channels, 6)) + 20)
            await db.run(_queue, workspace, places, waiting, WallClock().now())
            workers = []
            for _ in range(couriers):
                theirs = Database(url)
                stack.push_async_callback(asyncio.to_thread, theirs.close)
                workers.append(await stack.enter_async_context(courier_at(theirs, slack)))
            began = await _first_sent(db)
            await asyncio.sleep((began - WallClock().now()).total_seconds() + seconds)
            limited = sum(int(worker.metrics.slack_errors.labels("ratelimited")._value.get()) for worker in workers)
            times = await db.read(_sent)
    length = seconds / WINDOWS
    windows = [
        sum(length * number <= (at - began).total_seconds() < length * (number + 1) for at in times)
        for number in range(WINDOWS)
    ]
    return Pace(seconds, channels, windows, limited)


@asynccontextmanager
async def slack_with_channels(folder: Path, channels: int, *options: str) -> AsyncIterator[dict[str, str]]:
    """A playground with so many channels, in a process of its own; yields its environment."""
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(make_manifest(all_listeners())))
    names = [f"--channel=busy-{number}" for number in range(channels)]
    command = ("-m", "playground", "--manifest", str(manifest), "--mode", "http", "--port", "0")
    async with served(*command, *options, *names) as process:
        yield process.said


async def channel_ids(slack: dict[str, str], count: int) -> list[str]:
    """The ids of the channels."""
    found: list[str] = []
    async with aiohttp.ClientSession() as session:
        client = make_client(slack["SLACK_BOT_TOKEN"], slack["SLACK_API_URL"], session)
        cursor: str | None = None
        while len(found) < count:
            page = await client.conversations_list(limit=999, cursor=cursor)
            found += [one["id"] for one in page["channels"] if one["name"].startswith("busy-")]
            cursor = page["response_metadata"]["next_cursor"]
    return found


@asynccontextmanager
async def courier_at(db: Database, slack: dict[str, str]) -> AsyncIterator[Courier]:
    """A courier at work on that database, with connections to Slack of its own."""
    async with aiohttp.ClientSession() as session:
        client = make_client(slack["SLACK_BOT_TOKEN"], slack["SLACK_API_URL"], session)
        courier = Courier(Tandem(db, WallClock()), lambda _: client, {"note": _words}, Metrics())
        running = asyncio.create_task(courier.run())
        try:
            yield courier
        finally:
            await courier.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _words(_session: Session, subject: Subject) -> Rendering:
    return Rendering(f"Message {subject.id}")


def _queue(session: Session, workspace_id: int, places: Sequence[str], count: int, at: datetime) -> None:
    """So many messages, one channel after the other."""
    for number in range(count):
        place = places[number % len(places)]
        outbox.put_notice(session, workspace_id, "note", number, place, at=at, priority=Priority.DIGEST)


async def _first_sent(db: Database) -> datetime:
    async with asyncio.timeout(60):
        while not (times := await db.read(_sent)):  # noqa: ASYNC110  # another process may send it
            await asyncio.sleep(0.01)
    return times[0] - timedelta(milliseconds=1)


def _sent(session: Session) -> list[datetime]:
    """When each message was recorded as sent."""
    times = session.scalars(select(Delivery.finished_at).where(Delivery.state == "sent").order_by(Delivery.finished_at))
    return [at for at in times if at is not None]
