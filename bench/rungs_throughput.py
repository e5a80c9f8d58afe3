"""How many rungs a second PostgreSQL takes from one, two and four worker processes, and where that ends."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bench import Chart, Line, Row, bench, sized
from bench.crowd import LEADS_PER_REP, add_models, add_reps, fill, settle
from bench.stage import Served, ask, database, served
from domain.people import ensure_workspace
from storage.database import wake
from storage.models import Card, Clock, Delivery, Lane

WORKERS = (1, 2, 4)
ROUNDS = 5


@bench("rungs_throughput")
async def rungs_throughput() -> list[Row | Chart]:
    """Rungs applied a second after an outage, when many are due at once, on PostgreSQL that waits for the disk.

    Each worker is a process with the ticker alone: its transactions turn cards, queue
    pings and step the clocks on, as in life; nothing is sent, since here the database is what is measured. Between
    the rounds, of which the median of five counts, the clocks are set back.
    """
    rungs = sized(4_000, quick=200)
    with tempfile.TemporaryDirectory() as folder, database("postgresql", Path(folder)) as url:
        ask(url, prepare, rungs)
        ask(url, settle)
        found = {count: [await _round(url, count, rungs) for _ in range(ROUNDS)] for count in WORKERS}
    rates = {count: statistics.median(rate for rate, _ in rounds) for count, rounds in found.items()}
    busy = {count: statistics.median(share for _, share in rounds) for count, rounds in found.items()}
    cores = os.cpu_count() or 1
    rows = [
        Row(
            f"rungs, {count} worker{'s' if count > 1 else ''}",
            rates[count] / rates[1],
            "×",
            note=f"the workers' processes took {busy[count]:.2f} of {cores} cores, PostgreSQL had what was left",
            against="one worker",
            size=f"{rungs:,} rungs due at once, PostgreSQL",
            absolute=f"{rates[count]:,.0f} /s",
        )
        for count in WORKERS
    ]
    points = tuple((float(count), rates[count]) for count in WORKERS)
    return [*rows, Chart("Rungs by workers", "worker processes", "rungs a second", (Line("PostgreSQL", points),))]


async def _round(url: str, workers: int, rungs: int) -> tuple[float, float]:
    """Rungs a second from the first to the last of them, and how many cores the workers kept busy meanwhile."""
    ask(url, put_off)
    async with AsyncExitStack() as stack:
        env = {"DATABASE_URL": url}
        start = (stack.enter_async_context(served("-m", "bench.rungs_throughput", env=env)) for _ in range(workers))
        processes: list[Served] = await asyncio.gather(*start)
        before = sum(process.cpu_seconds() for process in processes)
        began = time.perf_counter()
        ask(url, let_fall_due, datetime.now(UTC))
        while (left := ask(url, waiting)) > 0:
            await asyncio.sleep(0.05)
            if time.perf_counter() - began > 300:
                raise RuntimeError(f"{left} rungs were not applied")
        took = time.perf_counter() - began
        return rungs / took, (sum(process.cpu_seconds() for process in processes) - before) / took


def prepare(session: Session, rungs: int) -> None:
    """So many leads whose clocks run, a hundred for each rep."""
    at = datetime.now(UTC) - timedelta(days=1)
    workspace_id = ensure_workspace(session, "T0BENCH", name="Bench", at=at)
    add_reps(session, workspace_id, max(5, rungs // LEADS_PER_REP), at)
    models = add_models(session, workspace_id, at)
    fill(session, models["open"], rungs, days=1, first_due=datetime.now(UTC) + timedelta(days=1))
    session.execute(update(Clock).where(Clock.lead_id == models["open"]).values(rung=None, next_at=None, state="spent"))


def put_off(session: Session) -> None:
    """Nothing is due, nothing waits: as before the first round."""
    session.execute(update(Clock).where(Clock.state == "running").values(next_at=datetime.now(UTC) + timedelta(days=1)))
    session.query(Delivery).delete()
    session.query(Card).filter(Card.kind.in_(("lead_breach", "lead_reminder"))).delete()
    session.execute(update(Lane).values(due_at=None, holder=None, free_at=None))


def let_fall_due(session: Session, at: datetime) -> None:
    """The first half of every clock is over, and the tickers hear of it."""
    values = {"rung": "half", "next_at": at - timedelta(seconds=1), "started_at": at - timedelta(days=1)}
    session.execute(update(Clock).where(Clock.state == "running").values(due_at=at + timedelta(days=1), **values))
    wake(session, "ticker")


def waiting(session: Session) -> int:
    """How many rungs are due and not applied."""
    return session.scalar(select(func.count()).where(Clock.next_at <= datetime.now(UTC))) or 0


async def _tick() -> None:
    """A worker process: the ticker alone, until it is ended."""
    import signal

    from bot.logs import configure_logs
    from bot.loops.ticker import Ticker
    from bot.loops.wakeups import Wakeups
    from bot.metrics import Metrics
    from bot.program import settle_memory
    from domain.wall import WallClock
    from handlers.arrival import Tandem
    from storage.database import Database

    configure_logs("json")
    db = Database(os.environ["DATABASE_URL"])
    ticker = Ticker(Tandem(db, WallClock()), Metrics())
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    tasks = [asyncio.create_task(ticker.run()), asyncio.create_task(Wakeups(db).listen())]
    settle_memory()
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    await ending.wait()
    await ticker.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.to_thread(db.close)


if __name__ == "__main__":
    asyncio.run(_tick())
