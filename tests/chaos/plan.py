"""What a run does, and on which database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from storage.ahead import LONGEST_WAIT
from tests.chaos.company import Pace

Engine = Literal["sqlite", "postgresql"]

ROLES: dict[Engine, tuple[str, ...]] = {"sqlite": ("serve",), "postgresql": ("web", "web", "worker", "worker")}
SKEWS: dict[Engine, tuple[int, ...]] = {"sqlite": (0,), "postgresql": (30, -30, -30, 30)}
"""Seconds by which each process believes its computer's clock to be ahead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. It goes on until `messages` were posted and `kills` processes killed; times in seconds.

    `fault_rate`: how often each kind of fault meets a call. Gaps are means, in the noisy workspace, where leads come
    `burst` at once; in the quiet one they are `quiet` times as long. `errands`: whether the test's own kind of job is
    done. `reinstalls`: how often the app is removed from the quiet workspace and installed again. `patience`: how long
    nothing at all may change while what is left is waited for: what failed many times waits for so long between tries.
    """

    engine: Engine
    messages: int
    kills: int
    seed: int
    fault_rate: float = 0.1
    teams: int = 48
    quiet_teams: int = 12
    burst: int = 12
    quiet: float = 4.0
    pace: Pace = Pace(hot=12, warm=30, reassign=15)  # noqa: RUF009  # frozen
    lead_gap: float = 0.19
    act_gap: float = 0.25
    kill_gap: float = 2.0
    stall_gap: float = 45.0
    digest_gap: float = 20.0
    look_gap: float = 8.0
    errands: bool = True
    errand_gap: float = 3.0
    reinstalls: int = 3
    renew_gap: float = 60.0
    lease: float = 10.0
    patience: float = (1.25 * LONGEST_WAIT).total_seconds() + 60


def short(engine: Engine, seed: int) -> Plan:
    """A run of some twenty seconds."""
    return replace(
        Plan(engine, messages=60, kills=3, seed=seed),
        teams=6,
        quiet_teams=3,
        burst=3,
        quiet=3.0,
        fault_rate=0.05,
        pace=Pace(hot=2, warm=4, reassign=1),
        lead_gap=1.0,
        act_gap=0.3,
        kill_gap=2.0,
        stall_gap=15.0,
        digest_gap=3.0,
        look_gap=3.0,
        errand_gap=6.0,
        reinstalls=1,
        renew_gap=10.0,
        lease=6.0,
        patience=60.0,
    )


@contextmanager
def database(engine: Engine, folder: Path) -> Iterator[str]:
    """The address of a new, empty database for a run."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'tandem.db'}"
        return
    from tests.postgres import running_postgres

    with running_postgres() as server:
        yield server.create_database("chaos")
