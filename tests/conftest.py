"""Fixtures for every test: a database of its own on SQLite and on PostgreSQL, and the browser's program."""

import gc
import logging
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
import structlog

from storage import engines
from storage.database import Database
from storage.migrate import migrate
from tests.chromium import ChromiumMissing, find_chromium
from tests.compiling import compiled_once
from tests.memory_disk import use_memory
from tests.postgres import Postgres, running_postgres
from tests.world import World

pytest_plugins = ["tests.limits"]

_numbers = count(1)

SLOW = (
    "backup",
    "chaos",
    "examples",
    "hostile",
    "page",
    "simulation/test_seeds.py",
    "story",
    "tenants",
    "bot/test_crashes.py",
    "bot/test_database_away.py",
    "bot/test_import_beside.py",
    "bot/test_processes.py",
    "bot/test_request_ids.py",
    "bot/test_skewed_clocks.py",
    "config/test_lists_in_slack.py",
    "declines/test_orders.py",
    "demo/test_command.py",
    "playground/test_page.py",
    "test_bench.py",
    "test_chromium.py",
    "test_limits.py",
    "test_makefile.py",
    "test_postgres_rig.py",
)
"""What starts processes or browsers, or takes its time: not among the quick tests."""

LONG = (
    "tenants/test_listeners.py",
    "chaos/test_rolling_restart.py",
    "bot/test_crashes.py",
    "chaos/test_short_run.py",
    "chaos/test_short_flood.py",
    "hostile/test_secrets.py",
    "bot/test_processes.py",
    "story/test_many_processes.py",
    "tenants/test_mutations.py",
    "hostile/test_short_run.py",
    "hostile/test_matrix.py",
    "config/test_lists_in_slack.py",
    "bot/test_import_beside.py",
    "bot/test_database_away.py",
    "story/test_in_browser.py",
    "installations/test_crashes.py",
    "bot/test_skewed_clocks.py",
    "examples/test_examples.py",
)
"""The files that take longest, longest first. Two workers get them first, so that both end at about the same time."""

NEEDS_MORE = {"postgres", "chromium_path"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="on SQLite only, without processes and browsers")
    parser.addoption("--one-each", action="store_true", help="of a test with several cases only the first")


def pytest_configure() -> None:
    use_memory()  # workers of xdist are started later, and inherit it


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    here = Path(__file__).parent
    if config.getoption("quick") and any(collection_path == here / slow for slow in SLOW):
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--quick`, leave out what needs a PostgreSQL or a browser; with `--one-each`, all cases but a test's first.

    Sort what workers of xdist share.
    """
    if config.getoption("quick"):
        _leave_out({item for item in items if _needs_more(item)}, config, items)
    if config.getoption("one_each"):
        first: dict[str, pytest.Item] = {}
        for item in items:
            first.setdefault(item.nodeid.partition("[")[0], item)
        _leave_out(set(items) - set(first.values()), config, items)
    if hasattr(config, "workerinput"):
        items.sort(key=_turn(items))


def _leave_out(left: set[pytest.Item], config: pytest.Config, items: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def _turn(items: list[pytest.Item]) -> Callable[[pytest.Item], tuple[int, int]]:
    """The order of files for the workers of xdist: the long ones, then those with many tests before those with few."""
    here = Path(__file__).parent
    first = {here / name: number for number, name in enumerate(LONG)}
    tests = Counter(item.path for item in items)
    return lambda item: (first.get(item.path, len(first)), -tests[item.path])


def _needs_more(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return bool(fixtures & NEEDS_MORE) or "postgresql" in parameters.values()


@pytest.fixture(scope="session", autouse=True)
def _away_from_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests run in an empty folder: a developer's own .env is none of theirs."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        os.environ.pop(name, None)  # no test spends a developer's money
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("empty"))
    yield
    os.chdir(before)


@pytest.fixture(scope="session", autouse=True)
def _patient_postgres() -> Iterator[None]:
    """A busy machine is no failure: in one test's transaction far more is read than in one of the product's."""
    with patch.object(engines, "LONGEST_PAUSE", "20s"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """What a command sets for its whole process, its log and its memory, ends with the test that runs it."""
    hooks = sys.excepthook, threading.excepthook
    yield
    gc.enable()
    sys.excepthook, threading.excepthook = hooks
    if structlog.is_configured():
        structlog.reset_defaults()
        _forget_loggers()
        logging.captureWarnings(False)
        root = logging.getLogger()
        root.setLevel(logging.WARNING)
        root.handlers = [one for one in root.handlers if type(one) is not logging.StreamHandler]


def _forget_loggers() -> None:
    """A module's logger keeps what it was configured with when it was first used."""
    lazy = type(structlog.get_logger())
    for module in list(sys.modules.values()):
        for one in list(vars(module).values()):
            if type(one) is lazy:
                vars(one).pop("bind", None)


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


@pytest.fixture
def pictures() -> Path:
    """Where tests in a browser put their pictures: `TANDEM_SHOTS`, by default `tests/artifacts`."""
    return Path(os.environ.get("TANDEM_SHOTS") or Path(__file__).parent / "artifacts")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty SQLite file, for what is the same on both engines."""
    shutil.copy(sqlite_template, tmp_path / "tandem.db")
    return f"sqlite:///{tmp_path / 'tandem.db'}"


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


@contextmanager
def fresh_database(engine_name: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database on that engine; SQLite's file is `tandem.db` in the folder."""
    if engine_name == "sqlite":
        path = folder / "tandem.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    yield server.create_database(name, template=request.getfixturevalue("postgres_template"))
    server.drop_database(name)


@pytest.fixture
def migrated_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database on that engine."""
    with fresh_database(engine_name, tmp_path, request) as url:
        yield url


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
