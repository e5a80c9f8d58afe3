"""What a `/voc` line costs from request to answer, against a Bolt app that only acknowledges.

Both get signed requests over HTTP from the same load generator, window by window in turn. Of ours, a line counts
when its row is committed and the answer says so; afterwards there must be a row for every answer.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import Chart, Line, Row, bench, sized
from bench.gun import Gun, Shots, loaded_gun
from bench.stage import ENGINE_NAMES, ENGINES, Engine, Served, ask, database, playground, served, web_process
from domain.people import Profile, ensure_workspace, sync_members
from storage.models import Account, VocItem, Workspace

CONNECTIONS = (1, 32, 200)
WINDOWS = 5
SECONDS = 1.5
TIMES: dict[Engine, tuple[float, ...]] = {"sqlite": (3.5, 7, 7), "postgresql": (2.5, 5, 5)}
"""How many times as many lines as the app by the guides, at each of CONNECTIONS."""
SHARE: dict[Engine, tuple[float, ...]] = {"sqlite": (0.22, 0.35, 0.35), "postgresql": (0.13, 0.27, 0.3)}
SLOWER = 3.5
AGAINST = "a Bolt app that only acks"
PEOPLE = 200
ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class Duel:
    """The windows of both sides at one number of connections, in turn.

    `acks`: how many of ours were answered in all; `cpu`, `bare_cpu`: processor time of each process for a request, in
    ms: that of our writer thread and its commits included, PostgreSQL's own not.
    """

    connections: int
    bare: Sequence[Shots]
    ours: Sequence[Shots]
    acks: int
    cpu: float
    bare_cpu: float

    @property
    def share(self) -> float:
        """Our throughput as a share of the other's, by medians."""
        return statistics.median(one.rate for one in self.ours) / statistics.median(one.rate for one in self.bare)

    @property
    def slower(self) -> float:
        """How many times as long our 99th percentile is, by medians."""
        return statistics.median(one.p99 for one in self.ours) / statistics.median(one.p99 for one in self.bare)

    @property
    def size(self) -> str:
        return f"{self.connections} connection{'s' if self.connections > 1 else ''}"

    @property
    def absolute(self) -> str:
        ours, bare = (statistics.median(one.rate for one in side) for side in (self.ours, self.bare))
        return f"{ours:,.0f} /s against {bare:,.0f} /s"

    @property
    def absolute_p99(self) -> str:
        ours, bare = (statistics.median(one.p99 for one in side) for side in (self.ours, self.bare))
        return f"{ours:.1f} ms against {bare:.1f} ms"

    def note(self) -> str:
        """What the processor did meanwhile."""
        gun = statistics.median(one.cpu for one in self.ours)
        used = f"{self.cpu:.2f} ms of processor time a request against {self.bare_cpu:.2f} ms"
        return f"{used}; the load generator takes {gun:.0%} of a core"


def chart_of(title: str, duels: Sequence[Duel], against: str) -> Chart:
    """Requests a second of both sides by connections."""
    sizes = [float(one.connections) for one in duels]
    ours = tuple(zip(sizes, (statistics.median(shots.rate for shots in one.ours) for one in duels), strict=True))
    bare = tuple(zip(sizes, (statistics.median(shots.rate for shots in one.bare) for one in duels), strict=True))
    return Chart(
        title, "connections", "requests a second", (Line("Tandem", ours), Line(against, bare, against=True)), log_x=True
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that are fired at: its process, and what is sent there."""

    process: Served
    what: dict[str, object]


async def duel(
    gun: Gun,
    bare: Served,
    ours: Served,
    connections: int,
    of_bare: dict[str, object],
    of_ours: dict[str, object],
) -> Duel:
    """Fire at both in turn, after a short window each that does not count. Raises when an answer is wrong."""
    return (await duels(gun, [Side(bare, of_bare)], Side(ours, of_ours), connections))[0]


async def duels(gun: Gun, others: Sequence[Side], ours: Side, connections: int) -> list[Duel]:
    """Fire at all in turn, after a short window each that does not count: ours against each of the others.

    Raises when an answer is wrong.
    """
    windows, seconds = sized(WINDOWS, quick=2), sized(1000 * SECONDS, quick=400) / 1000
    sides = [*others, ours]
    fired: list[list[Shots]] = [[] for _ in sides]
    cpu = [0.0 for _ in sides]
    for window in range(windows + 1):
        for number, side in enumerate(sides):
            before = side.process.cpu_seconds()
            shots = await gun.fire(side.process.port, connections, seconds if window else 0.3, **side.what)
            if shots.wrong:
                raise RuntimeError(f"{shots.wrong} wrong answers, such as: {shots.example}")
            fired[number].append(shots)
            cpu[number] += side.process.cpu_seconds() - before
    answered = [sum(one.acks for one in side) for side in fired]
    return [
        Duel(
            connections=connections,
            bare=fired[other][1:],
            ours=fired[-1][1:],
            acks=answered[-1],
            cpu=1000 * cpu[-1] / answered[-1],
            bare_cpu=1000 * cpu[other] / answered[other],
        )
        for other in range(len(others))
    ]


@bench("voc_ack")
async def voc_ack(engines: Sequence[Engine] = ENGINES, sizes: Sequence[int] = CONNECTIONS) -> list[Row | Chart]:
    """`/voc` with a line of words, theme, account and deal: signed request, row committed, answer with the receipt.

    Against the same app as one writes it from the guides of Bolt and SQLAlchemy (`bench/guide.py`: AsyncApp with
    AsyncSession, and App with Session; the faster of the two counts), and against a Bolt app with one listener that
    only acknowledges, for the record. All are behind the same web server, each in a process and with a database of its
    own. Ours is the program's web part with all its listeners; 200 people log for 200 known accounts under 40 themes.
    One load generator with kept connections fires at all in turn, each connection one request at a time. A line
    counts when the answer says that it was logged; afterwards there must be a row for every answer of ours.
    """
    rows: list[Row | Chart] = []
    for engine in engines:
        async with _stage(engine) as stage:
            taken = [await duels(stage.gun, stage.others, stage.ours, size) for size in sizes]
            stored = ask(stage.url, _stored)
        name = ENGINE_NAMES[engine]
        guided = []
        for of_async, of_sync, bare in taken:
            guide = min(of_async, of_sync, key=lambda one: one.share)
            guided.append(guide)
            kind = "AsyncApp + AsyncSession" if guide is of_async else "App + Session"
            told: dict[str, Any] = {"size": guide.size, "absolute": guide.absolute}
            reach = TIMES[engine][CONNECTIONS.index(guide.connections)]
            against = f"the same app by the guides ({kind})"
            rows += [
                Row.at_least(f"/voc on {name}", guide.share, "×", reach, guide.note(), against=against, **told),
                Row.at_least(
                    f"/voc on {name}, beside a bare ack",
                    bare.share,
                    "×",
                    SHARE[engine][CONNECTIONS.index(bare.connections)],
                    bare.note(),
                    against=AGAINST,
                    size=bare.size,
                    absolute=bare.absolute,
                ),
            ]
            called = f"/voc on {name}, p99 beside a bare ack"
            told = {"against": AGAINST, "size": bare.size, "absolute": bare.absolute_p99}
            if engine == "sqlite":
                rows.append(Row.at_most(called, bare.slower, "×", SLOWER, **told))
            else:
                rows.append(Row(called, bare.slower, "×", **told))
        acks = sum(one[0].acks for one in taken)
        missing = acks - stored
        rows.append(
            Row(f"answers without a row, {name}", missing, "rows", "none", missing == 0, size=f"{acks:,} answers")
        )
        rows.append(chart_of(f"/voc on {name}", guided, "the same app by the guides"))
    return rows


@dataclass(frozen=True, slots=True)
class _Stage:
    gun: Gun
    others: Sequence[Side]
    ours: Side
    url: str


@asynccontextmanager
async def _stage(engine: Engine) -> AsyncIterator[_Stage]:
    """The three others (by the guides: async, sync; bare) and ours, with the same people on each database."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-") as name,
        database(engine, Path(name)) as url,
        database(engine, Path(name), "async") as async_url,
        database(engine, Path(name), "sync") as sync_url,
    ):
        async with (
            playground(Path(name)) as env,
            web_process(env, url) as ours,
            served("-m", "bench.guide", "async", env={**env, "DATABASE_URL": async_url}) as of_async,
            served("-m", "bench.guide", "sync", env={**env, "DATABASE_URL": sync_url}) as of_sync,
            served("-m", "bench.bare", "ack", env=env) as bare,
            loaded_gun() as gun,
        ):
            team, users = ask(url, _people_arrive)
            for theirs in (async_url, sync_url):
                ask(theirs, _same_workspace, team)
                ask(theirs, _people_arrive)
            what: dict[str, object] = {
                "kind": "voc",
                "secret": env["SLACK_SIGNING_SECRET"],
                "team": team,
                "users": users,
            }
            logged: dict[str, object] = {**what, "right": "Objection logged"}
            others = [Side(of_async, logged), Side(of_sync, logged), Side(bare, {**what, "right": "logged"})]
            yield _Stage(gun, others, Side(ours, logged), url)


def _same_workspace(session: Session, team: str) -> None:
    ensure_workspace(session, team, name="Playground", at=datetime.now(UTC))


def _people_arrive(session: Session) -> tuple[str, list[str]]:
    """A company as large as its Slack: people, and accounts that somebody confirmed. Its team id and user ids."""
    workspace = session.scalars(select(Workspace)).one()
    at = datetime.now(UTC)
    users = [f"U0BENCH{number:03}" for number in range(PEOPLE)]
    sync_members(
        session,
        workspace.id,
        [
            Profile(user, f"Rep {user}", None, "UTC", is_admin=False, is_owner=False, active=True, is_bot=False)
            for user in users
        ],
        at,
    )
    session.add_all(
        Account(workspace_id=workspace.id, name=f"Account{number}", slug=f"account{number}", known=True, created_at=at)
        for number in range(ACCOUNTS)
    )
    return workspace.slack_team_id, users


def _stored(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(VocItem)) or 0
