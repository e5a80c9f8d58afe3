"""What a measurement over HTTP needs around it: databases, the playground, the program, and a load generator.

Each runs in a process of its own, so that none takes another's time of the interpreter.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from storage.database import Database
from storage.migrate import migrate

T = TypeVar("T")
Engine = Literal["sqlite", "postgresql"]

ROOT = Path(__file__).parent.parent
ENGINES: tuple[Engine, ...] = ("sqlite", "postgresql")
ENGINE_NAMES: Mapping[Engine, str] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
START_SECONDS = 60
KEY = "a key for measurements, long enough as it should be"


@dataclass
class Served:
    """A process that listens. `said`: the `NAME=value` lines that it printed before `READY`."""

    process: asyncio.subprocess.Process
    said: dict[str, str]

    @property
    def port(self) -> int:
        return int(self.said["PORT"])

    def cpu_seconds(self) -> float:
        """The processor time that the process and its threads have used so far; 0 where /proc does not tell."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return 0.0
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def served(*arguments: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Served]:
    """`python ARGUMENTS…` from when it prints `READY` on; ended afterwards. Its log goes to a file."""
    log = tempfile.TemporaryFile()  # noqa: SIM115  # closed at the end of ours
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "LOG_FORMAT": "json",
            "TANDEM_INTAKE_PER_MINUTE": "1000000",
            "TANDEM_INTAKE_BURST": "1000000",
            **(env or {}),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    assert process.stdout is not None
    said: dict[str, str] = {}
    try:
        async with asyncio.timeout(START_SECONDS):
            while (line := (await process.stdout.readline()).decode().strip()) != "READY":
                if not line:
                    log.seek(0)
                    raise RuntimeError(f"python {' '.join(arguments)} did not start: {log.read().decode()[-2000:]}")
                name, _, value = line.partition("=")
                said[name] = value
        yield Served(process, said)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        log.close()


@asynccontextmanager
async def playground(folder: Path) -> AsyncIterator[dict[str, str]]:
    """A playground that takes the program's calls, and posts nothing itself; yields the program's environment."""
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(make_manifest(all_listeners())))
    async with served("-m", "playground", "--manifest", str(manifest), "--mode", "http", "--port", "0") as slack:
        yield {name: value for name, value in slack.said.items() if name.startswith("SLACK_")}


@asynccontextmanager
async def web_process(env: Mapping[str, str], url: str) -> AsyncIterator[Served]:
    """The program's web part on that database."""
    more = {"DATABASE_URL": url, "TANDEM_SECRET_KEY": KEY, "PORT": "0"}
    more |= {"TANDEM_INTAKE_PER_MINUTE": "1000000", "TANDEM_INTAKE_BURST": "1000000"}
    async with served("-m", "bench.stage", env={**env, **more}) as program:
        yield program


@contextmanager
def database(engine: Engine, folder: Path, name: str = "tandem") -> Iterator[str]:
    """The address of a new, migrated database that waits for the disk; on PostgreSQL with a server of its own."""
    if engine == "sqlite":
        yield _migrated(f"sqlite:///{folder / name}.db")
        return
    from tests.postgres import running_postgres

    with running_postgres(durable=True) as server:
        yield _migrated(server.create_database(name))


def ask(url: str, work: Callable[..., T], *args: Any) -> T:
    """One transaction beside the program: `work(session, *args)`."""
    db = Database(url)
    try:
        return db.run_sync(work, *args)
    finally:
        db.close()


def _migrated(url: str) -> str:
    db = Database(url)
    migrate(db.engine)
    db.close()
    return url


async def _serve() -> None:
    """The web process itself."""
    import signal

    from bot.logs import configure_logs
    from bot.program import Program, settle_memory
    from bot.settings import read_settings

    settings = read_settings(env_file=None)
    configure_logs(settings.log_format)
    program = Program(settings, worker=False, host="127.0.0.1")
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    await program.start()
    settle_memory()
    sys.stdout.write(f"PORT={program.port}\nREADY\n")
    sys.stdout.flush()
    await ending.wait()
    await program.stop()


if __name__ == "__main__":
    asyncio.run(_serve())
