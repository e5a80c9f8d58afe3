"""How long after its deadline a breach ping stands in Slack, with 1,000 open clocks on SQLite.

Slack is the playground in a process of its own, without rate limits; lateness is the time stamp that it gave
the manager's DM minus the clock's deadline. Every lead has its two cards, which are edited at the same time.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bench import Row, bench
from bot.program import Program, settle_memory
from bot.settings import Settings
from domain.calendar import WorkingHours
from domain.leads.arrival import NewLead, receive_lead
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from storage import outbox
from storage.models import Clock, Delivery, LeadEvent, Member, Team, TeamMember

CLOCKS = 1_000
TEAMS = 10
SPREAD = timedelta(seconds=100)
LIMIT_MS = 50.0


@asynccontextmanager
async def playground_process(folder: Path, members: list[str], channels: list[str]) -> AsyncIterator[dict[str, str]]:
    """A playground in its own process; yields its environment lines as a dict."""
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(make_manifest(all_listeners())))
    options = [f"--member={name}" for name in members] + [f"--channel={name}" for name in channels]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "playground",
        "--manifest",
        str(manifest),
        "--port",
        "0",
        *options,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    found: dict[str, str] = {}
    try:
        while (line := (await process.stdout.readline()).decode().strip()) != "READY":
            if not line:
                raise RuntimeError("the playground did not start")
            name, _, value = line.partition("=")
            found[name] = value
        yield found
    finally:
        process.terminate()
        await process.wait()


def prepare(session: Session, workspace_id: int, users: dict[str, str], channels: list[str], at: datetime) -> None:
    """Teams of one manager and one rep each, and leads that have just been given to them."""
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
    for number in range(CLOCKS):
        lead = NewLead(
            name=f"Lead {number}", source="bench", company=f"Company {number}", team=f"team-{number % TEAMS}"
        )
        receive_lead(session, workspace_id, lead, at=at, by=None)


def aim(session: Session, first: datetime) -> None:
    """Let the deadlines fall due one after the other, from `first` on."""
    step = SPREAD / CLOCKS
    for number, clock_id in enumerate(session.scalars(select(Clock.id).order_by(Clock.id)).all()):
        due = first + step * number
        session.execute(update(Clock).where(Clock.id == clock_id).values(due_at=due, next_at=due, rung="breach"))


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


@bench("breach_lateness")
async def breach_lateness() -> list[Row]:
    """1,000 deadlines within 100 s: from the deadline to Slack's time stamp, median and 99th percentile."""
    names = [f"manager-{n}" for n in range(TEAMS)] + [f"rep-{n}" for n in range(TEAMS)]
    channels = [f"leads-{n}" for n in range(TEAMS)]
    with tempfile.TemporaryDirectory() as folder:
        async with playground_process(Path(folder), names, channels) as env:
            settings = Settings(
                slack_bot_token=SecretStr(env["SLACK_BOT_TOKEN"]),
                slack_signing_secret=SecretStr(env["SLACK_SIGNING_SECRET"]),
                slack_api_url=env["SLACK_API_URL"],
                database_url=f"sqlite:///{folder}/tandem.db",
                port=0,
            )
            program = Program(settings, web=False, pace=0, host="127.0.0.1")
            await program.start()
            settle_memory()
            try:
                return await _measure(program, AsyncWebClient(env["SLACK_BOT_TOKEN"], base_url=env["SLACK_API_URL"]))
            finally:
                await program.stop()


async def _measure(program: Program, slack: AsyncWebClient) -> list[Row]:
    assert program.workspace_id is not None
    listed = (await slack.conversations_list(limit=200))["channels"]
    ids = [next(one["id"] for one in listed if one["name"] == f"leads-{n}") for n in range(TEAMS)]
    users = {one["name"]: one["id"] for one in (await slack.users_list(limit=200))["members"]}
    await program.db.run(prepare, program.workspace_id, users, ids, program.tandem.clock.now())
    await _drained(program, 120)
    await program.db.run(aim, program.tandem.clock.now() + timedelta(seconds=2))
    program.db.rouse("ticker")
    await asyncio.sleep(2 + SPREAD.total_seconds())
    await _drained(program, 60)
    due = await program.db.read(deadlines)
    late: list[float] = []
    for number in range(TEAMS):
        manager = await program.db.read(dm_of, users[f"manager-{number}"])
        cursor: str | None = None
        while True:
            page = await slack.conversations_history(
                channel=str(manager), limit=200, cursor=cursor, include_all_metadata=True
            )
            for message in page["messages"]:
                token = message.get("metadata", {}).get("event_payload", {}).get("id", "")
                if token in due:
                    late.append((float(message["ts"]) - due[token].timestamp()) * 1000)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
    late.sort()
    p99 = late[int(len(late) * 0.99) - 1] if late else float("inf")
    note = f"{len(late)} pings, most {late[-1]:.0f} ms, load {os.getloadavg()[0]:.1f}" if late else "no pings"
    return [
        Row("breach_lateness_pings", len(late), "pings", f"exactly {CLOCKS:,}", len(late) == CLOCKS),
        Row("breach_lateness_median", statistics.median(late) if late else float("inf"), "ms"),
        Row.at_most("breach_lateness_p99", p99, "ms", LIMIT_MS, note),
    ]


async def _drained(program: Program, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await program.db.read(outbox.waiting):  # noqa: ASYNC110  # the outbox is the only one who knows
            await asyncio.sleep(0.05)
