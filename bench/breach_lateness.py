"""How long after its deadline a breach ping reaches Slack, among many open clocks and closed leads.

Slack is the playground in a process of its own, without rate limits; lateness is the time stamp that it gave
the manager's DM minus the clock's deadline. Every lead has its two cards, which are edited at the same time.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bench import Chart, Line, Row, bench, percentile, sized
from bench.crowd import LEADS_PER_REP, REPS_PER_TEAM, add_models, add_reps, fill, settle
from bench.stage import Engine, database, served
from bot.logs import configure_logs
from bot.loops.ticker import Ticker
from bot.program import Program, settle_memory
from bot.settings import Settings
from domain.calendar import WorkingHours
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from storage import outbox
from storage.models import Clock, Delivery, LeadEvent, Member, Team, TeamMember, Workspace

TEAMS = 200
"""As many as there are pings: what breaches within ten minutes for one manager is one message."""
MEAN_GAP = 0.3
"""Seconds between two deadlines, at random: 100,000 clocks of four hours of which every second one is missed."""
MEDIAN_MS, P99_MS = 8.0, 25.0
FILLED_AT_ONCE = 100_000


@dataclass(frozen=True)
class Lateness:
    """Of each ping, in milliseconds; and how long the same database took to commit a row at that time."""

    milliseconds: list[float]
    commit: float


@dataclass(frozen=True)
class Size:
    """How many clocks run and how many leads are closed."""

    open: int
    closed: int

    def __str__(self) -> str:
        return f"{self.open:,} open clocks, {self.closed:,} closed leads"


class PollingTicker(Ticker):
    """What a loop that looks once a second makes of the same clocks: nothing wakes it."""

    async def _rest(self, due: datetime | None) -> None:  # noqa: ARG002  # it does not care
        await asyncio.sleep(1)


@bench("breach_lateness")
async def breach_lateness() -> list[Row | Chart]:
    """From a deadline to Slack's receipt of the manager's ping, in milliseconds.

    One process on SQLite that waits for the disk; its database holds so many running clocks and closed leads, the
    latter with their clocks, timelines and cards. Deadlines come at random, three a second on average: the pace of
    100,000 clocks of four hours if every second one were missed. Each is a transaction that turns two cards red,
    queues the ping, takes it out of the outbox and makes its words; the cards are edited in a second one, while
    the ping is on its way. Against it, in the same run: a loop that looks once a second. The growth
    is shown over tenfold steps up to a million closed leads.
    """
    largest = sized(1_000_000, quick=2_000)
    sizes = [Size(max(100, largest // ten // 10), largest // ten) for ten in (100, 10, 1)]
    found = [await measure("sqlite", size, pings=sized(200, quick=10)) for size in sizes]
    polled = await measure("sqlite", sizes[0], pings=sized(60, quick=10), poll=True)
    return [
        *(row for size, late in zip(sizes, found, strict=True) for row in _rows(size, late, polled)),
        Row("breach, a poll each second, median", percentile(polled.milliseconds, 50), "ms", size=str(sizes[0])),
        Chart(
            "Lateness of breaches",
            "milliseconds",
            "share of pings, %",
            (
                *(Line.distribution(f"{size}", late.milliseconds) for size, late in zip(sizes, found, strict=True)),
                Line.distribution("a poll each second", polled.milliseconds, against=True),
            ),
            log_x=True,
        ),
    ]


def _rows(size: Size, measured: Lateness, polled: Lateness) -> list[Row]:
    late = measured.milliseconds
    half, most = (percentile(polled.milliseconds, share) for share in (50, 99))
    against = f"a poll each second: {half:.0f} ms, p99 {most:.0f} ms"
    note = (
        f"{len(late)} pings, {min(late):.1f} to {max(late):.0f} ms; one commit lies on the way, of "
        f"{measured.commit:.1f} ms when one row is written; the rest is Python; load {os.getloadavg()[0]:.1f}"
    )
    return [
        Row.at_most("breach, median", percentile(late, 50), "ms", MEDIAN_MS, note, against=against, size=str(size)),
        Row.at_most("breach, p99", percentile(late, 99), "ms", P99_MS, note, against=against, size=str(size)),
    ]


async def measure(engine: Engine, size: Size, *, pings: int, poll: bool = False) -> Lateness:
    """The lateness of pings in a database of that size; logs are written, to nowhere. Raises when a ping is missing."""
    with tempfile.TemporaryDirectory() as folder, database(engine, Path(folder)) as url, _quiet():
        async with _playground(Path(folder)) as env:
            settings = Settings(
                slack_bot_token=SecretStr(env["SLACK_BOT_TOKEN"]),
                slack_signing_secret=SecretStr(env["SLACK_SIGNING_SECRET"]),
                slack_api_url=env["SLACK_API_URL"],
                database_url=url,
                port=0,
            )
            program = Program(settings, web=False, pace=0, host="127.0.0.1")
            await program.start()
            try:
                return await _measure(program, env, size, pings, poll)
            finally:
                await program.stop()


async def _measure(program: Program, env: dict[str, str], size: Size, pings: int, poll: bool) -> Lateness:
    assert program.workspace_id is not None
    slack = AsyncWebClient(env["SLACK_BOT_TOKEN"], base_url=env["SLACK_API_URL"])
    listed = (await slack.conversations_list(limit=200))["channels"]
    channels = [next(one["id"] for one in listed if one["name"] == f"leads-{n}") for n in range(TEAMS)]
    pages = await slack.users_list(limit=200)  # Slack gives as few at once as it likes
    users = {one["name"]: one["id"] async for page in pages for one in page["members"]}
    staff = [users[f"{who}-{n}"] for n in range(TEAMS) for who in ("manager", "rep")]
    async with asyncio.timeout(60):  # the program serves already while it meets them
        while not await program.db.read(_has_met, staff):  # noqa: ASYNC110  # nobody wakes a reader
            await asyncio.sleep(0.05)
    leads = await program.db.run(prepare, program.workspace_id, users, channels, pings, datetime.now(UTC))
    await _drained(program, 120)
    await _fill(program, size)
    if poll:
        await program.ticker.stop()
        poller = PollingTicker(program.tandem, program.metrics, program.courier)
        polling = asyncio.create_task(poller.run())
    settle_memory()
    commit = statistics.median([await _commit_time(program) for _ in range(50)])
    last = await program.db.run(aim, leads, datetime.now(UTC) + timedelta(seconds=2))
    program.db.rouse("ticker")
    await asyncio.sleep((last - datetime.now(UTC)).total_seconds() + 1)
    await _drained(program, 60)
    if poll:
        await poller.stop()
        await polling
    due = await program.db.read(deadlines)
    late = [late for n in range(TEAMS) async for late in _lateness(program, slack, users[f"manager-{n}"], due)]
    if len(late) != pings:
        raise RuntimeError(f"{len(late)} pings instead of {pings}")
    return Lateness(late, commit)


def _has_met(session: Session, user_ids: list[str]) -> bool:
    """Whether all these people of Slack's are members by now."""
    met = select(func.count()).select_from(Member).where(Member.slack_user_id.in_(user_ids))
    return session.scalar(met) == len(user_ids)


async def _commit_time(program: Program) -> float:
    began = time.perf_counter()
    await program.db.run(lambda session: session.execute(update(Workspace).values(configured_at=datetime.now(UTC))))
    return (time.perf_counter() - began) * 1000


@contextmanager
def _quiet() -> Iterator[None]:
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        configure_logs("json")
        yield
    configure_logs("json")


async def _fill(program: Program, size: Size) -> None:
    assert program.workspace_id is not None
    month_ago = datetime.now(UTC) - timedelta(days=30)
    reps = max(REPS_PER_TEAM, size.open // LEADS_PER_REP)
    await program.db.run(add_reps, program.workspace_id, reps, month_ago)
    models = await program.db.run(add_models, program.workspace_id, month_ago)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for name, count, due in (("open", size.open, tomorrow), ("closed", size.closed, None)):
        for made in range(0, count, FILLED_AT_ONCE):
            more = min(FILLED_AT_ONCE, count - made)
            await program.db.run(fill, models[name], more, days=30, first_due=due)
    await program.db.run(settle)


async def _lateness(
    program: Program, slack: AsyncWebClient, user_id: str, due: dict[str, datetime]
) -> AsyncIterator[float]:
    """Of each ping that a manager got, by the time stamps of Slack's history."""
    channel = await program.db.read(dm_of, user_id)
    if channel is None:  # nobody wrote to them yet
        return
    cursor: str | None = None
    while True:
        page = await slack.conversations_history(channel=channel, limit=200, cursor=cursor, include_all_metadata=True)
        for message in page["messages"]:
            token = message.get("metadata", {}).get("event_payload", {}).get("id", "")
            if token in due:
                yield (float(message["ts"]) - due[token].timestamp()) * 1000
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def prepare(
    session: Session, workspace_id: int, users: dict[str, str], channels: list[str], leads: int, at: datetime
) -> list[int]:
    """Teams of one manager and one rep each, and leads that have just been given to them; their ids."""
    by_id = {one.slack_user_id: one for one in session.scalars(select(Member))}
    members = {name: by_id[user_id] for name, user_id in users.items() if user_id in by_id}
    for number in range(TEAMS):
        team = Team(
            workspace_id=workspace_id,
            key=f"team-{number}",
            name=f"Team {number}",
            channel=channels[number],
            manager_id=members[f"manager-{number}"].id,
            hours=WorkingHours.always().to_json(),
            created_at=at,
        )
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, member_id=members[f"rep-{number}"].id))
    session.flush()
    arriving = (
        NewLead(name=f"Lead {number}", source="bench", company=f"Company {number}", team=f"team-{number % TEAMS}")
        for number in range(leads)
    )
    return [receive_lead(session, workspace_id, one, at=at, by=None).lead_id for one in arriving]


def aim(session: Session, leads: list[int], first: datetime) -> datetime:
    """Let the deadlines of these leads fall due one after the other, at random, from `first` on; the last one."""
    due, chance = first, random.Random(1)
    for lead_id in leads:
        due += timedelta(seconds=chance.expovariate(1 / MEAN_GAP))
        session.execute(update(Clock).where(Clock.lead_id == lead_id).values(due_at=due, next_at=due, rung="breach"))
    return due


def deadlines(session: Session) -> dict[str, datetime]:
    """The deadline behind every breach ping, by the token that its message carries."""
    rows = session.execute(
        select(Delivery.token, Clock.due_at)
        .join(LeadEvent, LeadEvent.id == Delivery.subject_id)
        .join(Clock, Clock.lead_id == LeadEvent.lead_id)
        .where(Delivery.kind == "lead_breach", LeadEvent.kind == "breached")
    )
    return {row.token: row.due_at for row in rows}


def dm_of(session: Session, user_id: str) -> str | None:
    """The channel id of the DM with the member of that Slack user id."""
    return session.scalars(select(Member.dm_channel).where(Member.slack_user_id == user_id)).one()


@asynccontextmanager
async def _playground(folder: Path) -> AsyncIterator[dict[str, str]]:
    """A playground in its own process, with a manager, a rep and a channel for each team; its environment lines."""
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(make_manifest(all_listeners())))
    people = [f"--member={part}-{number}" for part in ("manager", "rep") for number in range(TEAMS)]
    places = [f"--channel=leads-{number}" for number in range(TEAMS)]
    command = ("-m", "playground", "--manifest", str(manifest), "--port", "0")
    async with served(*command, *people, *places) as slack:
        yield slack.said


async def _drained(program: Program, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await program.db.read(outbox.waiting):  # noqa: ASYNC110  # the outbox is the only one who knows
            await asyncio.sleep(0.05)
