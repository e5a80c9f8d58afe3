"""Fixtures for every test: a database of its own on SQLite and on PostgreSQL, and the browser's program."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.chromium import ChromiumMissing, find_chromium
from tests.postgres import Postgres, running_postgres

_numbers = count(1)


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
