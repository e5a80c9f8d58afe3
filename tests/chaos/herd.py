"""The processes of a run: started, killed with SIGKILL, started again; and when each of them was at work."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.progress import until, worked

ROOT = Path(__file__).parent.parent.parent
STEP_TICKS = 200  # two seconds of work
ENDS_ENOUGH = 5  # in a row, of a process that is to start
BALANCER_SECONDS = 1.0
PROGRAM = "from bot.cli import main; main()"


@dataclass
class Keeper:
    """One place for a process: whenever it ends, the next one is started.

    `spans`: from ready to end, in seconds since the epoch. `ended`: exit codes of other ends than our kills.
    `program`: what the next process runs, in Python. A `leaving` one is out of the balancer's hands.
    """

    role: str
    port: int
    env: dict[str, str]
    log: Path
    program: str = PROGRAM
    process: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    spans: list[tuple[float, float]] = field(default_factory=list)
    ended: Counter[int] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)
    killed: bool = False
    leaving: bool = False
    stopping: bool = False

    async def keep(self) -> None:
        """Start the process again and again until `stopping`."""
        while not self.stopping:
            began = time.time()
            self.killed = False
            self.process = process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                self.program,
                self.role,
                env=self.env | {"PORT": str(self.port)},
                cwd=tempfile.gettempdir(),  # where no .env lies
                stderr=asyncio.subprocess.PIPE,
            )
            reading = asyncio.create_task(self._read(process, began))
            code = await process.wait()
            if self.ready.is_set():
                self._off_work()
            self.ready.clear()
            await reading
            if not self.killed and not self.stopping:
                self.ended[code] += 1
                await asyncio.sleep(0.2)

    def _off_work(self) -> None:
        since, until = self.spans[-1]
        self.spans[-1] = (since, min(until, time.time()))

    async def stall(self, seconds: float) -> bool:
        """SIGSTOP for so long, as a machine that sleeps; False when nothing is at work here just now."""
        process = self.process
        if process is None or process.returncode is not None or not self.ready.is_set() or self.killed:
            return False
        process.send_signal(signal.SIGSTOP)
        self._off_work()
        try:
            await asyncio.sleep(seconds)
        finally:
            if process.returncode is None and not self.killed:
                self.spans.append((time.time(), float("inf")))
                process.send_signal(signal.SIGCONT)
        return True

    async def _read(self, process: asyncio.subprocess.Process, began: float) -> None:
        """Keep what it says, and notice that it is at work."""
        assert process.stderr is not None
        with self.log.open("ab") as log:
            log.write(f"=== {self.role} {process.pid} starts\n".encode())
            while line := await process.stderr.readline():
                log.write(line)
                if line.startswith((b"Tandem is running", b"Tandem's worker is running")):
                    self.starts.append(time.time() - began)
                    self.spans.append((time.time(), float("inf")))
                    self.ready.set()

    async def replace(self, program: str) -> None:
        """SIGTERM, a while after the balancer looked away, and `program` in its place; returns when that works."""
        assert self.process is not None
        self.program, self.leaving = program, True
        await asyncio.sleep(BALANCER_SECONDS)
        self.process.terminate()
        await self.process.wait()
        while self.ready.is_set():  # noqa: ASYNC110  # `keep` clears it when it has seen the end
            await asyncio.sleep(0.01)
        await self.at_work()
        self.leaving = False

    async def at_work(self) -> None:
        """Wait until a process is at work here. Raises TimeoutError when the one that starts does nothing any more,
        and RuntimeError when one after the other ends by itself."""
        ended = self.ended.total()

        def started() -> bool:
            if self.ended.total() - ended > ENDS_ENOUGH:
                raise RuntimeError(f"{self.role} does not start any more: see {self.log}")
            return self.ready.is_set()

        await until(started, self._progress, what=f"the start of {self.role}, see {self.log}")

    def _progress(self) -> tuple[int, float]:
        """Which process starts, and how much it has done; one that only waits does less than that in a minute."""
        pid = self.process.pid if self.process is not None else 0
        return pid, worked(pid) // STEP_TICKS

    def kill(self) -> bool:
        """SIGKILL; False when nothing runs here just now."""
        if self.process is None or self.process.returncode is not None or self.killed:
            return False
        self.killed = True
        self.process.kill()
        return True


class Herd:
    """All processes of a run. `roles`: one for each process, as the command line names them.

    `skews`: by how many seconds each process believes its computer's clock to be ahead. `program`: what they run.
    """

    def __init__(
        self,
        roles: tuple[str, ...],
        skews: tuple[int, ...],
        env: dict[str, str],
        folder: Path,
        program: str = PROGRAM,
    ) -> None:
        base = {"PATH": os.environ["PATH"], "LOG_FORMAT": "json", **env}
        self.keepers = [
            Keeper(
                role,
                _free_port(),
                base | {"TANDEM_CLOCK_SKEW_SECONDS": str(skew)},
                folder / f"{role}-{number}.log",
                program,
            )
            for number, (role, skew) in enumerate(zip(roles, skews, strict=True))
        ]
        self.kills = 0
        self.stalls = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start them all; returns when each is at work."""
        self._tasks = [asyncio.create_task(one.keep()) for one in self.keepers]
        await self.all_ready()

    async def all_ready(self) -> None:
        for one in self.keepers:
            await one.at_work()

    async def stop(self) -> None:
        """End them all, in order where that goes, and see that none is left."""
        for one in self.keepers:
            one.stopping = True
            if one.process is not None and one.process.returncode is None:
                one.process.send_signal(signal.SIGCONT)
                one.process.terminate()
        _done, late = await asyncio.wait(self._tasks, timeout=15)
        if late:
            for one in self.keepers:
                one.kill()
            await asyncio.wait(late)

    async def stall_some(self, gap: float, seconds: float, dice: Random) -> None:
        """Put one process at a time to sleep for `seconds`, every `gap` seconds on average, until cancelled."""
        while True:
            await asyncio.sleep(dice.expovariate(1 / gap))
            self.stalls += await dice.choice(self.keepers).stall(seconds)

    async def kill_some(self, kills: int, gap: float, dice: Random, progress: Callable[[], float]) -> None:
        """SIGKILL processes at random moments, on average `gap` seconds after one is at work; some while they start.

        `progress`: the share of the run that is done; the kills are spread over the whole of it.
        """
        while self.kills < kills:
            while self.kills / kills > progress():  # noqa: ASYNC110  # nothing tells when a share is reached
                await asyncio.sleep(0.1)
            victim = dice.choice(self.keepers)
            if dice.random() < 0.85:
                await victim.at_work()
            await asyncio.sleep(dice.expovariate(1 / gap))
            self.kills += victim.kill()

    @property
    def web_ports(self) -> list[int]:
        """Where the processes that take requests listen."""
        return [one.port for one in self.keepers if one.role in ("serve", "web") and not one.leaving]

    def longest_at_work(self, start: float, end: float) -> float:
        """The longest time in seconds for which one worker was at work within a window."""
        return max(
            (
                min(end, until) - max(start, since)
                for one in self.keepers
                if one.role != "web"
                for since, until in one.spans
            ),
            default=0.0,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
