"""The arithmetic of docs/scale.md, checked: one process on PostgreSQL under ten workspaces' worth of Slack's limits."""

from __future__ import annotations

import asyncio
import math
import os
import statistics
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bench import Chart, Line, Row, bench, percentile, sized
from bench.memory import LeadsAndLines, steadily
from bench.serving import tandem_serve, teams, workspace
from bench.stage import ask, database
from playground import Playground
from playground.records import Call
from storage import outbox
from storage.models import Clock, Delivery, LeadEvent
from storage.pace import LIMITS
from tests.chaos.company import Company, Pace, found

TIMES = 10
"""Ten workspaces' worth of what Slack lets one app call, by one process."""
TEAMS = 100
CLOCK_SECONDS = 60
POSTS_A_LEAD, UPDATES_A_LEAD = 4, 7
"""A lead that nobody answers: two cards, a reminder and a breach ping are posted; both cards are edited as the clock
passes half, the reminder and the breach, and the reminder at the breach.
"""
SHARE = 0.8
"""Of what the limits allow: what is offered."""
BUSY_RATE = 6.0
"""Leads a second for the second run: enough that what a process does while nothing happens is little beside it."""
TABLES = ("leads", "lead_events", "clocks", "cards", "deliveries", "inbox_keys", "accounts", "lanes")


@dataclass(frozen=True)
class Seen:
    """What came of a simulation. Of one lead: `cpu` and `server_cpu` (PostgreSQL's) in seconds, `wal` and `stored` in
    bytes, `dead`: rows that were changed or deleted, so that their old versions wait for VACUUM.
    """

    leads: int
    seconds: float
    calls: Counter[str]
    refused: int
    late: list[float]
    cpu: float
    server_cpu: float
    wal: float
    stored: float
    dead: float
    left: int


@bench("scale")
async def scale() -> list[Row | Chart]:
    """`tandem serve` on PostgreSQL, and a playground that allows ten times what Slack allows one workspace.

    Leads come in by signed webhook at four fifths of the rate at which, by the arithmetic of docs/scale.md, the first
    of Slack's limits binds. Nobody answers them: each gets its two cards, passes half, is reminded of and breaches.
    Two minutes of arrivals, then what waits is sent. Compared are the calls that Slack took with those predicted, and
    how late the breaches were. A second run, of a minute, has no limits and six leads a second: what a lead costs in
    processor time, WAL and storage is what docs/scale.md counts with.
    """
    allowed = {method: LIMITS[method].per_minute / 60 * TIMES for method in ("chat.postMessage", "chat.update")}
    most = min(allowed["chat.postMessage"] / POSTS_A_LEAD, allowed["chat.update"] / UPDATES_A_LEAD)
    limited = await _simulate(SHARE * most, sized(120, quick=30), times=TIMES)
    busy = await _simulate(BUSY_RATE, sized(60, quick=15), times=0)
    return [*_compared(limited, SHARE * most, most), *_costs(busy)]


def _compared(seen: Seen, rate: float, most: float) -> list[Row | Chart]:
    size = f"{seen.leads:,} leads at {rate:.2f} /s, {TIMES} times Slack's limits"
    posts, updates = (seen.calls[method] / seen.leads for method in ("chat.postMessage", "chat.update"))
    return [
        Row.at_least(
            "leads handled under ten workspaces' limits",
            seen.leads / seen.seconds / rate,
            "×",
            0.95,
            f"Slack's limit of chat.update binds first, at {most:.2f} leads a second: {UPDATES_A_LEAD} edits a lead",
            against="what was predicted",
            size=size,
            absolute=f"{posts:.2f} posts and {updates:.2f} edits a lead; {seen.left} left over",
        ),
        Row("429 answers provoked", seen.refused, "calls", "none", seen.refused == 0, "token buckets in the database"),
        Row.at_most(
            "breach lateness under ten workspaces' limits, p99",
            percentile(seen.late, 99),
            "ms",
            1000,
            "breach pings are alarms: a part of each bucket is kept for them",
            size=f"{len(seen.late):,} pings",
            absolute=f"median {statistics.median(seen.late):.0f} ms, longest {max(seen.late):.0f} ms",
        ),
        Chart(
            "Breach pings under ten workspaces' limits",
            "ms after the deadline",
            "% of pings",
            (Line.distribution("one process, PostgreSQL", seen.late),),
        ),
    ]


def _costs(seen: Seen) -> list[Row | Chart]:
    size = f"{seen.leads:,} leads at {BUSY_RATE:g} /s, no limits"
    return [
        Row("processor time a lead", seen.cpu * 1000, "ms", size=size, absolute="arrival, rungs and deliveries"),
        Row(
            "PostgreSQL's processor time a lead", seen.server_cpu * 1000, "ms", size=size, absolute="all its processes"
        ),
        Row("WAL a lead", seen.wal / 1024, "KiB", size=size, absolute="full-page images included"),
        Row("rows changed a lead", seen.dead, "rows", size=size, absolute="old versions that wait for VACUUM"),
        Row("storage a lead", seen.stored / 1024, "KiB", size=size, absolute="tables and indexes, as they grew"),
    ]


async def _simulate(rate: float, seconds: float, *, times: float) -> Seen:
    """`rate` leads a second for so many seconds, until the last has breached. `times` Slack's limits; 0: none."""
    pace = Pace(hot=CLOCK_SECONDS, warm=CLOCK_SECONDS, reassign=86_400)
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database("postgresql", Path(folder)) as url:
        async with workspace(teams(TEAMS)) as slack:
            slack.set_rate_limits(on=times > 0, times=times)
            company = await asyncio.to_thread(found, slack, url, TEAMS, pace)
            return await _run(slack, url, company, rate, seconds, times)


async def _run(slack: Playground, url: str, company: Company, rate: float, seconds: float, times: float) -> Seen:
    async with tandem_serve(slack, url, limits=times) as tandem:
        load = LeadsAndLines(slack, company, tandem.port)
        calls: Counter[str] = Counter()
        refused = [0]
        slack.installation.on_call = lambda call: _count(call, calls, refused)
        before = await asyncio.to_thread(ask, url, _measure)
        cpu = tandem.cpu_seconds()
        began = time.monotonic()
        async with load.http:
            sending = asyncio.create_task(steadily(rate, load.send_lead))
            await asyncio.sleep(seconds)
            sending.cancel()
            await asyncio.wait([sending])
        left = await _drain(url, began + seconds + CLOCK_SECONDS + 60)
        took = time.monotonic() - began - CLOCK_SECONDS
        cpu = tandem.cpu_seconds() - cpu
    after = await asyncio.to_thread(ask, url, _measure)
    late = await asyncio.to_thread(ask, url, _lateness)
    wal, stored, server_cpu, dead = ((b - a) / load.leads for a, b in zip(before, after, strict=True))
    return Seen(
        load.leads, max(seconds, took), calls, refused[0], late, cpu / load.leads, server_cpu, wal, stored, dead, left
    )


def _count(call: Call, calls: Counter[str], refused: list[int]) -> None:
    if call.status == 429:
        refused[0] += 1
    else:
        calls[call.method] += 1


async def _drain(url: str, until: float) -> int:
    """Waits until every clock has breached and everything is sent; how much was left when time was up."""
    while True:
        left: int = await asyncio.to_thread(ask, url, _left)
        if not left or time.monotonic() > until:
            return left
        await asyncio.sleep(0.5)


def _left(session: Session) -> int:
    clocks = session.scalar(select(func.count()).where(Clock.state == "running", Clock.rung != "reassign"))
    return (clocks or 0) + outbox.waiting(session)


def _measure(session: Session) -> tuple[float, float, float, float]:
    """So far: bytes of WAL, bytes of the tables of leads and their indexes, the server's processor time, dead rows."""
    wal = session.scalar(text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))
    stored = sum(session.scalar(text(f"SELECT pg_total_relation_size('{table}')")) or 0 for table in TABLES)
    dead = session.scalar(text("SELECT sum(n_tup_upd + n_tup_del) FROM pg_stat_user_tables"))
    server_cpu = _server_cpu(Path(session.scalar(text("SHOW data_directory")) or ""))
    return float(wal or 0), float(stored), server_cpu, float(dead or 0)


def _server_cpu(data: Path) -> float:
    """Seconds of processor time of a PostgreSQL on this machine: of its processes, and of those that have ended."""
    server = (data / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == server:
                ticks += sum(int(field) for field in fields[11:15])
            elif fields[1] == server:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _lateness(session: Session) -> list[float]:
    """Of each message about breaches, the milliseconds from the first deadline until it was posted and recorded."""
    rows = session.execute(
        select(func.min(Delivery.finished_at), func.min(Clock.due_at))
        .join(LeadEvent, LeadEvent.id == Delivery.subject_id)
        .join(Clock, Clock.lead_id == LeadEvent.lead_id)
        .where(Delivery.kind == "lead_breach", LeadEvent.kind == "breached", Delivery.state == "sent")
        .group_by(Delivery.card_id)
    )
    first = [(finished - due).total_seconds() * 1000 for finished, due in rows if finished]
    return first or [math.inf]
