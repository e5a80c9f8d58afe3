"""`tandem serve` as a process of its own, with the playground in this one: start, restart and memory go by it.

Unlike `bench.stage`, whose processes make requests as fast as they can, this is the program exactly as it is run.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from tests.running import KEY

START_SECONDS = 60
POLL_SECONDS = 0.005


@dataclass
class Tandem:
    """A `tandem serve` that is ready. `began`: when its process was started, in seconds since the epoch; `ready`: after
    how many seconds `/readyz` answered 200.
    """

    process: asyncio.subprocess.Process
    port: int
    began: float
    ready: float

    def resident(self) -> float:
        """The memory that the process holds now, in MiB. Only on Linux."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the process has ended")

    def cpu_seconds(self) -> float:
        """The processor time that the process has used so far. Only on Linux."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def kill(self) -> None:
        """SIGKILL, as when the machine's memory runs out."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def tandem_serve(
    slack: Playground, url: str, *, role: str = "serve", limits: float = 1.0
) -> AsyncIterator[Tandem]:
    """`tandem ROLE` on this workspace and database, from being ready on; stopped afterwards if it still runs.

    `limits`: how many times Slack's limits of calls a minute it keeps to; 0: to none until Slack says so.
    """
    port = _free_port()
    env = {
        "PATH": os.environ["PATH"],
        "LOG_FORMAT": "json",
        "DATABASE_URL": url,
        "TANDEM_SECRET_KEY": KEY,
        "TANDEM_SLACK_LIMITS": str(limits),
        "PORT": str(port),
        **slack.environment,
    }
    began = time.time()
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("tandem"), role, env=env, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _ready(port, process)
        tandem = Tandem(process, port, began, time.time() - began)
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        yield tandem
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def workspace(people: Mapping[str, list[str]], mode: str = "http") -> Playground:
    """A playground without rate limits; `people`: channels by name, with who is in them."""
    slack = Playground(make_manifest(all_listeners()), mode="socket" if mode == "socket" else "http")
    slack.add_member("mia", is_admin=True, is_primary_owner=True)
    for channel, members in people.items():
        for name in members:
            slack.add_member(name)
        slack.add_channel(channel, members=members, app=True)
    return slack


def teams(count: int) -> dict[str, list[str]]:
    """The channels and people of so many teams, by the names that `tests.chaos.company.found` looks for."""
    return {f"#team-{n}": [f"rep-{n}-a", f"rep-{n}-b", f"manager-{n}"] for n in range(count)}


async def _ready(port: int, process: asyncio.subprocess.Process) -> None:
    patience = time.monotonic() + START_SECONDS
    while time.monotonic() < patience:
        if process.returncode is not None:
            raise RuntimeError(f"tandem ended with {process.returncode}")
        if await _ask(port, "/readyz"):
            return
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"not ready within {START_SECONDS} s")


async def _ask(port: int, path: str) -> bool:
    """Whether it answers 200."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: tandem\r\nConnection: close\r\n\r\n".encode())
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
