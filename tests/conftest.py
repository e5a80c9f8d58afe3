"""Fixtures for every test: a database of its own on SQLite and on PostgreSQL, and the browser's program."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import migrate
from tests.chromium import ChromiumMissing, find_chromium
from tests.postgres import Postgres, running_postgres
from tests.world import World

_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def _away_from_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests run in an empty folder: a developer's own .env is none of theirs."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("empty"))
    yield
    os.chdir(before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for this worker's whole run, started by the first test that asks.

    One per worker: starting one takes half a second. When it cannot start, its tests fail with the reason.
    """
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Runs the test twice: on `sqlite` and on `postgresql`."""
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh, empty database on that engine, as `DATABASE_URL` takes it."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'tandem.db'}"
    else:
        yield str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database, for what only PostgreSQL does."""
    name = f"test_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The chromium to drive. Without one the test fails and says how to install it."""
    try:
        return find_chromium()
    except ChromiumMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; tests copy it."""
    path = tmp_path_factory.mktemp("template") / "tandem.db"
    database = Database(f"sqlite:///{path}")
    migrate(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated, empty PostgreSQL database; tests copy it."""
    database = Database(postgres.create_database("template_tandem"))
    migrate(database.engine)
    database.close()
    return "template_tandem"


@pytest.fixture
def migrated_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database on that engine."""
    if engine_name == "sqlite":
        path = tmp_path / "tandem.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    yield server.create_database(name, template=request.getfixturevalue("postgres_template"))
    server.drop_database(name)


@pytest.fixture
def db(migrated_url: str) -> Iterator[Database]:
    """A migrated database on each engine in turn, closed after the test."""
    database = Database(migrated_url)
    yield database
    database.close()


@pytest.fixture
def world(db: Database) -> World:
    """A small company in that database: see `tests.world`."""
    return World(db)
