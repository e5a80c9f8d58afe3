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

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import Row, bench
from bench.gun import Gun, Shots, loaded_gun
from bench.stage import ENGINE_NAMES, ENGINES, Engine, Served, ask, database, playground, served, web_process
from domain.people import Profile, sync_members
from storage.models import Account, VocItem, Workspace

CONNECTIONS = (1, 32, 200)
WINDOWS = 5
SECONDS = 1.5
SHARE: dict[Engine, float] = {"sqlite": 0.6, "postgresql": 0.4}
SLOWER = 5.0
PEOPLE = 200
ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class Duel:
    """The windows of both sides at one number of connections, in turn.

    `acks`: how many of ours were answered in all; `cpu`: what our process used meanwhile, in cores.
    """

    connections: int
    bare: Sequence[Shots]
    ours: Sequence[Shots]
    acks: int
    cpu: float

    @property
    def share(self) -> float:
        """Our throughput as a share of the other's, by medians."""
        return statistics.median(one.rate for one in self.ours) / statistics.median(one.rate for one in self.bare)

    @property
    def slower(self) -> float:
        """How many times as long our 99th percentile is, by medians."""
        return statistics.median(one.p99 for one in self.ours) / statistics.median(one.p99 for one in self.bare)

    def note(self) -> str:
        """Both sides' figures, and what the processor did."""
        ours, bare = (statistics.median(one.rate for one in side) for side in (self.ours, self.bare))
        p99, bare_p99 = (statistics.median(one.p99 for one in side) for side in (self.ours, self.bare))
        gun = statistics.median(one.cpu for one in self.ours)
        return (
            f"{ours:,.0f} against {bare:,.0f}/s, p99 {p99:.1f} against {bare_p99:.1f} ms; "
            f"our process uses {self.cpu:.0%} of a core, the load generator {gun:.0%}"
        )


async def duel(
    gun: Gun,
    bare: Served,
    ours: Served,
    connections: int,
    of_bare: dict[str, object],
    of_ours: dict[str, object],
    *,
    windows: int = WINDOWS,
    seconds: float = SECONDS,
) -> Duel:
    """Fire at both in turn, after a short window each that does not count. Raises when an answer is wrong."""
    fired: dict[int, list[Shots]] = {bare.port: [], ours.port: []}
    cpu = 0.0
    for window in range(windows + 1):
        for side, what in ((bare, of_bare), (ours, of_ours)):
            before = ours.cpu_seconds()
            shots = await gun.fire(side.port, connections, seconds if window else 0.3, **what)
            if shots.wrong:
                raise RuntimeError(f"{shots.wrong} wrong answers, such as: {shots.example}")
            fired[side.port].append(shots)
            if side is ours and window:
                cpu += (ours.cpu_seconds() - before) / shots.seconds
    acks = sum(one.acks for one in fired[ours.port])
    return Duel(connections, fired[bare.port][1:], fired[ours.port][1:], acks, cpu / windows)


@bench("voc_ack")
async def voc_ack(
    engines: Sequence[Engine] = ENGINES,
    sizes: Sequence[int] = CONNECTIONS,
    windows: int = WINDOWS,
    seconds: float = SECONDS,
) -> list[Row]:
    """Throughput and 99th percentile beside the bare ack's, on each engine and at each number of connections."""
    rows: list[Row] = []
    for engine in engines:
        async with _stage(engine) as stage:
            duels = [
                await duel(stage.gun, stage.bare, stage.ours, size, *stage.what, windows=windows, seconds=seconds)
                for size in sizes
            ]
            stored = ask(stage.url, _stored)
        acks = sum(one.acks for one in duels)
        name = f"/voc on {ENGINE_NAMES[engine]}"
        rows += [
            row
            for one in duels
            for row in (
                Row.at_least(
                    f"{name}, {one.connections} connections", one.share, "of a bare ack", SHARE[engine], one.note()
                ),
                Row.at_most(f"{name}, {one.connections} connections, p99", one.slower, "times", SLOWER),
            )
        ]
        rows.append(
            Row(
                f"{name}: acks without a row", acks - stored, "rows", "exactly 0 rows", acks == stored, f"{acks:,} acks"
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Stage:
    gun: Gun
    bare: Served
    ours: Served
    url: str
    what: tuple[dict[str, object], dict[str, object]]


@asynccontextmanager
async def _stage(engine: Engine) -> AsyncIterator[_Stage]:
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as name, database(engine, Path(name)) as url:
        async with (
            playground(Path(name)) as env,
            web_process(env, url) as ours,
            served("-m", "bench.bare", "ack", env=env) as bare,
            loaded_gun() as gun,
        ):
            team, users = ask(url, _people_arrive)
            what = {"kind": "voc", "secret": env["SLACK_SIGNING_SECRET"], "team": team, "users": users}
            yield _Stage(gun, bare, ours, url, ({**what, "right": "logged"}, {**what, "right": "Objection logged"}))


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
