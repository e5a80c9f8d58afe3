"""Killed at every named point between two steps of delivery, and started again: each message stands exactly once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.people import default_team, ensure_workspace
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from playground.faults import Fault
from storage.crash import POINTS
from storage.database import Database
from storage.migrate import migrate
from storage.models import Audience, Clock, Job, Team
from tests.running import KEY

ARRIVING = ("arrival.before_commit", "arrival.committed")
TICKING = ("ticker.before_commit", "ticker.committed")
ISSUING = ("edition.before_commit", "edition.committed")
"""Which points are reached by a command, a clock that runs out, and a digest; the courier's by any of them, those of
jobs by a look of the doctor; those of installing have tests of their own (tests/installations/test_crashes.py)."""


class Bot:
    """`tandem serve` in a process of its own, on one SQLite file."""

    def __init__(self, slack: Playground, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'tandem.db'}"
        self.env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.url,
            "PORT": "0",
            "TANDEM_SECRET_KEY": KEY,
            **slack.environment,
        }

    @asynccontextmanager
    async def process(self, crash_at: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from bot.cli import main; main()",
            "serve",
            env=self.env | ({"TANDEM_CRASH_AT": crash_at} if crash_at else {}),
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(60):
                    await process.wait()


WAITING = ("ticker.committed", *(point for point in POINTS if point.startswith("courier.") and "claim.b" not in point))
"""After these it is looked for fifteen seconds whether a message stands, so all of them are killed side by side."""


def side_by_side(points: Sequence[str]) -> list[tuple[str, ...]]:
    """These points, each by itself, but the waiting ones together."""
    waiting = tuple(point for point in points if point in WAITING)
    return [*((point,) for point in points if point not in WAITING), *([waiting] if waiting else [])]


async def each(points: Sequence[str], folder: Path, crash: Callable[[Playground, Path, str], Awaitable[None]]) -> None:
    """Crash at all these points at once, each in a Slack and on a database of its own."""

    async def one(point: str) -> None:
        try:
            (folder / point).mkdir()
            async with playground() as slack:
                await crash(slack, folder / point, point)
        except Exception as error:
            error.add_note(f"at {point}")
            raise

    async with asyncio.TaskGroup() as group:
        for point in points:
            group.create_task(one(point))


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with playground() as slack:
        yield slack


@asynccontextmanager
async def playground() -> AsyncIterator[Playground]:
    async with Playground(make_manifest(all_listeners())) as slack:
        slack.add_member("mia", is_admin=True, is_primary_owner=True)
        slack.add_member("ana")
        slack.add_channel("#leads", app=True)
        slack.patience = 20
        yield slack


def meet(slack: Playground, point: str) -> None:
    """Let the next post fail where the point is on the way of one that did."""
    if point == "courier.failed":
        slack.faults.next("chat.postMessage", Fault.rate_limited(1))


def arrange(bot: Bot, slack: Playground) -> None:
    """One team around the clock with its channel; the digest for sales goes there too."""
    db = Database(bot.url)
    migrate(db.engine)

    def write(session: Session) -> None:
        workspace_id = ensure_workspace(session, slack.workspace.team_id, name="Test", at=datetime.now(UTC))
        team = default_team(session, workspace_id)
        team.channel, team.hours = slack.channel("#leads").id, WorkingHours.always().to_json()
        for audience in session.scalars(select(Audience).where(Audience.kind == "sales")):
            audience.channel = team.channel

    db.run_sync(write)
    db.close()


def make_due(bot: Bot, what: str) -> None:
    """Let the clock have run out, or the digest be due, just now."""
    db = Database(bot.url)
    now = datetime.now(UTC)

    def write(session: Session) -> None:
        if what == "clock":
            for clock in session.scalars(select(Clock)):
                clock.due_at, clock.next_at, clock.rung = now, now, "breach"
            for team in session.scalars(select(Team)):  # the owner was adopted meanwhile, with the hours of an office
                team.hours = WorkingHours.always().to_json()
        else:
            for audience in session.scalars(select(Audience).where(Audience.kind == "sales")):
                audience.next_at = now - timedelta(minutes=1)

    db.run_sync(write)
    db.close()


def forget_where(bot: Bot) -> None:
    """Let the place where a job's answer was asked for be out of reach."""
    db = Database(bot.url)
    db.run_sync(lambda session: session.execute(update(Job).values(secret=None)))
    db.close()


async def command(slack: Playground) -> None:
    modal = await slack.channel("#leads").command("/lead add", by="ana")
    modal.fill({"Name": "Lee Wong"})
    await modal.submit()


@pytest.mark.parametrize(
    "points", side_by_side([*TICKING, *(point for point in POINTS if point.startswith("courier."))]), ids=" ".join
)
async def test_a_crash_while_a_breach_is_told_neither_loses_nor_doubles_it(
    points: Sequence[str], tmp_path: Path
) -> None:
    await each(points, tmp_path, _crash_at_breach)


async def _crash_at_breach(slack: Playground, folder: Path, point: str) -> None:
    bot = Bot(slack, folder)
    arrange(bot, slack)
    async with bot.process():
        await slack.app_connected(40)
        await command(slack)
        await _stands_once(slack, "#leads", "Lee Wong")
        await _stands_once(slack, "@ana", "Lee Wong")
    make_due(bot, "clock")
    meet(slack, point)
    async with bot.process(point) as doomed:
        assert await _ended(doomed) == 137, f"{point} was not reached"
    async with bot.process():
        await slack.app_connected(40)
        await _stands_once(slack, "@mia", "No contact in time: Lee Wong")


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("jobs.")])
async def test_a_crash_while_a_job_is_done_loses_nothing_and_its_record_counts_once(
    slack: Playground, tmp_path: Path, point: str
) -> None:
    """Where the answer was asked for is out of reach after the crash: the record puts it into a DM."""
    bot = Bot(slack, tmp_path)
    arrange(bot, slack)
    async with bot.process(point) as doomed:
        await slack.app_connected(40)
        await slack.channel("#leads").command("/tandem doctor", by="mia")
        assert await _ended(doomed) == 137, f"{point} was not reached"
    forget_where(bot)
    async with bot.process():
        await slack.app_connected(40)
        if point != "jobs.recorded":
            await _stands_once(slack, "@mia", "All is well")
    db = Database(bot.url)
    states = db.run_sync(lambda session: [tuple(one) for one in session.execute(select(Job.state, Job.lost))])
    db.close()
    assert states == [("done", 0 if point in ("jobs.claim.before_commit", "jobs.recorded") else 1)]


@pytest.mark.parametrize(
    "points",
    side_by_side(
        [point for point in POINTS if not point.startswith(("jobs.", "oauth.", "webhooks.", "crm.", "imports."))]
    ),
    ids=" ".join,
)
async def test_a_crash_between_two_steps_neither_loses_nor_doubles(points: Sequence[str], tmp_path: Path) -> None:
    await each(points, tmp_path, _crash_between)


async def _crash_between(slack: Playground, folder: Path, point: str) -> None:
    bot = Bot(slack, folder)
    arrange(bot, slack)
    meet(slack, point)

    if point in ARRIVING or point.startswith("courier."):
        async with bot.process(point) as doomed:
            await slack.app_connected(40)
            await command(slack)
            assert await _ended(doomed) == 137, f"{point} was not reached"
        async with bot.process():
            await slack.app_connected(40)
            if point == "arrival.before_commit":
                await command(slack)
            await _stands_once(slack, "#leads", "Lee Wong")
            await _stands_once(slack, "@ana", "Lee Wong")
        return

    async with bot.process():
        await slack.app_connected(40)
        await command(slack)
        await _stands_once(slack, "#leads", "Lee Wong")
    make_due(bot, "clock" if point in TICKING else "edition")
    async with bot.process(point) as doomed:
        assert await _ended(doomed) == 137, f"{point} was not reached"
    async with bot.process():
        await slack.app_connected(40)
        if point in TICKING:
            await _stands_once(slack, "@mia", "Lee Wong")
        else:
            await _stands_once(slack, "#leads", "Sales digest")


async def _ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(70):
        return await process.wait()


async def _stands_once(slack: Playground, where: str, words: str) -> None:
    place = slack.dm(where[1:]) if where.startswith("@") else slack.channel(where)
    await place.message(containing=words)
    await place.stays_quiet()
    assert sum(words in message.text for message in place.messages) == 1
