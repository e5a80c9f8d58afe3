"""From the start of the process to being ready: the command `tandem serve`, until `/readyz` answers 200."""

import statistics
import tempfile
from pathlib import Path

from bench import Row, bench, sized
from bench.serving import tandem_serve, teams, workspace
from bench.stage import ENGINE_NAMES, ENGINES, Engine, database

LIMIT_SECONDS = 1.0


@bench("start")
async def start() -> list[Row]:
    """The process is started with the database and 30 members in place; the time ends when `/readyz` answers 200.

    That is after Python and all modules are loaded, Slack (over Socket Mode, here) has said who we are, the members are
    read, the loops run and the socket is open. Median of seven starts on each engine, after one that is not counted.
    """
    rows = []
    for engine in ENGINES:
        times = await _starts(engine, sized(7, quick=3))
        rows.append(
            Row.at_most(
                f"start to ready, {ENGINE_NAMES[engine]}",
                statistics.median(times),
                "s",
                LIMIT_SECONDS,
                "loading Python's modules is most of it (one core): SQLAlchemy, aiohttp, Bolt and pydantic",
                size=f"{len(times)} starts",
                absolute=f"from {min(times):.2f} to {max(times):.2f} s",
            )
        )
    return rows


async def _starts(engine: Engine, count: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
        async with workspace(teams(10), mode="socket") as slack:
            times = []
            for _ in range(count + 1):
                async with tandem_serve(slack, url) as tandem:
                    times.append(tandem.ready)
            return times[1:]
