"""A program killed with 10,000 deliveries pending, and started again: when the first goes out, and how it goes on."""

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import Row, bench, sized
from bench.serving import tandem_serve, teams, workspace
from bench.stage import ENGINE_NAMES, ENGINES, Engine, ask
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from playground import Playground
from storage import outbox
from storage.models import Member
from tests.chaos.company import Pace, found
from tests.postgres import running_postgres

RUNS = 5
BEFORE_KILL = 200
"""Deliveries that are sent before the kill, so that it falls in the middle of work."""
WATCHED_SECONDS = 4.0
LIMIT_SECONDS = 2.0
AT_A_TIME = 500


@dataclass(frozen=True)
class Resumption:
    """Seconds from the start of the process, and from `/readyz`, to the first message; and messages a second: `before`
    the kill, in the `first` seconds after it, and `later`.
    """

    from_start: float
    from_ready: float
    before: float
    first: float
    later: float


@bench("restart")
async def restart() -> list[Row]:
    """`tandem serve` with 10,000 deliveries pending is killed with SIGKILL in the middle of sending, and started again.

    5,000 leads of 500 teams have just come in: a card in the team's channel and one to the rep, for 1,500 places in
    all. The playground has no rate limits, and Tandem is told to keep to none but one post a second in a channel, so
    that it is itself the limit. The time is that from the start of the new process to the first message that Slack
    accepts from it. Median of five.
    """
    rows = []
    leads, count = sized(5_000, quick=500), sized(500, quick=50)
    for engine in ENGINES:
        async with workspace(teams(count)) as slack:
            with (
                tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder,
                _copies(engine, Path(folder)) as (url, copy),
            ):
                await asyncio.to_thread(_prepare, slack, url, leads, count)
                pending = await asyncio.to_thread(ask, url, outbox.waiting)
                seen = [await _kill_and_resume(slack, copy(number)) for number in range(sized(RUNS, quick=2))]
        rows += _rows(ENGINE_NAMES[engine], seen, pending)
    return rows


def _rows(name: str, seen: list[Resumption], pending: int) -> list[Row]:
    from_start = statistics.median(each.from_start for each in seen)
    from_ready = statistics.median(each.from_ready for each in seen)
    size = f"{pending:,} deliveries pending, {len(seen)} restarts"
    slowest = f"longest {max(each.from_start for each in seen):.2f} s"
    before, first, later = (
        statistics.median(getattr(each, part) for each in seen) for part in ("before", "first", "later")
    )
    return [
        Row.at_most(
            f"restart to the first delivery, {name}",
            from_start,
            "s",
            LIMIT_SECONDS,
            "the start of the process, see start: the outbox is looked at as soon as it runs, whatever waits in it",
            size=size,
            absolute=f"{slowest}; from /readyz on {from_ready:.2f} s",
        ),
        Row.at_least(
            f"pace after a restart, {name}",
            first / later,
            "×",
            0.8,
            "how fast one process posts, when Slack does not limit it: see courier",
            against="the seconds after those",
            size=f"the first {WATCHED_SECONDS:g} s",
            absolute=f"{first:.0f} /s, then {later:.0f} /s; {before:.0f} /s before the kill",
        ),
    ]


async def _kill_and_resume(slack: Playground, url: str) -> Resumption:
    posted = _Posts(slack)
    async with tandem_serve(slack, url, limits=0) as first:
        await posted.reach(BEFORE_KILL)
        before = posted.rate(posted.times[0], posted.times[-1])
        await first.kill()
    posted.times.clear()
    async with tandem_serve(slack, url, limits=0) as second:
        await posted.reach(1)
        began = posted.times[0]
        await asyncio.sleep(began + 2 * WATCHED_SECONDS - time.time())
        middle = began + WATCHED_SECONDS
        await second.kill()
    return Resumption(
        began - second.began,
        max(0.0, began - second.began - second.ready),
        before,
        posted.rate(began, middle),
        posted.rate(middle, began + 2 * WATCHED_SECONDS),
    )


class _Posts:
    """When Slack accepted a message, in seconds since the epoch."""

    def __init__(self, slack: Playground) -> None:
        self.times: list[float] = []
        self._more = asyncio.Event()
        slack.installation.on_call = self._note

    def _note(self, call: object) -> None:
        if getattr(call, "method", "") == "chat.postMessage":
            self.times.append(time.time())
            self._more.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.times) < count:
                self._more.clear()
                await self._more.wait()

    def rate(self, since: float, until: float) -> float:
        return sum(since <= at < until for at in self.times) / (until - since)


@contextmanager
def _copies(engine: Engine, folder: Path) -> Iterator[tuple[str, Callable[[int], str]]]:
    """The address of an empty database, and what makes copies of it as it is then: the number gives their names."""
    if engine == "sqlite":

        def copy_file(number: int) -> str:
            shutil.copy(folder / "tandem.db", folder / f"copy-{number}.db")
            return f"sqlite:///{folder / f'copy-{number}.db'}"

        yield f"sqlite:///{folder / 'tandem.db'}", copy_file
        return
    with running_postgres(durable=True) as server:
        yield server.create_database("full"), lambda number: server.create_database(f"copy_{number}", template="full")


def _prepare(slack: Playground, url: str, leads: int, count: int) -> None:
    company = found(slack, url, count, Pace(hot=86_400, warm=86_400, reassign=86_400))
    dms = {one.id: slack.workspace.dm(one, slack.workspace.bot).id for one in slack.workspace.members.values()}
    ask(url, _know_dms, dms)
    for first in range(0, leads, AT_A_TIME):
        ask(url, _receive, company.workspace_id, range(first, min(leads, first + AT_A_TIME)), count)


def _know_dms(session: Session, dms: dict[str, str]) -> None:
    for member in session.scalars(select(Member)):
        member.dm_channel = dms[member.slack_user_id]


def _receive(session: Session, workspace_id: int, numbers: range, count: int) -> None:
    for number in numbers:
        lead = NewLead(
            name=f"Lead {number}",
            source="bench",
            company=f"Company {number}",
            team=f"team-{number % count}",
            tier="hot",
        )
        receive_lead(session, workspace_id, lead, at=datetime.now(UTC), by=None)
